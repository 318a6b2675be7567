# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""LXCA: any task of its job management, with its sub-tasks. PRIVATE to the collection.

Sources: Lenovo XClarity Administrator REST API, GET /tasks/{job_list}; the command ``tasks`` of Lenovo's Python client
pylxca, which shows that the answer is a list; Lenovo's Ansible role lxca-config, which reads ``percentage`` and
``status`` of its first element.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from .._documents import object_of, objects_of, percent_of, scalars_of, text_of
from .._errors import ErrorType, Retryability, TaskwatchError, bad_response
from .._options import Spec, ids_spec, wait_spec
from .._rest.client import path_of
from .._states import LXCA_TASK
from .._status import PollResult, State, Step, TaskStatus, walk
from .lxca import CONNECTION, Lxca, displayed


class Task(Lxca):
    """A task that anything in LXCA started: one answer holds it and its sub-tasks."""

    NAME = "lxca_task_info"
    TITLE = "LXCA task"
    ID_OPTION = "task_id"
    ID_ENDS_PATH = True
    GONE = "may have been deleted in the meantime"
    ARGUMENT_SPEC: ClassVar[Spec] = {**CONNECTION, **ids_spec("task_id", "job_id", required=True), **wait_spec()}

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or [], self._ask)

    def _ask(self, task_id: str) -> TaskStatus:
        # The path takes a list of ids; what one unknown id makes of the whole answer is documented nowhere.
        response = self.connection.request("GET", path_of("tasks", task_id))
        return task_status(task_id, self.read(response, "a list of tasks in JSON", {"TaskList"}))


def task_status(task_id: str, body: Any) -> TaskStatus:
    """Read the task of this id from a list of tasks, which pylxca hands on under the name ``TaskList``."""
    listed = object_of(body).get("TaskList", body)
    listed = [listed] if isinstance(listed, dict) else listed
    tasks = objects_of(listed)
    if not isinstance(listed, list) or len(tasks) < len(listed) or any(_REQUIRED - task.keys() for task in tasks):
        raise bad_response("a list of tasks with 'jobUID' and 'status'", body)
    own = next((task for task in tasks if text_of(task["jobUID"]) == task_id), None)
    if own is None:
        raise _absent()
    step = _step(own, 1)
    state = _verdict(step)
    reasons = _reasons(step) if state is State.FAILED else []
    return TaskStatus(
        id=task_id,
        name=step.name,
        state=state,
        native_state=step.native_state,
        progress=step.progress,
        # What the task says of itself is not true where a sub-task has spoilt it.
        message=_message(step) if state is step.state else reasons[0],
        errors=reasons,
        details=step.details,
        steps=step.steps,
        # assumption: named as in the recorded answers of the sibling GET /jobs
        started_at=_date(own.get("startTime")),
        finished_at=_date(own.get("endTime")),
        raw=body,
        warnings=list(dict.fromkeys(_warnings(step))),
    )


_REQUIRED = {"jobUID", "status"}


def _date(value: Any) -> str | None:
    return text_of(value) if isinstance(value, str) else None


def _absent() -> TaskwatchError:
    return TaskwatchError(ErrorType.NOT_FOUND, "the answer holds no such task", retryability=Retryability.IF_SEEN)


def _verdict(task: Step) -> State:
    """A success word beside a sub-task that failed is no success; else the task's own word decides."""
    spoilt = any(below.state is State.FAILED for below in walk(task.steps))
    return State.FAILED if task.state is State.SUCCEEDED and spoilt else task.state


def _step(task: dict[str, Any], number: int) -> Step:
    """A task or sub-task: Lenovo gives both the same fields."""
    status = _status_of(task)
    reading = LXCA_TASK.read(status.get("state"))
    said = list(dict.fromkeys([*_summary(task), *displayed(status.get("description"))]))
    return Step(
        id=text_of(task.get("jobUID")) or str(number),
        name=_title(task),
        state=reading.state,
        native_state=reading.native,
        progress=percent_of(task.get("percentage", status.get("percentage"))),
        message=next(iter(said), None),
        errors=said if reading.state is State.FAILED else [],
        details=scalars_of(task),
        steps=[_step(child, place) for place, child in enumerate(_children(task), start=1)],
    )


def _status_of(task: dict[str, Any]) -> dict[str, Any]:
    """The ``status``: a word, or as in GET /jobs an object with that word as its state."""
    status = task.get("status")
    return status if isinstance(status, dict) and "state" in status else {"state": status}


def _children(task: dict[str, Any]) -> list[dict[str, Any]]:
    """The sub-tasks; a list may be collapsed to its only object."""
    children = task.get("children")
    listed = children if isinstance(children, list) else [] if children in (None, "") else [children]
    if not all(isinstance(child, dict) for child in listed):
        raise bad_response("a task with a list of sub-tasks as 'children'", children)
    return listed


# assumption: the names of a task's title and summary. Lenovo's pages describe both (text, or formatted text in objects)
# without a name that could be read; ``messageDisplay`` is the title in recorded answers of the sibling GET /jobs.
def _title(task: dict[str, Any]) -> str | None:
    return _plain(task.get("title")) or _plain(task.get("messageDisplay")) or None


def _summary(task: dict[str, Any]) -> Iterator[str]:
    """What the task says of itself: descriptions, and what the user should do."""
    summary = task.get("summary")
    parts = [item.get(name) for item in objects_of(summary) for name in ("description", "userAction")]
    yield from filter(None, map(_plain, parts or [summary]))


def _plain(value: Any) -> str:
    """Text, or the words of Lenovo's formatted text: objects whose ``text`` is text or a list of such objects."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_plain, value)))
    return _plain(value.get("text")) if isinstance(value, dict) else text_of(value) or ""


def _message(task: Step) -> str | None:
    """What it is doing, or what it came to."""
    if task.state.done or not task.steps:
        return task.message
    current = next((step.message or step.name for step in task.steps if step.state is State.RUNNING), None)
    ended = sum(step.state.done for step in task.steps)
    return current or task.message or f"{ended} of {len(task.steps)} sub-tasks finished"


def _reasons(task: Step) -> list[str]:
    """Why it failed: its own words, then those of each sub-task that failed and has none below that did."""
    reasons = list(task.errors)
    for step in walk(task.steps):
        if step.state is State.FAILED and not any(below.state is State.FAILED for below in walk(step.steps)):
            said = " ".join(step.errors) or f"ended as {step.native_state}"
            reasons.append(f"{step.name or f'sub-task {step.id}'}: {said}")
    return reasons or [f"the task ended as {task.native_state}"]


def _warnings(task: Step) -> Iterator[str]:
    if task.native_state is None:
        yield f"{LXCA_TASK.endpoint} reports no state; it counts as {task.state.value}"
    for step in [task, *walk(task.steps)]:
        of = "" if step is task else " of a sub-task"
        if warning := LXCA_TASK.warning(LXCA_TASK.read(step.native_state), of=of):
            yield warning
