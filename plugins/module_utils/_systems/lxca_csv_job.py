# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""LXCA: management jobs started by a bulk-import CSV file. PRIVATE to the collection.

Source: Lenovo XClarity Administrator REST API, GET /csvRequest/jobs/{job_id}.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .._documents import number_of, objects_of, percent_of, scalars_of, text_of
from .._errors import bad_response
from .._options import Spec, ids_spec, wait_spec
from .._rest.client import path_of
from .._states import LXCA_JOB, LXCA_RESULT, Reading, folded
from .._status import PollResult, State, Step, TaskStatus, mean_progress, overall, walk
from .lxca import CONNECTION, Lxca, displayed

_FIELDS = frozenset({"progress", "results"})
_NO_DEVICE = "the job has ended without a result for any device"


class CsvJob(Lxca):
    """A management job started by a bulk-import CSV file: one job, several devices, a tree of steps each."""

    NAME = "lxca_csv_job_info"
    TITLE = "LXCA CSV job"
    ID_OPTION = "job_id"
    ID_ENDS_PATH = True
    GONE = "may have been deleted in the meantime"
    ARGUMENT_SPEC: ClassVar[Spec] = {**CONNECTION, **ids_spec("job_id", "task_id", required=True), **wait_spec()}

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or [], self._ask)

    def _ask(self, job_id: str) -> TaskStatus:
        response = self.connection.request("GET", path_of("csvRequest", "jobs", job_id))
        return job_status(job_id, self.read(response, "a CSV job in JSON", _FIELDS))


def job_status(job_id: str, body: Any) -> TaskStatus:
    """Read a job, given as an object or as a list of one.

    The job's own ``status`` says INCOMPLETE also after the end, so it decides nothing as long as there is a device.
    """
    jobs = objects_of(body)
    if len(jobs) != 1 or not _FIELDS & jobs[0].keys() or isinstance(jobs[0].get("progress"), (dict, list)):
        raise bad_response("a CSV job with 'progress' and 'results'", body)
    job = jobs[0]
    rows = _rows(job.get("results"), body)
    progress = _percent(job.get("progress"))
    readings = [LXCA_JOB.read(_status_of(row).get("state")) for row in rows]
    done_without = not rows and progress in (None, 100) and _is_done(job.get("status"))
    finished = done_without or progress == 100 or (bool(rows) and all(reading.state.done for reading in readings))
    devices = [_device(row, number, finished) for number, row in enumerate(rows, start=1)]
    steps = [device.step for device in devices]
    state = State.SUCCEEDED if done_without else _job_state(steps, progress, finished)
    native = {reading.native for reading in readings}
    only = steps[0] if len(steps) == 1 else None
    warnings = [warning for device in devices for warning in device.warnings()]
    if done_without:
        warnings.append(
            f"The LXCA job has ended as '{text_of(job['status'])}' without a device; it counts as a success"
        )
    return TaskStatus(
        id=job_id,
        name=only.name if only else None,
        state=state,
        native_state=native.pop() if len(native) == 1 else text_of(job.get("status")),
        progress=progress if progress is not None else mean_progress(step.progress for step in steps),
        message=only.message if only else _summary(steps, finished),
        errors=[text for step in steps for text in step.errors] or ([_NO_DEVICE] if state is State.FAILED else []),
        details={**scalars_of(job), **(only.details if only else {})},
        # One device is the job itself; several are its steps, each with steps of its own.
        steps=only.steps if only else steps,
        raw=body,
        warnings=warnings,
    )


def _rows(results: Any, body: Any) -> list[dict[str, Any]]:
    """The devices of a job; a list may be collapsed to its only object."""
    rows = results if isinstance(results, list) else [results]
    rows = [row for row in rows if row is not None and row != ""]
    if not all(isinstance(row, dict) for row in rows):
        raise bad_response("a CSV job with a list of devices as 'results'", body)
    return rows


def _status_of(holder: dict[str, Any]) -> dict[str, Any]:
    """The ``status`` of a device or step: an object with a state, or that word alone."""
    status = holder.get("status")
    return status if isinstance(status, dict) else {"state": status}


def _is_done(status: Any) -> bool:
    """Whether a job's own status is Done, or Done with warnings: all that a job without a device can show."""
    word = folded(status) if isinstance(status, str) else ""
    return word == "done" or (word.startswith("done") and "warning" in word)


def _job_state(devices: list[Step], progress: float | None, finished: bool) -> State:
    states = {device.state for device in devices}
    if finished:
        # Without a single device there is no success to be seen.
        return overall(states) if devices else State.FAILED
    if State.UNKNOWN in states:
        return State.UNKNOWN
    return State.PENDING if states <= {State.PENDING} and not progress else State.RUNNING


def _summary(devices: list[Step], finished: bool) -> str | None:
    if not devices:
        return _NO_DEVICE if finished else None
    ended = sum(device.state.done for device in devices)
    failed = sum(device.state is State.FAILED for device in devices)
    return f"{ended} of {len(devices)} devices finished" + (f", {failed} failed" if failed else "")


