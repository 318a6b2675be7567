# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job templates and workflows are such as AWX takes, and fit the playbooks that they start."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shipped import NAMES as DESCRIPTIONS

from tests.support.ansible import ROOT
from tests.support.modules import MODULES

from .data import CREDENTIAL_TYPES, JOB_TEMPLATES, WORKFLOWS, path_of
from .rules import faults_of_survey

each_template = pytest.mark.parametrize("name", JOB_TEMPLATES)
each_workflow = pytest.mark.parametrize("name", WORKFLOWS)
BY_TITLE = {template["name"]: template for template in JOB_TEMPLATES.values()}
# AWX's own type for vCenter, which needs no other
BUILT_IN = {"VMware vCenter"}
MINUTES = re.compile(r"wait_minutes \| default\((\d+), true\)")


def survey_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the survey as awx_setup sends it."""
    return {"name": "", "description": "", "spec": copy.deepcopy(data["survey"])}


def question_of(data: Mapping[str, Any], variable: str) -> dict[str, Any]:
    """Return the question that fills a variable."""
    (found,) = [question for question in data["survey"] if question["variable"] == variable]
    return dict(found)


@each_template
def test_awx_takes_the_survey(name: str) -> None:
    assert list(faults_of_survey(survey_of(JOB_TEMPLATES[name]))) == []


@each_workflow
def test_awx_takes_the_survey_of_a_workflow(name: str) -> None:
    assert list(faults_of_survey(survey_of(WORKFLOWS[name]))) == []


SPOILT = {
    "no type": {"type": None},
    "boolean": {"type": "boolean"},
    "required as text": {"required": "true"},
    "variable": {"variable": "wait-minutes"},
    "variable twice": {"variable": "vcenter_wait_for"},
    "default of another type": {"default": "60"},
    "default above max": {"default": 100_000},
    "min above max": {"min": 1000, "max": 10, "default": ""},
    "max as text": {"max": "240"},
    "unknown key": {"help_text": "in minutes"},
    "no choices": {"type": "multiplechoice", "default": ""},
    "default of a multiselect": {"type": "multiselect", "choices": ["60"], "default": "60"},
    "default that is no choice": {"type": "multiplechoice", "choices": ["60"], "default": "61"},
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
def test_rules_find_what_awx_refuses(change: dict[str, Any]) -> None:
    survey = survey_of(JOB_TEMPLATES["wait_appliance_update"])
    (minutes,) = [question for question in survey["spec"] if question["variable"] == "wait_minutes"]
    minutes.update(change)
    assert list(faults_of_survey(survey))


def test_every_module_has_a_template_that_waits() -> None:
    waits = [
        path_of(each).read_text(encoding="utf-8") for name, each in JOB_TEMPLATES.items() if name.startswith("wait_")
    ]
    assert [module.name for module in MODULES if not any(f"{module.fqcn}:" in text for text in waits)] == []


def test_apis_to_choose_from_are_those_of_the_module() -> None:
    assert question_of(JOB_TEMPLATES["wait_rest_task"], "rest_api")["choices"] == list(DESCRIPTIONS)


@each_template
def test_template_fits_its_playbook(name: str) -> None:
    """The playbook is there, asks for what the survey answers, and is limited to a group that has its own meaning."""
    template = JOB_TEMPLATES[name]
    text = path_of(template).read_text(encoding="utf-8")
    assert name == path_of(template).stem
    assert [each["variable"] for each in template["survey"] if each["variable"] not in text] == []
    assert template["credential_type"] in {each["name"] for each in CREDENTIAL_TYPES.values()} | BUILT_IN
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    assert template["limit"] in groups


@each_template
def test_default_of_the_survey_is_that_of_the_playbook(name: str) -> None:
    """Where the survey is left blank, or there is none."""
    in_playbook = MINUTES.findall(path_of(JOB_TEMPLATES[name]).read_text(encoding="utf-8"))
    in_survey = [str(each["default"]) for each in JOB_TEMPLATES[name]["survey"] if each["variable"] == "wait_minutes"]
    assert in_playbook == in_survey


@each_template
def test_playbook_is_ready_to_be_sliced(name: str) -> None:
    """A play on localhost would run once in every slice; one on all hosts would log in to other systems."""
    check, *plays = yaml.safe_load(path_of(JOB_TEMPLATES[name]).read_text(encoding="utf-8"))
    group = JOB_TEMPLATES[name]["limit"]
    assert check["vars"] == {"taskwatch_group": group}
    for play in plays:
        assert play["hosts"] == f"{{{{ taskwatch_hosts | default('{group}') }}}}"
        assert "run_once" not in str(play)
        assert "delegate_to" not in str(play)


def nodes_of(workflow: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], set[str]]]:
    """Yield each node with the identifiers of those before it."""
    known: set[str] = set()
    for node in workflow["nodes"]:
        yield node, set(known)
        known.add(node["identifier"])


@each_workflow
def test_nodes_lead_to_nodes_that_are_there(name: str) -> None:
    """Each is made after those that it leads to, and only the last one begins."""
    led_to: set[str] = set()
    for node, before in nodes_of(WORKFLOWS[name]):
        assert node["job_template"] in BY_TITLE
        targets = {*node.get("success_nodes", []), *node.get("failure_nodes", [])}
        assert targets <= before
        led_to |= targets
    assert {node["identifier"] for node in WORKFLOWS[name]["nodes"]} - led_to == {
        WORKFLOWS[name]["nodes"][-1]["identifier"]
    }


@each_workflow
def test_a_required_answer_comes_from_somewhere(name: str) -> None:
    """Of the node itself or the survey of the workflow; AWX asks no question when a node begins."""
    workflow = WORKFLOWS[name]
    for node in workflow["nodes"]:
        required = {each["variable"] for each in BY_TITLE[node["job_template"]]["survey"] if each["required"]}
        assert required <= node.get("extra_data", {}).keys() | {each["variable"] for each in workflow["survey"]}


@each_workflow
def test_answers_of_a_workflow_fit_its_templates(name: str) -> None:
    """A longer wait than the template allows would be killed by the template's timeout."""
    for question in WORKFLOWS[name]["survey"]:
        asked = [BY_TITLE[node["job_template"]] for node in WORKFLOWS[name]["nodes"]]
        same = [each for data in asked for each in data["survey"] if each["variable"] == question["variable"]]
        assert same
        for each in same:
            assert (question["type"], question.get("max")) == (each["type"], each.get("max"))
