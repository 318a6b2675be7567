# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter Server Appliance: updates that clients stage, install and roll back, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench, basic

Make = Callable[[str], Bench]
USER = basic("administrator@vsphere.local")
OLD, NEW = "8.0.2.00300", "8.0.3.00400"
PASSWORD = "simulator-password"
FLAVOURS = ["api", "rest"]


def send(bench: Bench, method: str, path: str, body: object = None, flavour: str = "api") -> Reply:
    token = bench.call("vcenter", "POST", "/api/session", USER).json()
    headers = {"vmware-api-session-id": token}
    return bench.call("vcenter", method, f"/{flavour}/appliance/update{path}", headers, body)


def answers(password: str = PASSWORD, flavour: str = "api") -> dict[str, Any]:
    if flavour == "api":
        return {"user_data": {"vmdir.password": password}}
    return {"user_data": [{"key": "vmdir.password", "value": password}]}


def act(bench: Bench, action: str, version: str = NEW, flavour: str = "api", body: object = None) -> Reply:
    if body is None and action not in {"stage", "precheck"}:
        body = answers(flavour=flavour)
    return send(bench, "POST", f"/pending/{version}?action={action}", body, flavour)


def standing(bench: Bench) -> tuple[str, str]:
    info = send(bench, "GET", "").json()
    return info["state"], info["version"]


def named(reply: Reply, flavour: str = "api") -> str:
    """Return the type of an error."""
    body = reply.json()
    return str(body["error_type"] if flavour == "api" else body["type"].rpartition(".")[2].upper())


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_from_staging_to_the_installed_version_and_back(bench: Make, flavour: str) -> None:
    run = bench(
        "vcenter: {starts: [{operation: stage, duration: 10}, {duration: 20}, {operation: rollback, duration: 5}]}"
    )
    done = 204 if flavour == "api" else 200
    assert standing(run) == ("UP_TO_DATE", OLD)
    assert act(run, "stage", flavour=flavour).status == done
    assert standing(run) == ("STAGE_IN_PROGRESS", NEW)
    assert standing(run.at(10)) == ("UPDATES_PENDING", NEW)
    assert act(run, "install", flavour=flavour).status == done
    assert standing(run) == ("INSTALL_IN_PROGRESS", NEW)
    assert run.task("appliance")["state"] == "running"
    assert standing(run.at(30)) == ("UP_TO_DATE", NEW)
    assert run.task("appliance")["state"] == "succeeded"
    assert send(run, "POST", "/pending?action=rollback", flavour="rest").status == 405
    assert send(run, "POST", "/pending?action=rollback").status == 204
    assert standing(run) == ("ROLLBACK_IN_PROGRESS", NEW)
    assert standing(run.at(35)) == ("UP_TO_DATE", OLD)
    assert send(run, "POST", "/pending?action=rollback").status == 404


def test_stage_and_install_goes_through_both_states(bench: Make) -> None:
    run = bench("vcenter: {starts: [{duration: 100}]}")
    assert act(run, "stage-and-install").status == 204
    assert standing(run.at(29)) == ("STAGE_IN_PROGRESS", NEW)
    task = send(run, "GET", "").json()["task"]
    assert [task["subtasks"][name]["status"] for name in task["subtask_order"]] == ["RUNNING", "PENDING", "PENDING"]
    assert standing(run.at(31)) == ("INSTALL_IN_PROGRESS", NEW)
    assert standing(run.at(100)) == ("UP_TO_DATE", NEW)


@pytest.mark.parametrize(("stops_at", "state"), [(20, ("UP_TO_DATE", OLD)), (60, ("INSTALL_FAILED", NEW))])
def test_stage_and_install_fails_in_either_part(bench: Make, stops_at: int, state: tuple[str, str]) -> None:
    run = bench(f"vcenter: {{starts: [{{duration: 10, end: failed, stops_at: {stops_at}}}]}}")
    assert act(run, "stage-and-install").status == 204
    assert standing(run.at(10)) == state
    assert run.task("appliance")["state"] == "failed"


def test_what_is_staged_is_only_installed(bench: Make) -> None:
    run = bench("vcenter: {tasks: [{operation: none, pending: true}]}")
    assert act(run, "stage-and-install").status == 204
    assert standing(run)[0] == "INSTALL_IN_PROGRESS"


def test_a_failed_installation_blocks_updates_but_no_rollback(bench: Make) -> None:
    run = bench("vcenter: {starts: [{duration: 10, end: failed}, {operation: rollback, duration: 10}]}")
    assert act(run, "stage-and-install").status == 204
    run.at(10)
    for action in ("stage", "install", "stage-and-install"):
        refused = act(run, action)
        assert (refused.status, named(refused)) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert send(run, "POST", "/pending?action=rollback").status == 204
    assert standing(run.at(20)) == ("UP_TO_DATE", OLD)
    assert act(run, "stage").status == 204


def test_a_rollback_may_fail(bench: Make) -> None:
    run = bench("vcenter: {starts: [{duration: 10}, {operation: rollback, duration: 10, end: failed}]}")
    act(run, "stage-and-install")
    assert send(run.at(10), "POST", "/pending?action=rollback").status == 204
    assert standing(run.at(20)) == ("INSTALL_FAILED", NEW)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("action", ["precheck", "validate", "stage", "install", "stage-and-install"])
