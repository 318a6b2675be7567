# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that answer in the place of the system."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..messages import Reply
from ..transports import BigBody as BigBodyTransport
from .base import LosingFault, registered

GARBAGE = b'\x00\xff{"state": \xc3\x28, <<not json, not xml>> \x1f\x8b'
HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>"
StatusCode = Annotated[int, Field(ge=200, le=599)]


class AnsweringFault(LosingFault):
    """A fault with an answer of its own: what it is by default, and the keys that change it."""

    status: StatusCode | None = None
    body: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole_lines(self) -> Self:
        if any("\n" in part or "\r" in part for pair in self.headers.items() for part in pair):
            raise ValueError("headers must not hold line breaks")
        return self

    def stand_in(self) -> Reply:
        """Return status, headers and body."""
        status, body, content_type = self.usual()
        headers = [(name, value) for name, value in self.headers.items() if name.lower() != "content-length"]
        if self.body is not None:
            body = self.body.encode()
        if body and not content_type:
            content_type = "text/plain"
        if content_type or self.content_type:
            headers.insert(0, ("Content-Type", self.content_type or content_type))
        return Reply(self.status or status, headers, body)

    def usual(self) -> tuple[int, bytes, str]:
        """Return status, body and content type where the keys do not say otherwise."""
        return 200, b"", ""


@registered
class Status(AnsweringFault):
    """The given ``status`` with the given ``body``, empty by default."""

    kind: Literal["status"] = "status"
    status: StatusCode


@registered
class Html(AnsweringFault):
    """200 and a sign-in page, as from a proxy."""

    kind: Literal["html"] = "html"

    def usual(self) -> tuple[int, bytes, str]:
        """Return the page."""
        return 200, HTML.encode(), "text/html; charset=utf-8"


@registered
class Garbage(AnsweringFault):
    """200 and bytes that are neither JSON nor XML nor UTF-8, called JSON."""

    kind: Literal["garbage"] = "garbage"

    def usual(self) -> tuple[int, bytes, str]:
        """Return the bytes."""
        return 200, GARBAGE, "application/json"


@registered
class Empty(AnsweringFault):
    """200 and nothing."""

    kind: Literal["empty"] = "empty"


@registered
class Redirect(AnsweringFault):
    """307 to ``location`` (``https://elsewhere.example.com/``)."""

    kind: Literal["redirect"] = "redirect"
    location: str = "https://elsewhere.example.com/"
    """Where it points."""

    def stand_in(self) -> Reply:
        """Return the answer with its Location."""
        reply = super().stand_in()
        reply.headers.append(("Location", self.location))
        return reply

    def usual(self) -> tuple[int, bytes, str]:
        """Return what keeps the method."""
        return 307, b"", ""


@registered
class BigBody(AnsweringFault):
    """200 and one JSON document of that many ``bytes``, in chunks."""

    kind: Literal["big_body"] = "big_body"
    size: Annotated[int, Field(alias="bytes", ge=0)]
    """Its size."""

    def stand_in(self) -> Reply:
        """Return the answer, whose body is made while it is sent."""
        reply = super().stand_in()
        reply.transport = BigBodyTransport(self.size)
        return reply

    def usual(self) -> tuple[int, bytes, str]:
        """Return what it is called."""
        return 200, b"", "application/json"
