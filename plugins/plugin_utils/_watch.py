# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait that never gives up: no deadline, and no outage that is too long. PRIVATE to the collection.

It ends when every task has ended, or when nothing is left that asking again could ever show; on demand not even then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._connection import Connection
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._rest import RestClient
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Runtime, checked, sentence_of, waiter_of
from ansible_collections.taskwatch.infra.plugins.module_utils._secrets import Secrets
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult, State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._waiter import Ids, Observer, Outage, Waiter, WaitSettings


@dataclass(frozen=True)
class WatchSettings:
    """How to watch: ``interval`` is seconds between looks, None for the adaptive schedule.

    ``stall`` is seconds without a movement after which a task is said to stand still, 0 for never; ``bear`` is seconds
    for which a task that was seen may be refused or unknown before that is believed.
    """

    interval: float | None
    until_finished: bool
    stall: float
    bear: float


class WatchObserver(Observer):
    """What a watch has to say beyond what a wait says."""

    def given_up(self, error: TaskwatchError) -> None:
        """Asking again cannot help, so these tasks, or the whole system if it names none, are not asked for again."""

    def stalled(self, status: TaskStatus, still_for: float) -> None:
        """Neither state nor progress of this task has changed for so many seconds; said once per standstill."""

    def warned(self, sentence: str) -> None:
        """Something that the person who runs this should know; said once."""


def watch(
    system_class: type[System],
    params: Mapping[str, Any],
    settings: WatchSettings,
    *,
    observer: WatchObserver,
    secrets: Secrets,
    runtime: Runtime,
) -> TaskwatchError | None:
    """Tell ``observer`` of every change of the tasks that ``params`` names, until there can be no further one.

    Returns the first error that ended the watch of a task or of the system, None if every task has ended. Whatever
    ``around.sleep`` or the observer raises ends the watch, too. The session is closed in each of these ends.
    """
    endpoint = checked(system_class, params)
    client = RestClient(endpoint, secrets=secrets, clock=runtime.clock, adapter=runtime.adapter)
    connection = Connection(client, system_class.scheme(params), system_class.explain)
    system = system_class(params, connection)

    def worded(error: TaskwatchError) -> TaskwatchError:
        error.message = sentence_of(system_class, params, error)
        return error

    watching = waiter_of(_Watch, system, runtime, observer=observer, settings=settings, worded=worded)
    try:
        return watching.follow(system.task_ids())
    finally:
        connection.close()


class _Watch(Waiter):
    """A Waiter for which a task's failure is news, and its end not always the end.

    ``worded`` makes a sentence that can stand alone of an error.
    """

    def __init__(
        self,
        poll: Callable[[Ids], PollResult],
        *,
        observer: WatchObserver,
        settings: WatchSettings,
        worded: Callable[[TaskwatchError], TaskwatchError],
        **more: Any,
    ) -> None:
        super().__init__(poll, observer=observer, **more)
        self._watcher = observer
        self._settings = settings
        self._worded = worded
        self._lost: list[TaskwatchError] = []
        self._gone: set[str] = set()
        self._still: dict[str, tuple[State | None, float | None]] = {}
        self._warned: set[str] = set()
        self._every_task = False

    def follow(self, ids: Ids) -> TaskwatchError | None:
        """Look until every task has ended or was lost; returns why the first one was lost."""
        # Where all tasks there are were asked for, those that come later belong to them.
        self._every_task = ids is None and not self._settings.until_finished
        settings = WaitSettings(
            timeout=math.inf,
            sleep=self._settings.interval,
            unreachable=self._settings.bear,
            stall=self._settings.stall,
            heartbeat=0,
        )
        error = self.wait(ids, settings).error
        if error is not None:
            self._lose(error)
        return self._lost[0] if self._lost else None

    # -- what is asked, and for how long ----------------------------------------------------------------------------

    def _unfinished(self) -> list[str]:
        asked = super()._unfinished() if self._settings.until_finished else self._order or []
        return [task_id for task_id in asked if task_id not in self._gone]

    def _all_done(self) -> bool:
        if self._settings.until_finished:
            return super()._all_done()
        return bool(self._order) and self._gone.issuperset(self._order or [])

    def _failure(self) -> TaskwatchError | None:
        return None

    def _ask(self, ids: Ids) -> PollResult:
        poll = super()._ask(None if self._every_task else ids)
        poll.errors = [error for error in poll.errors if not self._settled(error)]
        return poll

    def _take_in(self, poll: PollResult, ids: Ids) -> bool:
        if self._every_task and self._order is None and not poll.errors:
            self._order = []
        changed = super()._take_in(poll, ids)
        if self._every_task and self._order is not None:
            known = set(self._order)
            self._order += [task_id for task_id in poll.statuses if task_id not in known]
        fresh = {warning for status in poll.statuses.values() for warning in status.warnings} - self._warned
        self._warned |= fresh
        for warning in sorted(fresh):
            self._watcher.warned(warning)
        return changed

    # -- what cannot heal -------------------------------------------------------------------------------------------

    def _settled(self, error: TaskwatchError) -> bool:
        """Whether nothing more is to be known of the tasks that this error is about."""
        if not error.task_ids or error.affects_all_tasks:
            return False
        if error.kind is ErrorType.NOT_FOUND and all(self._has_ended(task_id) for task_id in error.task_ids):
            return True  # systems forget what has ended
        if self._tolerable(error):
            return False
        self._lose(error)
        return True

    def _has_ended(self, task_id: str) -> bool:
        return task_id in self._statuses and self._statuses[task_id].done

    def _lose(self, error: TaskwatchError) -> None:
        self._gone.update(error.task_ids)
        for task_id in error.task_ids:
            self._away.pop(task_id, None)
        self._lost.append(self._worded(error))
        self._watcher.given_up(error)

    def _last_moment(self, away: Outage, settings: WaitSettings) -> float:
        # A system that is away may come back at any time. One that refuses what it once showed means it, in the end.
        return math.inf if away.error.retryability is Retryability.ALWAYS else super()._last_moment(away, settings)

    def _given_up(self, settings: WaitSettings) -> TaskwatchError | None:
        while (error := super()._given_up(settings)) is not None:
            if not error.task_ids:
                return error
            self._lose(error)
        return None

    def _end_outage(self, now: float) -> None:
        super()._end_outage(now)
        self._warnings.clear()  # one for each outage: nobody asks for them, and there may be years of them

    # -- standstills ------------------------------------------------------------------------------------------------

    def _stalled(self, settings: WaitSettings) -> TaskwatchError | None:
        if not settings.stall or self._outage is not None:
            return None
        now = self._clock()
        for task_id in self._unfinished():
            status, track = self._statuses.get(task_id), self._tracks.get(task_id)
            if status is None or track is None or status.done:
                continue
            standing = (track.state, track.progress)
            if now >= track.changed_at + settings.stall and self._still.get(task_id) != standing:
                self._still[task_id] = standing
                self._watcher.stalled(status, now - track.changed_at)
        return None
