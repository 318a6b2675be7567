# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What goes wrong on the way to, or at, a proxy. PRIVATE to the collection."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Sequence

from .._errors import ErrorType, Retryability, TaskwatchError
from .tls_errors import error_from_tls

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def proxy_wants_login(name: str) -> TaskwatchError:
    """Final, for the login is often that of a person, and accounts lock."""
    return TaskwatchError(
        ErrorType.AUTHENTICATION,
        f"the proxy {name} wants a login (407); check the name and password in the proxy's URL, or set use_proxy to "
        "false for a system that is reached without it",
        http_status=407,
        affects_all_tasks=True,
    )


def error_from_proxy(chain: Sequence[BaseException], name: str) -> TaskwatchError:
    """The error of a request that the proxy ``name`` (host and port) did not pass on."""
    tunnel = next((found for link in chain if (found := _TUNNEL.search(str(link)))), None)
    if tunnel is not None:
        return _refused_tunnel(int(tunnel.group(1)), name)
    tls = error_from_tls(chain, int(name.rpartition(":")[2]) if name.rpartition(":")[2].isdigit() else 443)
    if tls is not None:
        return tls.with_(message=f"at the proxy {name}: {tls.message}")
    unresolved = next((link for link in chain if isinstance(link, socket.gaierror)), None)
    if unresolved is not None:
        passing = unresolved.errno == socket.EAI_AGAIN
        return _away(f"the name of the proxy {name} does not resolve", passing=passing)
    reason = next((said for kinds, said in _REASONS if any(isinstance(link, kinds) for link in chain)), "no connection")
    return _away(f"the proxy {name} cannot be reached ({reason})", passing=True)


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionError, "the connection was reset"),
    (ssl.SSLError, "the TLS handshake was cut"),
    (TimeoutError, "no answer in time"),
    (socket.timeout, "no answer in time"),
)


def _refused_tunnel(status: int, name: str) -> TaskwatchError:
    if status == 407:
        return proxy_wants_login(name)
    if status < 500 and status not in (408, 429):
        sentence = f"the proxy {name} does not let it through (HTTP {status}); see use_proxy"
        return _away(sentence, passing=False).with_(http_status=status)
    return _away(f"the proxy {name} cannot reach it (HTTP {status})", passing=True).with_(http_status=status)


def _away(sentence: str, *, passing: bool) -> TaskwatchError:
    return TaskwatchError(
        ErrorType.UNREACHABLE,
        sentence,
        retryability=Retryability.ALWAYS if passing else Retryability.IF_SEEN,
        affects_all_tasks=True,
    )
