# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain requests and replies, as the core sees them without any HTTP library's objects.

A reply may carry a `transport`: something that happens on the wire and that no status or body can tell. The HTTP skin
performs it; a test that calls `World.handle` itself translates it into the exception that a client would meet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from werkzeug.datastructures import Authorization, Headers, MultiDict
from werkzeug.http import parse_cookie, parse_options_header

from .transports import Transport

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Request:
    """One request; `path` is percent-encoded and has no query, `query` is the raw text after the question mark.

    `reused` says that its connection has carried a request before.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    reused: bool = False

    @classmethod
    def make(cls, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Request:
        """Return the request for a target such as `/path?query`."""
        path, _mark, query = target.partition("?")
        return cls(method.upper(), path, query, Headers(dict(headers or {})), body)

    @cached_property
    def decoded_path(self) -> str:
        """The path with its percent-escapes resolved."""
        return unquote(self.path, errors="replace")

    @cached_property
    def arguments(self) -> MultiDict[str, str]:
        """The query's names and values."""
        return MultiDict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def cookies(self) -> MultiDict[str, str]:
        """The cookies sent, none if they cannot be read."""
        try:
            return parse_cookie(self.headers.get("Cookie", ""))
        except UnicodeError:
            return MultiDict()

    @cached_property
    def content_type(self) -> str:
        """The media type in lower case without its parameters, empty if none was sent."""
        return parse_options_header(self.headers.get("Content-Type"))[0].lower()

    @cached_property
    def _authorization(self) -> Authorization | None:
        try:
            return Authorization.from_header(self.headers.get("Authorization"))
        except ValueError:
            return None

    @cached_property
    def basic(self) -> tuple[str, str] | None:
        """User and password of HTTP Basic authentication."""
        sent = self._authorization
        if sent is None or sent.type != "basic":
            return None
        return str(sent.parameters.get("username", "")), str(sent.parameters.get("password", ""))

    @cached_property
    def bearer(self) -> str | None:
        """The bearer token."""
        sent = self._authorization
        return sent.token if sent is not None and sent.type == "bearer" else None

    def json(self) -> Any:
        """Return the body read as JSON.

        Raises:
            ValueError: when it is none.
        """
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    def form(self) -> MultiDict[str, str]:
        """Return the body's form fields.

        Raises:
            ValueError: when the body is not text.
        """
        return MultiDict(parse_qsl(self.body.decode(), keep_blank_values=True))


def _refuse_constant(name: str) -> float:
    """Refuse NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


@dataclass
class Reply:
    """One answer; `delay` is wall seconds to wait first, `fault` the kind of the fault that shaped it."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    delay: float = 0.0
    transport: Transport | None = None
    fault: str | None = None

    def header(self, name: str) -> str | None:
        """Return a header's first value, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self) -> Any:
        """Return the body read as JSON.

        Raises:
            ValueError: when it is none.
        """
        return json.loads(self.body)


def json_reply(
    data: object,
    status: int = 200,
    content_type: str = JSON_TYPE,
    headers: list[tuple[str, str]] | None = None,
) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(status, [("Content-Type", content_type), *(headers or [])], json.dumps(data).encode())


def text_reply(text: str, status: int, content_type: str, headers: list[tuple[str, str]] | None = None) -> Reply:
    """Return a reply with a text body."""
    return Reply(status, [("Content-Type", content_type), *(headers or [])], text.encode())
