# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""awx_setup makes everything once, and awx_teardown takes all of it away, by the real modules of awx.awx."""

from __future__ import annotations

import copy
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.ansible import COLLECTIONS, Ansible, Finished

from .awx_collection import awx_collections
from .data import CREDENTIAL_TYPES, JOB_TEMPLATES, PLAYBOOKS, WORKFLOWS
from .fake_awx import Thing, serving

IMAGE = "registry.example.com/taskwatch:1.0"
IN_USE = "Lenovo XClarity Administrator"
CHANGED = re.compile(r"changed=(\d+)")
# How AWX finds playbooks in a project: awx/main/utils/ansible.py (could_be_playbook, skip_directory)
PLAYBOOK_LINE = re.compile(r"^\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):", re.MULTILINE)


def playbooks_of_project() -> list[str]:
    """Return the playbooks that AWX finds in a checkout of this repository."""
    return [
        f"playbooks/{file.name}"
        for file in PLAYBOOKS.glob("*.yml")
        if PLAYBOOK_LINE.search(file.read_text(encoding="utf-8"))
    ]


@dataclass(frozen=True)
class SetUps:
    """An AWX that was set up twice and then cleared.

    `changes` counts what each run asked beyond reading, `names` are what stood there after it, `made` is all that the
    first one made.
    """

    runs: tuple[Finished, ...]
    changes: tuple[int, ...]
    names: tuple[dict[str, list[str]], ...]
    made: dict[str, list[Thing]]


def play(ansible: Ansible, name: str, variables: dict[str, str], *arguments: str, beside: str = "awx.awx") -> Finished:
    """Play a playbook of the collection with awx.awx beside it, or with its twin."""
    paths = os.pathsep.join([str(COLLECTIONS), str(awx_collections(beside))])
    command = ["ansible-playbook", f"taskwatch.infra.{name}", *arguments]
    return ansible.run(*command, variables={**variables, "ANSIBLE_COLLECTIONS_PATH": paths})


@pytest.fixture(scope="module")
def set_ups(tmp_path_factory: pytest.TempPathFactory) -> SetUps:
    """Set up, set up again when a credential type is in use, and undo, in an AWX that is not empty."""
    ansible = Ansible(tmp_path_factory.mktemp("awx"))
    runs: list[Finished] = []
    changes, names = [], []
    made: dict[str, list[Thing]] = {}
    with serving(playbooks_of_project()) as (awx, variables):
        lab = awx.add("credential_types", name="Of another team", kind="cloud")
        awx.add("credentials", name="SDM of the lab", credential_type=lab["id"])
        with_credential = '{"taskwatch_credentials": {"sdm": "SDM of the lab"}}'
        image = f"taskwatch_image={IMAGE}"
        for command in (
            ("awx_setup", "-e", image, "-e", with_credential),
            ("awx_setup", "-e", image, "-e", with_credential),
            ("awx_teardown", "-e", "taskwatch_project_url="),
            ("awx_teardown",),
        ):
            before = len(awx.changes)
            runs.append(play(ansible, command[0], variables, *command[1:]))
            changes.append(len(awx.changes) - before)
            names.append(awx.names())
            if len(runs) == 1:
                lxca = awx.named("credential_types", IN_USE)
                awx.add("credentials", name="LXCA of the lab", credential_type=lxca["id"])
                made = {kind: copy.deepcopy(list(things.values())) for kind, things in awx.things.items()}
    return SetUps(tuple(runs), tuple(changes), tuple(names), made)


@pytest.mark.exhaustive
def test_all_runs_succeed(set_ups: SetUps) -> None:
    for run in set_ups.runs:
        assert run.code == 0, run.output


@pytest.mark.exhaustive
def test_everything_is_made(set_ups: SetUps) -> None:
    made = set_ups.names[0]
    assert made["credential_types"] == sorted(
        ["Of another team", *(each["name"] for each in CREDENTIAL_TYPES.values())]
    )
    assert made["job_templates"] == sorted(each["name"] for each in JOB_TEMPLATES.values())
    assert made["workflow_job_templates"] == sorted(each["name"] for each in WORKFLOWS.values())
    assert made["execution_environments"] == made["projects"] == ["taskwatch.infra"]
    assert made["groups"] == sorted({each["limit"] for each in JOB_TEMPLATES.values()})


