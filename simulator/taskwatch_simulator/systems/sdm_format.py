# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""XML and JSON as Session Delivery Manager nests them, which differs by release.

Source: Oracle Communications Session Delivery Manager, "REST API" and release notes, chapter "Interface Changes".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from ..messages import Request

Scalar = str
Row = Mapping[str, Scalar]
Fields = Mapping[str, Scalar | list[Row]]
Release = Literal["8.2.2", "8.2.5", "8.2.5.0.1", "9.0.0", "9.0.1"]
XML = "application/xml"
JSON = "application/json"


@dataclass(frozen=True)
class Nesting:
    """Whether a list's items stand in a wrapper element (or object) of the list's name."""

    json_wrapped: bool
    xml_wrapped: bool


# assumption: shown in the release notes for other lists; taken to hold for route updates too
NESTING: dict[Release, Nesting] = {
    "8.2.2": Nesting(json_wrapped=True, xml_wrapped=True),
    "8.2.5": Nesting(json_wrapped=False, xml_wrapped=True),
    "8.2.5.0.1": Nesting(json_wrapped=False, xml_wrapped=False),
    "9.0.0": Nesting(json_wrapped=False, xml_wrapped=True),
    "9.0.1": Nesting(json_wrapped=False, xml_wrapped=False),
}


@dataclass(frozen=True)
class Format:
    """How one answer is written; `item` names a row inside a wrapper, `collapse` drops the list around a lone row."""

    media: str
    nesting: Nesting
    item: str
    collapse: bool = False

    def write(self, root: str, fields: Fields) -> bytes:
        """Return the document: in XML with a root element, in JSON without one."""
        if self.media == XML:
            return self._xml(root, fields)
        return json.dumps(self._json(fields), indent=1).encode()

    def _json(self, fields: Fields) -> dict[str, object]:
        data: dict[str, object] = {}
        for name, value in _ordered(fields):
            rows: object = value
            if isinstance(value, list):
                rows = value[0] if self.collapse and len(value) == 1 else value
                if self.nesting.json_wrapped and value:
                    rows = {self.item: rows}
            data[name] = rows
        return data

    def _xml(self, root: str, fields: Fields) -> bytes:
        top = etree.Element(root)
        for name, value in _ordered(fields):
            if isinstance(value, list):
                self._rows(top, name, value)
            else:
                etree.SubElement(top, name).text = value
        # The library would write the declaration with single quotes
        return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + etree.tostring(top, encoding="UTF-8")

    def _rows(self, top: etree._Element, name: str, rows: list[Row]) -> None:
        # An empty list leaves no element behind
        if not rows:
            return
        parent = etree.SubElement(top, name) if self.nesting.xml_wrapped else top
        for row in rows:
            element = etree.SubElement(parent, self.item if self.nesting.xml_wrapped else name)
            for key, value in sorted(row.items()):
                etree.SubElement(element, key).text = value


def _ordered(fields: Fields) -> list[tuple[str, Scalar | list[Row]]]:
    """Return the fields alphabetically with lists first, as in the flat samples."""
    return sorted(fields.items(), key=lambda item: (not isinstance(item[1], list), item[0]))


def is_xml_text(text: str) -> bool:
    """Tell whether a text can stand in XML, which has neither control characters nor halves of characters."""
    try:
        etree.Element("text").text = text
    except ValueError:
        return False
    return True


class UnsupportedMedia(Exception):
    """The body's content type is neither XML nor JSON."""


def read_fields(request: Request, root: str) -> dict[str, str]:
    """Return the text fields of a flat request body.

    Raises:
        UnsupportedMedia: when it is neither XML nor JSON by its content type.
        ValueError: when it cannot be read as what it says it is.
    """
    if request.content_type == JSON:
        data = request.json()
        if not isinstance(data, dict):
            raise ValueError("not an object")
        return {key: value for key, value in data.items() if isinstance(value, str)}
    top = _parsed(request)
    if top.tag != root:
        raise ValueError(f"the root element is not {root}")
    return {child.tag: child.text or "" for child in top.iterchildren("*")}


@dataclass(frozen=True)
class Leaf:
    """One text of a request body: its name, and how many names lie around it, itself included."""

    depth: int
    name: str
    text: str


def leaves(request: Request) -> list[Leaf]:
    """Return all texts of a request body in order, however its lists are nested. The root of XML counts for nothing.

    Raises:
        UnsupportedMedia: when it is neither XML nor JSON by its content type.
        ValueError: when it cannot be read as what it says it is.
    """
    if request.content_type == JSON:
        data = request.json()
        if not isinstance(data, dict | list):
            raise ValueError("neither an object nor a list")
        return _json_leaves(data)
    return _xml_leaves(_parsed(request))


def _xml_leaves(top: etree._Element) -> list[Leaf]:
    waiting = [(1, child) for child in reversed(top.findall("*"))]
    found = []
    while waiting:
        depth, element = waiting.pop()
        children = element.findall("*")
        waiting += [(depth + 1, child) for child in reversed(children)]
        if not children:
            found.append(Leaf(depth, element.tag, (element.text or "").strip()))
    return found


def _json_leaves(data: object) -> list[Leaf]:
    # A list at the top is one of objects that would otherwise stand below a name
    waiting = [(int(isinstance(data, list)), "", data)]
    found = []
    while waiting:
        depth, name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(depth + 1, str(key), each) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(depth, name, each) for each in reversed(value)]
        # Texts are documented throughout; assumption: a whole number is taken for one
        elif isinstance(value, (str, int)) and not isinstance(value, bool):
            found.append(Leaf(depth, name, str(value)))
    return found


def _parsed(request: Request) -> etree._Element:
    if request.content_type not in {XML, "text/xml"}:
        raise UnsupportedMedia
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(request.body, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None


def accepted(request: Request) -> str | None:
    """Return the media type to answer with, or None when the client accepts neither.

    assumption: XML when nothing or everything is accepted, because the reference lists it first.
    """
    accept = request.headers.get("Accept", "").lower()
    kinds = [part.partition(";")[0].strip() for part in accept.split(",") if part.strip()]
    for kind in kinds or ["*/*"]:
        if kind in {XML, "text/xml", "*/*", "application/*"}:
            return XML
        if kind == JSON:
            return JSON
    return None
