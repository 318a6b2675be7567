# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for the tests of people who use the collection; pytest finds them when the simulator is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .embedded import Simulator

MARKER = "taskwatch_simulator(scenario='demo', speed=1, plain=False): what the fixture taskwatch_simulator serves"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def taskwatch_simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """Serve a scenario on loopback ports until the test ends.

    The object has what the ready file holds (`systems`, `ca_path`, `control_url`, and all of it in `ready`), and the
    calls of the control API: `sessions()`, `requests()`, `tasks()`, `faults()`, `add_task()`, `add_fault()`, `reset()`.
    `write_ready(path)` writes the file itself, for a playbook.
    """
    # Only a test that asks for it pays for the libraries
    from .embedded import running  # noqa: PLC0415

    marker = request.node.get_closest_marker("taskwatch_simulator")
    with running(*(marker.args if marker else ()), **(marker.kwargs if marker else {})) as simulator:
        yield simulator