@pytest.mark.exhaustive
def test_second_run_changes_nothing(set_ups: SetUps) -> None:
    assert CHANGED.findall(set_ups.runs[0].stdout) != ["0"]
    assert CHANGED.findall(set_ups.runs[1].stdout) == ["0"]
    assert set_ups.changes[1] == 0
    assert {**set_ups.names[1], "credentials": None} == {**set_ups.names[0], "credentials": None}


@pytest.mark.exhaustive
def test_undo_leaves_what_is_not_ours(set_ups: SetUps) -> None:
    assert set_ups.names[2]["projects"] == ["taskwatch.infra"], "a project without an address is not ours"
    left = set_ups.names[3]
    assert left.keys() - {"project_updates"} == {
        "organizations",
        "credential_types",
        "credentials",
        "inventories",
        "groups",
    }
    assert left["credential_types"] == [IN_USE, "Of another team"]
    assert IN_USE in set_ups.runs[2].stdout.rpartition('"stays"')[2]
    assert CHANGED.findall(set_ups.runs[3].stdout) == ["1"], "what was gone already is gone without a change"


@pytest.mark.exhaustive
def test_runs_say_what_they_did(set_ups: SetUps) -> None:
    everything = [each["name"] for data in (CREDENTIAL_TYPES, JOB_TEMPLATES, WORKFLOWS) for each in data.values()]
    for run in (set_ups.runs[0], set_ups.runs[2]):
        last = run.stdout.rpartition("TASK [Say")[2]
        assert all(name in last for name in everything)


@pytest.mark.exhaustive
def test_templates_outlast_the_longest_wait(set_ups: SetUps) -> None:
    """AWX kills a job at its timeout; a wait has to end before, with time for what follows it."""
    timeouts = {each["name"]: each["timeout"] for each in set_ups.made["job_templates"]}
    for template in JOB_TEMPLATES.values():
        longest = [60 * each["max"] for each in template["survey"] if each["variable"] == "wait_minutes"]
        assert timeouts[template["name"]] == 600 + sum(longest)


@pytest.mark.exhaustive
def test_workflow_branches(set_ups: SetUps) -> None:
    nodes = {each["id"]: each for each in set_ups.made["workflow_job_template_nodes"]}
    for workflow in WORKFLOWS.values():
        for node in workflow["nodes"]:
            (made,) = [each for each in nodes.values() if each["identifier"] == node["identifier"]]
            for kind in ("success_nodes", "failure_nodes"):
                assert [nodes[each]["identifier"] for each in made["_lists"][kind]] == node.get(kind, [])


@pytest.mark.exhaustive
def test_credential_that_was_named_is_attached(set_ups: SetUps) -> None:
    attached = {each["name"]: len(each["_lists"]["credentials"]) for each in set_ups.made["job_templates"]}
    assert attached == {each["name"]: int(each["limit"] == "sdm") for each in JOB_TEMPLATES.values()}


def only(system: str) -> tuple[str, ...]:
    """Return the arguments that set up one system."""
    return "-e", f"taskwatch_image={IMAGE}", "-e", f"taskwatch_systems={system}"


def test_wrong_organization_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with serving(playbooks_of_project()) as (awx, variables):
        wrong = play(
            Ansible(tmp_path), "awx_setup", variables, *only("vcenter"), "-e", "taskwatch_organization=Elsewhere"
        )
    assert wrong.code == 2
    assert "There is no organization Elsewhere" in wrong.stdout
    assert awx.changes == []


