# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The waiter: polls until every task has ended, time is up, or waiting makes no sense. PRIVATE to the collection.

The only file that sleeps. It knows tasks, polls and typed errors; no vendor, no HTTP. The clock, the sleep and the
jitter are handed in, so that a day of waiting takes a test no time. What ends a wait is decided by a ``WaitPolicy``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Optional

from .._context import RunContext
from .._errors import ErrorType, TaskwatchError
from .._status import PollResult, TaskStatus
from .board import Ids, TaskBoard
from .observer import Observer, Snapshot
from .outages import OutageLedger
from .policy import WaitPolicy
from .schedule import JITTER, MOST, PACED_LEAST, SHIPPED
from .sentences import first_of, survived, timed_out

# What to poll, and until when a response is of any use (None: no limit). Raises TaskwatchError, or returns them.
Poll = Callable[[Ids, Optional[float]], PollResult]

# How long a check pauses before its one second try, in seconds; what the system asks for, within reason.
RETRY_PAUSE = 1.0
LONGEST_RETRY_PAUSE = 5.0


@dataclass(frozen=True)
class WaitResult:
    """How a check or a wait ended: the statuses in order, and what is wrong, if anything.

    ``complete`` tells whether there is a status for every task asked for.
    """

    statuses: list[TaskStatus]
    error: TaskwatchError | None = None
    timed_out: bool = False
    complete: bool = True
    warnings: list[str] = field(default_factory=list)


