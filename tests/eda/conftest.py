# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulator for each worker, which each test resets to the scenario that it wants."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible

# Tasks of the shipped scenarios last 60 to 120 simulated seconds
SPEED = 60


class Stopwatch:
    """The machine's clock for the simulator, which a test can stop until a slowly starting process has come along."""

    def __init__(self) -> None:
        self._lost = 0.0
        self._stopped_at: float | None = None

    def now(self) -> float:
        """Return seconds since an arbitrary moment."""
        return (time.monotonic() if self._stopped_at is None else self._stopped_at) - self._lost

    def stop(self) -> None:
        """Let the simulator's tasks stand where they are."""
        self._stopped_at = time.monotonic()

    def start(self) -> None:
        """Let them go on, as if no time had passed."""
        if self._stopped_at is not None:
            self._lost += time.monotonic() - self._stopped_at
            self._stopped_at = None


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Simulator, Stopwatch]]:
    """A simulator for all tests of a worker, and its clock."""
    stopwatch = Stopwatch()
    with embedded.running("slow", speed=SPEED, clock=stopwatch) as simulator:
        yield simulator, stopwatch


@pytest.fixture
def simulator(served: tuple[Simulator, Stopwatch]) -> Simulator:
    """The simulator as if it had just been started, with tasks that take two hours."""
    simulator, stopwatch = served
    stopwatch.start()
    simulator.reset("slow")
    return simulator


@pytest.fixture
def stopwatch(served: tuple[Simulator, Stopwatch]) -> Stopwatch:
    """The clock of the simulator."""
    return served[1]


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible's commands, of which ansible-rulebook is one."""
    return Ansible(tmp_path)
