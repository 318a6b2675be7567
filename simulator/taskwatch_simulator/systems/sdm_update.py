# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A route update task: devices are updated one after the other, and what is done about a failure.

Source: Oracle Communications Session Delivery Manager REST API, "Get Status by Task ID".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clock import Timebase
from ..timeline import Model, Moment, Movement, StateWord, Text, expected_state, moment, span
from .base import ExpectedState
from .sdm_format import Fields, Row

RowFate = Literal["waiting", "running", "updated", "failed", "rolled_back"]
COMPLETED, FAILED, NOT_TRIED = "Completed", "Failed", "Unknown"


class DeviceEntry(Model):
    """One device of a route update."""

    group: Text = "ID11"
    """Object id of the device group."""
    route_set: Text = "2"
    end: Literal["succeeded", "failed"] = "succeeded"
    message: str = "Device is not reachable"
    """Text when it fails."""
    from_version: Text = "0"
    version: Text = "1"


class RouteUpdateEntry(Movement):
    """A route update as a scenario describes it."""

    id: Text | None = None
    name: Text = "route-update"
    notes: str = ""
    devices: Annotated[int, Field(ge=0, le=10000)] | list[DeviceEntry] = 3
    # assumption: `skip` for the policy that goes on; only abort and rollback were ever seen
    error_handling: Literal["abort", "rollback", "skip"] = "abort"
    # assumption: no word for a task or a device that is not finished is documented
    pending_word: Text = "Pending"
    running_word: Text = "Running"
    final_word: Text | None = None
    """The word at the end, if not `Completed` or `Failed`."""

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.end == "cancelled":
            # A cancelled task leaves the list of pending ones; no word for it is known
            raise ValueError("a route update ends as succeeded, failed or never")
        return self


@dataclass(frozen=True)
class Device:
    """One device and its place in the order."""

    entry: DeviceEntry
    object_id: str


class RouteUpdate:
    """One route update; `born` is the simulated second at which it was created."""

    def __init__(self, task_id: str, entry: RouteUpdateEntry, born: float, time: Timebase) -> None:
        self.id = task_id
        self.entry = entry
        self.born = born
        self.time = time
        listed = [DeviceEntry() for _each in range(entry.devices)] if isinstance(entry.devices, int) else entry.devices
        if entry.end == "failed" and listed and all(each.end == "succeeded" for each in listed):
            # A task that fails has a device that failed, or none at all
            listed = [*listed[:-1], listed[-1].model_copy(update={"end": "failed"})]
        base = int("".join(filter(str.isdigit, task_id)) or 0) * 1000
        self.devices = [Device(each, f"ID{base + index + 1}") for index, each in enumerate(listed)]
        first = next((index for index, each in enumerate(self.devices) if each.entry.end == "failed"), None)
        self.first_failure = first
        self.last = len(self.devices) if first is None or entry.error_handling == "skip" else first + 1

    def now(self) -> Moment:
        """Return where it stands."""
        # Devices, not percents, are what moves here: each takes an equal share of the duration
        return moment(self.entry.model_copy(update={"stops_at": 100.0}), self.time.simulated() - self.born)

    def state(self) -> StateWord:
        """Return the state that a perfect observer would report."""
        where = self.now()
        if where.phase != "ended":
            return expected_state(self.entry, where)
        return "failed" if self.first_failure is not None or self.entry.end == "failed" else "succeeded"

    def word(self) -> str:
        """Return the word for the task's state."""
        where = self.now()
        if where.phase == "pending":
            return self.entry.pending_word
        if where.phase == "running":
            return self.entry.running_word
        if self.entry.final_word:
            return self.entry.final_word
        # assumption: a task that skipped its failures is completed, and its rows tell of them
        survived = self.entry.error_handling == "skip" and self.entry.end != "failed"
        return COMPLETED if self.state() == "succeeded" or survived else FAILED

    def expected_state(self) -> ExpectedState:
        """Return its true state."""
        where = self.now()
        total = len(self.devices)
        done = sum(fate in {"updated", "failed", "rolled_back"} for fate in self._fates(where))
        percent = 100.0 * done / total if total else None
        return ExpectedState(self.id, "route_update", self.state(), percent, self.word(), *span(self.entry, self.born))

    def details(self) -> Fields:
        """Return the fields of `routeUpdateTaskDetails`."""
        where = self.now()
        fates = self._fates(where)
        rolled_back = fates.count("rolled_back")
        return {
            "deviceStatusList": [self._row(index, fate) for index, fate in enumerate(fates)],
            "errorHandling": self.entry.error_handling,
            "rollbackCount": str(rolled_back),
            "rollbackStatus": COMPLETED if rolled_back else NOT_TRIED,
            "totalDeviceCount": str(len(self.devices)),
            "updateStatus": self.word(),
            "updatedCount": str(fates.count("updated") + rolled_back),
        }

    def listed(self, user: str) -> Row:
        """Return the fields of the list of pending tasks, where the failure policy has another name."""
        return {
            "failureAction": self.entry.error_handling,
            "initiatedBy": user,
            "initiatedDate": _date(self.time.date(self.born)),
            "name": self.entry.name,
            "notes": self.entry.notes,
            # assumption: the fields after notes are not known, but rows elsewhere name their own id so
            "objectId": self.id,
        }

    def updated(self) -> list[DeviceEntry]:
        """Return the devices that hold the new version for good once this update is committed."""
        fates = zip(self.devices, self._fates(self.now()), strict=True)
        return [device.entry for device, fate in fates if fate == "updated"]

    def _fates(self, where: Moment) -> list[RowFate]:
        """Return what has become of each device."""
        ended = where.phase == "ended"
        position = float(self.last) if ended else where.percent / 100.0 * self.last
        fates: list[RowFate] = []
        for index, device in enumerate(self.devices):
            if index >= self.last or position <= index:
                fates.append("waiting")
            elif position < index + 1:
                fates.append("running")
            elif device.entry.end == "failed":
                fates.append("failed")
            else:
                fates.append("updated")
        if ended and "failed" in fates and self.entry.error_handling == "rollback":
            fates = ["rolled_back" if fate == "updated" else fate for fate in fates]
        return fates

    def _row(self, index: int, fate: RowFate) -> Row:
        device = self.devices[index]
        # assumption: all devices are listed from the beginning
        words = {
            "waiting": self.entry.pending_word,
            "running": self.entry.running_word,
            "updated": COMPLETED,
            "rolled_back": COMPLETED,
            "failed": FAILED,
        }
        row = {
            "deviceGroupId": device.entry.group,
            "objectId": device.object_id,
            "preUpdateVersion": device.entry.from_version,
            "pushStatus": words[fate],
            "rollBackStatus": COMPLETED if fate == "rolled_back" else NOT_TRIED,
            "routeSetId": device.entry.route_set,
            "routeUpdateTaskId": self.id,
            "status": words[fate],
            "updateFailureMsg": device.entry.message if fate == "failed" else "",
            "updateVersion": device.entry.version,
        }
        # Unset scalars are left out
        if fate in {"updated", "rolled_back", "failed"}:
            row["updateDate"] = self._date_of(index)
        if fate == "rolled_back":
            end = self.born + self.entry.begin + self.entry.duration
            row["rollBackDate"] = _date(self.time.date(end))
        return row

    def _date_of(self, index: int) -> str:
        share = (index + 1) / max(self.last, 1)
        return _date(self.time.date(self.born + self.entry.begin + self.entry.duration * share))


def _date(moment_: datetime) -> str:
    """Return a date as the vendor writes it: without fraction and without zone."""
    return f"{moment_:%Y-%m-%dT%H:%M:%S}"
