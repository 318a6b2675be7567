# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session Delivery Manager: both formats, the nestings of its releases, route updates."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from lxml import etree

from taskwatch_simulator.messages import Reply

from .conftest import Bench

Make = Callable[[str], Bench]
XML, JSON = "application/xml", "application/json"
PATH = "/rest/v1.3/routeSets/routeUpdates"
LOGIN_XML = b"<session><userName>netops</userName><password>simulator-password</password></session>"
LOGIN_JSON = b'{"userName": "netops", "password": "simulator-password"}'


def log_in(bench: Bench, media: str = XML, version: str = "v1.3") -> Reply:
    body = LOGIN_XML if media == XML else LOGIN_JSON
    return bench.call("sdm", "POST", f"/rest/{version}/admin/login", {"Content-Type": media, "Accept": media}, body)


def cookie(login: Reply) -> str:
    return (login.header("Set-Cookie") or "").partition(";")[0]


def poll(bench: Bench, task_id: str = "ID33", media: str = JSON) -> Reply:
    return bench.call("sdm", "GET", f"{PATH}/{task_id}", {"Cookie": cookie(log_in(bench)), "Accept": media})


def scenario(keys: str = "", options: str = "") -> str:
    return f"sdm: {{{options} tasks: [{{id: ID33, duration: 10, {keys}}}]}}"


def test_login_in_xml(bench: Make) -> None:
    login = log_in(bench(""))
    assert login.status == 200
    assert login.header("Content-Type") == XML
    assert login.body.startswith(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')
    root = etree.fromstring(login.body)
    assert root.tag == "session"
    token = root.findtext("sessionId")
    assert login.header("Set-Cookie") == f"JSESSIONID={token}; Path=/rest; HttpOnly"
    assert str(token).endswith(".tomcat1")


def test_login_in_json(bench: Make) -> None:
    login = log_in(bench(""), JSON)
    assert login.header("Content-Type") == JSON
    assert login.json()["userName"] == "netops"


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2", "v1.3"])
def test_versions_that_log_in(bench: Make, version: str) -> None:
    assert log_in(bench(""), version=version).status == 200


def test_versions_of_an_older_release(bench: Make) -> None:
    run = bench(scenario("", "login_versions: [v1.0, v1.1],"))
    assert [log_in(run, version=version).status for version in ("v1.1", "v1.3")] == [200, 404]
    assert log_in(run, JSON).status == 404


def test_unknown_versions(bench: Make) -> None:
    run = bench(scenario())
    assert log_in(run, version="v2.0").status == 404
    sent = {"Cookie": cookie(log_in(run)), "Accept": XML}
    assert run.call("sdm", "GET", "/rest/v1.2/routeSets/routeUpdates/ID33", sent).status == 404


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        (XML, LOGIN_XML.replace(b"simulator-", b"wrong-"), 401),
        (JSON, LOGIN_JSON.replace(b"netops", b"noname"), 401),
        (XML, b"<session><userName>netops</userName></session>", 400),
        (XML, b"<login/>", 400),
        (XML, b"<session>", 400),
        (XML, b'<!DOCTYPE s [<!ENTITY e "x">]><session><userName>&e;</userName><password/></session>', 401),
        (JSON, b"[]", 400),
        (JSON, b"{", 400),
        ("text/plain", b"netops", 415),
        ("", LOGIN_JSON, 415),
    ],
)
def test_logins_that_are_refused(bench: Make, media: str, body: bytes, status: int) -> None:
    run = bench("")
    reply = run.call("sdm", "POST", "/rest/v1.3/admin/login", {"Content-Type": media, "Accept": XML}, body)
    assert reply.status == status
    assert run.world.sessions()["sdm"] == []


def test_only_the_cookie_is_accepted(bench: Make) -> None:
    run = bench(scenario())
    good = cookie(log_in(run))
    bare = good.partition("=")[2]
    for sent, status in (
        ({"Cookie": good}, 200),
        ({"Cookie": bare}, 401),
        ({}, 401),
        ({"Cookie": "JSESSIONID=x"}, 401),
    ):
        assert run.call("sdm", "GET", f"{PATH}/ID33", sent).status == status


@pytest.mark.parametrize("status", [200, 204])
def test_logout(bench: Make, status: int) -> None:
    run = bench(f"sdm: {{logout_status: {status}}}")
    sent = {"Cookie": cookie(log_in(run))}
    assert run.call("sdm", "POST", "/rest/v1.3/admin/logout", sent).status == status
    assert run.world.sessions()["sdm"] == []
    assert run.call("sdm", "POST", "/rest/v1.3/admin/logout", sent).status == 401


