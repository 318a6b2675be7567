# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an appliance that restarts answers, or does, instead of what was asked for.

assumption: VMware says that services become unavailable and not what each request gets; these are the answers that
public clients of the appliance's update report.
"""

from __future__ import annotations

from ..messages import Reply, text_reply
from ..transports import REFUSED, TLS_CUT, Hang, Reset, Transport
from .vcenter_entry import OutageAnswer
from .vcenter_format import INTERNAL, NOT_FOUND, UNAUTHENTICATED, UNAUTHORIZED, UNAVAILABLE, Error

PROXY_TEXT = "no healthy upstream"
TRANSPORTS: dict[OutageAnswer, Transport] = {
    "refused": REFUSED,
    "reset": Reset(),
    "hang": Hang(),
    "tls_cut": TLS_CUT,
}
STRAYS: dict[OutageAnswer, Error] = {
    "stray_401": UNAUTHENTICATED,
    "stray_403": UNAUTHORIZED,
    "stray_404": NOT_FOUND,
    "stray_500": INTERNAL,
}


def outage_answer(answer: OutageAnswer, *, login: bool) -> Reply | Error | None:
    """Return what a request meets during an outage, or nothing where the outage does not concern it."""
    if answer in TRANSPORTS:
        return Reply(transport=TRANSPORTS[answer])
    if answer == "text_503":
        return text_reply(PROXY_TEXT, 503, "text/plain", [("Server", "envoy")])
    if answer == "json_503" or (answer == "login_503" and login):
        return UNAVAILABLE
    if answer == "stray_502":
        return text_reply("upstream connect error or disconnect", 502, "text/plain", [("Server", "envoy")])
    if answer in STRAYS and not login:
        return STRAYS[answer]
    return None
