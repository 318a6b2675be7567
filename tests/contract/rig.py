# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator on a clock that stands still between two moves, so that every reader sees the same moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.embedded import Simulator, running
from taskwatch_simulator.scenario import Scenario


@dataclass(frozen=True)
class Rig:
    """A simulator and its clock."""

    simulator: Simulator
    clock: ManualClock

    def begin(self, scenario: Mapping[str, Any]) -> None:
        """Begin a scenario given as in a file: no sessions, no faults, tasks at their start."""
        self.simulator.reset(Scenario.model_validate(scenario))

    def move(self, seconds: float) -> None:
        """Let time pass: for tasks, sessions and faults alike."""
        self.clock.advance(seconds)
        self.simulator.sync()

    def access(self, system: str) -> dict[str, Any]:
        """Return where a system is and how to log in."""
        return {**self.simulator.systems[system], "ca_path": self.simulator.ca_path}

    def drop_sessions(self, system: str) -> None:
        """Forget every session of a system."""
        self.simulator.add_fault({"system": system, "kind": "expire_sessions"})

    def asked(self, system: str) -> list[tuple[str, str]]:
        """Return the requests to a system in order, as method and path."""
        return [(each["method"], each["path"]) for each in self.simulator.requests() if each["system"] == system]


@contextmanager
def rig_running() -> Iterator[Rig]:
    """Serve until the block ends."""
    clock = ManualClock()
    with running("all_succeed", clock=clock) as simulator:
        yield Rig(simulator, clock)
