# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulator for each worker, which each test resets to the scenario that it wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator import embedded
from tests.simulator.embedded import Simulator
from tests.support.ansible import Ansible

# Tasks of the shipped scenarios last 60 to 120 simulated seconds
SPEED = 60


@pytest.fixture(scope="session")
def served() -> Iterator[Simulator]:
    """A simulator for all tests of a worker."""
    with embedded.running("slow", speed=SPEED) as simulator:
        yield simulator


@pytest.fixture
def simulator(served: Simulator) -> Simulator:
    """The simulator as if it had just been started, with tasks that take two hours."""
    served.reset("slow")
    return served


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible's commands, of which ansible-rulebook is one."""
    return Ansible(tmp_path)
