# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance's update and its states.

Source: vSphere Automation API, structure Update.Info.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..clock import Timebase, iso
from ..timeline import Moment, StateWord, expected_state, moment, span
from .base import ExpectedState
from .vcenter_entry import Operation, Outage, UpdateEntry
from .vcenter_task import STAGED_AT, Task

State = Literal[
    "UP_TO_DATE",
    "UPDATES_PENDING",
    "STAGE_IN_PROGRESS",
    "INSTALL_IN_PROGRESS",
    "INSTALL_FAILED",
    "ROLLBACK_IN_PROGRESS",
]
INSTALLS: frozenset[Operation] = frozenset({"install", "stage_and_install"})
# What keeps the appliance from beginning anything else
IN_PROGRESS: frozenset[State] = frozenset({"STAGE_IN_PROGRESS", "INSTALL_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"})


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

    def planned_outages(self) -> list[dict[str, object]]:
        """Return its outages in simulated seconds of the run."""
        begun = self.born + self.entry.begin
        return [
            {
                "from": begun + each.from_,
                "until": None if each.until is None else begun + each.until,
                "what": each.answer.replace("_", " "),
            }
            for each in self.entry.outage
        ]

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
        return self._install_failed() and self.entry.rollback is not None and self.now().phase == "ended"

    def _install_failed(self) -> bool:
        """Tell whether its end is that of an installation that failed, and not of the staging before it."""
        entry = self.entry
        staged = entry.operation == "install" or entry.stops_at >= STAGED_AT
        return entry.operation in INSTALLS and staged and entry.end == "failed"

    def state(self) -> State:
        """Return the appliance's state."""
        where = self.now()
        if self.entry.operation == "none":
            return "UPDATES_PENDING" if self.entry.pending else "UP_TO_DATE"
        if where.phase == "pending":
            return "UPDATES_PENDING" if self.entry.operation == "install" else "UP_TO_DATE"
        return self._running(where) if where.phase == "running" else self._ended()

    def _running(self, where: Moment) -> State:
        staging = self.entry.operation == "stage_and_install" and where.percent < STAGED_AT
        if self.entry.operation == "stage" or staging:
            return "STAGE_IN_PROGRESS"
        return "ROLLBACK_IN_PROGRESS" if self.entry.operation == "rollback" else "INSTALL_IN_PROGRESS"

    def _ended(self) -> State:
        operation, succeeded = self.entry.operation, self.entry.end == "succeeded"
        if operation == "stage" and succeeded:
            return "UPDATES_PENDING"
        if operation == "rollback" and not succeeded:
            return "INSTALL_FAILED"
        if not self._install_failed():
            # No state tells of a staging that failed
            return "UP_TO_DATE"
        if self.rolling_back():
            return "ROLLBACK_IN_PROGRESS"
        return "UP_TO_DATE" if self._rolled_back() and not self.entry.rollback_fails else "INSTALL_FAILED"

    def changes_version(self) -> bool:
        """Tell whether the appliance has come to run another version by it."""
        changing = self.entry.operation in {*INSTALLS, "rollback"}
        return changing and self.now().phase == "ended" and self.entry.end == "succeeded"

    def running_version(self) -> str:
        """Return the version that the appliance runs."""
        return self.entry.version if self.changes_version() else self.entry.from_version

    def staged_version(self) -> str | None:
        """Return the version that lies ready to be installed."""
        return self.entry.version if self.state() == "UPDATES_PENDING" else None

    def snapshot(self) -> str | None:
        """Return the version that a rollback would bring back: the one before an installation that has ended."""
        left = self.changes_version() or self.state() == "INSTALL_FAILED"
        return self.entry.from_version if left and self.entry.operation in INSTALLS else None

    def expected_state(self) -> ExpectedState:
        """Return its true state, as for a wait for `idle`."""
        where = self.now()
        native = self._state_word()
        if self.entry.operation == "none":
            return ExpectedState("appliance", "update", "succeeded", None, native)
        state: StateWord = expected_state(self.entry, where)
        if self.rolling_back():
            state = "running"
        elif state == "running" and self.entry.state_word:
            state = "unknown"
        begins, ends = span(self.entry, self.born)
        if ends is not None and self.entry.rollback and state != "succeeded":
            ends += self.entry.rollback
        return ExpectedState("appliance", "update", state, round(where.percent, 3), native, begins, ends)

    def _state_word(self) -> str:
        unknown = self.entry.state_word if self.now().phase == "running" else None
        return unknown or self.state()

    def info(self) -> dict[str, object]:
        """Return the structure Update.Info; members that are None are unset."""
        state = self.state()
        if state == "UP_TO_DATE":
            version = self.running_version()
        else:
            # The version at work, or the one that failed: of a rollback, the one that is left
            version = self.entry.from_version if self.entry.operation == "rollback" else self.entry.version
        began = self.born + self.entry.begin
        queried = iso(self.time.date(self.born - 120)) if self.entry.with_query_time else None
        return {
            "state": self._state_word(),
            "version": version,
            "latest_query_time": queried,
            "task": Task(self.entry, began, self.time, self.now(), self._auto_rollback()).structure(),
        }

    def _auto_rollback(self) -> str | None:
        if not self.rollback_states:
            return None
        if self.rolling_back():
            return "ROLLBACK_IN_PROGRESS"
        if not self._rolled_back():
            return "ROLLBACK_NOT_STARTED"
        return "ROLLBACK_FAILED" if self.entry.rollback_fails else "ROLLBACK_SUCCEEDED"
