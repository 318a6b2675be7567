# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The transport of ``requests``, with trust by endpoint and connections of our own. PRIVATE to the collection."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .connections import connection_class
from .trust import Trust

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter
else:
    HTTPAdapter = object
    with suppress(ImportError):  # a missing library is reported before any request
        from requests.adapters import HTTPAdapter

POOL_SIZE = 8
# How the transport of requests is to keep its connections.
POOL_OPTIONS: Mapping[str, Any] = {
    "pool_connections": 2,
    "pool_maxsize": POOL_SIZE,
    "pool_block": True,
    "max_retries": 0,
}


class TrustAdapter(HTTPAdapter):
    """Takes a ``Trust`` as the argument ``verify`` of a request."""

    # Whether a request whose idle connection was dropped may be sent again.
    repeats = True

    def __init__(self) -> None:
        super().__init__(**POOL_OPTIONS)
        self._lock = threading.Lock()
        self._pools: weakref.WeakSet[Any] = weakref.WeakSet()

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _unused = super().build_connection_pool_key_attributes(request, True, cert)
        if host["scheme"] != "https":
            return host, {}
        trust: Trust = verify
        return host, {"ssl_context": trust.context(), "assert_fingerprint": trust.fingerprint}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The pool has got its context."""

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        if proxies and verify is not None:
            for proxy in proxies.values():
                if proxy.startswith("https://"):
                    self.proxy_manager_for(proxy, proxy_ssl_context=verify.of_authorities.context())
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        with self._lock:
            if pool not in self._pools:
                self._pools.add(pool)
                pool.ConnectionCls = self.connection_class_for(pool)
        return pool

    def connection_class_for(self, pool: Any) -> Any:
        """What makes the connections of a new pool."""
        return connection_class(pool.ConnectionCls)