@dataclass(frozen=True)
class _Device:
    """One device of a job, and the words that it was judged by."""

    step: Step
    reading: Reading
    result: Reading
    judged: bool

    def warnings(self) -> Iterator[str]:
        """Every word that no table knows, or that needs a remark."""
        if self.reading.native is None:
            yield f"{LXCA_JOB.endpoint} reports no state of a device; it counts as {self.step.state.value}"
        told = [LXCA_JOB.warning(self.reading, of=" of a device", read_as=self.step.state)]
        if self.step.state is State.UNKNOWN and self.reading.known:
            told.append(
                f"{LXCA_JOB.endpoint} has ended and reports {LXCA_JOB.subject} of a device '{self.reading.native}'; it "
                "counts as neither finished nor a success"
            )
        if self.judged:
            told.append(_result_warning(self.result, self.step.state))
        told += [LXCA_JOB.warning(LXCA_JOB.read(step.native_state), of=" of a step") for step in walk(self.step.steps)]
        yield from filter(None, told)


def _result_warning(result: Reading, state: State) -> str | None:
    if not result.known and _good(result) and result.native:
        said = "it counts as a success" if state is State.SUCCEEDED else "it decides nothing"
        return f"{LXCA_RESULT.endpoint} reports {LXCA_RESULT.subject} of a device '{result.native}'; {said}"
    return LXCA_RESULT.warning(result, of=" of a device", read_as=state)


def _device(row: dict[str, Any], number: int, job_finished: bool) -> _Device:
    """One device of a job. What its last word means once the job has ended is the rule ``_device_verdict``."""
    status = _status_of(row)
    reading, result = LXCA_JOB.read(status.get("state")), LXCA_RESULT.read(row.get("result"))
    judged = job_finished or reading.state.done
    state = _device_verdict(reading, result) if judged else reading.state
    steps = _steps(status)
    uuid = text_of(row.get("uuid"))
    task_id = text_of(row.get("taskid")) or uuid or str(number)
    name = _name(row) or uuid
    said = text_of(row.get("resultLongDescription")) or text_of(row.get("resultShortDescription"))
    reason = _reason(status, steps, said, reading, result) if state is State.FAILED else None
    progress = _percent(row.get("progress"))
    step = Step(
        id=task_id,
        name=name,
        state=state,
        native_state=reading.native,
        progress=progress if progress is not None else percent_of(status.get("percentage")),
        message=reason or (said if state.done else _current_step(steps) or said),
        errors=[f"{name or task_id}: {reason}"] if reason else [],
        details=scalars_of(row),
        steps=steps,
    )
    return _Device(step, reading, result, judged)


def _name(row: dict[str, Any]) -> str:
    # Lenovo's table says messageAttributes, its samples and recordings messageParameters, text here, a list elsewhere.
    names = row.get("messageParameters") or row.get("messageAttributes")
    return ", ".join(filter(None, map(text_of, names if isinstance(names, list) else [names])))


def _device_verdict(reading: Reading, result: Reading) -> State:
    """What became of a device whose part has ended."""
    if reading.state is State.CANCELLED:
        return State.CANCELLED
    if not _good(result):
        return State.FAILED
    # A word of work under way is no word of a failure: the job may have counted to its end before the device did.
    return reading.state if reading.state in (State.SUCCEEDED, State.FAILED) else State.UNKNOWN


def _good(result: Reading) -> bool:
    """Whether a result speaks of a success: nothing at all, a good word, or a warning that is not also a failure."""
    if result.native is None or result.known:
        return result.state is not State.FAILED
    word = folded(result.native)
    return "warning" in word and "fail" not in word


def _reason(status: dict[str, Any], steps: list[Step], said: str | None, reading: Reading, result: Reading) -> str:
    """Why a device failed: the step that stopped, its own words, and the result."""
    stopped = _stopped(steps)
    own = list(dict.fromkeys([*(stopped.errors if stopped else []), *displayed(status.get("description"))]))
    texts = [*own, *([said] if said and said not in own else [])] or [f"the device ended as {reading.native}"]
    where = f"{stopped.name or stopped.id}: " if stopped else ""
    word = f" ({result.native})" if result.native and not any(result.native in text for text in texts) else ""
    return f"{where}{'; '.join(texts)}{word}"


def _stopped(steps: list[Step]) -> Step | None:
    """The innermost step that failed; those that never began carry the same word."""
    failed = [step for step in walk(steps) if step.state is State.FAILED]
    begun = [step for step in failed if step.details.get("started") is True] or failed
    return next((step for step in begun if not any(below in begun for below in walk(step.steps))), None)


def _steps(status: dict[str, Any]) -> list[Step]:
    """The steps below a ``status``; they nest, two levels deep in all that was ever recorded."""
    steps = []
    for number, entry in enumerate(objects_of(status.get("substatus")), start=1):
        below = _status_of(entry)
        reading = LXCA_JOB.read(below.get("state"))
        progress = _percent(entry.get("progress"))
        hint = text_of(entry.get("userAction"))
        steps.append(
            Step(
                id=text_of(entry.get("id")) or str(number),
                name=text_of(entry.get("shortDescription")),
                state=reading.state,
                native_state=reading.native,
                progress=progress if progress is not None else percent_of(below.get("percentage")),
                message=text_of(entry.get("longDescription")),
                errors=[*displayed(below.get("description")), hint or ""] if reading.state is State.FAILED else [],
                details=scalars_of(entry),
                steps=_steps(below),
            )
        )
    return steps


def _current_step(steps: list[Step]) -> str | None:
    return next((step.message for step in steps if step.state is State.RUNNING), None)


def _percent(value: Any) -> float | None:
    """A percentage, or the word that stands for 100 in finished jobs."""
    if isinstance(value, str) and folded(value) == "jobdone":
        return 100.0
    number = number_of(value)
    return 100.0 if number is not None and number >= 100 else percent_of(value)