@pytest.mark.exhaustive
def test_project_whose_update_failed_is_updated_once_more(tmp_path: Path) -> None:
    """And the run after that changes nothing; only what one system needs is made."""
    ansible = Ansible(tmp_path)
    with serving(playbooks_of_project()) as (awx, variables):
        (organization,) = awx.things["organizations"].values()
        address = yaml.safe_load((PLAYBOOKS / "vars/awx.yml").read_text(encoding="utf-8"))["taskwatch_project_url"]
        known = {"organization": organization["id"], "scm_type": "git", "scm_url": address, "scm_branch": ""}
        project = awx.add("projects", name="taskwatch.infra", status="failed", _playbooks=[], **known)
        project.update(scm_revision="", description="The playbooks of taskwatch.infra.")
        first = play(ansible, "awx_setup", variables, *only("vcenter"))
        assert first.code == 0, first.output
        assert project["status"] == "successful"
        assert awx.names()["job_templates"] == [JOB_TEMPLATES["wait_appliance_update"]["name"]]
        assert awx.names()["groups"] == ["vcenter"]
        assert "credential_types" not in awx.names()
        assert awx.names()["workflow_job_templates"] == [WORKFLOWS["wait_appliance_update"]["name"]]

        before = len(awx.changes)
        second = play(ansible, "awx_setup", variables, *only("vcenter"))
        assert second.code == 0, second.output
        assert CHANGED.findall(second.stdout) == ["0"]
        assert len(awx.changes) == before
        assert "WARNING" not in second.output


@pytest.mark.exhaustive
def test_first_update_that_fails_is_healed_by_the_next_run(tmp_path: Path) -> None:
    ansible = Ansible(tmp_path)
    with serving(playbooks_of_project()) as (awx, variables):
        awx.failing = 1
        first = play(ansible, "awx_setup", variables, *only("sdm"))
        assert first.code == 2
        assert "Project update failed" in first.stdout
        second = play(ansible, "awx_setup", variables, *only("sdm"))
        assert second.code == 0, second.output
        assert awx.names()["credential_types"] == ["Oracle Session Delivery Manager"]
        (workflow,) = awx.things["workflow_job_templates"].values()
        assert workflow["ask_limit_on_launch"] is True


@pytest.mark.exhaustive
def test_type_of_an_older_version_that_is_in_use_stays(tmp_path: Path) -> None:
    """AWX refuses to change its inputs; everything else is made all the same, and the type is named."""
    with serving(playbooks_of_project()) as (awx, variables):
        old = copy.deepcopy(CREDENTIAL_TYPES["lxca"])
        old["inputs"]["fields"].pop()
        del old["injectors"]["env"]["LXCA_USE_PROXY"], old["system"]
        made = awx.add("credential_types", **old)
        awx.add("credentials", name="LXCA of the lab", credential_type=made["id"])
        done = play(Ansible(tmp_path), "awx_setup", variables, *only("lxca"))
        assert done.code == 0, done.output
        assert IN_USE in done.stdout.rpartition("left_as_it_is_because_it_is_in_use")[2]
        assert len(awx.names()["job_templates"]) == 3


def test_unknown_system_is_refused(tmp_path: Path) -> None:
    refused = play(Ansible(tmp_path), "awx_setup", {}, "-e", f"taskwatch_image={IMAGE}", "-e", "taskwatch_systems=sbc")
    assert refused.code == 2
    assert "one or more of lxca, prisma_sdwan, rest, sdm, vcenter, not 'sbc'" in " ".join(refused.stdout.split())


@pytest.mark.exhaustive
def test_ansible_controller_does_as_well(tmp_path: Path) -> None:
    """The collection of the Automation Platform has the same modules by the same names."""
    ansible = Ansible(tmp_path)
    with serving(playbooks_of_project()) as (awx, variables):
        named = (*only("sdm"), "-e", "taskwatch_collection=ansible.controller")
        done = play(ansible, "awx_setup", variables, *named, beside="ansible.controller")
        assert done.code == 0, done.output
        assert "Push SDM route sets" in awx.names()["workflow_job_templates"]
        undone = play(ansible, "awx_teardown", variables, *named, beside="ansible.controller")
        assert undone.code == 0, undone.output
        assert "workflow_job_templates" not in awx.names()
