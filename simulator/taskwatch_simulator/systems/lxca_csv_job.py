# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk management by CSV file: the body of GET /csvRequest/jobs/{job_id}.

Source: Lenovo XClarity Administrator REST API reference, "GET /csvRequest/jobs/{job_id}" and
"GET /manageRequest/jobs/{job_id}", whose bodies have the same structure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ..clock import Timebase
from ..timeline import Duration, End, Model, Moment, Movement, Seconds, StateWord, Text, expected_state, moment, span
from .base import ExpectedState
from .lxca_steps import JOB_BUNDLE, STEP_BUNDLE, StepId, StepTree, step_percent

# The eight states of Lenovo's job framework
JobState = Literal[
    "Pending",
    "Running",
    "Complete",
    "Cancelled",
    "Running_With_Errors",
    "Cancelled_With_Errors",
    "Stopped_With_Error",
    "Interrupted",
]
FINAL_STATES: dict[StateWord, JobState] = {
    "succeeded": "Complete",
    "failed": "Stopped_With_Error",
    "cancelled": "Cancelled",
}
# assumption: of these words only INCOMPLETE and OTHER_FAIL are recorded; SUCCESS stands on a sibling page
RESULTS: dict[StateWord, str] = {"succeeded": "SUCCESS", "failed": "OTHER_FAIL", "cancelled": "INCOMPLETE"}
WORST_FIRST: tuple[End, ...] = ("never", "failed", "cancelled", "succeeded")
RESULT_TEXTS = {
    "INCOMPLETE": ("Incomplete", "Management job is incomplete"),
    "OTHER_FAIL": ("Other failure", "An internal error occurred while the device was being managed"),
    "SUCCESS": ("Success", "Management job completed successfully"),
}


class DeviceEntry(Model):
    """One device of a job; what is not given follows the job."""

    address: Text | None = None
    end: End | None = None
    duration: Duration | None = None
    fails_at: StepId | None = None
    """Step at which it fails or is cancelled."""
    result: Text | None = None
    """Lenovo's word for the result at the end."""
    final_state: JobState | None = None
    """Lenovo's word for the state at the end."""
    errors_from: Annotated[float, Field(ge=0, le=100)] | None = None
    """Percent from which it is `Running_With_Errors`."""


class CsvJobEntry(Movement):
    """A bulk job as a scenario describes it."""

    kind: Literal["csv_job"]
    id: Text | None = None
    devices: Annotated[int, Field(ge=1, le=10000)] | Annotated[list[DeviceEntry], Field(min_length=1)] = 1
    fails_at: StepId = "INVENTORY"
    body_list: bool = False
    """The body as a list of one element."""
    parameters_list: bool = False
    """`messageParameters` as a list of strings."""
    job_done: bool = False
    """A finished device's progress as the word JOB_DONE."""
    lower_uuid: bool = False
    # assumption: the top status of a finished job that succeeded is documented nowhere
    success_word: Text = "COMPLETE"
    forget_after: Seconds | None = None
    """Simulated seconds after its end until it has been deleted."""
    failure_answer: bool = False
    """Answers of HTTP 200 whose body says failure."""


@dataclass(frozen=True)
class Device:
    """One device of a running job."""

    address: str
    uuid: str
    task_id: int
    movement: Movement
    entry: DeviceEntry
    fails_at: StepId


