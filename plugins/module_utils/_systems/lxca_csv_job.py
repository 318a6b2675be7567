# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""LXCA: management jobs started by a bulk-import CSV file. PRIVATE to the collection.

Source: Lenovo XClarity Administrator REST API, GET /csvRequest/jobs/{job_id}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .._documents import number_of, object_of, objects_of, percent_of, scalars_of, text_of
from .._errors import bad_response
from .._options import Spec, ids_spec, wait_spec
from .._rest.client import path_of
from .._states import LXCA_JOB
from .._status import PollResult, State, Step, TaskStatus, mean_progress, overall
from .lxca import CONNECTION, Lxca


class CsvJob(Lxca):
    """A management job started by a bulk-import CSV file: one job, several devices, a tree of steps each."""

    NAME = "lxca_csv_job_info"
    TITLE = "LXCA CSV job"
    ID_OPTION = "job_id"
    ARGUMENT_SPEC: ClassVar[Spec] = {**CONNECTION, **ids_spec("job_id", required=True), **wait_spec()}

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or [], self._ask)

    def _ask(self, job_id: str) -> TaskStatus:
        response = self.connection.request("GET", path_of("csvRequest", "jobs", job_id))
        return job_status(job_id, self.read(response, "a CSV job in JSON"))


def job_status(job_id: str, body: Any) -> TaskStatus:
    """Read a job, given as an object or as a list of one.

    The job's own ``status`` says INCOMPLETE also after the end, so it decides nothing.
    """
    jobs = objects_of(body)
    if len(jobs) != 1 or not {"progress", "results"} & jobs[0].keys():
        raise bad_response("a CSV job with 'progress' and 'results'", body)
    job = jobs[0]
    rows = objects_of(job.get("results"))
    progress = _percent(job.get("progress"))
    words = [object_of(row.get("status")).get("state") for row in rows]
    readings = [LXCA_JOB.read(word) for word in words]
    finished = progress == 100 or (bool(rows) and all(reading.state.done for reading in readings))
    devices = [_device(row, number, finished) for number, row in enumerate(rows, start=1)]
    state = _job_state(devices, progress, finished)
    native = {reading.native for reading in readings}
    only = devices[0] if len(devices) == 1 else None
    return TaskStatus(
        id=job_id,
        name=only.name if only else None,
        state=state,
        native_state=native.pop() if len(native) == 1 else text_of(job.get("status")),
        progress=progress if progress is not None else mean_progress(device.progress for device in devices),
        message=only.message if only else _summary(devices, finished),
        errors=_job_errors(devices, state),
        details={**scalars_of(job), **(only.details if only else {})},
        # One device is the job itself; several are its steps, each with steps of its own.
        steps=only.steps if only else devices,
        raw=body,
        warnings=list(dict.fromkeys(filter(None, map(LXCA_JOB.warning, readings)))),
    )


def _job_state(devices: list[Step], progress: float | None, finished: bool) -> State:
    states = {device.state for device in devices}
    if finished:
        # Without a single device there is no success to be seen.
        return overall(states) if devices else State.FAILED
    if State.UNKNOWN in states:
        return State.UNKNOWN
    return State.PENDING if states <= {State.PENDING} and not progress else State.RUNNING


def _job_errors(devices: list[Step], state: State) -> list[str]:
    if not devices and state is State.FAILED:
        return ["the job has ended without a result for any device"]
    if len(devices) == 1:
        return devices[0].errors
    return [f"{device.name or device.id}: {text}" for device in devices for text in device.errors]


def _summary(devices: list[Step], finished: bool) -> str | None:
    if not devices:
        return "the job has ended without a result for any device" if finished else None
    ended = sum(device.state.done for device in devices)
    failed = sum(device.state is State.FAILED for device in devices)
    return f"{ended} of {len(devices)} devices finished" + (f", {failed} failed" if failed else "")


def _device(row: dict[str, Any], number: int, job_finished: bool) -> Step:
    """One device of a job. What its last word means once the job has ended is the rule ``_device_verdict``."""
    status = object_of(row.get("status"))
    word = text_of(status.get("state"))
    result = text_of(row.get("result")) or ""
    state = LXCA_JOB.read(word).state
    if job_finished or state.done:
        state = _device_verdict(word or "", result)
    steps = _steps(status)
    said = text_of(row.get("resultLongDescription")) or text_of(row.get("resultShortDescription"))
    # Lenovo's table says messageAttributes, its samples and recordings messageParameters, text here, a list elsewhere.
    names = row.get("messageParameters") or row.get("messageAttributes")
    name = ", ".join(filter(None, map(text_of, names if isinstance(names, list) else [names])))
    uuid = text_of(row.get("uuid"))
    progress = _percent(row.get("progress"))
    return Step(
        id=text_of(row.get("taskid")) or uuid or str(number),
        name=name or uuid,
        state=state,
        native_state=word,
        progress=progress if progress is not None else percent_of(status.get("percentage")),
        message=said if state.done else _current_step(steps) or said,
        errors=[said or result or f"the device ended as {word}"] if state is State.FAILED else [],
        details=scalars_of(row),
        steps=steps,
    )


def _device_verdict(word: str, result: str) -> State:
    """What became of a device whose part has ended."""
    if word.startswith("Cancelled"):
        return State.CANCELLED
    spoilt = "FAIL" in result or result == "INCOMPLETE"
    good = LXCA_JOB.read(word).state is State.SUCCEEDED and not spoilt
    return State.SUCCEEDED if good else State.FAILED


def _steps(status: dict[str, Any]) -> list[Step]:
    """The steps below a ``status``; they nest, two levels deep in all that was ever recorded."""
    steps = []
    for number, entry in enumerate(objects_of(status.get("substatus")), start=1):
        below = object_of(entry.get("status"))
        reading = LXCA_JOB.read(below.get("state"))
        progress = _percent(entry.get("progress"))
        hint = text_of(entry.get("userAction"))
        message = text_of(entry.get("longDescription"))
        steps.append(
            Step(
                id=text_of(entry.get("id")) or str(number),
                name=text_of(entry.get("shortDescription")),
                state=reading.state,
                native_state=reading.native,
                progress=progress if progress is not None else percent_of(below.get("percentage")),
                message=message,
                errors=[hint] if hint and reading.state is State.FAILED else [],
                details=scalars_of(entry),
                steps=_steps(below),
            )
        )
    return steps


def _current_step(steps: list[Step]) -> str | None:
    return next((step.message for step in steps if step.state is State.RUNNING), None)


def _percent(value: Any) -> float | None:
    """A percentage, or the word that stands for 100 in finished jobs."""
    if value == "JOB_DONE":
        return 100.0
    number = number_of(value)
    return 100.0 if number is not None and number >= 100 else percent_of(value)
