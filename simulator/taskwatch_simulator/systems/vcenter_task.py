# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance's task and its subtasks, of which the status decides which members exist.

Source: vSphere Automation API, structures TaskInfo, SubtaskInfo and Progress.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..clock import Timebase, iso
from ..timeline import Moment
from .vcenter_entry import Operation, UpdateEntry
from .vcenter_format import MapValue

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
STAGED_AT = 30.0
SUBTASKS: dict[Operation, tuple[Part, ...]] = {
    "stage": (Part("download", "Download", 0, 80, "download"), Part("verify", "Verify", 80, 100, "verify")),
    "install": (
        Part("stage", "Staging", 0, 0, "stage"),
        Part("install", "Install", 0, 80, "install"),
        Part("convert", "Data conversion", 80, 100, "convert"),
    ),
    "stage_and_install": (
        Part("stage", "Staging", 0, STAGED_AT, "stage"),
        Part("install", "Install", STAGED_AT, 85, "install"),
        Part("convert", "Data conversion", 85, 100, "convert"),
    ),
    "rollback": (Part("rollback", "Rollback", 0, 100, "rollback"),),
}
WORDS: dict[Operation, str] = {
    "install": "Installing",
    "stage": "Staging",
    "stage_and_install": "Staging and installing",
    "rollback": "Rolling back to",
}


@dataclass(frozen=True)
class Task:
    """The task of an update whose work began at a simulated second, `where` it stands now."""

    entry: UpdateEntry
    began: float
    time: Timebase
    where: Moment
    auto_rollback: str | None
    """What it reports of its automatic rollback after a failure."""

    def structure(self) -> dict[str, object] | None:
        """Return the structure TaskInfo; members that are None are unset. There is none before the work begins."""
        if not self.entry.with_task or self.entry.operation == "none" or self.where.phase == "pending":
            return None
        percent = self.where.percent
        operation = self.entry.operation
        parts = SUBTASKS[operation]
        order = [part.name for part in parts]
        what = f"{WORDS[operation]} update {self.entry.version}"
        task = self._part(Part(operation, what, 0, 100, f"{SERVICE}.pending.{operation}"), percent)
        subtasks = MapValue({part.name: self._part(part, percent) for part in parts})
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
        shown["start_time"] = iso(self.time.date(self.began + self._second_of(low)))
        shown["progress"] = {
            "total": self.entry.total,
            "completed": done,
            "message": self._message(
                "simulated.progress", f"{part.text} ({done} of {self.entry.total})", [str(done), str(self.entry.total)]
            ),
        }
        if status in {"SUCCEEDED", "FAILED"}:
            end = self.entry.duration if status == "FAILED" else self._second_of(high)
            shown["end_time"] = iso(self.time.date(self.began + end))
        if status == "FAILED":
            shown["error"] = self._error()
            shown["auto_rollback_state"] = self.auto_rollback
        return shown

    def _status(self, low: float, high: float, percent: float) -> str:
        ended = self.where.phase == "ended"
        if ended and self.entry.end == "succeeded":
            return "SUCCEEDED"
        if percent >= high and (high < 100 or high <= low):
            return "SUCCEEDED"
        if percent < low:
            return "PENDING"
        return "FAILED" if ended else "RUNNING"

    def _second_of(self, percent: float) -> float:
        """Return the second of the work at which a percent is reached, with even progress."""
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