class CsvJob:
    """One bulk job; `born` is the simulated second at which it was created."""

    def __init__(self, job_id: str, entry: CsvJobEntry, born: float, time: Timebase) -> None:
        self.id = job_id
        self.entry = entry
        self.born = born
        self.time = time
        listed = [DeviceEntry()] * entry.devices if isinstance(entry.devices, int) else entry.devices
        self.devices = [self._device(index, each) for index, each in enumerate(listed)]

    def _device(self, index: int, each: DeviceEntry) -> Device:
        fails_at = each.fails_at or self.entry.fails_at
        movement = Movement(
            begin=self.entry.begin,
            duration=each.duration or self.entry.duration,
            end=each.end or self.entry.end,
            progress=self.entry.progress,
            stuck_at=self.entry.stuck_at,
            stops_at=step_percent(fails_at),
        )
        digest = hashlib.sha256(f"{self.id}/{index}".encode()).hexdigest()
        address = each.address or f"192.0.2.{55 + index % 200}"
        uuid = digest[:32] if self.entry.lower_uuid else digest[:32].upper()
        # The device's task has an id of its own, other than the job's
        return Device(address, uuid, int(digest[:6], 16), movement, each, fails_at)

    def _moments(self) -> list[Moment]:
        age = self.time.simulated() - self.born
        return [moment(each.movement, age) for each in self.devices]

    def movement(self) -> Movement:
        """Return how the job moves as a whole: until its last device is done, to the worst of their ends."""
        moves = [each.movement for each in self.devices]
        worst: End = next(end for end in WORST_FIRST if any(each.end == end for each in moves))
        return moves[0].model_copy(update={"duration": max(each.duration for each in moves), "end": worst})

    def busy_addresses(self) -> list[str]:
        """Return the addresses of the devices that it has not finished with."""
        moments = self._moments()
        return [each.address for each, where in zip(self.devices, moments, strict=True) if where.phase != "ended"]

    def forgotten(self) -> bool:
        """Tell whether it has been deleted."""
        if self.entry.forget_after is None or any(each.phase != "ended" for each in self._moments()):
            return False
        last = max(each.movement.duration for each in self.devices)
        return self.time.simulated() - self.born - self.entry.begin - last >= self.entry.forget_after

    def expected_state(self) -> ExpectedState:
        """Return its true state."""
        moments = self._moments()
        states = [expected_state(each.movement, where) for each, where in zip(self.devices, moments, strict=True)]
        if "running" in states or {"pending"} < set(states):
            state: StateWord = "running"
        else:
            state = next(each for each in ("pending", "failed", "cancelled", "succeeded") if each in states)
        spans = [span(each.movement, self.born) for each in self.devices] or [span(self.entry, self.born)]
        ends = [end for _begin, end in spans]
        last = None if None in ends else max(filter(None, ends), default=None)
        begins = min(begin for begin, _end in spans)
        return ExpectedState(self.id, "csv_job", state, round(_overall(moments), 3), None, begins, last)

    def body(self) -> object:
        """Return the body of an answer about this job."""
        moments = self._moments()
        overall = _overall(moments)
        begun = any(where.phase != "pending" for where in moments)
        states = {expected_state(each.movement, where) for each, where in zip(self.devices, moments, strict=True)}
        succeeded = states <= {"succeeded"}
        body = {
            "progress": overall,
            "results": [self._result(each, where) for each, where in zip(self.devices, moments, strict=True)]
            if begun
            else [],
            # Stays INCOMPLETE in a job that has ended badly
            "status": self.entry.success_word if succeeded else "INCOMPLETE",
        }
        return [body] if self.entry.body_list else body

    def _result(self, device: Device, where: Moment) -> dict[str, object]:
        ended = where.phase == "ended"
        state = expected_state(device.movement, where)
        word = (device.entry.result or RESULTS[state]) if ended else "INCOMPLETE"
        short, long = RESULT_TEXTS.get(word, (word.replace("_", " ").capitalize(), word))
        percent: object = 100.0 if ended else where.percent
        stopped = ended and state != "succeeded"
        job_state = self._job_state(device, where, state)
        tree = StepTree(where.percent, stopped_as=job_state if stopped else None, at=device.fails_at)
        description = "1027_LONG" if stopped else "1014_LONG"
        return {
            "messageBundle": JOB_BUNDLE,
            "messageID": "0509_LONG",
            "messageParameters": [device.address] if self.entry.parameters_list else device.address,
            "progress": "JOB_DONE" if ended and self.entry.job_done else percent,
            "result": word,
            "resultLongDescription": long,
            "resultShortDescription": short,
            "status": {
                "description": [{"messageBundle": STEP_BUNDLE, "messageID": description}],
                "percentage": percent,
                "state": job_state,
                "substatus": tree.steps(),
            },
            "taskid": device.task_id,
            "time_spent": int(max(where.elapsed, 0.0) * 1000),
            "uuid": device.uuid,
        }

    @staticmethod
    def _job_state(device: Device, where: Moment, state: StateWord) -> JobState:
        if where.phase == "pending":
            return "Pending"
        if where.phase == "ended":
            return device.entry.final_state or FINAL_STATES[state]
        threshold = device.entry.errors_from
        return "Running_With_Errors" if threshold is not None and where.percent >= threshold else "Running"


def _overall(moments: Sequence[Moment]) -> float:
    """Return the job's percent: a device that has ended counts as 100, well or badly."""
    return sum(100.0 if each.phase == "ended" else each.percent for each in moments) / len(moments)
