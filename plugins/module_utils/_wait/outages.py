# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The outages of the system as a whole, and of the answers about single tasks. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._errors import ErrorType, Retryability, TaskwatchError
from .._status import PollResult

# These say something about a task or an account that was accepted before, so they keep their type past the limit.
_OWN_TYPE = frozenset({ErrorType.AUTHENTICATION, ErrorType.AUTHORIZATION, ErrorType.NOT_FOUND, ErrorType.TLS})
# Stands for the system where no task is known yet.
_SYSTEM = ""


@dataclass(frozen=True)
class Outage:
    """A stretch without a good response: since when (a moment of the clock), and the latest reason."""

    since: float
    error: TaskwatchError


class OutageLedger:
    """The outages of one wait. Moments are those of the wait's clock, in seconds."""

    def __init__(self) -> None:
        self.current: Outage | None = None
        self._by_task: dict[str, Outage] = {}

    def record(self, result: PollResult, began_at: float, unfinished: Sequence[str]) -> Outage | None:
        """Take in a poll that began at that moment. Returns the outage that it ended, if it did."""
        for task_id in result.statuses:
            self._by_task.pop(task_id, None)
        for error in result.errors:
            for task_id in error.task_ids or unfinished or (_SYSTEM,):
                if task_id not in result.statuses:
                    since = self._by_task[task_id].since if task_id in self._by_task else began_at
                    self._by_task[task_id] = Outage(since, error)
        before = self.current
        if result.errors:
            self.current = Outage(before.since if before else began_at, result.errors[0])
            return None
        self.current = None
        self._by_task.clear()
        return before

    def forget(self, task_ids: Iterable[str]) -> None:
        """These tasks are not asked for any more."""
        for task_id in task_ids:
            self._by_task.pop(task_id, None)

    def is_out(self, task_id: str) -> bool:
        return task_id in self._by_task

    @property
    def outages(self) -> list[Outage]:
        """One per task without an answer, or one for the system where no task is known yet."""
        return list(self._by_task.values())

    @property
    def retry_after(self) -> float | None:
        """Seconds that the system asks to be left alone, None if it does not ask."""
        asked = [outage.error.retry_after for outage in self.outages if outage.error.retry_after is not None]
        return max(asked, default=None)


def too_long(outage: Outage, now: float) -> TaskwatchError:
    """The error of an outage that has lasted longer than ``unreachable_timeout``."""
    error = outage.error
    is_absence = error.retryability is Retryability.ALWAYS and error.kind not in _OWN_TYPE
    return TaskwatchError(
        ErrorType.UNREACHABLE if is_absence else error.kind,
        f"no good answer for {now - outage.since:.0f} s, longer than unreachable_timeout allows; last: {error.message}",
        http_status=error.http_status,
        task_ids=error.task_ids,
    )
