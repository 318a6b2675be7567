# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns of extensions/patterns: laid out as ansible-creator does, and played against the simulator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import ROOT, Ansible, Finished
from tests.support.modules import MODULES
from tests.support.rehearsal import simulated

PATTERNS = ROOT / "extensions/patterns"
NAMES = sorted(path.name for path in PATTERNS.iterdir())
PLAYBOOK = PATTERNS / "change_window/playbooks/site.yml"
WORK = {
    "window_lxca_job_ids": "51, 52",
    "window_route_update_ids": "ID33",
    "window_appliance": "idle",
    "window_element_ids": "all",
}
SYSTEMS = ["lxca", "sdm", "vcenter", "prisma_sdwan"]
OUTCOME = re.compile(r'^    "msg": "(.*)"$', re.MULTILINE)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Serve tasks that end well within seconds."""
    with simulated("all_succeed", speed=30) as served:
        yield served


def play(folder: Path, simulator: Simulator, facts: Mapping[str, Any]) -> Finished:
    """Play the pattern's playbook as a job does whose credentials set the environment."""
    ansible = Ansible(folder)
    facts = {"window_minutes": 2, "window_prisma_sdwan_port": simulator.systems["prisma_sdwan"]["port"], **facts}
    variables = {name: value for module in MODULES for name, value in module.variables(simulator).items()}
    return ansible.run("ansible-playbook", str(PLAYBOOK), *ansible.facts(facts), variables=variables)


def meta(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PATTERNS / name / "meta/pattern.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_layout(name: str) -> None:
    pattern = meta(name)
    assert pattern["name"] == name
    assert (PATTERNS / name / "README.md").read_text(encoding="utf-8").startswith(f"# {pattern['title']}\n")
    resources = pattern["aap_resources"]
    templates = resources["controller_job_templates"]
    assert [each["primary"] for each in templates] == [True]
    for template in templates:
        assert (PATTERNS / name / "playbooks" / template["playbook"]).is_file()
        assert template["execution_environment"] == resources["controller_execution_environment"]["name"]
        assert set(template["labels"]) <= set(resources["controller_labels"])


@pytest.mark.parametrize("name", NAMES)
def test_survey_asks_for_what_the_playbook_takes(name: str) -> None:
    playbooks = PATTERNS / name / "playbooks"
    (template,) = meta(name)["aap_resources"]["controller_job_templates"]
    questions = {each["variable"]: each for each in template["survey"]["spec"]}
    described = yaml.safe_load((playbooks / "site.meta.yml").read_text(encoding="utf-8"))["argument_specs"]
    (spec,) = described.values()
    defaults = yaml.safe_load((playbooks / "group_vars/all.yml").read_text(encoding="utf-8"))
    assert questions.keys() == spec["options"].keys() == defaults.keys()
    for variable, option in spec["options"].items():
        assert questions[variable]["default"] == option["default"] == defaults[variable]
        assert questions[variable].get("choices") == option.get("choices")


def test_work_of_every_system_is_waited_for(simulator: Simulator, tmp_path: Path) -> None:
    simulator.reset()
    finished = play(tmp_path, simulator, WORK)
    assert finished.code == 0, finished.output
    outcomes = OUTCOME.findall(finished.stdout)
    assert [each.partition(" after ")[0] for each in outcomes] == [f"{name}: succeeded" for name in SYSTEMS]
    assert {each["system"] for each in simulator.requests()} == set(SYSTEMS)
    assert not any(simulator.sessions().values())


def test_bad_work_of_one_system_fails_the_job_at_the_end(simulator: Simulator, tmp_path: Path) -> None:
    simulator.reset("failures")
    finished = play(tmp_path, simulator, {"window_route_update_ids": "ID33", "window_element_ids": "16540011223340092"})
    simulator.reset("all_succeed")
    assert finished.code == 2
    assert [each.partition(" on ")[0] for each in OUTCOME.findall(finished.stdout)] == [
        "SDM route update ID33",
        "Prisma SD-WAN element 16540011223340092",
    ]
    # Also those of the systems after the first whose work ended badly
    told = finished.stdout.partition("Fail unless all work ended well")[2]
    assert "ID33" in told
    assert "16540011223340092" in told
    assert "Traceback" not in finished.output


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "Nothing to wait for: name jobs, route updates, elements or the appliance."),
        pytest.param(
            {"window_route_update_ids": "ID33", "window_minutes": 0},
            "window_minutes must be above 0, not 0.",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            {"window_appliance": "instaled"},
            "window_appliance must be one of: none, idle, staged, installed",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_answers_that_cannot_be_are_a_sentence(
    facts: Mapping[str, Any], told: str, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.reset()
    finished = play(tmp_path, simulator, facts)
    assert finished.code == 2
    assert told in finished.output
    assert simulator.requests() == []
