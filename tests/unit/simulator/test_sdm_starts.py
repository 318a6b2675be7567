# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session Delivery Manager: route sets that clients push, the locks on their devices, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench

Make = Callable[[str], Bench]
XML, JSON = "application/xml", "application/json"
ALL = "/rest/v1.3/routeSets/devices/action"
ONE = "/rest/v1.3/routeSets/2/devices/action"
UPDATES = "/rest/v1.3/routeSets/routeUpdates"
BRANCHES: dict[str, Any] = {"name": "march", "failureAction": "rollback", "routeSets": [{"routeSetId": "2"}]}


def send(bench: Bench, method: str, path: str, body: object = None, media: str = JSON) -> Reply:
    login = {"userName": "netops", "password": "simulator-password"}
    entered = bench.call("sdm", "POST", "/rest/v1.3/admin/login", {"Accept": JSON}, login)
    cookie = str(entered.header("Set-Cookie")).partition(";")[0]
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    return bench.call("sdm", method, path, {"Cookie": cookie, "Accept": JSON, "Content-Type": media}, data)


def started(bench: Bench, body: object = None, path: str = ALL) -> str:
    """Start a route update and return its id, as a client finds it."""
    reply = send(bench, "POST", path, body or BRANCHES)
    assert (reply.status, reply.body) == (200, b"")
    return str(send(bench, "GET", UPDATES).json()["routeUpdateTaskList"][-1]["objectId"])


def test_a_push_is_found_in_the_list_and_followed_by_its_id(bench: Make) -> None:
    run = bench("sdm: {starts: [{duration: 30}]}").at(5)
    task_id = started(run)
    listed = send(run, "GET", UPDATES).json()["routeUpdateTaskList"]
    assert listed == [
        {
            "failureAction": "rollback",
            "initiatedBy": "netops",
            "initiatedDate": "2026-01-31T08:15:05",
            "name": "march",
            "notes": "",
            "objectId": task_id,
        }
    ]
    rows = send(run.at(16), "GET", f"{UPDATES}/{task_id}").json()["deviceStatusList"]
    assert [(row["deviceGroupId"], row["routeSetId"], row["status"]) for row in rows] == [
        ("ID21", "2", "Completed"),
        ("ID22", "2", "Running"),
        ("ID23", "2", "Pending"),
    ]
    assert send(run.at(35), "GET", f"{UPDATES}/{task_id}").json()["updateStatus"] == "Completed"
    assert run.task(task_id)["state"] == "succeeded"


@pytest.mark.parametrize(
    ("media", "body", "groups"),
    [
        (JSON, {"routeSets": [{"routeSetId": "7"}, {"routeSetId": "2"}]}, ["ID25", "ID21", "ID22", "ID23"]),
        (JSON, {"routeSets": {"routeSet": [{"routeSetId": "7"}]}}, ["ID25"]),
        (JSON, [{"routeSetId": 7}], ["ID25"]),
        (XML, b"<routeSets><routeSets><routeSetId>7</routeSetId></routeSets></routeSets>", ["ID25"]),
        (XML, b"<x><routeSets><routeSet><routeSetId> 7 </routeSetId></routeSet></routeSets></x>", ["ID25"]),
        ("text/xml", b"<x><!-- all --><routeSetId>7</routeSetId><routeSetId>7</routeSetId></x>", ["ID25"]),
    ],
)
def test_nestings_of_a_push(bench: Make, media: str, body: object, groups: list[str]) -> None:
    run = bench("")
    assert send(run, "POST", ALL, body, media).status == 200
    rows = send(run, "GET", f"{UPDATES}/ID501").json()["deviceStatusList"]
    assert [row["deviceGroupId"] for row in rows] == groups


def test_one_route_set_to_some_of_its_devices(bench: Make) -> None:
    run = bench("")
    task_id = started(run, {"type": "Update", "devices": [{"deviceGroupId": "ID23"}]}, ONE)
    details = send(run, "GET", f"{UPDATES}/{task_id}").json()
    assert [row["deviceGroupId"] for row in details["deviceStatusList"]] == ["ID23"]


