# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connections: whether they were used before, every address tried, no half a head. PRIVATE to the collection."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse, IncompleteRead
from socket import getaddrinfo
from typing import TYPE_CHECKING, Any, ClassVar

with suppress(ImportError):  # a missing library is reported before any request
    import urllib3
    from urllib3.util.connection import allowed_gai_family

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
else:
    HTTPConnection = object

# Family and address of a socket.
_Place = tuple[int, Any]
# Seconds that an address and a handshake get at least.
_LEAST = 0.1
_DROPPED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class IdleConnectionDropped(ConnectionResetError):
    """A connection that had served before ended before a byte of the response: most likely it was closed meanwhile."""


class _Head:
    """What the head of a response is read from."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.is_cut = False

    def readline(self, limit: int) -> Any:
        line = self._stream.readline(limit)
        self.is_cut = not line
        return line

    def close(self) -> None:
        self._stream.close()


class _Response(HTTPResponse):
    """A response whose head has an end. Python takes one that broke off in the middle for whole, its body for empty."""

    fp: Any

    def begin(self) -> None:
        stream, head = self.fp, _Head(self.fp)
        self.fp = head
        try:
            super().begin()
        finally:
            self.fp = stream if self.fp is head else None  # an error has closed it
        # A refusal is one whatever becomes of the rest.
        if head.is_cut and self.status < 400:
            raise IncompleteRead(b"")


class _Connection(HTTPConnection):
    """Mixed into the connections of urllib3."""

    response_class = _Response

    SPREADS: ClassVar[bool]
    # The address of each name that answered last.
    GOOD: ClassVar[dict[str, _Place]]
    sock: Any
    _has_served = False

    def connect(self) -> None:
        self._has_served = False
        super().connect()

    def request(self, *args: Any, **more: Any) -> None:
        with self._noting_reuse():
            super().request(*args, **more)

    def getresponse(self, *args: Any, **more: Any) -> Any:
        with self._noting_reuse():
            response = super().getresponse(*args, **more)
        self._has_served = True
        return response

    @contextmanager
    def _noting_reuse(self) -> Iterator[None]:
        try:
            yield
        except _DROPPED as error:
            if self._has_served:
                raise IdleConnectionDropped(*error.args) from error
            raise

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers; each has its share of the time."""
        name, whole = str(getattr(self, "_dns_host", self.host)), self.timeout
        if not self.SPREADS or not isinstance(whole, (int, float)):
            return super()._new_conn()
        ends = time.monotonic() + whole
        try:
            places = self._places(name)
            while True:
                place = places.pop(0)
                left = max(ends - time.monotonic(), _LEAST)
                try:
                    self._connect_to(place, left / (len(places) + 1))
                    break
                except OSError:
                    if not places:
                        raise
        except socket.timeout as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, "no address answers in time") from error
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, "no connection") from error
        self.GOOD[name] = place
        # What follows, such as the handshake, has the rest of the time.
        self.sock.settimeout(max(ends - time.monotonic(), _LEAST))
        connected: socket.socket = self.sock
        return connected

    def _connect_to(self, place: _Place, timeout: float) -> None:
        # Known as ours from the beginning, so that it can be ended while it connects.
        self.sock = connecting = socket.socket(place[0], socket.SOCK_STREAM)
        try:
            for option in self.socket_options or ():
                connecting.setsockopt(*option)
            connecting.settimeout(timeout)
            connecting.connect(place[1])
        except BaseException:
            self.sock = None
            connecting.close()
            raise

    def _places(self, name: str) -> list[_Place]:
        found = getaddrinfo(name.strip("[]"), self.port, allowed_gai_family(), socket.SOCK_STREAM)
        places = list(dict.fromkeys((each[0], each[4]) for each in found))
        good = self.GOOD.get(name)
        return sorted(places, key=lambda place: place != good)


def connection_class(kind: Any) -> Any:
    """This kind of connection of urllib3, with what is said above."""
    # Behind SOCKS the proxy looks the name up.
    plain = kind._new_conn is urllib3.connection.HTTPConnection._new_conn
    return type(kind.__name__, (_Connection, kind), {"SPREADS": plain, "GOOD": {}})