def test_sessions_end_when_idle(bench: Make) -> None:
    run = bench("sdm: {session_idle: 30, tasks: [{id: ID33}]}")
    sent = {"Cookie": cookie(log_in(run))}
    assert run.at(30).call("sdm", "GET", f"{PATH}/ID33", sent).status == 200
    assert run.at(61).call("sdm", "GET", f"{PATH}/ID33", sent).status == 401


def test_devices_one_after_the_other(bench: Make) -> None:
    run = bench(scenario("devices: 2, begin: 1"))
    waiting = poll(run).json()
    assert (waiting["updateStatus"], waiting["updatedCount"], waiting["totalDeviceCount"]) == ("Pending", "0", "2")
    half = poll(run.at(8.5)).json()
    assert (half["updateStatus"], half["updatedCount"]) == ("Running", "1")
    assert [row["status"] for row in half["deviceStatusList"]] == ["Completed", "Running"]
    assert "updateDate" not in half["deviceStatusList"][1]
    done = poll(run.at(11)).json()
    assert done == {
        "deviceStatusList": done["deviceStatusList"],
        "errorHandling": "abort",
        "rollbackCount": "0",
        "rollbackStatus": "Unknown",
        "totalDeviceCount": "2",
        "updateStatus": "Completed",
        "updatedCount": "2",
    }
    assert done["deviceStatusList"][0] == {
        "deviceGroupId": "ID11",
        "objectId": "ID33001",
        "preUpdateVersion": "0",
        "pushStatus": "Completed",
        "rollBackStatus": "Unknown",
        "routeSetId": "2",
        "routeUpdateTaskId": "ID33",
        "status": "Completed",
        "updateDate": "2026-01-31T08:15:06",
        "updateFailureMsg": "",
        "updateVersion": "1",
    }
    assert run.task("ID33")["state"] == "succeeded"


@pytest.mark.parametrize(
    ("policy", "word", "states", "rolled_back"),
    [
        ("abort", "Failed", ["Completed", "Failed", "Pending"], 0),
        ("rollback", "Failed", ["Completed", "Failed", "Pending"], 1),
        ("skip", "Completed", ["Completed", "Failed", "Completed"], 0),
    ],
)
def test_failure_policies(bench: Make, policy: str, word: str, states: list[str], rolled_back: int) -> None:
    run = bench(scenario(f"error_handling: {policy}, devices: [{{}}, {{end: failed, message: No route}}, {{}}]")).at(10)
    body = poll(run).json()
    assert (body["updateStatus"], body["errorHandling"]) == (word, policy)
    assert [row["status"] for row in body["deviceStatusList"]] == states
    assert body["deviceStatusList"][1]["updateFailureMsg"] == "No route"
    assert body["rollbackCount"] == str(rolled_back)
    assert body["rollbackStatus"] == ("Completed" if rolled_back else "Unknown")
    assert ("rollBackDate" in body["deviceStatusList"][0]) == bool(rolled_back)
    assert run.task("ID33")["state"] == "failed"


def test_a_failed_task_without_devices(bench: Make) -> None:
    run = bench(scenario("end: failed, devices: 0")).at(10)
    body = poll(run).json()
    assert (body["updateStatus"], body["totalDeviceCount"], body["deviceStatusList"]) == ("Failed", "0", [])
    assert b"deviceStatusList" not in poll(run, media=XML).body


@pytest.mark.parametrize(
    ("release", "json_wrapped", "xml_wrapped"),
    [
        ("8.2.2", True, True),
        ("8.2.5", False, True),
        ("8.2.5.0.1", False, False),
        ("9.0.0", False, True),
        ("9.0.1", False, False),
    ],
)
def test_nesting_by_release(bench: Make, release: str, json_wrapped: bool, xml_wrapped: bool) -> None:
    run = bench(scenario("devices: 2", f"release: {release},"))
    rows = poll(run).json()["deviceStatusList"]
    assert isinstance(rows, dict) == json_wrapped
    assert len(rows["updateDeviceStatus"] if json_wrapped else rows) == 2
    root = etree.fromstring(poll(run, media=XML).body)
    assert root.tag == "routeUpdateTaskDetails"
    assert len(root.findall("deviceStatusList")) == (1 if xml_wrapped else 2)
    path = "deviceStatusList/updateDeviceStatus/objectId" if xml_wrapped else "deviceStatusList/objectId"
    assert [each.text for each in root.findall(path)] == ["ID33001", "ID33002"]