@pytest.mark.parametrize("action", ["Commit", "Rollback"])
def test_devices_are_locked_until_commit_or_rollback(bench: Make, action: str) -> None:
    run = bench("sdm: {starts: [{duration: 30}]}")
    task_id = started(run)
    for second in (10, 30, 1000):
        run.at(second)
        assert send(run, "POST", ALL, BRANCHES).status == 400
        assert send(run, "POST", ONE, {"devices": [{"deviceGroupId": "ID21"}]}).status == 400
    assert send(run, "POST", ALL, {"routeSets": [{"routeSetId": "7"}]}).status == 200
    assert send(run, "POST", f"{UPDATES}/{task_id}/action", {"type": action}).status == 200
    again = started(run)
    assert again != task_id
    held = "1" if action == "Commit" else "0"
    rows = send(run, "GET", f"{UPDATES}/{again}").json()["deviceStatusList"]
    assert {(row["preUpdateVersion"], row["updateVersion"]) for row in rows} == {(held, "1")}


def test_a_cancelled_push_frees_its_devices(bench: Make) -> None:
    run = bench("")
    action = f"{UPDATES}/{started(run)}/action"
    assert send(run, "POST", action, {"type": "Rollback"}).status == 400
    assert send(run, "POST", action, {"type": "Cancel"}).status == 200
    assert send(run, "POST", ALL, BRANCHES).status == 200


def test_the_devices_of_a_scenario_are_locked_as_well(bench: Make) -> None:
    run = bench("sdm: {tasks: [{id: ID33, devices: [{group: ID22}]}]}")
    assert send(run, "POST", ALL, BRANCHES).status == 400


def test_a_scenario_says_which_device_fails(bench: Make) -> None:
    run = bench(
        "sdm: {route_sets: [{id: '4', version: '9', installed: '8', devices: [ID1, ID2]}],"
        " starts: [{duration: 10, devices: [{group: ID2, end: failed, message: No route}]}]}"
    )
    task_id = started(run, {"routeSets": [{"routeSetId": "4"}], "failureAction": "rollback"})
    details = send(run.at(10), "GET", f"{UPDATES}/{task_id}").json()
    assert (details["updateStatus"], details["errorHandling"], details["rollbackCount"]) == ("Failed", "rollback", "1")
    rows = details["deviceStatusList"]
    assert [row["updateFailureMsg"] for row in rows] == ["", "No route"]
    assert {(row["preUpdateVersion"], row["updateVersion"]) for row in rows} == {("8", "9")}
    # What a commit leaves on a device is what was not rolled back
    assert send(run, "POST", f"{UPDATES}/{task_id}/action", {"type": "Commit"}).status == 200
    rows = send(run, "GET", f"{UPDATES}/{started(run, [{'routeSetId': '4'}])}").json()["deviceStatusList"]
    assert [row["preUpdateVersion"] for row in rows] == ["8", "8"]


@pytest.mark.parametrize(
    ("path", "media", "body", "status"),
    [
        (ALL, JSON, {}, 400),
        (ALL, JSON, 7, 400),
        (ALL, JSON, b"{", 400),
        (ALL, JSON, b"\xff", 400),
        (ALL, JSON, {"routeSets": [{"routeSetId": None}]}, 400),
        (ALL, JSON, {"routeSets": [{"routeSetId": "99"}]}, 404),
        (ALL, JSON, BRANCHES | {"failureAction": "panic"}, 400),
        (ALL, JSON, BRANCHES | {"type": "Delete"}, 400),
        (ALL, JSON, BRANCHES | {"name": "a\0b"}, 400),
        (ALL, JSON, BRANCHES | {"notes": "\ud800"}, 400),
        (ALL, XML, b"<routeSets>", 400),
        (ALL, XML, b"", 400),
        (ALL, XML, b"<routeSets/>", 400),
        (ALL, "text/plain", b"2", 415),
        (ALL, "", b"", 415),
        (ONE, JSON, {"type": "Update"}, 400),
        (ONE, JSON, {"devices": [{"deviceGroupId": "ID25"}]}, 404),
        (ONE.replace("2", "99"), JSON, {"devices": [{"deviceGroupId": "ID25"}]}, 404),
        (ALL.replace("v1.3", "v1.2"), JSON, BRANCHES, 404),
    ],
)
def test_pushes_that_are_refused(bench: Make, path: str, media: str, body: object, status: int) -> None:
    run = bench("")
    assert send(run, "POST", path, body, media).status == status
    assert [task for task in run.world.tasks() if task["system"] == "sdm"] == []


def test_a_push_needs_a_session(bench: Make) -> None:
    assert bench("").call("sdm", "POST", ALL, body=BRANCHES).status == 401
