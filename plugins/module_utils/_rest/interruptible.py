# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connections that another thread can end. PRIVATE to the collection."""

from __future__ import annotations

import socket
import threading
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from .client import POOL_OPTIONS, REQUESTS_IMPORT_ERROR

if TYPE_CHECKING or REQUESTS_IMPORT_ERROR is None:
    from requests.adapters import HTTPAdapter
else:
    HTTPAdapter = object

# What a request may still take when everything is to end, in seconds: it can only be the logout.
LAST_REQUEST_TIMEOUT = 5.0


class InterruptibleAdapter(HTTPAdapter):
    """The transport of requests, with a way out of a read that blocks: a thread cannot be interrupted, a socket can."""

    def __init__(self) -> None:
        super().__init__(**POOL_OPTIONS)
        self._lock = threading.Lock()
        self._pools: weakref.WeakSet[Any] = weakref.WeakSet()
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._stopped_new = False

    def get_connection_with_tls_context(self, *args: Any, **more: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **more)
        with self._lock:
            if pool not in self._pools:
                self._pools.add(pool)
                pool.ConnectionCls = partial(self._connection, pool.ConnectionCls)
        return pool

    def _connection(self, kind: Any, *args: Any, **more: Any) -> Any:
        connection = kind(*args, **more)
        with self._lock:
            if not self._stopped_new:
                self._connections.add(connection)
        return connection

    def send(self, *args: Any, **more: Any) -> Any:
        if self._stopped_new:
            more["timeout"] = LAST_REQUEST_TIMEOUT
        return super().send(*args, **more)

    def stop_new(self) -> None:
        """From here on a request has to be quick, and takes a connection that ``hang_up`` leaves alone."""
        with self._lock:
            self._stopped_new = True
        self.close()  # forgets the connections that are idle

    def abort(self) -> None:
        """End the requests that were under way before ``hurry``, as if the other side had."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError, TypeError):
                # Not the method of a TLS socket: it would pull the encryption from under the thread that reads.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
