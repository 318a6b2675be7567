# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Texts with placeholders, and addresses that cannot leave the system. PRIVATE to the collection.

A placeholder is ``{name}``. In a path its value is quoted, so that it stays within its segment; in a query, a form and
a JSON body the encoding of these does the same; in a header line breaks are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from .._errors import ErrorType, TaskwatchError, did_you_mean, excerpt, listed
from .form import below, form_error

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Headers that decide where a request goes, or how its body is read.
_REFUSED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "proxy-authorization", "upgrade", "te", "expect"}
)
_DOTS = frozenset({".", ".."})


class Template:
    """A text with placeholders; ``path`` is its place in the description."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.names = tuple(PLACEHOLDER.findall(text))

    def render(self, values: Mapping[str, str], write: Callable[[str], str] = str) -> str:
        def value_of(found: re.Match[str]) -> str:
            value = values.get(found.group(1))
            if value is None:
                raise form_error(self.path, f"the placeholder {found.group()} has no value")
            return write(value)

        return PLACEHOLDER.sub(value_of, self.text)


class PathTemplate(Template):
    """An absolute path of the system whose placeholders cannot add to it or leave it."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text, path)
        bare = PLACEHOLDER.sub("x", text)
        if not text.startswith("/") or text.startswith("//"):
            raise form_error(path, f"must begin with one slash, not {excerpt(text, 60)}")
        if "?" in bare or "#" in bare:
            raise form_error(path, "must not hold ? or #; parameters go into query")
        if "{" in bare or "}" in bare:
            raise form_error(path, "holds a brace that is no placeholder; a placeholder is a name in braces, as {id}")
        if not bare.isascii() or not bare.isprintable() or " " in bare or "\\" in bare:
            raise form_error(path, "holds a character that does not belong into a path")
        if "//" in text or not _DOTS.isdisjoint(_segments(bare)):
            raise form_error(path, "holds an empty segment, or one of dots alone")

    def render(self, values: Mapping[str, str], write: Callable[[str], str] = str) -> str:
        rendered = super().render(values, lambda value: quote(write(value), safe=""))
        empty = any(not values.get(name) for name in self.names)
        if empty or not _DOTS.isdisjoint(_segments(rendered)):
            raise TaskwatchError(ErrorType.BAD_REQUEST, f"the path {excerpt(rendered, 80)} would be another URL")
        return rendered


def _segments(path: str) -> list[str]:
    return [segment.lower().replace("%2e", ".") for segment in path.split("/")]


def headers_at(form: Mapping[str, str], path: str) -> dict[str, Template]:
    """The headers of a part of a description. None may decide where a request goes."""
    headers = {}
    for name, text in form.items():
        place = below(path, name)
        if not _HEADER_NAME.fullmatch(name):
            raise form_error(place, "is not the name of a header")
        if name.lower() in _REFUSED_HEADERS:
            raise form_error(place, "is a header that the request sets itself")
        if has_controls(text):
            raise form_error(place, "holds a line break or another control character")
        headers[name] = Template(text, place)
    return headers


def templates_at(form: Mapping[str, str], path: str) -> dict[str, Template]:
    return {name: Template(text, below(path, name)) for name, text in form.items()}


def data_at(value: Any, path: str) -> Any:
    """JSON data whose texts are templates."""
    if isinstance(value, dict):
        return {key: data_at(part, below(path, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [data_at(part, f"{path}[{place}]") for place, part in enumerate(value)]
    return Template(value, path) if isinstance(value, str) else value


def templates_in(data: Any) -> Iterator[Template]:
    """Every template of JSON data."""
    if isinstance(data, Template):
        yield data
    elif isinstance(data, dict):
        for part in data.values():
            yield from templates_in(part)
    elif isinstance(data, list):
        for part in data:
            yield from templates_in(part)


def rendered_data(data: Any, values: Mapping[str, str]) -> Any:
    if isinstance(data, Template):
        return data.render(values)
    if isinstance(data, dict):
        return {key: rendered_data(part, values) for key, part in data.items()}
    return [rendered_data(part, values) for part in data] if isinstance(data, list) else data


def check_names(template: Template, allowed: Mapping[str, str], advice: str) -> None:
    """Refuse placeholders that cannot stand here. ``allowed`` has every name that can, or why one cannot."""
    for name in template.names:
        reason = allowed.get(name)
        if reason:
            raise form_error(template.path, f"the placeholder {{{name}}} {reason}")
        if reason is None:
            known = [known for known, why in allowed.items() if not why]
            hint = did_you_mean(name, known) or (f"; known here: {listed(known, most=8)}" if known else "")
            raise form_error(template.path, f"the placeholder {{{name}}} has no value{advice.format(name)}{hint}")


def has_controls(text: str) -> bool:
    return any(ord(sign) < 32 or ord(sign) == 127 for sign in text)


def is_location(text: str) -> bool:
    """Whether an id is an absolute path or a URL, as a Location header holds it."""
    return text.startswith("/") or text.lower().startswith(("http://", "https://"))


def local_target(address: Any, origin: str, base: str = "/") -> str:
    """Path and query of an address of this origin, written absolutely or relative to ``base``.

    Raises:
        ValueError: with a reason, when it is none or belongs to another origin.
    """
    if not isinstance(address, str) or not address.strip():
        raise ValueError("is no address")
    address = address.strip()
    if has_controls(address) or "\\" in address or " " in address:
        raise ValueError("holds a character that does not belong into an address")
    parts = urlsplit(urljoin(origin + base, address))
    if _origin(parts) != _origin(urlsplit(origin)) or "@" in parts.netloc:
        raise ValueError("belongs to another host, port or scheme, where the credentials must not go")
    path = parts.path or "/"
    if path.startswith("//") or not _DOTS.isdisjoint([*_segments(path), *_segments(urlsplit(address).path)]):
        raise ValueError("holds an empty first segment, or one of dots alone")
    return path + (f"?{parts.query}" if parts.query else "")


def _origin(parts: Any) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
