# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The typed error of whatever the transport raises. PRIVATE to the collection."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from .._errors import ErrorType, Retryability, TaskwatchError
from .connections import IdleConnectionDropped
from .endpoint import Endpoint, origin_of
from .proxies import name_of
from .proxy_errors import error_from_proxy
from .tls_errors import error_from_tls

with suppress(ImportError):  # a missing library is reported before any request
    import requests
    import urllib3


# What the transport may raise, the most telling first: kinds, sentence, retryability, whether a second try is worth it.
# The kinds are functions because the libraries that own them may be missing.
_TRANSPORT: tuple[tuple[Callable[[], Any], str, Retryability, bool], ...] = (
    (lambda: socket.gaierror, "its name does not resolve", Retryability.IF_SEEN, False),
    (lambda: ConnectionRefusedError, "the connection was refused on port {port}", Retryability.ALWAYS, False),
    (
        lambda: (ConnectionResetError, BrokenPipeError, ConnectionAbortedError),
        "the connection was reset on port {port}",
        Retryability.ALWAYS,
        True,
    ),
    (lambda: ssl.SSLError, "the TLS handshake or connection was cut on port {port}", Retryability.ALWAYS, False),
    (lambda: requests.Timeout, "no answer within {timeout} s on port {port}", Retryability.ALWAYS, False),
    (
        lambda: (TimeoutError, urllib3.exceptions.TimeoutError),
        "no answer within {timeout} s on port {port}",
        Retryability.ALWAYS,
        False,
    ),
    (
        lambda: (
            urllib3.exceptions.ProtocolError,
            urllib3.exceptions.DecodeError,
            requests.exceptions.ContentDecodingError,
        ),
        "the answer broke off on port {port}",
        Retryability.ALWAYS,
        False,
    ),
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and everything it was raised from or wraps; the libraries nest in all three ways."""
    seen: list[BaseException] = []
    pending: list[Any] = [error]
    while pending:
        link = pending.pop(0)
        if not isinstance(link, BaseException) or link in seen:
            continue
        seen.append(link)
        yield link
        pending += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def is_dropped(error: BaseException) -> bool:
    """Whether a connection that was idle turned out to be closed."""
    return any(isinstance(link, IdleConnectionDropped) for link in _chain(error))


def error_from_transport(
    error: BaseException, endpoint: Endpoint, timeout: float, *, url: str = "", proxy: str | None = None
) -> BaseException:
    """The typed error of whatever the transport raised for a request of ``url``, by way of ``proxy``."""
    chain = list(_chain(error))
    known = next((link for link in chain if isinstance(link, TaskwatchError)), None)
    if known is not None:
        return known
    where = urlsplit(url or endpoint.origin)
    at_proxy = _proxy_error(error, chain, proxy) if proxy else None
    found = at_proxy or _error(error, chain, timeout, origin_of(url or endpoint.origin)[2] or endpoint.port)
    if at_proxy is not None or not url or endpoint.is_own(url):
        return found
    # Of another host than the sentence is about, such as the one that issues tokens.
    return found.with_(message=f"{where.hostname}: {found.message}")


def _proxy_error(error: BaseException, chain: list[BaseException], proxy: str) -> TaskwatchError | None:
    if any(isinstance(link, requests.exceptions.ProxyError) for link in chain):
        return error_from_proxy(chain, name_of(proxy))
    if isinstance(error, requests.exceptions.InvalidSchema):
        return TaskwatchError(ErrorType.MISSING_LIBRARY, f"the proxy {name_of(proxy)} needs the library PySocks")
    return None


def _error(error: BaseException, chain: list[BaseException], timeout: float, port: int) -> TaskwatchError:
    tls = error_from_tls(chain, port)
    if tls is not None:
        return tls
    passing = next((link for link in chain if isinstance(link, socket.gaierror)), None)
    if passing is not None and passing.errno == socket.EAI_AGAIN:
        return _outage("its name does not resolve at the moment")
    for kinds, sentence, retryability, retry_once in _TRANSPORT:
        if any(isinstance(link, kinds()) for link in chain):
            said = sentence.format(port=port, timeout=f"{timeout:g}")
            return _outage(said, retryability, retry_once=retry_once)
    if isinstance(error, ValueError):
        # Not with the library's own words: they quote headers, and headers hold tokens.
        return TaskwatchError(ErrorType.BAD_REQUEST, f"the request cannot be sent ({type(error).__name__})")
    reason = next((link.strerror for link in reversed(chain) if isinstance(link, OSError) and link.strerror), None)
    return _outage(f"it cannot be reached on port {port} ({reason or type(error).__name__})")


def _outage(
    sentence: str, retryability: Retryability = Retryability.ALWAYS, *, retry_once: bool = False
) -> TaskwatchError:
    return TaskwatchError(
        ErrorType.UNREACHABLE,
        sentence,
        retryability=retryability,
        retry_once=retry_once,
        affects_all_tasks=True,
    )
