# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests the control address refuses: those that a browser sends for another site's page.

The control API can break a rehearsal and shows user names. It has no password, because it serves this machine only; so
a page of another site must not reach it, neither directly nor under a host name that it has made resolve to loopback.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from .messages import Request


def foreign(request: Request) -> str | None:
    """Return one sentence on what makes a request foreign, or None."""
    host = request.headers.get("Host")
    if host is not None and not _is_loopback(host):
        return f"the host {host[:100]} is not this simulator's; use its loopback address"
    origin = request.headers.get("Origin")
    if origin is not None and (host is None or origin != f"http://{host}"):
        return f"pages of {origin[:100]} may not use this address"
    # A browser sends no Origin for what a page only shows, such as an image. A link that is followed is no such thing.
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in {"none", "same-origin"} and request.headers.get("Sec-Fetch-Mode") != "navigate":
        return "pages of other sites may not use this address"
    return None


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"http://{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
