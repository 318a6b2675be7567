# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on 127.0.0.1 that says exactly the bytes it is told to: what no well-behaved HTTP server would send."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class Heard:
    """A request as it came over the wire."""

    line: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Reply = Callable[[Heard, socket.socket], None]


def says(status: str = "200 OK", body: bytes = b"{}", **headers: str) -> Reply:
    """An ordinary answer; ``Retry_After`` becomes Retry-After. Every answer ends its connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(data: bytes) -> Reply:
    """These bytes, and then the end of the connection."""
    return lambda _heard, line: line.sendall(data)


def resets(_heard: Heard, line: socket.socket) -> None:
    """Answer with a reset of the connection."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Wire:
    """Listens on a port of its own and answers every request by ``reply``; ``heard`` is what came, in order.

    With ``unasked`` it replies to the first byte of whatever is said to it.
    """

    def __init__(self, reply: Reply, tls: ssl.SSLContext | None = None, *, unasked: bool = False) -> None:
        self.reply = reply
        self.heard: list[Heard] = []
        self.ended = threading.Event()
        self._tls = tls
        self._unasked = unasked
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_unused: object) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def drips(self, head: bytes, drop: bytes, every: float, drops: int = 150) -> Reply:
        """The head at once, then drop after drop: far more of them than a client should wait for."""

        def reply(_heard: Heard, line: socket.socket) -> None:
            line.sendall(head)
            for _unused in range(drops):
                if self.ended.wait(every):
                    return
                line.sendall(drop)

        return reply

    def hangs(self, _heard: Heard, _line: socket.socket) -> None:
        """Take the request and say nothing until the test ends."""
        self.ended.wait(20)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        # Whatever the client does to its end of the line is the client's business, and what the test looks at.
        with contextlib.suppress(OSError, ssl.SSLError):
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
            heard = Heard(line.recv(1).hex()) if self._unasked else _request(line)
            if heard is not None:
                self.heard.append(heard)
                self.reply(heard, line)
        line.close()


def _request(line: socket.socket) -> Heard | None:
    """One request, read to its end."""
    with line.makefile("rb") as stream:
        first = stream.readline().decode("latin-1").strip()
        if not first:
            return None
        headers = dict(_headers(stream.readline))
        return Heard(first, headers, stream.read(int(headers.get("content-length", "0"))))


def _headers(read_line: Callable[[], bytes]) -> Iterator[tuple[str, str]]:
    while header := read_line().decode("latin-1").strip():
        name, _unused, value = header.partition(":")
        yield name.lower(), value.strip()


def closed_port() -> int:
    """A port without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
