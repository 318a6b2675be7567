# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can happen on the wire instead of, or to, an ordinary answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

CHUNK = 65536


class Wire(Protocol):
    """The connection that a request came on; the HTTP skin implements it."""

    def closed(self) -> bool:
        """Tell whether the client has left."""

    def reset(self) -> None:
        """End the connection so that the client sees a reset."""

    def close(self) -> None:
        """End the connection in order, without another byte of HTTP."""

    async def hang(self) -> None:
        """Do nothing until the client gives up."""

    async def begin(self, length: int | None = None) -> None:
        """Send status and headers; without a length the body goes in chunks."""

    async def write(self, data: bytes) -> None:
        """Send a piece of the body."""

    async def pause(self, seconds: float) -> None:
        """Let time pass, and other connections have their turn."""

    async def end(self) -> None:
        """Finish the body."""


class Transport(ABC):
    """One such thing; `kind` names it for tests, which translate it into what a client would meet."""

    kind: str
    silent: ClassVar[bool] = True
    """No status reaches the client."""
    closes_port: bool = False
    """The next connection meets the same, so the port has to follow at once."""

    @abstractmethod
    async def perform(self, wire: Wire, body: bytes) -> None:
        """Do it; `body` is that of the reply."""


@dataclass(frozen=True)
class Reset(Transport):
    """The connection is reset: because of a fault, or because the port is no longer served."""

    kind: str = "reset"
    closes_port: bool = False

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Reset it."""
        del body
        wire.reset()


REFUSED = Reset("refused", closes_port=True)
TLS_CUT = Reset("tls_cut", closes_port=True)


@dataclass(frozen=True)
class Hang(Transport):
    """No answer, for as long as the client waits."""

    kind: str = "hang"

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Wait."""
        del body
        await wire.hang()


@dataclass(frozen=True)
class Close(Transport):
    """The connection ends before any byte of an answer."""

    kind: str = "close"

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Close it."""
        del body
        wire.close()


@dataclass(frozen=True)
class CutBody(Transport):
    """Half of the body, announced as more than the whole."""

    kind: str = "cut_body"
    silent: ClassVar[bool] = False

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Send it."""
        await wire.begin(len(body) + 1)
        await wire.write(body[: len(body) // 2])
        wire.close()


@dataclass(frozen=True)
class BigBody(Transport):
    """One JSON document of `size` bytes that never stands in memory as a whole."""

    size: int
    kind: str = "big_body"
    silent: ClassVar[bool] = False

    def chunks(self) -> Iterator[bytes]:
        """Yield its pieces."""
        head, tail = b'{"filler": "', b'"}'
        if self.size < len(head) + len(tail):
            yield b" " * self.size
            return
        yield head
        left = self.size - len(head) - len(tail)
        filler = b"x" * CHUNK
        while left > 0:
            yield filler[:left]
            left -= CHUNK
        yield tail

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Send it."""
        del body
        await wire.begin()
        for piece in self.chunks():
            if wire.closed():
                return
            await wire.write(piece)
            # Writing need not wait; without a pause no other connection would be served
            await wire.pause(0)
        await wire.end()


@dataclass(frozen=True)
class Drip(Transport):
    """The body in pieces of `size` bytes with `pause` wall seconds before each."""

    size: int
    pause: float
    kind: str = "drip"
    silent: ClassVar[bool] = False

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Send it."""
        await wire.begin(len(body))
        for start in range(0, len(body), self.size):
            await wire.pause(self.pause)
            if wire.closed():
                return
            await wire.write(body[start : start + self.size])
        await wire.end()
