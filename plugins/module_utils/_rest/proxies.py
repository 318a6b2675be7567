# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which proxy a request takes. PRIVATE to the collection.

Only the environment is asked. The functions of ``urllib.request`` and ``requests`` that ask the settings of macOS as
well end a forked worker there: the system's framework must not be used between fork and exec.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this URL, None for a direct connection."""
    proxies: dict[str, str] = getproxies_environment()
    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or _is_bypassed(parts.hostname or "", parts.netloc, proxies):
        return None
    return proxy


def _is_bypassed(host: str, netloc: str, proxies: dict[str, str]) -> bool:
    """Whether ``no_proxy`` names the host, its domain, host and port, or a network that holds the address."""
    if any(proxy_bypass_environment(form, proxies) for form in (host, netloc)):
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(host.partition("%")[0])
        return any(address in network for network in _networks(proxies.get("no", "")))
    return False


def _networks(no_proxy: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for entry in no_proxy.split(","):
        with suppress(ValueError):
            networks.append(ipaddress.ip_network(entry.strip(" []"), strict=False))
    return networks


def name_of(proxy: str) -> str:
    """Host and port of a proxy, for a sentence; never its credentials."""
    place = proxy.partition("://")[2] or proxy
    return place.partition("/")[0].rpartition("@")[2]
