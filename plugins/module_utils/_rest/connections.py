# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connections that know whether they were used before, and that try every address. PRIVATE to the collection."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SOCK_STREAM, gaierror, getaddrinfo, socket
from typing import TYPE_CHECKING, Any, ClassVar

with suppress(ImportError):  # a missing library is reported before any request
    import urllib3
    from urllib3.util.connection import allowed_gai_family

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
else:
    HTTPConnection = object

_DROPPED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class IdleConnectionDropped(ConnectionResetError):
    """A connection that had served before ended before a byte of the response: most likely it was closed meanwhile."""


class _Connection(HTTPConnection):
    """Mixed into the connections of urllib3."""

    SPREADS: ClassVar[bool]
    # The address of each name that answered last.
    GOOD: ClassVar[dict[str, str]]
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

    def _new_conn(self) -> socket:
        """Connect to the first address that answers; each has its share of the time."""
        name, whole = str(getattr(self, "_dns_host", self.host)), self.timeout
        if not self.SPREADS or not isinstance(whole, (int, float)):
            return super()._new_conn()
        addresses = self._addresses(name)
        ends = time.monotonic() + whole
        try:
            while True:
                address = self.host = addresses.pop(0)
                left = max(ends - time.monotonic(), 0.1)
                self.timeout = left / (len(addresses) + 1)
                try:
                    connected = super()._new_conn()
                except urllib3.exceptions.HTTPError:
                    if not addresses:
                        raise
                else:
                    # What follows, such as the handshake, has the rest of the time.
                    connected.settimeout(max(ends - time.monotonic(), self.timeout))
                    self.GOOD[name] = address
                    return connected
        finally:
            self.host, self.timeout = name, whole

    def _addresses(self, name: str) -> list[str]:
        try:
            found = getaddrinfo(name.strip("[]"), self.port, allowed_gai_family(), SOCK_STREAM)
        except gaierror as error:
            raise urllib3.exceptions.NewConnectionError(self, "no address") from error
        addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
        good = self.GOOD.get(name)
        return sorted(addresses, key=lambda address: address != good)


def connection_class(kind: Any) -> Any:
    """This kind of connection of urllib3, with what is said above."""
    # Behind SOCKS the proxy looks the name up.
    plain = kind._new_conn is urllib3.connection.HTTPConnection._new_conn
    return type(kind.__name__, (_Connection, kind), {"SPREADS": plain, "GOOD": {}})
