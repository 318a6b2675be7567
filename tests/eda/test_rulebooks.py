# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-rulebook itself with the guide's rulebooks and the shipped ones, through outages and an expired session."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import yaml
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import (
    Seen,
    gone,
    not_found,
    task,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.plugin_utils.helpers.watches import Watched

from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.identity import identity, write_ca
from taskwatch_simulator.scenario import Scenario, parse
from tests.support.ansible import ROOT, Ansible
from tests.support.modules import BY_NAME
from tests.support.pages import GUIDES, blocks_of, guide, rows_of
from tests.support.rest_server import Asked, Told
from tests.support.rest_server import serving as rest_server

from .conftest import Stopwatch
from .controller import Controller, serving
from .rulebooks import started

GUIDE = GUIDES / "eda.rst"
ROLLBACK = ("POST", "/rest/v1.3/routeSets/routeUpdates/ID33/action")


@pytest.fixture(scope="module")
def controller_of_all() -> Iterator[Controller]:
    """A controller for all tests of this file."""
    with serving() as controller:
        yield controller


@pytest.fixture
def controller(controller_of_all: Controller) -> Controller:
    """A controller that has launched nothing yet."""
    controller_of_all.launched.clear()
    return controller_of_all


def scenario(**systems: list[dict[str, Any]]) -> Scenario:
    """Return a scenario of these tasks by system."""
    return parse(json.dumps({"description": "test", **{name: {"tasks": tasks} for name, tasks in systems.items()}}), "")


def asked(simulator: Simulator) -> list[tuple[str, str]]:
    """Return method and path of each request."""
    return [(each["method"], each["path"]) for each in simulator.requests()]


@pytest.mark.exhaustive
def test_the_rulebooks_of_the_guide_start_their_playbooks(
    simulator: Simulator, stopwatch: Stopwatch, ansible: Ansible
) -> None:
    """Both at once: two systems of which one is away at first and forgets the session later, and two jobs.

    ansible-rulebook would end with the first of the two sources that ends, and would not wait for the job either.
    """
    files = {block.asked["file"]: block.text for block in blocks_of(GUIDE) if "file" in block.asked}
    for name, text in files.items():
        (ansible.folder / name).write_text(text, encoding="utf-8")
    both = [*yaml.safe_load(files["rulebook.yml"]), *yaml.safe_load(files["rollback_rulebook.yml"])]
    (ansible.folder / "both.yml").write_text(yaml.safe_dump(both), encoding="utf-8")
    updates = [
        {"id": "ID33", "devices": 3, "duration": 150, "end": "failed", "error_handling": "abort"},
        {"id": "ID40", "devices": 3, "duration": 300},
    ]
    stopwatch.stop()
    simulator.reset(scenario(lxca=[{"kind": "export", "id": "12", "duration": 120}], sdm=updates))
    simulator.add_fault({"system": "lxca", "kind": "status", "status": 503, "times": 2})
    access = simulator.systems["lxca"]
    facts = {"lxca_hostname": access["hostname"], "lxca_username": access["username"]}
    arguments = ["--inventory", "inventory.yml", "--shutdown-delay", "0.1"]
    with started(ansible, "both.yml", simulator, *arguments, variables=facts) as rulebook:
        rulebook.until(lambda: simulator.sessions()["lxca"] and simulator.sessions()["sdm"], "the logins")
        simulator.add_fault({"system": "lxca", "kind": "expire_sessions"})
        # Two tasks, either of which may be asked for again at once on a new connection
        simulator.add_fault({"system": "sdm", "kind": "reset", "times": 4, "method": "GET"})
        stopwatch.start()
        assert rulebook.end() == 0, rulebook.said
    said = rulebook.said
    assert "lxca_repo_export_info on 127.0.0.1: no good answer: it reports an error of its own (HTTP 503" in said
    port = simulator.systems["sdm"]["port"]
    reset = f"the connection was reset on port {port}"
    assert f"route_update_info on 127.0.0.1: no good answer: {reset}; the watch goes on" in said
    assert re.search(r'"msg": "repository\d+\.zip is complete"', said)
    assert asked(simulator).count(ROLLBACK) == 1
    assert asked(simulator).count(("POST", "/sessions")) >= 3, "two that were answered 503 or expired, and one more"
    assert not any(simulator.sessions().values())


def test_a_rulebook_waits_for_a_task_of_a_described_api(ansible: Ansible, simulator: Simulator) -> None:
    """Through a login that meets a restart, an outage and a session that ends."""
    (text,) = [block.text for block in blocks_of(GUIDE) if block.asked.get("file") == "rest_rulebook.yml"]
    rulesets = yaml.safe_load(text)
    rulesets[0]["sources"][0]["taskwatch.infra.task_status"]["interval"] = 0.2
    (ansible.folder / "rest_rulebook.yml").write_text(yaml.safe_dump(rulesets), encoding="utf-8")
    sessions, running = "/redfish/v1/SessionService/Sessions", {"TaskState": "Running", "Name": "Update"}
    opened = Told({}, 201, {"X-Auth-Token": "t1cket-of-the-session", "Location": f"{sessions}/1"})
    logins = [Told(status=503), opened, opened]
    polls = [Told(running), Told(status=503), Told(status=401), Told({**running, "TaskState": "Completed"})]

    def script(request: Asked) -> Told:
        if request.method == "GET":
            assert request.headers["x-auth-token"] == "t1cket-of-the-session"
            return polls.pop(0)
        return logins.pop(0) if request.method == "POST" else Told(status=204)

    with rest_server(script, identity().context) as service:
        access = {
            "REST_TASK_HOST": "127.0.0.1",
            "REST_TASK_PORT": str(service.port),
            "REST_TASK_CA_PATH": write_ca(ansible.folder),
        }
        with started(ansible, "rest_rulebook.yml", simulator, environment=access) as rulebook:
            assert rulebook.end() == 0, rulebook.said
    assert "Update is complete" in rulebook.said
    assert "t1cket" not in rulebook.said
    assert (logins, polls) == ([], [])
    assert [request.method for request in service.asked][-2:] == ["GET", "DELETE"]


def test_the_next_job_starts_when_the_last_export_is_complete(
    simulator: Simulator, stopwatch: Stopwatch, ansible: Ansible, controller: Controller
) -> None:
    exports = [{"kind": "export", "id": "12", "duration": 120}, {"kind": "export", "id": "13", "duration": 300}]
    stopwatch.stop()
    simulator.reset(scenario(lxca=exports))
    name = "taskwatch.infra.next_job_after_export"
    facts = {"export_ids": ["12", "13"], "next_job": "Roll the firmware out"}
    with started(ansible, name, simulator, variables=facts, controller=controller) as rulebook:
        rulebook.until(lambda: simulator.sessions()["lxca"], "the login to LXCA")
        # Two exports, each read once more after a login, for a page may stand for an expired session
        simulator.add_fault({"system": "lxca", "kind": "html", "times": 4, "method": "GET"})
        simulator.add_fault({"system": "lxca", "kind": "expire_sessions"})
        stopwatch.start()
        assert rulebook.end() == 0, rulebook.said
    assert "no good answer: expected the status of a repository export in JSON, got '<" in rulebook.said
    ((template, payload),) = controller.launched
    assert template == "Roll the firmware out"
    extra = payload["extra_vars"]
    assert extra.keys() == {"export_id", "export_name", "lxca_hostname"}
    # Either may be the last whose end is seen, because a page answers one request and not the other
    assert extra["export_id"] in {"12", "13"}
    assert extra["lxca_hostname"] == "127.0.0.1"
    assert not any(simulator.sessions().values())


@pytest.mark.exhaustive
def test_each_failed_export_is_reported_and_the_next_job_does_not_start(
    simulator: Simulator, ansible: Ansible, controller: Controller
) -> None:
    simulator.reset("failures")
    name = "taskwatch.infra.next_job_after_export"
    with started(ansible, name, simulator, variables={"export_ids": [12, 13]}, controller=controller) as rulebook:
        assert rulebook.end() == 0, rulebook.said
    assert [each[0] for each in controller.launched] == ["Report a failed export"] * 2
    reports = controller.variables("Report a failed export")
    assert sorted(report["export_id"] for report in reports) == ["12", "13"]
    assert {report["export_state"]: bool(report["export_errors"]) for report in reports} == {
        "failed": True,
        "cancelled": False,
    }


@pytest.mark.exhaustive
def test_a_ticket_is_opened_for_an_update_that_stalls_and_one_that_fails(
    simulator: Simulator, ansible: Ansible, controller: Controller
) -> None:
    """One watch for update after update, through the restarts that belong to them, until it is ended."""
    simulator.reset(scenario(vcenter=[{"duration": 600, "stuck_at": 40}]))
    simulator.add_fault({"system": "vcenter", "kind": "tls_cut", "times": 2})
    name = "taskwatch.infra.ticket_for_appliance_update"
    with started(ansible, name, simulator, variables={"appliance_stall_timeout": 3}, controller=controller) as rulebook:
        rulebook.until(lambda: controller.launched, "the ticket for the standstill")
        simulator.add_task(
            {"system": "vcenter", "duration": 120, "end": "failed", "rollback": 60, "error_text": "full"}
        )
        rulebook.until(lambda: len(controller.launched) == 2, "the ticket for the failure")
        simulator.add_task(
            {"system": "vcenter", "duration": 60, "outage": [{"from": 10, "until": 40, "answer": "reset"}]}
        )
        seen = len(simulator.requests())
        rulebook.until(lambda: len(simulator.requests()) > seen + 2, "a poll at the next update")
        assert rulebook.end(by=signal.SIGTERM) == 0, rulebook.said
    port = simulator.systems["vcenter"]["port"]
    assert f"the TLS handshake or connection was cut on port {port}; the watch goes on" in rulebook.said
    stalled, failed = controller.variables("Open a ticket")
    assert stalled["ticket_summary"] == "The update of 127.0.0.1 stands still"
    assert stalled["ticket_details"].startswith("neither state nor progress of update has changed for ")
    assert "INSTALL_IN_PROGRESS" in stalled["ticket_details"]
    assert failed["ticket_summary"] == "The update of 127.0.0.1 has failed"
    assert "full" in failed["ticket_details"], "the reason that the appliance gives"
    assert not any(simulator.sessions().values())


def test_a_failed_route_update_is_rolled_back_by_the_template_of_this_collection(
    simulator: Simulator, ansible: Ansible, controller: Controller
) -> None:
    simulator.reset("failures")
    name = "taskwatch.infra.roll_back_route_update"
    facts = {"route_update_ids": ["ID33"]}
    with started(ansible, name, simulator, variables=facts, controller=controller) as rulebook:
        assert rulebook.end() == 0, rulebook.said
    ((template, payload),) = controller.launched
    text = (ROOT / "extensions/awx/job_templates/settle_route_update.yml").read_text(encoding="utf-8")
    described = yaml.safe_load(text)
    questions = {question["variable"]: question for question in described["survey"]}
    assert (template, payload["limit"]) == (described["name"], described["limit"])
    assert payload["extra_vars"] == {"sdm_action": "Rollback", "sdm_route_update_ids": "ID33"}
    assert payload["extra_vars"].keys() <= questions.keys()
    assert "Rollback" in questions["sdm_action"]["choices"]


def events_of_all_kinds() -> dict[str, dict[str, Any]]:
    """Return events as the source sends them, by what they are about."""

    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        if 10 <= elapsed < 20:
            return [gone()]
        ends = {"bad": "failed" if elapsed >= 30 else "running", "good": "succeeded" if elapsed >= 120 else "running"}
        return [not_found(i) if i == "unknown" else task(i, ends[i]) for i in ids or []]

    watched = Watched(script, ["bad", "good"], interval=10, stall_timeout=60)
    first_bad, first_good, outage, back, failed, stalled, last = watched.events
    (error,) = Watched(script, ["unknown"]).events
    (alone,) = Watched(lambda _elapsed, _ids: [task(state="succeeded")]).events
    found, again = Watched(
        lambda elapsed, _ids: [task(state="failed", progress=50.0 if elapsed < 10 else 60.0)],
        until=30,
        until_finished=False,
    ).events
    return {
        "first, running": first_bad,
        "second task": first_good,
        "outage": outage,
        "back": back,
        "failed": failed,
        "stalled": stalled,
        "last, succeeded": last,
        "error": error,
        "all succeeded": alone,
        "found failed": found,
        "another percent": again,
    }


@pytest.mark.exhaustive
def test_the_conditions_of_the_guide_mean_what_it_says(ansible: Ansible, simulator: Simulator) -> None:
    wanted = {
        'event.task.state == "failed"': {"failed", "found failed", "another percent"},
        'event.task.state == "failed" and event.previous_state != "failed"': {"failed", "found failed"},
        "event.task.done == true and event.task.succeeded == false": {"failed", "found failed", "another percent"},
        "event.overall.succeeded == true": {"all succeeded"},
        "event.previous_state != null": {"failed", "last, succeeded", "another percent"},
        "event.outage != null": {"outage"},
        "event.outage == null": {"back"},
        "event.stall is defined": {"stalled"},
        "event.error is defined": {"error"},
    }
    shown = [row[0].strip("`") for row in rows_of(guide("eda")) if row[0].startswith("``event.")]
    assert shown == list(wanted)
    payload = [{**event, "label": label} for label, event in events_of_all_kinds().items()]
    misleading = "event.outage.message is defined"
    rules = [
        {
            "name": condition,
            "condition": condition,
            "action": {"debug": {"msg": f"{condition} <= {{{{ event.label }}}}"}},
        }
        for condition in (*wanted, misleading)
    ]
    source = {"eda.builtin.generic": {"payload": payload}}
    ruleset = {"name": "Conditions", "hosts": "localhost", "match_multiple_rules": True}
    text = yaml.safe_dump([{**ruleset, "sources": [source], "rules": rules}])
    (ansible.folder / "conditions.yml").write_text(text, encoding="utf-8")
    with started(ansible, "conditions.yml", simulator) as rulebook:
        assert rulebook.end() == 0, rulebook.said
    found: dict[str, set[str]] = {condition: set() for condition in (*wanted, misleading)}
    for condition, label in re.findall(r"^(event\..*) <= (.*)$", rulebook.said, re.MULTILINE):
        found[condition].add(label)
    assert found == {**wanted, misleading: {"outage", "back"}}


def test_what_makes_no_sense_ends_the_rulebook_with_one_sentence(simulator: Simulator, ansible: Ansible) -> None:
    source = {"taskwatch.infra.task_status": {"module": "{{ chosen }}"}}
    rule = {"name": "Anything", "condition": True, "action": {"debug": None}}
    ruleset = [{"name": "Slip", "hosts": "localhost", "sources": [source], "rules": [rule]}]
    (ansible.folder / "slip.yml").write_text(yaml.safe_dump(ruleset), encoding="utf-8")
    with started(ansible, "slip.yml", simulator, variables={"chosen": "appliance_update"}) as rulebook:
        assert rulebook.end() == 1
    sentence = "taskwatch.infra.task_status: module must be one of lxca_repo_export_info, "
    assert sentence in rulebook.said
    assert "not 'appliance_update'; did you mean appliance_update_info?" in rulebook.said
    assert "_event_options.py" not in rulebook.said, "where in the code it was noticed is of no help"
    assert simulator.requests() == []


def test_a_refused_login_ends_the_rulebook_after_one_try(
    simulator: Simulator, ansible: Ansible, controller: Controller
) -> None:
    """Even where it would watch for ever; a ticket says why."""
    name = "taskwatch.infra.ticket_for_appliance_update"
    vcenter = BY_NAME["appliance_update_info"]
    wrong = {"VMWARE_PASSWORD": "wrong-password"}
    with started(ansible, name, simulator, environment=wrong, controller=controller) as rulebook:
        assert rulebook.end() == 1
    assert len([each for each in asked(simulator) if each in vcenter.login]) == 1
    (ticket,) = controller.variables("Open a ticket")
    assert "the login is not accepted" in ticket["ticket_details"]