def test_names_and_lone_rows_of_older_bindings(bench: Make) -> None:
    run = bench(scenario("devices: 1", "release: 8.2.2, item_name: deviceStatus, collapse_single: true,"))
    assert poll(run).json()["deviceStatusList"]["deviceStatus"]["objectId"] == "ID33001"


def test_both_formats_say_the_same(bench: Make) -> None:
    run = bench(scenario("devices: 3")).at(4)
    data = poll(run).json()
    root = etree.fromstring(poll(run, media=XML).body)
    assert {child.tag: child.text for child in root if len(child) == 0} == {
        name: value for name, value in data.items() if isinstance(value, str)
    }
    rows = [{child.tag: child.text or "" for child in row} for row in root.findall("deviceStatusList")]
    assert rows == data["deviceStatusList"]


@pytest.mark.parametrize(
    ("accept", "status", "media"),
    [
        ("", 200, XML),
        ("*/*", 200, XML),
        ("application/json, text/plain", 200, JSON),
        ("text/html", 406, None),
    ],
)
def test_what_is_accepted_decides_the_format(bench: Make, accept: str, status: int, media: str | None) -> None:
    reply = poll(bench(scenario()), media=accept)
    assert (reply.status, reply.header("Content-Type")) == (status, media)


@pytest.mark.parametrize("form", ["empty", "xml", "json", "html"])
def test_forms_of_error_bodies(bench: Make, form: str) -> None:
    reply = poll(bench(f"sdm: {{error_body: {form}}}"), "ID99")
    assert reply.status == 404
    if form == "empty":
        assert reply.body == b""
    elif form == "json":
        assert json.loads(reply.body)["errorCode"] == "404"
    elif form == "xml":
        assert etree.fromstring(reply.body).findtext("errorCode") == "404"
    else:
        assert reply.body.startswith(b"<html>")


def test_the_list_of_pending_tasks(bench: Make) -> None:
    run = bench(scenario("name: march, error_handling: skip"))
    sent = {"Cookie": cookie(log_in(run)), "Accept": JSON}
    listed = run.call("sdm", "GET", PATH, sent).json()["routeUpdateTaskList"]
    assert [(row["name"], row["failureAction"]) for row in listed] == [("march", "skip")]
    old = bench(scenario("", "release: 8.2.2,"))
    reply = old.call("sdm", "GET", PATH, {"Cookie": cookie(log_in(old)), "Accept": JSON})
    assert (reply.status, reply.body) == (200, b"")


def test_commit_ends_a_task_for_good(bench: Make) -> None:
    run = bench(scenario())
    sent = {"Cookie": cookie(log_in(run)), "Content-Type": JSON}
    action = f"{PATH}/ID33/action"
    assert run.call("sdm", "POST", action, sent, {"type": "Commit"}).status == 400
    run.at(10)
    assert run.call("sdm", "POST", action, sent, {"type": "commit"}).status == 400
    done = run.call("sdm", "POST", action, sent, {"type": "Commit"})
    assert (done.status, done.body) == (200, b"")
    assert run.call("sdm", "GET", f"{PATH}/ID33", sent).status == 404


def test_a_running_task_can_be_cancelled(bench: Make) -> None:
    run = bench(scenario())
    sent = {"Cookie": cookie(log_in(run)), "Content-Type": XML}
    body = b"<routeUpdateAction><type>Cancel</type></routeUpdateAction>"
    assert run.call("sdm", "POST", f"{PATH}/ID33/action", sent, body).status == 200
    assert run.call("sdm", "POST", f"{PATH}/ID33/action", sent, body).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"), [("DELETE", f"{PATH}/ID33", 405), ("GET", "/rest/v1.3/other", 404)]
)
def test_calls_that_do_not_exist(bench: Make, method: str, path: str, status: int) -> None:
    assert bench("").call("sdm", method, path).status == status


def test_an_account_that_may_not_read(bench: Make) -> None:
    assert poll(bench(scenario("", "authorized: false,"))).status == 403


def test_the_json_defect_of_one_release(bench: Make) -> None:
    run = bench(scenario("", "json_not_found: true,"))
    assert (poll(run).status, poll(run, media=XML).status) == (404, 200)
    assert log_in(run, JSON).status == 200
    run = bench(scenario("", "json_not_found: login,"))
    assert [log_in(run, media).status for media in (JSON, XML)] == [404, 200]
