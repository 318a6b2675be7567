# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbooks of job templates make of blank answers, blank credentials, too little time, and other systems."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible, Finished
from tests.support.described import LXCA_TASK

from .data import CREDENTIAL_TYPES, JOB_TEMPLATES
from .engine import SYSTEMS
from .injection import filled_in, inject, inject_vmware

# Of each group of the inventory
HOSTS = ("one", "two")
GROUPS = sorted({template["limit"] for template in JOB_TEMPLATES.values()})
# Where the group of described APIs lies; as vCenter, so that a login of the other system described here is noticed
AT = {"rest": "vcenter"}
LATE = re.compile(r"not finished within (\d+) s")
# Seconds: enough to start Ansible and to wait a while
AHEAD = 12
MESSAGE = re.compile(r"^(?:fatal|failed): .*? => (\{.*\})$", re.MULTILINE)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Systems whose tasks run for hours."""
    with embedded.running("slow") as served:
        yield served


def environment(folder: Path, system: str, simulator: Simulator, **instead: Any) -> dict[str, str]:
    """Return the environment of a job; `instead` fills in fields of the credential otherwise."""
    if system == "rest":
        data = CREDENTIAL_TYPES["rest_task"]
        return inject(data, filled_in(data, "lxca", simulator), folder)
    if system not in SYSTEMS:
        return inject_vmware(simulator.systems[system])
    data = CREDENTIAL_TYPES[SYSTEMS[system]]
    # AWX itself starts no job whose credential lacks a required field; the modules must not rely on that
    anything = {**data, "inputs": {**data["inputs"], "required": []}}
    return inject(anything, {**filled_in(data, system, simulator), **instead}, folder)


def play(
    folder: Path, template: str, simulator: Simulator, facts: Mapping[str, Any], *arguments: str, **instead: Any
) -> Finished:
    """Play the playbook of a template as a job does, on an inventory of all systems, and without a limit."""
    inventory = folder / "inventory.json"
    groups = {
        group: {
            "hosts": {
                f"{group}-{host}.example.com": {
                    "ansible_host": simulator.systems[AT.get(group, group)]["hostname"],
                    "ansible_port": simulator.systems[AT.get(group, group)]["port"],
                }
                for host in HOSTS
            }
        }
        for group in GROUPS
    }
    inventory.write_text(json.dumps(groups), encoding="utf-8")
    ansible = Ansible(folder)
    command = ["ansible-playbook", f"taskwatch.infra.{template}", "-i", str(inventory), "-f", "1", *arguments]
    system = JOB_TEMPLATES[template]["limit"]
    return ansible.run(*command, *ansible.facts(facts), variables=environment(folder, system, simulator, **instead))


def asked_since(simulator: Simulator, before: int) -> set[str]:
    """Return the systems that were asked anything."""
    return {each["system"] for each in simulator.requests()[before:]}


CASES: Mapping[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "IDs": ("wait_lxca_csv_job", {"lxca_csv_job_ids": " "}, {}, "lxca_csv_job_ids"),
    "minutes": ("wait_lxca_csv_job", {"lxca_csv_job_ids": "371", "wait_minutes": "soon"}, {}, "wait_minutes"),
    "password": ("wait_lxca_csv_job", {"lxca_csv_job_ids": "371"}, {"password": ""}, "password"),
    "action": ("settle_route_update", {"sdm_action": ""}, {}, "sdm_action"),
    "password of SDM": (
        "settle_route_update",
        {"sdm_action": "Commit", "sdm_route_update_ids": "ID33"},
        {"password": ""},
        "SDM_PASSWORD",
    ),
}
# What the playbook asks of the survey, and what a module asks of the credential
SHOWN = ("IDs", "password of SDM")


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in SHOWN else pytest.mark.exhaustive) for case in CASES]
)
def test_one_sentence_names_what_is_blank(case: str, simulator: Simulator, tmp_path: Path) -> None:
    template, facts, instead, named = CASES[case]
    before = len(simulator.requests())
    finished = play(tmp_path, template, simulator, facts, **instead)
    assert finished.code == 2
    told = MESSAGE.search(finished.stdout)
    assert told is not None, finished.output
    message = json.loads(told[1])["msg"]
    assert named in message
    assert "\n" not in message
    assert "Traceback" not in finished.output
    assert len(simulator.requests()) == before, "a system was asked all the same"


def test_hosts_that_wait_for_a_fork_share_the_deadline(simulator: Simulator, tmp_path: Path) -> None:
    """With one fork for two hosts, the second one waits for what the first has left: for one poll."""
    deadline = int(datetime.now(UTC).timestamp()) + AHEAD
    before = len(simulator.requests())
    facts = {"lxca_csv_job_ids": "371", "taskwatch_deadline": deadline}
    finished = play(tmp_path, "wait_lxca_csv_job", simulator, facts)
    assert finished.code == 2
    waited = [int(found) for found in LATE.findall("".join(MESSAGE.findall(finished.stdout)))]
    assert len(waited) == 2, finished.output
    assert max(waited) > 0
    assert min(waited) == 0
    assert asked_since(simulator, before) == {"lxca"}


def test_credential_for_vcenter_switches_no_check_off(simulator: Simulator, tmp_path: Path) -> None:
    """Although AWX injects VMWARE_VALIDATE_CERTS as False, an appliance that is not trusted gets no password."""
    finished = play(tmp_path, "wait_appliance_update", simulator, {"wait_minutes": 1})
    told = MESSAGE.search(finished.stdout)
    assert told is not None, finished.output
    assert "certificate" in json.loads(told[1])["msg"]
    assert not [each for each in simulator.requests() if each["system"] == "vcenter"]


ANSWERS: Mapping[str, Any] = {
    "lxca_csv_job_ids": "371",
    "lxca_export_ids": "12",
    "lxca_task_ids": "51",
    "sdm_route_update_ids": "ID404",
    "sdm_route_set_ids": "404",
    "sdm_update_name": "CHG0042",
    "sdm_action": "Commit",
    "rest_api": "proxmox_task",
    "rest_variables": "node=pve1",
    "rest_task_ids": "7",
    "vcenter_validate_certs": False,
    "taskwatch_deadline": 1,
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("template", JOB_TEMPLATES)
def test_no_login_leaves_its_system(template: str, simulator: Simulator, tmp_path: Path) -> None:
    """Also with a blank limit on an inventory of all systems: a play names its own group."""
    before = len(simulator.requests())
    finished = play(tmp_path, template, simulator, ANSWERS)
    group = JOB_TEMPLATES[template]["limit"]
    assert asked_since(simulator, before) == {AT.get(group, group)}, finished.output


def test_limit_that_leaves_no_host_is_refused(simulator: Simulator, tmp_path: Path) -> None:
    """Ansible would skip the play, and the job would be green."""
    before = len(simulator.requests())
    finished = play(tmp_path, "wait_lxca_task", simulator, ANSWERS, "-l", "sdm")
    told = MESSAGE.search(finished.stdout)
    assert finished.code == 2
    assert told is not None, finished.output
    assert json.loads(told[1])["msg"].startswith("No host of lxca is left by the limit sdm;")
    assert asked_since(simulator, before) == set()


def test_check_mode_says_what_would_be_pushed(simulator: Simulator, tmp_path: Path) -> None:
    before = len(simulator.requests())
    facts = {"sdm_route_set_ids": "2, 7", "sdm_update_name": "CHG0042"}
    finished = play(tmp_path, "start_route_update", simulator, facts, "--check")
    assert finished.code == 0, finished.output
    assert "would be asked to push the route sets 2, 7 as CHG0042; nothing was pushed" in finished.stdout
    assert asked_since(simulator, before) == {"sdm"}
    assert not [each for each in simulator.requests()[before:] if each["path"].endswith("/action")]
    assert not simulator.sessions()["sdm"]


def test_description_of_the_inventory_and_placeholders_in_text(simulator: Simulator, tmp_path: Path) -> None:
    """The host brings the description, the survey what has to be filled in."""
    described = copy.deepcopy(LXCA_TASK)
    described["task"]["request"]["path"] = "/{folder}/{id}"
    described["login"]["logout"]["path"] = "/{sessions}"
    access = simulator.systems["lxca"]
    at = {"ansible_host": access["hostname"], "ansible_port": access["port"], "rest_description": described}
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps({"rest": {"hosts": {"lxca.example.com": at}}}), encoding="utf-8")
    ansible = Ansible(tmp_path)
    answers = {"rest_task_ids": "51", "rest_variables": "folder=tasks, sessions=sessions", "taskwatch_deadline": 1}
    command = ["ansible-playbook", "taskwatch.infra.wait_rest_task", "-i", str(inventory), *ansible.facts(answers)]
    finished = ansible.run(*command, variables=environment(tmp_path, "rest", simulator))
    told = MESSAGE.search(finished.stdout)
    assert told is not None, finished.output
    assert LATE.search(json.loads(told[1])["msg"]), finished.output
    assert not simulator.sessions()["lxca"]


# How the login is answered, with what the sentence says became of it
LOGINS = {
    401: "refused the login of",
    404: "has no REST API v1.3",
    503: "did not answer the login",
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("status", LOGINS)
def test_login_is_told_by_what_became_of_it(status: int, tmp_path: Path) -> None:
    """One try each, whatever it was: a wrong password must not lock the account."""
    with embedded.running("slow") as simulator:
        simulator.add_fault({"system": "sdm", "kind": "status", "status": status})
        typed = {"sdm_action": "Commit", "sdm_route_update_ids": "ID33"}
        finished = play(tmp_path, "settle_route_update", simulator, typed, "-l", "sdm-one.example.com")
        told = MESSAGE.search(finished.stdout)
        assert told is not None, finished.output
        assert f"SDM on sdm-one.example.com (127.0.0.1) {LOGINS[status]}" in json.loads(told[1])["msg"]
        assert len([each for each in simulator.requests() if each["path"].endswith("/login")]) == 1
