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

from .._errors import ErrorType, Retryability, TaskwatchError
from .endpoint import Endpoint

with suppress(ImportError):  # a missing library is reported before any request
    import requests
    import urllib3


# What the transport may raise, the most telling first: kinds, sentence, retryability, whether a second try is worth it.
# The kinds are functions because the libraries that own them may be missing.
_TRANSPORT: tuple[tuple[Callable[[], Any], str, Retryability, bool], ...] = (
    (lambda: requests.exceptions.ProxyError, "the proxy cannot reach it", Retryability.ALWAYS, False),
    (lambda: socket.gaierror, "its name does not resolve", Retryability.IF_SEEN, False),
    (lambda: ConnectionRefusedError, "the connection was refused", Retryability.ALWAYS, False),
    (
        lambda: (ConnectionResetError, BrokenPipeError, ConnectionAbortedError),
        "the connection was reset",
        Retryability.ALWAYS,
        True,
    ),
    (lambda: ssl.SSLError, "the TLS handshake or connection was cut", Retryability.ALWAYS, False),
    (lambda: requests.Timeout, "no answer within {timeout} s", Retryability.ALWAYS, False),
    (
        lambda: (TimeoutError, urllib3.exceptions.TimeoutError),
        "no answer within {timeout} s",
        Retryability.ALWAYS,
        False,
    ),
    (
        lambda: (
            urllib3.exceptions.ProtocolError,
            urllib3.exceptions.DecodeError,
            requests.exceptions.ContentDecodingError,
        ),
        "the answer broke off",
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


def error_from_transport(error: BaseException, endpoint: Endpoint, timeout: float) -> BaseException:
    """The typed error of whatever the transport raised."""
    chain = list(_chain(error))
    known = next((link for link in chain if isinstance(link, TaskwatchError)), None)
    if known is not None:
        return known
    certificate = next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return TaskwatchError(
            ErrorType.TLS,
            f"its certificate is not trusted ({certificate.verify_message}); name the CA that signed it with ca_path",
            retryability=Retryability.IF_SEEN,
            affects_all_tasks=True,
        )
    if any(getattr(link, "reason", None) == "NO_CERTIFICATE_OR_CRL_FOUND" for link in chain):
        return TaskwatchError(ErrorType.TLS, f"there is no certificate in {endpoint.verify}; check ca_path")
    for kinds, sentence, retryability, retry_once in _TRANSPORT:
        if any(isinstance(link, kinds()) for link in chain):
            said = sentence.format(timeout=f"{timeout:g}")
            return TaskwatchError(
                ErrorType.UNREACHABLE,
                said,
                retryability=retryability,
                retry_once=retry_once,
                affects_all_tasks=True,
            )
    if isinstance(error, ValueError):
        # Not with the library's own words: they quote headers, and headers hold tokens.
        return TaskwatchError(ErrorType.BAD_REQUEST, f"the request cannot be sent ({type(error).__name__})")
    reason = next((link.strerror for link in reversed(chain) if isinstance(link, OSError) and link.strerror), None)
    return TaskwatchError(
        ErrorType.UNREACHABLE,
        f"it cannot be reached ({reason or type(error).__name__})",
        retryability=Retryability.ALWAYS,
        affects_all_tasks=True,
    )
