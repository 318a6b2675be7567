# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connections that another thread can end. PRIVATE to the collection."""

from __future__ import annotations

import socket
import weakref
from contextlib import suppress
from functools import partial
from typing import Any

from .adapter import TrustAdapter

# What a request may still take when everything is to end, in seconds: it can only be the logout.
LAST_REQUEST_TIMEOUT = 5.0


class InterruptibleAdapter(TrustAdapter):
    """The transport of requests, with a way out of a read that blocks: a thread cannot be interrupted, a socket can."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._stopped_new = False

    def connection_class_for(self, pool: Any) -> Any:
        return partial(self._connection, super().connection_class_for(pool))

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
        """From here on a request has to be quick, and takes a connection that ``abort`` leaves alone."""
        with self._lock:
            self._stopped_new = True
            self.repeats = False  # a request that abort ended looks like one whose connection was dropped
        self.close()  # forgets the connections that are idle

    def abort(self) -> None:
        """End the requests that were under way before ``stop_new``, as if the other side had."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError, TypeError):
                # Not the method of a TLS socket: it would pull the encryption from under the thread that reads.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
