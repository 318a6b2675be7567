# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The samples of a description, read as the answers of a run are. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import TaskwatchError
from .._status import State, TaskStatus
from .expressions import Answer
from .form import below, form_error
from .model import Description, Sample
from .reading import read_task

_GOOD, _BAD = State.SUCCEEDED.value, (State.FAILED.value, State.CANCELLED.value)


def play_samples(description: Description) -> list[dict[str, Any]]:
    """Each sample as it reads. Raises one sentence with a path for the first that reads otherwise than it says."""
    played = [_played(description, sample) for sample in description.samples]
    expected = [sample.expect.get("state") for sample in description.samples]
    if _GOOD not in expected:
        raise form_error("description.samples", "hold no success; add the answer of a task that has ended well")
    if not any(state in expected for state in _BAD):
        raise form_error("description.samples", "hold no failure; add the answer of a task that has ended badly")
    return played


def _played(description: Description, sample: Sample) -> dict[str, Any]:
    wanted = {"error": None, **sample.expect}
    if len(sample.expect) < 1 or ("state" not in sample.expect and "error" not in sample.expect):
        raise form_error(below(sample.path, "expect"), "must have a state, or an error")
    read = _read(description, sample)
    if read["error"] and not wanted["error"]:
        raise form_error(sample.path, f"{read['message']}; expected is {wanted['state']}")
    if wanted["error"] and not read["error"]:
        raise form_error(f"{sample.path}.expect.error", f"reads as {_shown(read)}, not as {wanted['error']}")
    for key, value in wanted.items():
        if read.get(key) != value:
            shown = _shown(read) if key == "state" else read.get(key)
            raise form_error(below(f"{sample.path}.expect", key), f"reads as {shown}, not as {value}")
    return read


def _shown(read: Mapping[str, Any]) -> str:
    return f"{read['state']} '{read['native_state']}'"


def _read(description: Description, sample: Sample) -> dict[str, Any]:
    task = description.task
    ok = 200 <= sample.status < 300
    if not ok and sample.status not in task.statuses:
        kind = "not_found" if sample.status in task.not_found else "bad_response"
        return _row(TaskStatus(""), error=kind, message=f"HTTP {sample.status} is an error of the request")
    try:
        status = read_task(task, description.name, "sample", Answer(sample.status, sample.headers, sample.answer))
    except TaskwatchError as error:
        return _row(TaskStatus(""), error=error.kind.value, message=error.message)
    return _row(status)


def _row(status: TaskStatus, *, error: str | None = None, message: str | None = None) -> dict[str, Any]:
    return {
        "state": None if error else status.state.value,
        "native_state": status.native_state,
        "progress": status.progress,
        "name": status.name,
        "message": message or status.message,
        "errors": status.errors,
        "steps": [step.state.value for step in status.steps],
        "error": error,
    }
