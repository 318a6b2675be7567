# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Session Delivery Manager answers, by its documentation: which call gets which statuses, and which body.

No client of its vendor's exists, so every answer is held against schemas/ and this table instead.

Source: REST API for SDM 9.0.1 and newer, "Login", "Logout" and the pages of "route sets management"; R81's page on
errors (a 401 carries WWW-Authenticate); REST API for release 8.2 (a logout gets 200 or 204, a list no body).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from lxml import etree

SCHEMAS = Path(__file__).parents[1] / "schemas"
XML, JSON = "application/xml", "application/json"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
COOKIE = re.compile(r"JSESSIONID=([0-9A-F]{32}\.tomcat1); Path=/rest; HttpOnly")
Lists = Literal["flat", "wrapped"]
# How a release nests lists in XML and in JSON
LISTS: dict[str, tuple[Lists, Lists]] = {
    "8.2.2": ("wrapped", "wrapped"),
    "8.2.5": ("wrapped", "flat"),
    "8.2.5.0.1": ("flat", "flat"),
    "9.0.0": ("wrapped", "flat"),
    "9.0.1": ("flat", "flat"),
}
# Listed on every page, on those of one's own only, and in the general table
COMMON = frozenset({400, 401, 404})
ROUTE_SETS = COMMON | {403, 500}
ANYWHERE = frozenset({405})
# assumption: not documented at all
ASSUMED = frozenset({406, 413, 415})


@dataclass(frozen=True)
class Call:
    """One call: its verb, its path below /rest, what a success is called, and its other statuses.

    `body` names the root of the body of a success, None stands for none.
    """

    verb: str
    path: str
    body: str | None
    good: frozenset[int] = frozenset({200})
    bad: frozenset[int] = ROUTE_SETS


CALLS = (
    Call("POST", r"/v1\.[0-3]/admin/login", "session", bad=COMMON),
    Call("POST", r"/v1\.[0-3]/admin/logout", None, frozenset({200, 204}), COMMON),
    Call("GET", r"/v1\.3/routeSets/routeUpdates", "routeUpdateTasks"),
    Call("GET", r"/v1\.3/routeSets/routeUpdates/[^/]+", "routeUpdateTaskDetails"),
    Call("POST", r"/v1\.3/routeSets/routeUpdates/[^/]+/action", None),
    Call("POST", r"/v1\.3/routeSets/(?:[^/]+/)?devices/action", None),
)


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `accept` is the media type asked for."""

    verb: str
    path: str
    accept: str
    status: int
    headers: Any
    body: bytes


@dataclass(frozen=True)
class Rules:
    """The rules of one server: its release, and what of the undocumented its scenario has chosen."""

    release: str = "9.0.1"
    errors: Literal["empty", "xml", "json", "html"] = "empty"
    collapse_single: bool = False

    def departures(self, seen: Exchange) -> Iterator[str]:
        """Yield a sentence for whatever is not as documented."""
        call = _call(seen)
        known = ANYWHERE | ASSUMED | {404} if call is None else call.good | call.bad | ANYWHERE | ASSUMED
        what = f"{seen.verb} {seen.path}"
        if seen.status not in known:
            yield f"{what}: {seen.status} is no status of this call"
        if seen.status == 401 and "WWW-Authenticate" not in seen.headers:
            yield f"{what}: 401 without WWW-Authenticate"
        if call is None or seen.status not in call.good:
            yield from self._error(what, seen)
        elif call.body is None or (call.body == "routeUpdateTasks" and self.release == "8.2.2"):
            if seen.body:
                yield f"{what}: there is a body"
        else:
            yield from self._document(what, call.body, seen)
        logged_in = call is not None and call.body == "session" and seen.status == 200
        if logged_in and not COOKIE.fullmatch(seen.headers.get("Set-Cookie", "")):
            yield f"{what}: the cookie is {seen.headers.get('Set-Cookie')}"

    def _error(self, what: str, seen: Exchange) -> Iterator[str]:
        media = {"xml": XML, "json": JSON, "html": "text/html", "empty": ""}[self.errors]
        if seen.headers.get("Content-Type", "").partition(";")[0] != media or bool(seen.body) != bool(media):
            yield f"{what}: the error is {seen.headers.get('Content-Type')} and not {media or 'empty'}"
        elif self.errors == "xml":
            yield from self._xml(what, "error", seen.body)
        elif self.errors == "json":
            yield from self._json(what, "error", seen.body)

    def _document(self, what: str, root: str, seen: Exchange) -> Iterator[str]:
        if seen.headers.get("Content-Type") != seen.accept:
            yield f"{what}: {seen.accept} was asked for and {seen.headers.get('Content-Type')} came"
        elif seen.accept == XML:
            yield from self._xml(what, root, seen.body)
        else:
            yield from self._json(what, root, seen.body)

    def _xml(self, what: str, root: str, body: bytes) -> Iterator[str]:
        if not body.startswith(DECLARATION):
            yield f"{what}: the XML declaration is another one"
        tree = etree.fromstring(body)
        if tree.tag != root:
            yield f"{what}: the root is {tree.tag} and not {root}"
        schema = _xsd(LISTS[self.release][0])
        if not schema.validate(tree):
            yield f"{what}: {schema.error_log}"

    def _json(self, what: str, root: str, body: bytes) -> Iterator[str]:
        data = json.loads(body)
        lists: str = LISTS[self.release][1]
        if not isinstance(data, dict):
            yield f"{what}: the body is no object"
            return
        alone = [each for name, each in data.items() if name.endswith("List") and isinstance(each, dict)]
        if self.collapse_single and alone:
            lists = "collapsed"
        yield from (f"{what}: {each.json_path}: {each.message}" for each in _validator(lists, root).iter_errors(data))


def _call(seen: Exchange) -> Call | None:
    found = (each for each in CALLS if each.verb == seen.verb and re.fullmatch(f"/rest{each.path}", seen.path))
    return next(found, None)


@cache
def _xsd(lists: Lists) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"sdm_{lists}.xsd"))


@cache
def _validator(lists: str, root: str) -> Any:
    schema = json.loads((SCHEMAS / "sdm.schema.json").read_text(encoding="utf-8"))
    variant = lists if root in schema["$defs"][lists] else "any"
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{variant}/{root}"})
