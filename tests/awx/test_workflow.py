# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow played node by node, artifacts handed on as AWX does: on two managers at a time, and in slices."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import parse
from tests.support.ansible import Ansible

from .data import CREDENTIAL_TYPES, WORKFLOWS
from .injection import filled_in, inject
from .test_job_templates import BY_TITLE

ROUTE_SETS = """
route_sets:
  - {id: "2", devices: [ID11, ID12]}
  - {id: "7", devices: [ID13]}
"""
GOOD = {"starts": [{"duration": 40}]}
BAD = {"starts": [{"duration": 40, "devices": [{"group": "ID12", "end": "failed"}]}]}
ANSWERS = {"sdm_route_set_ids": "2, 7", "sdm_update_name": "CHG0042"}
# Simulated seconds pass so much faster than ours
SPEED = 40
ONE, OTHER = "sdm-a.example.com", "sdm-b.example.com"
STATS = re.compile(r"^\tRUN: (\{.*\})$", re.MULTILINE)


def scenario(data: Mapping[str, Any]) -> str:
    """Return a system with two route sets, in which an update that is started goes as `data` says."""
    login = {"username": "netops", "password": "password-of-both"}
    return yaml.safe_dump({"sdm": {**login, **yaml.safe_load(ROUTE_SETS), **data}})


@dataclass
class Run:
    """A workflow on its way: the nodes that were played with how they ended, and the artifacts so far."""

    played: list[tuple[str, bool]] = field(default_factory=list)
    artifacts: dict[str, Any] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True)
class Lab:
    """Managers, each a simulator of its own, with one login and the authorities of all."""

    folder: Path
    simulators: dict[str, Simulator]

    def play(self, playbook: str, facts: Mapping[str, Any], hosts: Sequence[str] = ()) -> tuple[bool, Any, str]:
        """Play a playbook on some hosts; return whether it ended well, its artifacts, and what it said."""
        number = len(list(self.folder.iterdir()))
        folder = self.folder / str(number)
        folder.mkdir()
        ports = {host: each.systems["sdm"]["port"] for host, each in self.simulators.items()}
        where = {host: {"ansible_host": "127.0.0.1", "ansible_port": port} for host, port in ports.items()}
        inventory = folder / "inventory.json"
        inventory.write_text(json.dumps({"sdm": {"hosts": where}}), encoding="utf-8")
        data = CREDENTIAL_TYPES["sdm"]
        inputs = {**filled_in(data, "sdm", next(iter(self.simulators.values()))), "port": "", "host": ""}
        inputs["ca"] = "".join(Path(str(each.ca_path)).read_text("utf-8") for each in self.simulators.values())
        ansible = Ansible(folder)
        variables = {**inject(data, inputs, folder), "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
        command = [
            "ansible-playbook",
            f"taskwatch.infra.{playbook}",
            "-i",
            str(inventory),
            "-l",
            ",".join(hosts or ["all"]),
        ]
        done = ansible.run(*command, *ansible.facts(facts), variables=variables)
        stats = STATS.search(done.stdout)
        return done.code == 0, json.loads(stats[1]) if stats else {}, done.output

    def work(self, name: str, answers: Mapping[str, Any], *, sliced: str = "") -> Run:
        """Play a workflow to its end. The sliced node is played once for each host, and their artifacts are merged."""
        workflow = WORKFLOWS[name]
        nodes = {node["identifier"]: node for node in workflow["nodes"]}
        run, ahead = Run(), [workflow["nodes"][-1]["identifier"]]
        while ahead:
            node = nodes[ahead.pop(0)]
            playbook = BY_TITLE[node["job_template"]]["playbook"].removesuffix(".yml")
            # Artifacts, then what the node itself says, then the answers of the workflow's survey
            facts = {**run.artifacts, **node.get("extra_data", {}), **answers}
            hosts = list(self.simulators)
            slices = [[host] for host in hosts] if sliced == node["identifier"] else [hosts]
            ended = [self.play(playbook, facts, each) for each in slices]
            for _well, artifacts, said in ended:
                run.artifacts.update(artifacts)
                run.said += said
            well = all(well for well, _artifacts, _said in ended)
            run.played.append((node["identifier"], well))
            ahead += node.get("success_nodes" if well else "failure_nodes", [])
        return run

    def settled(self, host: str) -> list[str]:
        """Return the route updates that somebody has asked a manager to commit or to roll back."""
        return [
            each["path"].split("/")[-2]
            for each in self.simulators[host].requests()
            if each["path"].endswith("/action") and "routeUpdates" in each["path"] and each["status"] == 200
        ]


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """Managers with what happens on each to updates that are started."""
    lab = Lab(tmp_path / "plays", {})
    lab.folder.mkdir()
    with ExitStack() as stack:
        for host, data in request.param.items():
            served = embedded.running(parse(scenario(data), "the test"), speed=SPEED)
            lab.simulators[host] = stack.enter_context(served)
        yield lab
        left = [simulator.sessions()["sdm"] for simulator in lab.simulators.values()]
    assert not any(left), "a session is left open"


@pytest.mark.parametrize("lab", [{ONE: GOOD}], indirect=True)
def test_success_is_committed(lab: Lab) -> None:
    """And a job that was killed before it could tell what it did does nothing twice when it is started again."""
    before = lab.play("start_route_update", ANSWERS)
    assert before[0], before[2]
    run = lab.work("route_update", ANSWERS)
    assert run.played == [("start", True), ("wait", True), ("commit", True)], run.said
    assert before[1].items() <= run.artifacts.items(), "the second start has started another update"
    assert len(lab.settled(ONE)) == 1
    again, _artifacts, said = lab.play("settle_route_update", {**run.artifacts, "sdm_action": "Commit"})
    assert again, said
    assert len(lab.settled(ONE)) == 1


@pytest.mark.parametrize("lab", [{ONE: GOOD, OTHER: BAD}], indirect=True)
def test_one_failure_is_rolled_back_everywhere(lab: Lab) -> None:
    """The wait in slices, whose artifacts AWX merges by their topmost names."""
    run = lab.work("route_update", ANSWERS, sliced="wait")
    assert run.played == [("start", True), ("wait", False), ("roll-back", True)], run.said
    states = {
        host: run.artifacts[f"taskwatch_route_update_{re.sub('[.-]', '_', host)}"]["state"] for host in (ONE, OTHER)
    }
    assert states == {ONE: "succeeded", OTHER: "failed"}
    assert all(len(lab.settled(host)) == 1 for host in (ONE, OTHER))
