# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The result that all modules share. PRIVATE to the collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._status import State, Stats, TaskStatus, mean_progress, overall
from ._wait.waiter import WaitResult

# AWX and ansible-runner store a task's result up to 700,000 characters and drop a longer one whole (their setting
# MAX_EVENT_RES); what else a result carries, such as its invocation, takes the rest.
BUDGET = 600_000
# Some two hundred lines of a terminal: a longer failure hides its own sentence.
READABLE = 20_000

# A task or a step as the result shows it
Item = dict[str, Any]


def payload_of(ended: WaitResult, stats: Stats, *, elapsed: float, include_raw: bool) -> dict[str, Any]:
    """The documented return values; every end has the same keys.

    ``elapsed`` is seconds. A task that was asked for and never seen is neither
    done nor a success, so the whole is not, either.
    """
    tasks = []
    for status in ended.statuses:
        task = status.as_dict()
        if include_raw:
            task["raw"] = status.raw
        tasks.append(task)
    return {
        "changed": False,
        **summary_of(ended.statuses, complete=ended.complete),
        "timed_out": ended.timed_out,
        "elapsed": round(elapsed, 1),
        "tasks": tasks,
        "stats": stats.as_dict(),
        "error": None if ended.error is None else ended.error.as_dict(),
    }


def summary_of(statuses: Sequence[TaskStatus], *, complete: bool) -> dict[str, Any]:
    """The verdict on all tasks together; ``complete`` tells whether there is a status for every task asked for."""
    complete = complete and bool(statuses)
    return {
        "state": overall(status.state for status in statuses).value,
        "done": complete and all(status.done for status in statuses),
        "succeeded": complete and all(status.succeeded for status in statuses),
        "progress": mean_progress(status.progress for status in statuses),
        "counts": dict(Counter(status.state.value for status in statuses)),
    }


def trim_to_budget(tasks: list[Item]) -> list[str]:
    """Take the dearest and least telling parts out of very many tasks, in place, until ``BUDGET`` holds them.

    What a verdict says stays in any case, and all stays where even the verdicts are too many. Returns a warning if
    something was left out.
    """
    size = _size(tasks)
    bare = sum(len(repr({**task, "details": {}, "steps": []})) for task in tasks)
    if not bare <= BUDGET < size:
        return []
    parts = ", ".join(_trim(tasks, BUDGET, _CUTS))
    return [
        f"the result takes {size} characters, more than AWX keeps; left out: {parts} (include_raw keeps everything)"
    ]


def trim_failure(tasks: list[Item]) -> list[str]:
    """Take out of the tasks of a failed wait what a person does not look for in it, in place, beyond ``READABLE``.

    Ansible prints a failed task with its whole result. Every task and each step that did not succeed keep what they
    say. Returns a warning if something was left out.
    """
    size = _size(tasks)
    if size <= READABLE:
        return []
    parts = ", ".join(_trim(tasks, READABLE, _FAILURE_CUTS))
    return [f"the result takes {size} characters, too many to read; left out: {parts} (include_raw keeps everything)"]


def _trim(tasks: list[Item], budget: int, ladder: Mapping[str, Callable[[Item], None]]) -> list[str]:
    """Apply one after the other until the budget holds the tasks. Returns the names of those applied."""
    left_out = []
    for name, cut in ladder.items():
        left_out.append(name)
        for task in tasks:
            cut(task)
        if _size(tasks) <= budget:
            break
    return left_out


def _size(tasks: list[Item]) -> int:
    return sum(len(repr(task)) for task in tasks)


def _without_empty_details(item: Item) -> None:
    item["details"] = {name: value for name, value in item["details"].items() if value not in (None, "")}
    for step in item["steps"]:
        _without_empty_details(step)


def _without_insides_of_successes(item: Item) -> None:
    if item["state"] == State.SUCCEEDED.value:
        item.update(details={}, steps=[])
    for step in item["steps"]:
        _without_insides_of_successes(step)


def _without_inner_successes(item: Item) -> None:
    for step in item["steps"]:
        step["steps"] = [inner for inner in step["steps"] if inner["state"] != State.SUCCEEDED.value]
        _without_inner_successes(step)


def _without_details(item: Item) -> None:
    item["details"] = {}
    for step in item["steps"]:
        _without_details(step)


def _without_inner_steps(item: Item) -> None:
    for step in item["steps"]:
        step["steps"] = []


def _without_steps(item: Item) -> None:
    item["steps"] = []


# In the order in which they are missed the least. The first level of steps, such as one for each device, goes last.
_CUTS: dict[str, Callable[[Item], None]] = {
    "empty details": _without_empty_details,
    "details and steps of what succeeded": _without_insides_of_successes,
    "all details": _without_details,
    "steps of steps": _without_inner_steps,
    "all steps": _without_steps,
}
_FAILURE_CUTS: dict[str, Callable[[Item], None]] = {
    "empty details": _without_empty_details,
    "details and steps of what succeeded": _without_insides_of_successes,
    "steps that succeeded within steps": _without_inner_successes,
    "all details": _without_details,
}
