# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that let the request through and only add to what happens."""

from __future__ import annotations

from typing import Any, Literal

from ..systems.base import SessionEnd, System
from ..timeline import Seconds
from .base import Call, RequestFault, registered


@registered
class Latency(RequestFault):
    """The true answer, ``delay`` seconds later."""

    kind: Literal["latency"] = "latency"
    delay: Seconds
    """Wall seconds that it adds to each answer."""

    def act(self, call: Call) -> None:
        """Add them."""
        call.delay += self.delay


@registered
class ExpireSessions(RequestFault):
    """All sessions of the system end before the request is handled. With no other key than ``from``: once.

    ``answer`` says how the system answers a session that has ended, as its key ``session_end`` does.
    """

    kind: Literal["expire_sessions"] = "expire_sessions"
    answer: SessionEnd | None = None
    """How an ended session is answered from now on."""

    def _expire(self, system: System[Any]) -> None:
        system.sessions.drop_all()
        if self.answer is not None:
            system.session_end = self.answer

    def act(self, call: Call) -> None:
        """Drop them before the request is carried out."""
        self._expire(call.system)

    def _undated(self) -> bool:
        """Tell whether no key says at which requests, or for how long."""
        return not (self.after_requests or self.times or self.seconds or self.until or self.path or self.method)

    def limit(self) -> int | None:
        """Return how many requests it hits; with a beginning alone, one."""
        return 1 if self._undated() else self.times

    def act_at_once(self, system: System[Any]) -> bool:
        """Drop them now where no key says when."""
        if not self._undated() or self.from_:
            return False
        self._expire(system)
        return True
