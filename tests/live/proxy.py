# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP proxy on 127.0.0.1 in front of a service, which is in trouble for a while from some request on.

refuse: no connection is accepted. reset: each request is answered with a reset. hang: with nothing. cut: half of the
answer comes. page: a front end answers 503 with a page. slow: the answer comes in small pieces.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

KINDS = ("refuse", "reset", "hang", "cut", "page", "slow")
METHODS = (b"GET ", b"POST ", b"PUT ", b"DELETE ", b"PATCH ")
_PAGE = b"<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>"
PAGE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_PAGE)
) + _PAGE
# Half of a second for an answer of any length
PIECES, BETWEEN_PIECES = 10, 0.05


@dataclass(frozen=True)
class Trouble:
    """What kind, after how many requests that went through, and for how many seconds."""

    kind: str
    after: int = 2
    lasts: float = 3.0


@dataclass
class Proxy:
    """`asked` is set with the first request after a login; `struck` counts requests that met the trouble."""

    target: int
    trouble: Trouble | None = None
    tls: ssl.SSLContext | None = None
    port: int = 0
    requests: int = 0
    struck: int = 0
    asked: threading.Event = field(default_factory=threading.Event)
    _until: float | None = None
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _answering: set[asyncio.Future[None]] = field(default_factory=set)

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Accept no more, and reset the connections that are open."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            _reset(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        to_service: asyncio.StreamWriter | None = None
        # Also the end of the test, for a connection that hangs until then
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while data := await reader.read(65536):
                if not await self._passes(data, writer):
                    break
                if to_service is None:
                    # Not before: a service that handles one connection at a time would wait for what it says
                    upstream, to_service = await asyncio.open_connection("127.0.0.1", self.target, ssl=self.tls)
                    self._answering.add(asyncio.ensure_future(self._answers(upstream, writer)))
                to_service.write(data)
                await to_service.drain()
        if to_service is not None:
            to_service.close()
        self._open.discard(writer)
        writer.close()

    async def _passes(self, data: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the service gets what a client sent; in trouble something else may come of it."""
        if data.startswith(METHODS):
            self.requests += 1
            if not data.startswith(b"POST "):
                self.asked.set()
        kind = self._strikes()
        if kind in (None, "cut", "slow"):
            return True
        if kind == "refuse":
            self.close()
            return False
        if kind == "reset":
            _reset(writer)
        elif kind == "page":
            writer.write(PAGE)
            await writer.drain()
        else:
            await asyncio.sleep(3600)
        return False

    def _strikes(self) -> str | None:
        """The kind of trouble that a request meets now; the first one begins it."""
        trouble, now = self.trouble, asyncio.get_running_loop().time()
        if trouble is None or self.requests <= trouble.after:
            return None
        if self._until is None:
            self._until = now + trouble.lasts
            if trouble.kind == "refuse":
                asyncio.get_running_loop().call_later(trouble.lasts, lambda: asyncio.ensure_future(self.listen()))
        if now >= self._until:
            return None
        self.struck += 1
        return trouble.kind

    async def _answers(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await upstream.read(65536):
                kind = self._under_way()
                if kind == "cut":
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    break
                pieces = PIECES if kind == "slow" else 1
                size = -(-len(data) // pieces)
                for start in range(0, len(data), size):
                    writer.write(data[start : start + size])
                    await writer.drain()
                    if pieces > 1:
                        await asyncio.sleep(BETWEEN_PIECES)
        writer.close()

    def _under_way(self) -> str | None:
        now = asyncio.get_running_loop().time()
        return self.trouble.kind if self.trouble and self._until is not None and now < self._until else None


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def proxying(target: int, trouble: Trouble | None = None, *, tls: bool = False) -> Iterator[Proxy]:
    """Stand between a client and the service on a port until the block ends; clients use plain HTTP in any case."""
    proxy = Proxy(target, trouble, _trusting() if tls else None)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(proxy.listen(), loop).result(10)
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_end(proxy), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _trusting() -> ssl.SSLContext:
    """TLS towards a service on this machine, whose certificate is its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _end(proxy: Proxy) -> None:
    proxy.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
