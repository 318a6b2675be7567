# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How the ends of a wait are worded. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._errors import ErrorType, TaskwatchError, listed
from .._status import TaskStatus
from .board import TaskBoard
from .outages import Outage


def ended_badly(bad: Sequence[TaskStatus]) -> TaskwatchError:
    """The error of tasks that have ended, and not well."""
    told = listed([_failure_text(status, named=len(bad) > 1) for status in bad], separator="; ")
    return TaskwatchError(ErrorType.TASK_FAILED, told, task_ids=tuple(status.id for status in bad))


def timed_out(board: TaskBoard, unfinished: Sequence[str], seconds: float, outage: Outage | None) -> TaskwatchError:
    sentence = f"not finished within {seconds:g} s"
    if unfinished:
        sentence += f" ({_status_texts(board, unfinished)})"
    if outage is not None:
        sentence += f"; the last poll failed: {outage.error.message}"
    status = outage.error.http_status if outage else None
    return TaskwatchError(ErrorType.TIMEOUT, sentence, http_status=status, task_ids=tuple(unfinished))


def stalled(board: TaskBoard, unfinished: Sequence[str], seconds: float) -> TaskwatchError:
    sentence = f"neither state nor progress has changed for {seconds:.0f} s ({_status_texts(board, unfinished)})"
    return TaskwatchError(ErrorType.STALLED, sentence, task_ids=tuple(unfinished))


def first_of(errors: Iterable[TaskwatchError]) -> TaskwatchError | None:
    """The first error, about all the tasks to which the same happened."""
    known = list(errors)
    if not known:
        return None
    same = [error for error in known if error.kind is known[0].kind]
    ids = tuple(dict.fromkeys(task_id for error in same for task_id in error.task_ids))
    return known[0] if ids == known[0].task_ids else known[0].with_(task_ids=ids)


def survived(outage: Outage, now: float) -> str:
    """The warning about an outage that has ended."""
    return f"no good answer for {now - outage.since:.0f} s while waiting; last: {outage.error.message}"


def _status_texts(board: TaskBoard, ids: Sequence[str]) -> str:
    return listed([_status_text(board.statuses.get(i), i, named=len(ids) > 1) for i in ids], separator="; ")


def _failure_text(status: TaskStatus, *, named: bool) -> str:
    reason = listed(status.errors, separator="; ") or status.message
    name = f"{status.id} " if named else ""
    return f"{name}{status.state.value}" + (f": {reason}" if reason else "")


def _status_text(status: TaskStatus | None, task_id: str, *, named: bool) -> str:
    name = f"{task_id} " if named else ""
    if status is None:
        return f"{name}never seen"
    percent = "" if status.progress is None else f" at {status.progress:g} %"
    message = f", {status.message}" if status.message else ""
    # The vendor's own word, where it says more than the state.
    own = status.native_state if (status.native_state or "").casefold() != status.state.value else None
    word = f" '{own}'" if own else ""
    return f"{name}{status.state.value}{word}{percent}{message}"
