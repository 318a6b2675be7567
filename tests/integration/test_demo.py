# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo playbook, as a user plays it against the simulator's ready file: checks, waits, failures, an outage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.ansible import Ansible, Finished
from tests.support.modules import MODULES
from tests.support.rehearsal import simulated

# As `make demo` plays it
SPEED = 1


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Finished, dict[str, list[dict[str, Any]]]]]:
    """What the demo printed, and the sessions that were open after it."""
    ansible = Ansible(tmp_path_factory.mktemp("demo"))
    with simulated("demo", SPEED) as simulator:
        ready = ansible.folder / "ready.json"
        told = {"ca_path": simulator.ca_path, "systems": simulator.systems, "control_url": simulator.control_url}
        ready.write_text(json.dumps(told), encoding="utf-8")
        finished = ansible.run("ansible-playbook", "taskwatch.infra.demo", "-e", f"simulator={ready}")
        yield finished, dict(simulator.sessions())


def test_playbook_ends_well(demo: tuple[Finished, object]) -> None:
    """Although remote tasks fail on the way: it tells of them and goes on."""
    finished, _sessions = demo
    assert finished.code == 0, finished.output
    assert "failed=0" in finished.stdout


def test_failures_are_told_with_their_reasons(demo: tuple[Finished, object]) -> None:
    """The CSV job and the route update that fail in this scenario."""
    finished, _sessions = demo
    assert "LXCA CSV job 372" in finished.stdout
    assert "SDM route update ID40" in finished.stdout
    assert "Device is not reachable" in finished.stdout


def test_every_module_tells_how_far_it_is(demo: tuple[Finished, object]) -> None:
    """Live, on standard error."""
    finished, _sessions = demo
    assert [m.name for m in MODULES if f"[localhost] {m.name}" not in finished.stderr] == []


def test_the_outage_is_seen_and_survived(demo: tuple[Finished, object]) -> None:
    """A line reports it, the summary shows its seconds, and the update ends well."""
    finished, _sessions = demo
    shown = re.search(r"appliance: succeeded at 8.0.3.00400, with an outage of ([\d.]+) s", finished.stdout)
    assert shown
    # Ten seconds of it lie between the first poll that meets it and the first good one, less the gaps at both ends
    assert float(shown[1]) > 1
    assert "answers again" in finished.stderr


def test_no_session_is_left(demo: tuple[Finished, dict[str, list[dict[str, Any]]]]) -> None:
    """On any system."""
    assert not any(demo[1].values())
