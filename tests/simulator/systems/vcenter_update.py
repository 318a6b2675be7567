# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance's update: its states, its task and its outages.

Source: vSphere Automation API, structures Update.Info, TaskInfo, SubtaskInfo and Progress.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clock import Timebase, iso
from ..timeline import Duration, Model, Moment, Movement, Seconds, Text, Truth, moment, truth
from .base import TaskTruth
from .vcenter_format import MapValue

State = Literal[
    "UP_TO_DATE",
    "UPDATES_PENDING",
    "STAGE_IN_PROGRESS",
    "INSTALL_IN_PROGRESS",
    "INSTALL_FAILED",
    "ROLLBACK_IN_PROGRESS",
]
OutageAnswer = Literal[
    "text_503",
    "json_503",
    "login_503",
    "refused",
    "reset",
    "hang",
    "tls_cut",
    "tokens_dropped",
    "stray_401",
    "stray_403",
    "stray_404",
    "stray_500",
    "stray_502",
]
SERVICE = "com.vmware.appliance.update"
USER = "VSPHERE.LOCAL\\Administrator"


@dataclass(frozen=True)
class Part:
    """A task or subtask that is worked on while the update goes from `low` to `high` percent."""

    name: str
    text: str
    low: float
    high: float
    operation: str


# assumption: ids and shares of the subtasks; real ones are documented nowhere
SUBTASKS: dict[str, tuple[Part, ...]] = {
    "stage": (Part("download", "Download", 0, 80, "download"), Part("verify", "Verify", 80, 100, "verify")),
    "install": (
        Part("stage", "Staging", 0, 0, "stage"),
        Part("install", "Install", 0, 80, "install"),
        Part("convert", "Data conversion", 80, 100, "convert"),
    ),
}


class Outage(Model):
    """A stretch of simulated seconds, counted from the start of the work, with an answer of its own."""

    from_: Seconds = Field(alias="from")
    until: Seconds | None = None
    """Needed by all but `tokens_dropped`, which happens at one moment."""
    answer: OutageAnswer

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.answer == "tokens_dropped":
            return self
        if self.until is None or self.until <= self.from_:
            raise ValueError(f"{self.answer} needs an until later than its from")
        return self

    def covers(self, second: float) -> bool:
        """Tell whether it holds at a second of the work."""
        return self.until is not None and self.from_ <= second < self.until


class UpdateEntry(Movement):
    """The appliance's update as a scenario describes it."""

    id: Text | None = None
    """Accepted for symmetry and not used: an appliance has one update."""
    operation: Literal["install", "stage", "none"] = "install"
    """`none`: an appliance that nobody has asked for anything."""
    from_version: Text = "8.0.2.00300"
    version: Text = "8.0.3.00400"
    pending: bool = False
    """With `none`: an update is staged."""
    outage: tuple[Outage, ...] = ()
    rollback: Duration | None = None
    """A failed install is rolled back, which takes so many simulated seconds."""
    rollback_fails: bool = False
    with_task: bool = True
    with_query_time: bool = True
    error: Literal["object", "string", "none"] = "object"
    """Form of the failed task's error."""
    order_mismatch: bool = False
    """`subtask_order` names an id that is not there and leaves one out."""
    total: Annotated[int, Field(ge=0)] = 100
    """What 100 % is called; 0 makes a percentage impossible."""
    message_params: bool = False
    """Named parameters in messages: one more map."""
    state_word: Text | None = None
    """A state that no table knows, while the work goes on."""
    error_text: Text = "The installation of packages failed."

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.end == "cancelled":
            # What a cancelled update leaves behind is documented nowhere
            raise ValueError("an appliance update ends as succeeded, failed or never")
        return self


