# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account of a system: it locks after refused logins, and may hold a limited number of sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .sessions import SessionTable

Refusal = Literal["password", "locked", "sessions", "unavailable"]
"""Why a login is refused: a wrong password, a locked account, too many sessions, no authentication server."""

TEXTS: dict[Refusal, str] = {
    "password": "The user name or password is not valid.",
    "locked": "The account is locked because of too many failed logins.",
    "sessions": "The maximum number of active sessions for this user has been reached.",
    "unavailable": "The authentication server cannot be reached.",
}


@dataclass
class Account:
    """The one account that a system knows; `lock_after` is 0 where it never locks."""

    sessions: SessionTable
    now: Callable[[], float]
    lock_after: int
    lock_seconds: float
    max_sessions: int | None
    failures: int = 0
    locked_until: float = 0.0

    def refusal(self, user: str, *, known: bool, right: bool, opens: bool = True) -> Refusal | None:
        """Return why a login is refused, or None.

        `known` says that the user is the account, `right` that the password is, and `opens` that a session is wanted.
        """
        if not known:
            return "password"
        if self.now() < self.locked_until:
            return "locked"
        if not right:
            self.failures += 1
            if self.lock_after and self.failures >= self.lock_after:
                self.failures = 0
                self.locked_until = self.now() + self.lock_seconds
            return "password"
        self.failures = 0
        active = sum(each.user == user for each in self.sessions.all())
        return "sessions" if opens and self.max_sessions is not None and active >= self.max_sessions else None
