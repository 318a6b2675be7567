# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The open sessions: one table per system, in wall time as the client counts it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Session:
    """One login; `opened`, `used` and `ends` are wall seconds of the run, the last one None for no fixed end."""

    token: str
    user: str
    opened: float
    used: float
    ends: float | None = None
    data: dict[str, str] = field(default_factory=dict)


class SessionTable:
    """The open sessions of one system.

    A session ends by `close`, by `drop_all`, after `idle` wall seconds without use (None: never for that reason), or
    at the end of a lifetime of its own.
    """

    def __init__(self, now: Callable[[], float], make_token: Callable[[], str], idle: float | None = None) -> None:
        self._now = now
        self._make_token = make_token
        self._idle = idle
        self._open: dict[str, Session] = {}
        self.issued: set[str] = set()
        """Every secret that was ever handed out, for keeping them out of logs."""

    def open(self, user: str, lifetime: float | None = None, **data: str) -> Session:
        """Log a user in, for at most `lifetime` wall seconds."""
        now = self._now()
        ends = None if lifetime is None else now + lifetime
        session = Session(self._make_token(), user, now, now, ends, data)
        self._open[session.token] = session
        self.issued |= {session.token, data.get("csrf", session.token)}
        return session

    def find(self, token: str | None, *, touch: bool = True) -> Session | None:
        """Return the open session of a token, and start its idle time anew unless `touch` is false."""
        self._expire()
        session = self._open.get(token) if token else None
        if session is not None and touch:
            session.used = self._now()
        return session

    def close(self, token: str) -> bool:
        """Log out; return whether that session was open."""
        self._expire()
        return self._open.pop(token, None) is not None

    def drop_all(self) -> None:
        """Forget every session, as a restarted service does."""
        self._open.clear()

    def all(self) -> list[Session]:
        """Return the open sessions, oldest first."""
        self._expire()
        return list(self._open.values())

    def listing(self) -> list[dict[str, object]]:
        """Return the open sessions without their tokens."""
        now = self._now()
        return [
            {"id": masked(each.token), "user": each.user, "age": round(now - each.opened, 3)} for each in self.all()
        ]

    def _expire(self) -> None:
        now = self._now()
        for session in list(self._open.values()):
            idle_over = self._idle is not None and now - session.used > self._idle
            if idle_over or (session.ends is not None and now >= session.ends):
                del self._open[session.token]


def masked(token: str) -> str:
    """Return a name for a token that is of no use for a login."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]
