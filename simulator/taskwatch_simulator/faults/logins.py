# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of logins, in each vendor's words."""

from __future__ import annotations

from typing import Any, Literal

from ..accounts import Refusal
from ..messages import Reply, Request
from ..systems.base import System
from .answers import StatusCode
from .base import Call, Fault, registered


@registered
class RefuseLogin(Fault):
    """Logins are refused in the vendor's words, also those with the right password.

    ``reason`` is ``password`` (default), ``locked``, ``sessions`` (too many) or ``unavailable`` (no authentication
    server); ``status`` stands in for the vendor's own. All other requests go on.
    """

    kind: Literal["refuse_login"] = "refuse_login"
    reason: Refusal = "password"
    status: StatusCode | None = None

    def concerns(self, request: Request, system: System[Any]) -> bool:
        """Spare what is no login."""
        return system.is_login(request)

    def act(self, call: Call) -> Reply:
        """Return the refusal."""
        return call.system.login_refusal(call.request, self.reason, self.status)