class Waiter:
    """One check or one wait."""

    def __init__(self, poll: Poll, context: RunContext, observer: Observer | None = None) -> None:
        self._poll = poll
        self._clock = context.runtime.clock
        self._sleep = context.runtime.sleep
        self._jitter = context.runtime.jitter
        self._stats = context.stats
        self._observer = observer or Observer()
        self._began = self._clock()
        self._notified_at = self._began
        self._board = TaskBoard(self._began)
        self._ledger = OutageLedger()

    def poll_once(self, ids: Ids) -> WaitResult:
        """One poll, with one more try where a moment may cure what went wrong."""
        result = self._ask(ids, None)
        passing = [error for error in result.errors if error.retry_once]
        if passing and len(passing) == len(result.errors):
            pause = max(error.retry_after or RETRY_PAUSE for error in passing)
            self._sleep(min(pause, LONGEST_RETRY_PAUSE))
            self._stats.retries += 1
            again = self._ask([i for error in passing for i in error.task_ids] or ids, None)
            result = PollResult({**result.statuses, **again.statuses}, again.errors)
        self._board.record(result, ids, self._clock())
        return self._result(first_of(result.errors))

    def wait(self, ids: Ids, policy: WaitPolicy) -> WaitResult:
        """Poll until the policy says that it is over. The first poll is at once, the last one at the deadline."""
        settings = policy.settings
        deadline = self._began + settings.wait_timeout
        while True:
            error = self._poll_and_judge(ids, policy, deadline)
            now = self._clock()
            if error is not None:
                return self._result(error)
            if policy.is_over(self._board):
                return self._result(policy.outcome(self._board))
            if now >= deadline:
                return self._timed_out(policy)
            self._pause(min(self._next_poll(now, policy), deadline), policy)

    # -- one poll -------------------------------------------------------------------------------------------------

    def _poll_and_judge(self, ids: Ids, policy: WaitPolicy, deadline: float) -> TaskwatchError | None:
        began_at = self._clock()
        useful_until = min([deadline, *map(policy.outage_deadline, self._ledger.outages)])
        if self._ledger.current is not None:
            self._stats.retries += 1
        asked = policy.ids_to_poll(self._board, ids)
        result = policy.screen(self._ask(asked, useful_until), self._board)
        changed = self._board.record(result, ids, self._clock())
        policy.recorded(result, self._board, self._ledger)
        error = policy.intolerable(result, self._board)
        if error is not None:
            return error
        self._note_outage(result, began_at, policy)
        if changed:
            self._notify(self._observer.changed, policy)
        if self._board.order is None and not result.errors:
            return TaskwatchError(ErrorType.NOT_FOUND, "nothing matches, so there is nothing to wait for")
        now = self._clock()
        return policy.overdue(self._ledger, now) or self._stall(policy, now)

    def _ask(self, ids: Ids, useful_until: float | None) -> PollResult:
        self._stats.polls += 1
        try:
            return self._poll(ids, None if useful_until == math.inf else useful_until)
        except TaskwatchError as error:
            return PollResult(errors=[error])

    def _note_outage(self, result: PollResult, began_at: float, policy: WaitPolicy) -> None:
        is_new = self._ledger.current is None
        ended = self._ledger.record(result, began_at, policy.unfinished(self._board))
        if ended is not None:
            now = self._clock()
            self._stats.unreachable_seconds += now - ended.since
            self._board.warnings[survived(ended, now)] = None
            self._board.skip_outage(ended.since, now)
            self._notify(self._observer.outage_ended, policy, away_for=now - ended.since)
        elif is_new and self._ledger.current is not None:
            self._notify(self._observer.outage_began, policy)

    def _stall(self, policy: WaitPolicy, now: float) -> TaskwatchError | None:
        if not policy.settings.stall_timeout or self._ledger.current is not None:
            return None
        return policy.stall(self._board, now)

    # -- ends -----------------------------------------------------------------------------------------------------

    def _timed_out(self, policy: WaitPolicy) -> WaitResult:
        settings = policy.settings
        unfinished = policy.unfinished(self._board)
        error = timed_out(self._board, unfinished, settings.wait_timeout, self._ledger.current)
        # A bounded wait that is no failure still has to have seen its tasks; otherwise nothing is known.
        ends_well = not settings.wait_timeout_is_failure and self._board.complete and self._board.order is not None
        return self._result(None if ends_well else error, timed_out=True)

    def _result(self, error: TaskwatchError | None, *, timed_out: bool = False) -> WaitResult:
        now, outage = self._clock(), self._ledger.current
        if outage is not None:
            self._stats.unreachable_seconds += now - outage.since
        board = self._board
        board.estimate(now)
        return WaitResult(board.ordered, error, timed_out, board.complete, list(board.warnings))

    # -- time -----------------------------------------------------------------------------------------------------

    def _next_poll(self, now: float, policy: WaitPolicy) -> float:
        """The moment of the next poll, never later than a limit that would end before it."""
        settings, outage = policy.settings, self._ledger.current
        bounds = list(map(policy.outage_deadline, self._ledger.outages))
        asked = self._ledger.retry_after
        # Some systems ask for no pause at all.
        gap = self._chosen_gap(now, policy) if asked is None else max(asked, PACED_LEAST)
        if settings.stall_timeout and outage is None and self._board.tracks:
            bounds.append(self._board.last_change(policy.unfinished(self._board)) + settings.stall_timeout)
        return min([now + gap, *(bound for bound in bounds if bound > now)])

    def _chosen_gap(self, now: float, policy: WaitPolicy) -> float:
        """The gap of the user's choice or of the schedule, or what good responses ask for within it."""
        most = policy.settings.wait_sleep
        unfinished = () if self._ledger.current is not None else policy.unfinished(self._board)
        asked = self._board.asked_pause(unfinished, SHIPPED.longest_pause(now - self._began) if most is None else most)
        if most is not None:
            return most if asked is None else asked
        # Never sooner than the system asks for.
        return max(self._adaptive_gap(now, policy) * (1 - JITTER * self._jitter()), asked or 0.0)

    def _adaptive_gap(self, now: float, policy: WaitPolicy) -> float:
        outage = self._ledger.current
        # A system that is away is not burdened by polls, and its return may be short.
        gaps = [min(SHIPPED.quiet_gap(now - outage.since), MOST)] if outage is not None else []
        answering = (i for i in policy.unfinished(self._board) if not self._ledger.is_out(i))
        of_tasks = self._board.gap(answering, now, policy.settings.expected_duration)
        if of_tasks is not None:
            gaps.append(of_tasks)
        return min([*(gaps or [SHIPPED.quiet_gap(now - self._began)]), policy.settings.longest_gap])

    def _pause(self, until: float, policy: WaitPolicy) -> None:
        """Sleep, and send a heartbeat whenever nothing was told for ``progress_interval``."""
        heartbeat = policy.settings.progress_interval
        while (now := self._clock()) < until:
            beat = self._notified_at + heartbeat if heartbeat else until
            if beat <= now:
                self._notify(self._observer.heartbeat, policy)
            else:
                self._sleep(min(until, beat) - now)

    def _notify(self, tell: Callable[[Snapshot], None], policy: WaitPolicy, *, away_for: float = 0.0) -> None:
        now = self._notified_at = self._clock()
        board, outage = self._board, self._ledger.current
        board.estimate(now)
        left = None if outage is None else policy.outage_deadline(outage) - now
        tell(
            Snapshot(
                statuses=board.ordered,
                elapsed=now - self._began,
                outage=outage,
                away_for=away_for,
                complete=board.complete,
                seen_ago=None if board.seen_at is None else now - board.seen_at,
                gives_up_in=None if left == math.inf else left,
            )
        )
