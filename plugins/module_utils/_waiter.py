# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The waiter: looks until every task has ended, time is up, or waiting makes no sense. PRIVATE to the collection.

The only file that sleeps. It knows tasks, looks and typed errors; no vendor, no HTTP. The clock, the sleep and the
jitter are handed in, so that a day of waiting takes a test no time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ._errors import ErrorType, Retryability, TaskwatchError
from ._schedule import JITTER, PACED_LEAST, Track, quiet_gap
from ._status import PollResult, State, Stats, TaskStatus

Ids = Optional[Sequence[str]]
SLEEP = time.sleep

# How long a look without a wait pauses before its one second try, in seconds; what the system asks for, within reason.
RETRY_PAUSE = 1.0
LONGEST_RETRY_PAUSE = 5.0


@dataclass(frozen=True)
class WaitSettings:
    """The wait options of the contract, in seconds; ``sleep`` is None for the adaptive schedule."""

    timeout: float
    sleep: float | None
    unreachable: float
    stall: float
    heartbeat: float


@dataclass
class Outage:
    """A stretch without a good answer: since when (a moment of the clock), and the latest reason."""

    since: float
    error: TaskwatchError


@dataclass
class Snapshot:
    """What is known at a moment of a wait, for whoever watches it. ``elapsed`` is seconds since the wait began.

    ``complete`` tells whether there is a status for every task asked for.
    """

    statuses: list[TaskStatus]
    elapsed: float
    outage: Outage | None = None
    away_for: float = 0.0
    complete: bool = True


class Observer:
    """Told what a wait sees as it sees it. Each method does nothing; whoever wants to speak overrides some."""

    def changed(self, snapshot: Snapshot) -> None:
        """A task has another state or another whole percent."""

    def outage_began(self, snapshot: Snapshot) -> None:
        """The system does not answer any more, or not yet."""

    def outage_ended(self, snapshot: Snapshot) -> None:
        """It answers again; ``away_for`` says after how many seconds."""

    def heartbeat(self, snapshot: Snapshot) -> None:
        """Nothing has happened for a while."""


@dataclass
class WaitResult:
    """How a look or a wait ended: the statuses in order, and what is wrong, if anything.

    ``complete`` tells whether there is a status for every task asked for.
    """

    statuses: list[TaskStatus]
    error: TaskwatchError | None = None
    timed_out: bool = False
    complete: bool = True
    warnings: list[str] = field(default_factory=list)


