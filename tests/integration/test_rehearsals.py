# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of the page on rehearsing, played as they stand: work that they start ends as the simulator says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import SYSTEM_NAMES, parse
from tests.support.ansible import Ansible, Finished
from tests.support.pages import GUIDES, Block, blocks_of

EXHAUSTIVE = pytest.mark.exhaustive
# The playbook that make test plays; make exhaustive plays the others
SHOWN = "lxca"
BLOCKS = {block.asked["rehearsal"]: block for block in blocks_of(GUIDES / "rehearsing.rst") if block.asked}
TROUBLE = BLOCKS["trouble"]
PLAYBOOKS = {name: block for name, block in BLOCKS.items() if block is not TROUBLE}
# The requests that each playbook has to make, in this order, beside those of the modules
STARTS = {
    "lxca": [("PUT", "/updateRepositories/firmware"), ("POST", "/csvRequest")],
    "sdm": [
        ("POST", "/rest/v1.3/routeSets/devices/action"),
        ("POST", "/rest/v1.3/routeSets/routeUpdates/ID501/action"),
    ],
    "vcenter": [("POST", "/api/appliance/update/pending/8.0.3.00400")] * 2,
    "prisma_sdwan": [("PUT", f"/sdwan/v2.0/api/elements/1654001122334009{last}/software/state") for last in (0, 1)],
}
# Where a system has come to when its playbook has ended
ENDS = {
    "lxca": [("export", "succeeded"), ("csv_job", "succeeded"), ("task", "succeeded"), ("task", "succeeded")],
    # Committed, so no longer pending
    "sdm": [],
    "vcenter": [("update", "succeeded")],
    "prisma_sdwan": [("element", "succeeded")] * 3,
}


@dataclass(frozen=True)
class Played:
    """What came of a playbook, and what its system saw."""

    finished: Finished
    requests: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    sessions: list[dict[str, Any]]

    def asked(self, wanted: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the requests among the wanted ones that were answered well, in order."""
        good = [each for each in self.requests if each["status"] in {200, 201, 204}]
        return [(each["method"], each["path"]) for each in good if (each["method"], each["path"]) in wanted]


def play(simulator: Simulator, block: Block, folder: Path) -> Played:
    """Play a playbook as the page says: with nothing but the path of the ready file."""
    ready = folder / "ready.json"
    ready.write_text(json.dumps({"ca_path": simulator.ca_path, "systems": simulator.systems}), encoding="utf-8")
    playbook = folder / "playbook.yml"
    playbook.write_text(block.text, encoding="utf-8")
    finished = Ansible(folder).run("ansible-playbook", str(playbook), "-e", f"simulator={ready}")
    system = block.asked["rehearsal"]
    return Played(
        finished,
        [each for each in simulator.requests() if each["system"] == system],
        [each for each in simulator.tasks() if each["system"] == system],
        simulator.sessions()[system],
    )


def test_there_is_one_for_each_system() -> None:
    assert set(PLAYBOOKS) == set(STARTS) == set(ENDS) == set(SYSTEM_NAMES)


@pytest.mark.parametrize("system", [SHOWN, *(pytest.param(each, marks=EXHAUSTIVE) for each in STARTS if each != SHOWN)])
def test_a_rehearsal_from_the_start_to_the_end(system: str, tmp_path: Path) -> None:
    block = PLAYBOOKS[system]
    with embedded.running("idle", speed=float(block.asked["speed"])) as simulator:
        played = play(simulator, block, tmp_path)
    assert played.finished.code == 0, played.finished.output
    assert played.asked(STARTS[system]) == STARTS[system]
    assert [(each["kind"], each["state"]) for each in played.tasks] == ENDS[system]
    assert played.sessions == []
    assert {each["status"] for each in played.requests} <= {200, 201, 204, 401, 503, None}
    if system == "vcenter":
        outage = re.search(r"unavailable for ([\d.]+) s, logged in (\d+) times", played.finished.stdout)
        assert outage is not None
        assert float(outage[1]) > 0
        # Once where the restart began before the first poll, which a busy machine brings about
        assert int(outage[2]) in {1, 2}


@pytest.mark.parametrize(
    ("system", "said", "ends"),
    [
        ("lxca", "LOGIN_FAIL", ["succeeded", "failed", "succeeded", "failed"]),
        pytest.param("sdm", "No route to host", [], marks=EXHAUSTIVE),
        pytest.param("vcenter", "rolled back", ["failed"], marks=EXHAUSTIVE),
        pytest.param("prisma_sdwan", "image server not reachable", ["succeeded", "failed"], marks=EXHAUSTIVE),
    ],
)
def test_a_rehearsal_of_trouble(system: str, said: str, ends: list[str], tmp_path: Path) -> None:
    scenario = parse(TROUBLE.text, TROUBLE.place)
    with embedded.running(scenario, speed=float(TROUBLE.asked["speed"])) as simulator:
        played = play(simulator, PLAYBOOKS[system], tmp_path)
    assert played.finished.code == 2, played.finished.output
    assert said in played.finished.output
    assert played.asked(STARTS[system]) == STARTS[system]
    assert [each["state"] for each in played.tasks] == ends
    assert played.sessions == []
