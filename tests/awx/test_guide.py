# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide for AWX says what is so: its tables are those of the data, its blocks are played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import ROOT, Ansible
from tests.support.pages import GUIDES, blocks_of, guide, rows_of, sections_of

from .data import CREDENTIAL_TYPES, JOB_TEMPLATES
from .test_credential_types import credentials

SECTIONS = sections_of(guide("awx"))
BLOCKS = [block.text for block in blocks_of(GUIDES / "awx.rst") if block.asked.get("played_by") == "awx"]
IMPORT, INVENTORY, ARTIFACT, NEXT_NODE = BLOCKS
HOST = "sdm-a.example.com"


def table_of(section: str) -> list[list[str]]:
    """Return the rows of a section's table without the headings."""
    return rows_of(SECTIONS[section])[1:]


def test_variables_are_those_of_the_playbooks() -> None:
    said = {row[0].strip("`"): row[1].strip("`") for row in table_of("Set it up")}
    known = yaml.safe_load((ROOT / "playbooks/vars/awx.yml").read_text(encoding="utf-8"))
    constants = {name: value for name, value in known.items() if "{{" not in str(value)}
    assert said.keys() == constants.keys() | {"taskwatch_image"}
    for name, value in constants.items():
        assert said[name] == str(value) or said[name] in (
            "none",
            "all",
            "the main one",
            "the repository of the collection",
        )


def test_credential_types_are_those_of_the_data() -> None:
    said = {row[0]: row[1] for row in table_of("Make credentials")}
    assert said.pop("VMware vCenter") == "host, user name, password"
    wanted = {}
    for data in CREDENTIAL_TYPES.values():
        labels = {field["id"]: field["label"] for field in data["inputs"]["fields"]}
        wanted[data["name"]] = [labels[name].lower() for name in data["inputs"].get("required", [])] or ["none"]
    assert {name: required.lower().split(", ") for name, required in said.items()} == wanted


def test_templates_are_those_of_the_data() -> None:
    said = sorted([row[0], row[1].strip("`"), row[2].strip("`")] for row in table_of("Start a job"))
    assert said == sorted([each["name"], name, each["limit"]] for name, each in JOB_TEMPLATES.items())


def test_inventory_has_the_groups_of_the_templates() -> None:
    assert yaml.safe_load(INVENTORY).keys() == {each["limit"] for each in JOB_TEMPLATES.values()}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Systems whose tasks fail."""
    with embedded.running("failures", speed=600) as served:
        yield served


def test_artifact_and_inventory_and_next_node_go_together(simulator: Simulator, tmp_path: Path) -> None:
    """The inventory's IDs are waited for by the imported playbook, and the next play reads what that has handed on."""
    inventory: dict[str, Any] = yaml.safe_load(INVENTORY)
    inventory["sdm"]["hosts"][HOST].update(ansible_host="127.0.0.1", ansible_port=simulator.systems["sdm"]["port"])
    file = tmp_path / "inventory.json"
    file.write_text(json.dumps(inventory), encoding="utf-8")
    ansible = Ansible(tmp_path)
    variables = {**credentials(tmp_path, simulator), "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    limit = ["-i", str(file), "-l", "sdm"]
    waited = ansible.run("ansible-playbook", ansible.playbook(*yaml.safe_load(IMPORT)), *limit, variables=variables)
    assert waited.code == 2, waited.output
    handed_on = json.loads(waited.stdout.partition("\tRUN: ")[2].splitlines()[0])
    shown = json.loads(ARTIFACT)
    assert handed_on.keys() == shown.keys()
    assert handed_on[next(iter(shown))].keys() == shown[next(iter(shown))].keys()
    assert handed_on[next(iter(shown))]["tasks"][0].keys() == shown[next(iter(shown))]["tasks"][0].keys()
    told = ansible.play(*yaml.safe_load(NEXT_NODE), facts=handed_on, arguments=limit)
    assert told.code == 0, told.output
    assert f"ID33 on {HOST}: SDM route update ID33" in told.stdout


def test_empty_group_is_refused(tmp_path: Path) -> None:
    """In the words that the guide quotes."""
    file = tmp_path / "inventory.json"
    file.write_text(json.dumps({"lxca": {"hosts": {"lxca-a.example.com": {}}}, "sdm": {}}), encoding="utf-8")
    ansible = Ansible(tmp_path)
    done = ansible.run("ansible-playbook", "taskwatch.infra.wait_route_update", "-i", str(file), "-l", "sdm")
    (said,) = [row[0] for row in table_of("Read what was refused") if row[0].startswith("Specified inventory")]
    assert done.code != 0
    assert said in " ".join(done.output.split())