def test_one_operation_at_a_time(bench: Make, action: str, flavour: str) -> None:
    run = bench("vcenter: {tasks: [{operation: stage, duration: 10, version: 8.0.3.00500}]}")
    refused = act(run, action, flavour=flavour)
    assert (refused.status, named(refused, flavour)) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert send(run, "POST", "/pending?action=rollback").status == 400
    assert send(run, "DELETE", "/staged", flavour=flavour).status == 400


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("version", "status", "name"), [("9.9.9.9", 404, "NOT_FOUND"), (OLD, 400, "ALREADY_IN_DESIRED_STATE")]
)
def test_versions_that_cannot_be_had(bench: Make, version: str, status: int, name: str, flavour: str) -> None:
    run = bench("")
    for action in ("precheck", "validate", "stage", "install", "stage-and-install"):
        refused = act(run, action, version, flavour)
        assert (refused.status, named(refused, flavour)) == (status, name)
    assert send(run, "GET", f"/pending/{version}", flavour=flavour).status == status
    assert standing(run) == ("UP_TO_DATE", OLD)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_installation_needs_what_was_staged(bench: Make, flavour: str) -> None:
    refused = act(bench(""), "install", flavour=flavour)
    assert (refused.status, named(refused, flavour)) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


@pytest.mark.parametrize("action", ["install", "stage-and-install", "validate"])
@pytest.mark.parametrize(
    ("flavour", "body", "name"),
    [
        ("api", b"", "INVALID_REQUEST"),
        ("api", b"{", "INVALID_REQUEST"),
        ("api", [], "INVALID_REQUEST"),
        ("api", {}, "INVALID_ARGUMENT"),
        ("api", {"user_data": None}, "INVALID_ARGUMENT"),
        ("api", {"user_data": {"vmdir.password": 1}}, "INVALID_ARGUMENT"),
        ("api", answers(flavour="rest"), "INVALID_ARGUMENT"),
        ("api", answers() | {"more": 1}, "UNEXPECTED_INPUT"),
        ("rest", answers(), "INVALID_ARGUMENT"),
        ("rest", {"user_data": [{"key": "vmdir.password"}]}, "INVALID_ARGUMENT"),
    ],
)
def test_bodies_that_hold_no_answers(bench: Make, action: str, flavour: str, body: object, name: str) -> None:
    run = bench("vcenter: {tasks: [{operation: none, pending: true}]}")
    refused = act(run, action, flavour=flavour, body=body)
    assert (refused.status, named(refused, flavour)) == (400, name)
    assert standing(run)[0] == "UPDATES_PENDING"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wrong_password_is_found_by_validation_and_stops_an_installation(bench: Make, flavour: str) -> None:
    run = bench("vcenter: {tasks: [{operation: none, pending: true}]}")
    for password, errors in ((PASSWORD, 0), ("wrong", 1)):
        body = act(run, "validate", flavour=flavour, body=answers(password, flavour)).json()
        assert len((body if flavour == "api" else body["value"])["errors"]) == errors
    assert act(run, "install", flavour=flavour, body=answers("wrong", flavour)).status == 400
    assert act(run, "install", flavour=flavour, body=answers(PASSWORD, flavour)).status in {200, 204}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_there_is_to_know_of_an_update(bench: Make, flavour: str) -> None:
    run = bench(f"vcenter: {{updates: [8.0.1.00000, {NEW}, 8.0.3.00500], starts: [{{duration: 700}}]}}")

    def read(path: str) -> Any:
        body = send(run, "GET", path, flavour=flavour).json()
        return body if flavour == "api" else body["value"]

    assert [each["version"] for each in read("/pending?source_type=LOCAL")] == [NEW, "8.0.3.00500"]
    assert read(f"/pending/{NEW}")["staged"] is False
    checked = act(run, "precheck", flavour=flavour).json()
    checked = checked if flavour == "api" else checked["value"]
    assert (checked["estimated_time_to_install"], checked["questions"][0]["data_item"]) == (12, "vmdir.password")
    assert send(run, "GET", "/staged", flavour=flavour).status == 400
    act(run, "stage")
    run.at(90)
    assert (read(f"/pending/{NEW}")["staged"], read("/staged")["version"]) == (True, NEW)
    assert send(run, "DELETE", "/staged", flavour=flavour).status == (204 if flavour == "api" else 200)
    assert standing(run) == ("UP_TO_DATE", OLD)


@pytest.mark.parametrize(("query", "status"), [("", 400), ("?source_type=DVD", 400), ("?source_type=LAST_CHECK", 404)])
def test_lists_that_cannot_be_had(bench: Make, query: str, status: int) -> None:
    assert send(bench("vcenter: {updates: []}"), "GET", f"/pending{query}").status == status


@pytest.mark.parametrize(
    "path", ["?action=cancel", "?action=no", "/pending/8.0.3.00400?action=no", "/pending?action=no"]
)
def test_actions_that_do_not_exist(bench: Make, path: str) -> None:
    assert send(bench("vcenter: {tasks: [{}]}"), "POST", path).status == (400 if "cancel" in path else 404)


def test_an_account_outside_the_group_starts_nothing(bench: Make) -> None:
    assert act(bench("vcenter: {authorized: false}"), "stage").status == 403


def test_work_begun_by_a_client_has_the_outage_of_the_scenario(bench: Make) -> None:
    run = bench("vcenter: {starts: [{duration: 30, outage: [{from: 5, until: 10, answer: text_503}]}]}").at(100)
    act(run, "stage-and-install")
    token = {"vmware-api-session-id": run.call("vcenter", "POST", "/api/session", USER).json()}
    statuses = [
        run.at(second).call("vcenter", "GET", "/api/appliance/update", token).status for second in (104, 105, 110)
    ]
    assert statuses == [200, 503, 200]