@dataclass(frozen=True)
class Update:
    """The running update; `born` is the simulated second at which it was created."""

    entry: UpdateEntry
    born: float
    time: Timebase
    rollback_states: bool
    """Whether tasks tell of their automatic rollback, as from 9.0 on."""

    def age(self) -> float:
        """Return simulated seconds since the work began, negative before."""
        return self.time.simulated() - self.born - self.entry.begin

    def now(self) -> Moment:
        """Return where it stands."""
        return moment(self.entry, self.time.simulated() - self.born)

    def outages(self) -> list[Outage]:
        """Return the outages that hold now."""
        age = self.age()
        return [each for each in self.entry.outage if each.covers(age)]

    def rolling_back(self) -> bool:
        """Tell whether the old version is being brought back."""
        if not self._rolled_back():
            return False
        return self.age() < self.entry.duration + (self.entry.rollback or 0.0)

    def _rolled_back(self) -> bool:
        failed = self.entry.operation == "install" and self.entry.end == "failed"
        return failed and self.entry.rollback is not None and self.now().phase == "ended"

    def state(self) -> State:
        """Return the appliance's state."""
        entry = self.entry
        where = self.now()
        if entry.operation == "none":
            return "UPDATES_PENDING" if entry.pending else "UP_TO_DATE"
        if entry.operation == "stage":
            if where.phase == "running":
                return "STAGE_IN_PROGRESS"
            done = where.phase == "ended" and entry.end == "succeeded"
            # No state tells of a staging that failed
            return "UPDATES_PENDING" if done else "UP_TO_DATE"
        if where.phase == "pending":
            return "UPDATES_PENDING"
        if where.phase == "running":
            return "INSTALL_IN_PROGRESS"
        return self._installed()

    def _installed(self) -> State:
        if self.entry.end == "succeeded":
            return "UP_TO_DATE"
        if self.rolling_back():
            return "ROLLBACK_IN_PROGRESS"
        return "UP_TO_DATE" if self._rolled_back() and not self.entry.rollback_fails else "INSTALL_FAILED"

    def running_version(self) -> str:
        """Return the version that the appliance runs."""
        installed = self.entry.operation == "install" and self.state() == "UP_TO_DATE" and self.entry.end == "succeeded"
        return self.entry.version if installed else self.entry.from_version

    def truth(self) -> TaskTruth:
        """Return the truth about it, as for a wait for `idle`."""
        where = self.now()
        native = self._state_word()
        if self.entry.operation == "none":
            return TaskTruth("appliance", "update", "succeeded", None, native)
        state: Truth = truth(self.entry, where)
        if self.rolling_back():
            state = "running"
        elif state == "running" and self.entry.state_word:
            state = "unknown"
        return TaskTruth("appliance", "update", state, round(where.percent, 3), native)

    def _state_word(self) -> str:
        unknown = self.entry.state_word if self.now().phase == "running" else None
        return unknown or self.state()

    def info(self) -> dict[str, object]:
        """Return the structure Update.Info; members that are None are unset."""
        state = self.state()
        version = self.running_version() if state == "UP_TO_DATE" else self.entry.version
        queried = iso(self.time.date(self.born - 120)) if self.entry.with_query_time else None
        return {
            "state": self._state_word(),
            "version": version,
            "latest_query_time": queried,
            "task": self._task(),
        }

    def _task(self) -> dict[str, object] | None:
        where = self.now()
        if not self.entry.with_task or self.entry.operation == "none" or where.phase == "pending":
            return None
        operation = self.entry.operation
        parts = SUBTASKS[operation]
        order = [part.name for part in parts]
        what = f"{'Installing' if operation == 'install' else 'Staging'} update {self.entry.version}"
        task = self._part(Part(operation, what, 0, 100, f"{SERVICE}.pending.{operation}"), where.percent)
        subtasks = MapValue({part.name: self._part(part, where.percent) for part in parts})
        if self.entry.order_mismatch:
            order = [*order[1:], "reboot"]
        return {**task, "user": USER, "subtask_order": order, "subtasks": subtasks}

    def _part(self, part: Part, percent: float) -> dict[str, object]:
        """Return the members that a task and its subtasks have in common."""
        low, high = part.low, part.high
        share = 1.0 if high <= low else min(max((percent - low) / (high - low), 0.0), 1.0)
        status = self._status(low, high, percent)
        shown: dict[str, object] = {
            "status": status,
            "cancelable": False,
            "service": SERVICE,
            "operation": part.operation,
            "description": self._message(f"simulated.{part.name}", part.text, []),
        }
        if status == "PENDING":
            return shown
        done = int(self.entry.total * share)
        start = self.born + self.entry.begin + self._second_of(low)
        shown["start_time"] = iso(self.time.date(start))
        shown["progress"] = {
            "total": self.entry.total,
            "completed": done,
            "message": self._message(
                "simulated.progress", f"{part.text} ({done} of {self.entry.total})", [str(done), str(self.entry.total)]
            ),
        }
        if status in {"SUCCEEDED", "FAILED"}:
            end = self.entry.duration if status == "FAILED" else self._second_of(high)
            shown["end_time"] = iso(self.time.date(self.born + self.entry.begin + end))
        if status == "FAILED":
            shown["error"] = self._error()
            shown["auto_rollback_state"] = self._auto_rollback()
        return shown

    def _status(self, low: float, high: float, percent: float) -> str:
        ended = self.now().phase == "ended"
        if ended and self.entry.end == "succeeded":
            return "SUCCEEDED"
        if percent >= high and (high < 100 or high <= low):
            return "SUCCEEDED"
        if percent < low:
            return "PENDING"
        return "FAILED" if ended else "RUNNING"

    def _second_of(self, percent: float) -> float:
        """Return the second of the work at which a percent is reached, on an even road."""
        top = 100.0 if self.entry.end in {"succeeded", "never"} else self.entry.stops_at
        return self.entry.duration * min(percent / top, 1.0) if top else 0.0

    def _message(self, message_id: str, text: str, args: list[str]) -> dict[str, object]:
        message: dict[str, object] = {"id": message_id, "default_message": text, "args": args}
        if self.entry.message_params:
            message["params"] = MapValue({str(index): {"s": each} for index, each in enumerate(args)})
        return message

    def _error(self) -> object:
        if self.entry.error == "none":
            return None
        if self.entry.error == "string":
            return self.entry.error_text
        return {"error_type": "ERROR", "messages": [self._message("simulated.failed", self.entry.error_text, [])]}

    def _auto_rollback(self) -> str | None:
        if not self.rollback_states:
            return None
        if self.rolling_back():
            return "ROLLBACK_IN_PROGRESS"
        if not self._rolled_back():
            return "ROLLBACK_NOT_STARTED"
        return "ROLLBACK_FAILED" if self.entry.rollback_fails else "ROLLBACK_SUCCEEDED"
