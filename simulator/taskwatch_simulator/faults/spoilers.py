# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that carry the request out and spoil its true answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..messages import Reply
from ..timeline import Seconds
from ..transports import CutBody as CutBodyTransport
from ..transports import Drip as DripTransport
from .answers import StatusCode
from .base import Call, RequestFault, registered


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"{name} is not an encoding that Python knows") from None
    return name


class SpoilingFault(RequestFault):
    """The true answer, with another status or body where the keys say so."""

    status: StatusCode | None = None
    body: str | None = None

    def act(self, call: Call) -> Reply:
        """Return the spoilt answer."""
        reply = call.answer()
        if self.body is not None:
            reply.body = self.body.encode()
        if self.status is not None:
            reply.status = self.status
        self.spoil(reply)
        return reply

    def spoil(self, reply: Reply) -> None:
        """Change the answer."""
        raise NotImplementedError


@registered
class WrongEncoding(SpoilingFault):
    """The true answer, called UTF-8 and sent in ``encoding`` (``utf-16``)."""

    kind: Literal["wrong_encoding"] = "wrong_encoding"
    content_type: str | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-16"
    """What is really sent."""

    def spoil(self, reply: Reply) -> None:
        """Encode the body anew."""
        media = (self.content_type or reply.header("Content-Type") or "text/plain").partition(";")[0]
        reply.headers = [each for each in reply.headers if each[0].lower() != "content-type"]
        reply.headers.append(("Content-Type", f"{media}; charset=UTF-8"))
        reply.body = reply.body.decode(errors="replace").encode(self.encoding, errors="replace")


@registered
class CutBody(SpoilingFault):
    """Half of the true answer, with the length of more than the whole, and then the end of the connection."""

    kind: Literal["cut_body"] = "cut_body"

    def spoil(self, reply: Reply) -> None:
        """Let the connection end early."""
        reply.transport = CutBodyTransport()


@registered
class Drip(SpoilingFault):
    """The true answer, ``bytes`` (1) at a time, with ``delay`` (1) seconds before each piece."""

    kind: Literal["drip"] = "drip"
    size: Annotated[int, Field(alias="bytes", ge=1)] = 1
    delay: Seconds = 1.0

    def spoil(self, reply: Reply) -> None:
        """Let the body come in pieces."""
        reply.transport = DripTransport(self.size, self.delay)