class Waiter:
    """One wait. ``limit`` tells the client until when an answer is of any use."""

    def __init__(
        self,
        poll: Callable[[Ids], PollResult],
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        stats: Stats,
        limit: Callable[[float | None], None] = lambda _unused: None,
        observer: Observer | None = None,
    ) -> None:
        self._poll = poll
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._stats = stats
        self._limit = limit
        self._observer = observer or Observer()
        self._order: list[str] | None = None
        self._statuses: dict[str, TaskStatus] = {}
        self._tracks: dict[str, Track] = {}
        self._away: dict[str, Outage] = {}
        self._outage: Outage | None = None
        self._warnings: dict[str, None] = {}  # in order, each once
        self._began = clock()
        self._spoke_at = self._began

    # -- a look without a wait ------------------------------------------------------------------------------------

    def poll_once(self, ids: Ids) -> WaitResult:
        """One look, with one more try where a moment may cure what went wrong."""
        poll = self._ask(ids)
        retry_once = [error for error in poll.errors if error.retry_once]
        if retry_once and len(retry_once) == len(poll.errors):
            pause = max(error.retry_after or RETRY_PAUSE for error in retry_once)
            self._sleep(min(pause, LONGEST_RETRY_PAUSE))
            self._stats.retries += 1
            again = self._ask([i for error in retry_once for i in error.task_ids] or ids)
            poll = PollResult({**poll.statuses, **again.statuses}, again.errors)
        self._take_in(poll, ids)
        return self._ending(_first_of(poll.errors))

    # -- a wait ---------------------------------------------------------------------------------------------------

    def wait(self, ids: Ids, settings: WaitSettings) -> WaitResult:
        """Look until every task has ended. The first look is at once, the last one at the deadline."""
        deadline = self._began + settings.timeout
        while True:
            error = self._poll_and_judge(ids, settings, deadline)
            now = self._clock()
            if error is not None:
                return self._ending(error)
            if self._all_done():
                return self._ending(self._failure())
            if now >= deadline:
                return self._ending(self._too_late(settings), timed_out=True)
            self._pause(min(self._next_poll(now, settings), deadline), settings.heartbeat)

    def _poll_and_judge(self, ids: Ids, settings: WaitSettings, deadline: float) -> TaskwatchError | None:
        asked_at = self._clock()
        self._limit(min([deadline, *(self._last_moment(away, settings) for away in self._away.values())]))
        if self._away:
            self._stats.retries += 1
        poll = self._ask(ids if self._order is None else self._unfinished())
        changed = self._take_in(poll, ids)
        fatal = [error for error in poll.errors if not self._tolerable(error)]
        if fatal:
            return _first_of(fatal)
        self._note_outage(poll, asked_at)
        if changed:
            self._notify(self._observer.changed)
        if self._order is None and not poll.errors:
            return TaskwatchError(ErrorType.NOT_FOUND, "nothing matches, so there is nothing to wait for")
        return self._given_up(settings) or self._stalled(settings)

    def _ask(self, ids: Ids) -> PollResult:
        self._stats.polls += 1
        try:
            return self._poll(ids)
        except TaskwatchError as error:
            return PollResult(errors=[error])

    def _take_in(self, poll: PollResult, ids: Ids) -> bool:
        """Remember what a look brought; whether anything is worth a word."""
        now = self._clock()
        changed = False
        if self._order is None and (ids is not None or poll.statuses):
            self._order = list(poll.statuses if ids is None else ids)
        for task_id, status in poll.statuses.items():
            track = self._tracks.setdefault(task_id, Track(began=self._began, changed_at=now))
            changed = track.note(now, status) or changed
            self._statuses[task_id] = status
            self._warnings.update(dict.fromkeys(status.warnings))
        return changed

    # -- outages --------------------------------------------------------------------------------------------------

    def _tolerable(self, error: TaskwatchError) -> bool:
        """Whether waiting goes on; an unknown id is a matter of its task, all else of the whole system."""
        if error.retryability is Retryability.IF_SEEN:
            concerned = error.task_ids if error.kind is ErrorType.NOT_FOUND else ()
            return bool(self._statuses) and all(task_id in self._statuses for task_id in concerned)
        return error.retryability is Retryability.ALWAYS

    def _note_outage(self, poll: PollResult, asked_at: float) -> None:
        """Begin, go on with or end the outage of each task and of the system as a whole."""
        now = self._clock()
        for task_id in poll.statuses:
            self._away.pop(task_id, None)
        for error in poll.errors:
            for task_id in error.task_ids or self._unfinished() or ("",):
                if task_id not in poll.statuses:
                    self._away.setdefault(task_id, Outage(asked_at, error)).error = error
        if poll.errors and self._outage is None:
            self._outage = Outage(asked_at, poll.errors[0])
            self._notify(self._observer.outage_began)
        elif poll.errors and self._outage is not None:
            self._outage.error = poll.errors[0]
        elif self._outage is not None:
            self._end_outage(now)

    def _end_outage(self, now: float) -> None:
        outage, self._outage = self._outage, None
        self._away.clear()
        if outage is None:
            return
        lasted = now - outage.since
        self._stats.unreachable_seconds += lasted
        self._warnings[f"no good answer for {lasted:.0f} s while waiting; last: {outage.error.message}"] = None
        for track in self._tracks.values():
            # Nobody can show movement while nobody can be asked.
            track.changed_at += now - max(track.changed_at, outage.since)
        self._notify(self._observer.outage_ended, away_for=lasted)

    def _last_moment(self, away: Outage, settings: WaitSettings) -> float:
        """Until when an outage is borne with."""
        return away.since + settings.unreachable

    def _given_up(self, settings: WaitSettings) -> TaskwatchError | None:
        """The error when the system, or the answer about one task, has been away for too long in one stretch."""
        now = self._clock()
        for away in self._away.values():
            if now < self._last_moment(away, settings):
                continue
            error, gone = away.error, now - away.since
            # What the system says of a task it once showed keeps its kind; all else is being away.
            kind = ErrorType.UNREACHABLE if error.retryability is Retryability.ALWAYS else error.kind
            sentence = f"no good answer for {gone:.0f} s, longer than unreachable_timeout allows; last: {error.message}"
            return TaskwatchError(kind, sentence, http_status=error.http_status, task_ids=error.task_ids)
        return None

    # -- ends -----------------------------------------------------------------------------------------------------

    def _all_done(self) -> bool:
        return self._order is not None and not self._unfinished()

    def _unfinished(self) -> list[str]:
        return [i for i in self._order or [] if i not in self._statuses or not self._statuses[i].done]

    def _failure(self) -> TaskwatchError | None:
        """The error of a wait in which every task has ended, not all of them well."""
        bad = [status for status in self._statuses.values() if not status.succeeded]
        if not bad:
            return None
        told = "; ".join(_failure_text(status, named=len(bad) > 1) for status in bad[:5])
        more = f"; and {len(bad) - 5} more" if len(bad) > 5 else ""
        return TaskwatchError(ErrorType.TASK_FAILED, told + more, task_ids=tuple(status.id for status in bad))

    def _too_late(self, settings: WaitSettings) -> TaskwatchError:
        unfinished = self._unfinished()
        sentence = f"not finished within {settings.timeout:g} s"
        if unfinished:
            shown = [_status_text(self._statuses.get(i), i, named=len(unfinished) > 1) for i in unfinished[:5]]
            more = f" and {len(unfinished) - 5} more" if len(unfinished) > 5 else ""
            sentence += f" ({'; '.join(shown)}{more})"
        if self._outage is not None:
            sentence += f"; the last look failed: {self._outage.error.message}"
        status = self._outage.error.http_status if self._outage else None
        return TaskwatchError(ErrorType.TIMEOUT, sentence, http_status=status, task_ids=tuple(unfinished))

    def _stalled(self, settings: WaitSettings) -> TaskwatchError | None:
        unfinished = self._unfinished()
        if not settings.stall or self._outage is not None or not unfinished:
            return None
        now, quiet_since = self._clock(), self._quiet_since(unfinished)
        if now < quiet_since + settings.stall:
            return None
        still = now - quiet_since
        shown = [_status_text(self._statuses.get(i), i, named=len(unfinished) > 1) for i in unfinished[:5]]
        sentence = f"neither state nor progress has changed for {still:.0f} s ({'; '.join(shown)})"
        return TaskwatchError(ErrorType.STALLED, sentence, task_ids=tuple(unfinished))

    def _ending(self, error: TaskwatchError | None, *, timed_out: bool = False) -> WaitResult:
        now = self._clock()
        if self._outage is not None:
            self._stats.unreachable_seconds += now - self._outage.since
        self._estimate(now)
        ordered = [self._statuses[i] for i in self._order or [] if i in self._statuses]
        complete = len(ordered) == len(self._order or [])
        return WaitResult(ordered, error, timed_out, complete, list(self._warnings))

    # -- time -----------------------------------------------------------------------------------------------------

    def _next_poll(self, now: float, settings: WaitSettings) -> float:
        """The moment of the next look, never later than a budget that would end before it."""
        bounds = [self._last_moment(away, settings) for away in self._away.values()]
        asked = [away.error.retry_after for away in self._away.values() if away.error.retry_after is not None]
        if asked:
            gap = max(*asked, PACED_LEAST)  # some systems ask for no pause at all
        elif settings.sleep is not None:
            gap = settings.sleep
        else:
            gap = self._adaptive_gap(now) * (1 + JITTER * (2 * self._jitter() - 1))
        if settings.stall and self._outage is None and self._tracks:
            bounds.append(self._quiet_since(self._unfinished()) + settings.stall)
        return min([now + gap, *(bound for bound in bounds if bound > now)])

    def _quiet_since(self, ids: Sequence[str]) -> float:
        """The moment of the latest change of any of these tasks."""
        return max((self._tracks[i].changed_at for i in ids if i in self._tracks), default=self._began)

    def _adaptive_gap(self, now: float) -> float:
        gaps = [quiet_gap(now - self._outage.since)] if self._outage is not None else []
        gaps += [self._tracks[i].gap(now) for i in self._unfinished() if i in self._tracks and i not in self._away]
        return min(gaps, default=quiet_gap(now - self._began))

    def _pause(self, until: float, heartbeat: float) -> None:
        """Sleep, and show a sign of life whenever nothing was said for a while."""
        while (now := self._clock()) < until:
            beat = self._spoke_at + heartbeat if heartbeat else until
            if beat <= now:
                self._notify(self._observer.heartbeat)
            else:
                self._sleep(min(until, beat) - now)

    def _estimate(self, now: float) -> None:
        """Give each unfinished task its estimate as of now."""
        for task_id, status in self._statuses.items():
            remaining = None if status.done else self._tracks[task_id].remaining(now)
            status.eta = None if remaining is None else round(remaining)

    def _notify(self, tell: Callable[[Snapshot], None], *, away_for: float = 0.0) -> None:
        self._spoke_at = self._clock()
        self._estimate(self._spoke_at)
        ordered = [self._statuses[i] for i in self._order or [] if i in self._statuses]
        complete = len(ordered) == len(self._order or [])
        tell(Snapshot(ordered, self._spoke_at - self._began, self._outage, away_for, complete))


def _first_of(errors: list[TaskwatchError]) -> TaskwatchError | None:
    """The first error, told of all the tasks to which the same happened."""
    if not errors:
        return None
    first = errors[0]
    same = [error for error in errors if error.kind is first.kind]
    first.task_ids = tuple(dict.fromkeys(task_id for error in same for task_id in error.task_ids))
    return first


def _failure_text(status: TaskStatus, *, named: bool) -> str:
    reason = "; ".join(status.errors[:3]) or status.message
    name = f"{status.id} " if named else ""
    return f"{name}{status.state.value}" + (f": {reason}" if reason else "")


def _status_text(status: TaskStatus | None, task_id: str, *, named: bool) -> str:
    name = f"{task_id} " if named else ""
    if status is None:
        return f"{name}never seen"
    percent = "" if status.progress is None else f" at {status.progress:g} %"
    message = f", {status.message}" if status.message else ""
    word = f" '{status.native_state}'" if status.state is State.UNKNOWN and status.native_state else ""
    return f"{name}{status.state.value}{word}{percent}{message}"
