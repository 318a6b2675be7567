# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How often, and how soon, a login may be tried. PRIVATE to the collection.

Systems lock accounts after a few refused logins, and for all users of the account. So every login of a run is paid
from one budget, whatever asks for it: a poll, several polls of a wait, or an event source that never ends.
"""

from __future__ import annotations

from collections.abc import Callable

from ._auth.scheme import LoginOutcome
from ._errors import Retryability, TaskwatchError

# Logins in a row whose answer is neither a session nor a refusal.
ODD_TRIES = 3
# Refused logins in a row where one has worked before: the first, and two more for an authentication service that is
# restarting.
REFUSED_TRIES = 3
# Seconds between two logins that a system refused although one has worked before.
REFUSED_PAUSE = 60.0
# Sessions opened in a row that the system did not honour. Later ones are as far apart as refused logins.
UNHONOURED_SESSIONS = 2


class LoginBudget:
    """The logins of one run. ``clock`` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._has_worked = False
        self._refused = 0
        self._odd = 0
        self._unhonoured = 0
        self._not_before = 0.0  # a refused login is repeated no sooner
        self._renew_not_before = 0.0  # a session that was not honoured is replaced no sooner
        self._latest: TaskwatchError | None = None

    def obstacle(self) -> TaskwatchError | None:
        """Why no login may be tried now, None if one may."""
        if self._latest is None or (self._latest.retryability is not Retryability.NEVER and self._pause_left() <= 0):
            return None
        return self._with_pause(self._latest)

    def succeeded(self) -> None:
        """A login has opened a session, or a request that carries the login was answered."""
        self._has_worked = True
        self._refused = self._odd = 0
        self._latest = None

    def spend(self, outcome: LoginOutcome, error: TaskwatchError) -> TaskwatchError:
        """Pay for a login that opened no session. Returns the error with what a wait may make of it."""
        if outcome is LoginOutcome.REFUSED:
            error = self._refusal(error)
        elif outcome is LoginOutcome.ODD:
            self._odd += 1
            again = Retryability.ALWAYS if self._odd < ODD_TRIES else Retryability.NEVER
            error = error.with_(retryability=again)
        self._latest = error.with_(affects_all_tasks=True)
        return self._with_pause(self._latest)

    def may_renew(self) -> bool:
        """Whether a session that the system did not honour may be replaced now; a good answer ends the row."""
        if self._unhonoured >= UNHONOURED_SESSIONS and self._clock() < self._renew_not_before:
            return False
        self._unhonoured += 1
        if self._unhonoured >= UNHONOURED_SESSIONS:
            self._renew_not_before = self._clock() + REFUSED_PAUSE
        return True

    def session_honoured(self) -> None:
        """The system has answered a request of the session, or went away: both end the row."""
        self._unhonoured = 0

    def _refusal(self, error: TaskwatchError) -> TaskwatchError:
        self._refused += 1
        if not self._has_worked or self._refused >= REFUSED_TRIES:
            return error.with_(retryability=Retryability.NEVER)
        self._not_before = self._clock() + REFUSED_PAUSE
        return error.with_(retryability=Retryability.ALWAYS)

    def _with_pause(self, error: TaskwatchError) -> TaskwatchError:
        left = self._pause_left()
        if error.retryability is Retryability.NEVER or left <= 0:
            return error
        return error.with_(retry_after=max(left, error.retry_after or 0.0))

    def _pause_left(self) -> float:
        return self._not_before - self._clock()
