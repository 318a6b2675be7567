# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait that never gives up: no deadline, and no outage that is too long. PRIVATE to the collection.

It ends when every task has ended, or when nothing is left that another poll could ever show; on demand not even then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._assembly import opened, poll_of
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._run import host_text, sentence_of
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult, State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.board import Ids, TaskBoard
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.outages import Outage, OutageLedger
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.policy import WaitPolicy, WaitSettings
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import MOST
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.waiter import Waiter


@dataclass(frozen=True)
class WatchSettings:
    """How to watch: ``interval`` is seconds between polls, None for the adaptive schedule.

    ``stall_timeout`` is seconds without a movement after which a task is said to stand still, 0 for never;
    ``unreachable_timeout`` is seconds for which a task that was seen may be refused or unknown before that is believed;
    ``expected_duration`` is seconds that such a task usually takes.
    """

    interval: float | None
    until_finished: bool
    stall_timeout: float
    unreachable_timeout: float
    expected_duration: float | None = None


class WatchObserver(Observer):
    """What a watch tells beyond what a wait tells."""

    def given_up(self, error: TaskwatchError) -> None:
        """Another poll cannot help, so these tasks, or the whole system if it names none, are not asked for again."""

    def stalled(self, status: TaskStatus, still_for: float) -> None:
        """Neither state nor progress of this task has changed for so many seconds; told once per standstill."""

    def warned(self, sentence: str) -> None:
        """Something that the person who runs this should know; told once."""


def watch(
    system_class: type[System],
    params: Mapping[str, Any],
    settings: WatchSettings,
    *,
    observer: WatchObserver,
    context: RunContext,
) -> TaskwatchError | None:
    """Tell ``observer`` of every change of the tasks that ``params`` names, until there can be no further one.

    Returns the first error that ended the watch of a task or of the system, None if every task has ended. Whatever
    the runtime's ``sleep`` or the observer raises ends the watch, too. The session is closed in each of these ends.
    """
    # A watch waits as a wait does, whatever the options say.
    with opened(system_class, {**params, "wait": True, "wait_sleep": settings.interval}, context) as system:
        host = host_text(system.params, context.runtime.inventory_name)

        def worded(error: TaskwatchError) -> TaskwatchError:
            return error.with_(message=sentence_of(system_class, system.params, error, host))

        ids = system.task_ids()
        policy = WatchPolicy(settings, observer, worded, every_task=ids is None and not settings.until_finished)
        error = Waiter(poll_of(system), context, observer).wait(ids, policy).error
        if error is not None:
            policy.drop(error)
    return policy.first_dropped


class WatchPolicy(WaitPolicy):
    """A task's failure is news, its end is not always the end, and what cannot heal is dropped.

    ``worded`` makes a sentence that can stand alone of an error. With ``every_task`` tasks that come later belong to
    the watch.
    """

    def __init__(
        self,
        settings: WatchSettings,
        observer: WatchObserver,
        worded: Callable[[TaskwatchError], TaskwatchError],
        *,
        every_task: bool,
    ) -> None:
        super().__init__(
            WaitSettings(
                wait_timeout=math.inf,
                wait_sleep=settings.interval,
                unreachable_timeout=settings.unreachable_timeout,
                stall_timeout=settings.stall_timeout,
                progress_interval=0,
                expected_duration=settings.expected_duration,
                longest_gap=MOST,  # the age of a watch, which may be years, tells nothing of its tasks
            )
        )
        self.first_dropped: TaskwatchError | None = None
        self._until_finished = settings.until_finished
        self._observer = observer
        self._worded = worded
        self._every_task = every_task
        self._dropped: set[str] = set()
        self._still: dict[str, tuple[State | None, float | None]] = {}
        self._warned: set[str] = set()

    # -- which tasks ----------------------------------------------------------------------------------------------

    def ids_to_poll(self, board: TaskBoard, ids: Ids) -> Ids:
        return None if self._every_task else super().ids_to_poll(board, ids)

    def unfinished(self, board: TaskBoard) -> list[str]:
        asked = board.unfinished if self._until_finished else board.order or []
        return [task_id for task_id in asked if task_id not in self._dropped]

    def is_over(self, board: TaskBoard) -> bool:
        if self._until_finished:
            return board.order is not None and not self.unfinished(board)
        return bool(board.order) and self._dropped.issuperset(board.order or [])

    def outcome(self, _board: TaskBoard) -> TaskwatchError | None:
        return None

    # -- errors and outages ---------------------------------------------------------------------------------------

    def screen(self, result: PollResult, board: TaskBoard) -> PollResult:
        return PollResult(result.statuses, [error for error in result.errors if not self._settles(error, board)])

    def recorded(self, result: PollResult, board: TaskBoard, ledger: OutageLedger) -> None:
        ledger.forget(self._dropped)
        if self._every_task and (board.order is not None or not result.errors):
            known = set(board.order or [])
            board.order = [*(board.order or []), *(task_id for task_id in result.statuses if task_id not in known)]
        fresh = {warning for status in result.statuses.values() for warning in status.warnings} - self._warned
        self._warned |= fresh
        for warning in sorted(fresh):
            self._observer.warned(warning)
        board.warnings.clear()  # told above, and there may be years of them

    def outage_deadline(self, outage: Outage) -> float:
        # A system that is away may come back at any time. A lasting refusal of what it once showed is believed.
        return math.inf if outage.error.retryability is Retryability.ALWAYS else super().outage_deadline(outage)

    def overdue(self, ledger: OutageLedger, now: float) -> TaskwatchError | None:
        while (error := super().overdue(ledger, now)) is not None:
            if not error.task_ids:
                return error
            self.drop(error)
            ledger.forget(error.task_ids)
        return None

    def _settles(self, error: TaskwatchError, board: TaskBoard) -> bool:
        """Whether nothing more is to be known of the tasks that this error is about."""
        if not error.task_ids or error.affects_all_tasks:
            return False
        if error.kind is ErrorType.NOT_FOUND and all(map(board.has_ended, error.task_ids)):
            return True  # systems forget what has ended
        if self.tolerates(error, board):
            return False
        self.drop(error)
        return True

    def drop(self, error: TaskwatchError) -> None:
        """Ask no more for the tasks of this error, or for any if it names none."""
        self._dropped.update(error.task_ids)
        worded = self._worded(error)
        self.first_dropped = self.first_dropped or worded
        self._observer.given_up(worded)

    # -- standstills ----------------------------------------------------------------------------------------------

    def stall(self, board: TaskBoard, now: float) -> TaskwatchError | None:
        for task_id in self.unfinished(board):
            status, track = board.statuses.get(task_id), board.tracks.get(task_id)
            if status is None or track is None or status.done:
                continue
            standing = (track.state, track.progress)
            if now >= track.changed_at + self.settings.stall_timeout and self._still.get(task_id) != standing:
                self._still[task_id] = standing
                self._observer.stalled(status, now - track.changed_at)
        return None
