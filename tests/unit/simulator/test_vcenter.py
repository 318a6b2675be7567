# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter Server Appliance: both flavours, the state machine, the table of fields by status, outages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench, basic

Make = Callable[[str], Bench]
USER = basic("administrator@vsphere.local")
TOKEN = "vmware-api-session-id"
LOGIN = {"api": "/api/session", "rest": "/rest/com/vmware/cis/session"}
INFO = {"api": "/api/appliance/update", "rest": "/rest/appliance/update"}
FLAVOURS = ["api", "rest"]


def log_in(bench: Bench, flavour: str = "api", headers: dict[str, str] | None = None) -> str:
    reply = bench.call("vcenter", "POST", LOGIN[flavour], USER | (headers or {}))
    assert reply.status == (201 if flavour == "api" else 200)
    token = reply.json() if flavour == "api" else reply.json()["value"]
    assert isinstance(token, str)
    return token


def poll(bench: Bench, flavour: str = "api", token: str | None = None) -> Reply:
    return bench.call("vcenter", "GET", INFO[flavour], {TOKEN: token or log_in(bench)})


def info(bench: Bench, flavour: str = "api") -> dict[str, Any]:
    body = poll(bench, flavour).json()
    return dict(body if flavour == "api" else body["value"])


def scenario(keys: str = "", options: str = "") -> str:
    return f"vcenter: {{{options} tasks: [{{{keys}}}]}}"


@pytest.mark.parametrize("login", FLAVOURS)
@pytest.mark.parametrize("read", FLAVOURS)
def test_one_token_for_both_flavours(bench: Make, login: str, read: str) -> None:
    run = bench("")
    token = log_in(run, login)
    assert len(token) == 32
    assert poll(run, read, token).status == 200
    done = run.call("vcenter", "DELETE", LOGIN[read], {TOKEN: token})
    assert (done.status, done.body) == (204 if read == "api" else 200, b"")
    assert run.world.sessions()["vcenter"] == []
    assert poll(run, read, token).status == 401


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_cookie_works_and_is_not_set_when_declined(bench: Make, flavour: str) -> None:
    run = bench("")
    reply = run.call("vcenter", "POST", LOGIN[flavour], USER)
    cookie = str(reply.header("Set-Cookie"))
    assert "Secure" in cookie
    assert run.call("vcenter", "GET", INFO[flavour], {"Cookie": cookie.partition(";")[0]}).status == 200
    declined = run.call("vcenter", "POST", LOGIN[flavour], USER | {"vmware-use-header-authn": "true"})
    assert declined.header("Set-Cookie") is None


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("headers", [{}, basic("administrator@vsphere.local", "no"), basic("noname")])
def test_logins_that_are_refused(bench: Make, flavour: str, headers: dict[str, str]) -> None:
    run = bench("")
    reply = run.call("vcenter", "POST", LOGIN[flavour], headers)
    body = reply.json()
    assert reply.status == 401
    if flavour == "api":
        assert body["error_type"] == "UNAUTHENTICATED"
        assert reply.header("WWW-Authenticate")
    else:
        assert body["type"] == "com.vmware.vapi.std.errors.unauthenticated"
        assert body["value"]["messages"][0]["args"] == []
    assert run.world.sessions()["vcenter"] == []


def test_the_user_of_a_session(bench: Make) -> None:
    run = bench("")
    token = log_in(run)
    who = run.at(5).call("vcenter", "GET", LOGIN["api"], {TOKEN: token}).json()
    assert who == {
        "user": "administrator@vsphere.local",
        "created_time": "2026-01-31T08:15:00.000Z",
        "last_accessed_time": "2026-01-31T08:15:05.000Z",
    }
    legacy = run.call("vcenter", "POST", LOGIN["rest"] + "?~action=get", {TOKEN: token}).json()
    assert legacy["value"]["user"] == who["user"]


def test_sessions_end_when_idle(bench: Make) -> None:
    run = bench("vcenter: {session_idle: 30}")
    token = log_in(run)
    assert poll(run.at(30), token=token).status == 200
    assert poll(run.at(61), token=token).status == 401


def parts_of(task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield task
    yield from task["subtasks"].values()


def check_fields(part: dict[str, Any], profile: str) -> None:
    """Assert which fields a task may have by its status, as the vendor's client enforces it."""
    moving = {"progress", "start_time"}
    must, never = {
        "PENDING": (set(), {*moving, "end_time", "error", "result"}),
        "RUNNING": (moving, {"end_time", "error", "auto_rollback_state"}),
        "SUCCEEDED": ({*moving, "end_time"}, {"error", "auto_rollback_state"}),
        "FAILED": ({*moving, "end_time"}, set() if profile == "9.1" else {"auto_rollback_state"}),
    }[part["status"]]
    assert {"description", "service", "operation", "status", "cancelable"} <= part.keys()
    assert must <= part.keys()
    assert not never & part.keys()
    assert None not in part.values()
    for name in ("start_time", "end_time"):
        if name in part:
            assert datetime.fromisoformat(part[name]).tzinfo is not None
    if "progress" in part:
        assert set(part["progress"]) == {"total", "completed", "message"}
        assert {"id", "default_message", "args"} <= part["progress"]["message"].keys()


@pytest.mark.parametrize("profile", ["8.0", "9.1"])
@pytest.mark.parametrize("operation", ["install", "stage"])
@pytest.mark.parametrize(
    "keys", ["end: succeeded", "end: failed, stops_at: 85", "end: failed, stops_at: 80", "end: never"]
)
def test_fields_by_status(bench: Make, profile: str, operation: str, keys: str) -> None:
    run = bench(scenario(f"operation: {operation}, duration: 50, rollback: 10, {keys}", f"profile: '{profile}',"))
    completed = 0
    seen = set()
    for second in range(70):
        task = info(run.at(second))["task"]
        assert set(task["subtask_order"]) == set(task["subtasks"])
        for part in parts_of(task):
            check_fields(part, profile)
            seen.add(part["status"])
        assert task["progress"]["completed"] >= completed
        completed = task["progress"]["completed"]
    assert seen >= {"RUNNING", "PENDING"}


@pytest.mark.parametrize(
    ("keys", "course"),
    [
        (
            "begin: 5, duration: 10",
            {
                4: ("UPDATES_PENDING", "8.0.3.00400"),
                5: ("INSTALL_IN_PROGRESS", "8.0.3.00400"),
                15: ("UP_TO_DATE", "8.0.3.00400"),
            },
        ),
        (
            "duration: 10, end: failed",
            {0: ("INSTALL_IN_PROGRESS", "8.0.3.00400"), 10: ("INSTALL_FAILED", "8.0.3.00400")},
        ),
        (
            "duration: 10, end: failed, rollback: 5",
            {10: ("ROLLBACK_IN_PROGRESS", "8.0.3.00400"), 15: ("UP_TO_DATE", "8.0.2.00300")},
        ),
        (
            "duration: 10, end: failed, rollback: 5, rollback_fails: true",
            {14: ("ROLLBACK_IN_PROGRESS", "8.0.3.00400"), 15: ("INSTALL_FAILED", "8.0.3.00400")},
        ),
        (
            "operation: stage, begin: 5, duration: 10",
            {
                0: ("UP_TO_DATE", "8.0.2.00300"),
                5: ("STAGE_IN_PROGRESS", "8.0.3.00400"),
                15: ("UPDATES_PENDING", "8.0.3.00400"),
            },
        ),
        ("operation: stage, duration: 10, end: failed", {10: ("UP_TO_DATE", "8.0.2.00300")}),
        ("operation: none", {0: ("UP_TO_DATE", "8.0.2.00300")}),
        ("operation: none, pending: true", {0: ("UPDATES_PENDING", "8.0.3.00400")}),
        ("duration: 10, state_word: CONVERTING", {0: ("CONVERTING", "8.0.3.00400"), 10: ("UP_TO_DATE", "8.0.3.00400")}),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_states_and_versions(bench: Make, keys: str, course: dict[int, tuple[str, str]], flavour: str) -> None:
    run = bench(scenario(keys))
    for second, expected in course.items():
        body = info(run.at(second), flavour)
        assert (body["state"], body["version"]) == expected


@pytest.mark.parametrize(
    ("keys", "second", "state"),
    [
        ("duration: 10", 5, "running"),
        ("duration: 10", 10, "succeeded"),
        ("duration: 10, end: failed, rollback: 5", 12, "running"),
        ("duration: 10, end: failed, rollback: 5", 15, "failed"),
        ("duration: 10, end: failed", 10, "failed"),
        ("duration: 10, state_word: CONVERTING", 5, "unknown"),
        ("operation: none", 0, "succeeded"),
    ],
)
def test_truth(bench: Make, keys: str, second: float, state: str) -> None:
    assert bench(scenario(keys)).at(second).task("appliance")["state"] == state


def test_automatic_rollback_is_told_from_9_on(bench: Make) -> None:
    run = bench(scenario("duration: 10, end: failed, rollback: 5", "profile: 9.1,"))
    assert info(run.at(12))["task"]["auto_rollback_state"] == "ROLLBACK_IN_PROGRESS"
    assert info(run.at(15))["task"]["auto_rollback_state"] == "ROLLBACK_SUCCEEDED"


def test_maps_differ_by_flavour(bench: Make) -> None:
    run = bench(scenario("duration: 10, message_params: true"))
    modern, legacy = info(run)["task"], info(run, "rest")["task"]
    assert list(modern["subtasks"]) == [each["key"] for each in legacy["subtasks"]]
    assert modern["subtasks"]["install"]["status"] == "RUNNING"
    assert legacy["subtasks"][1]["value"]["progress"]["message"]["params"] == [
        {"key": "0", "value": {"s": "0"}},
        {"key": "1", "value": {"s": "100"}},
    ]
    assert modern["subtasks"]["install"]["progress"]["message"]["params"]["0"] == {"s": "0"}


def test_an_untouched_appliance_shows_two_fields(bench: Make) -> None:
    assert info(bench(scenario("operation: none, with_query_time: false"))) == {
        "state": "UP_TO_DATE",
        "version": "8.0.2.00300",
    }


@pytest.mark.parametrize(("form", "kind"), [("object", dict), ("string", str), ("none", type(None))])
def test_forms_of_an_error(bench: Make, form: str, kind: type) -> None:
    run = bench(scenario(f"duration: 10, end: failed, error: {form}, error_text: No space")).at(10)
    assert isinstance(info(run)["task"].get("error"), kind)


def test_oddities(bench: Make) -> None:
    run = bench(scenario("duration: 10, order_mismatch: true, total: 0, stuck_at: 30", "error_types: false,")).at(100)
    body = info(run)
    assert body["task"]["progress"]["total"] == body["task"]["progress"]["completed"] == 0
    assert set(body["task"]["subtask_order"]) != set(body["task"]["subtasks"])
    assert body["state"] == "INSTALL_IN_PROGRESS"
    assert "error_type" not in poll(run, token="wrong").json()
    assert "task" not in info(bench(scenario("duration: 10, with_task: false")))
    charset = bench(scenario("", "content_type: 'application/json;charset=UTF-8',"))
    assert poll(charset).header("Content-Type") == "application/json;charset=UTF-8"


def test_release_6_7_knows_no_api(bench: Make) -> None:
    run = bench(scenario("duration: 10", "profile: 6.7,"))
    reply = run.call("vcenter", "POST", LOGIN["api"], USER)
    assert (reply.status, reply.header("Content-Type")) == (404, "text/html;charset=iso-8859-1")
    token = log_in(run, "rest")
    assert poll(run, "rest", token).json()["value"]["state"] == "INSTALL_IN_PROGRESS"


def test_an_account_outside_the_group(bench: Make) -> None:
    run = bench(scenario("", "authorized: false,"))
    token = log_in(run)
    assert poll(run, token=token).json()["error_type"] == "UNAUTHORIZED"
    assert poll(run, "rest", token).status == 403
    assert run.call("vcenter", "DELETE", LOGIN["api"], {TOKEN: token}).status == 204


@pytest.mark.parametrize(
    ("answer", "status", "read_only", "login_only"),
    [
        ("text_503", 503, False, False),
        ("json_503", 503, False, False),
        ("login_503", 503, False, True),
        ("stray_401", 401, True, False),
        ("stray_403", 403, True, False),
        ("stray_404", 404, True, False),
        ("stray_500", 500, True, False),
        ("stray_502", 502, False, False),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_outages_with_an_answer(
    bench: Make, answer: str, status: int, read_only: bool, login_only: bool, flavour: str
) -> None:
    run = bench(scenario(f"duration: 60, outage: [{{from: 5, until: 10, answer: {answer}}}]"))
    token = log_in(run)
    assert poll(run, flavour, token).status == 200
    run.at(5)
    assert poll(run, flavour, token).status == (200 if login_only else status)
    login = run.call("vcenter", "POST", LOGIN[flavour], USER)
    assert login.status == (status if not read_only else 201 if flavour == "api" else 200)
    assert run.world.requests()[-2]["fault"] == (None if login_only else answer)
    assert poll(run.at(10), flavour, token).status == 200


def test_bodies_of_outages(bench: Make) -> None:
    run = bench(
        scenario(
            "duration: 60, outage: [{from: 0, until: 5, answer: text_503}, {from: 5, until: 10, answer: json_503}]"
        )
    )
    reply = poll(run, token="x")
    assert (reply.header("Content-Type"), reply.body) == ("text/plain", b"no healthy upstream")
    assert poll(run.at(5), token="x").json()["error_type"] == "SERVICE_UNAVAILABLE"
    assert poll(run, "rest", "x").json()["type"] == "com.vmware.vapi.std.errors.service_unavailable"


@pytest.mark.parametrize(
    ("answer", "mode"), [("refused", "refused"), ("reset", "open"), ("hang", "open"), ("tls_cut", "tls_cut")]
)
def test_outages_on_the_wire(bench: Make, answer: str, mode: str) -> None:
    run = bench(scenario(f"duration: 60, outage: [{{from: 5, until: 10, answer: {answer}}}]"))
    assert run.world.port_mode("vcenter") == "open"
    run.at(7)
    assert run.world.port_mode("vcenter") == mode
    reply = poll(run, token="x")
    assert reply.transport is not None
    assert reply.transport.kind == answer
    assert run.world.requests()[-1]["status"] is None
    assert run.at(10).world.port_mode("vcenter") == "open"


def test_a_restart_makes_old_tokens_worthless_once(bench: Make) -> None:
    run = bench(scenario("duration: 60, outage: [{from: 5, answer: tokens_dropped}]"))
    token = log_in(run)
    assert poll(run.at(4.9), token=token).status == 200
    assert run.at(6).world.sessions()["vcenter"] == []
    assert poll(run, token=token).status == 401
    token = log_in(run)
    assert poll(run.at(20), token=token).status == 200


def test_the_update_goes_on_during_an_outage(bench: Make) -> None:
    run = bench(scenario("duration: 10, outage: [{from: 2, until: 30, answer: text_503}]"))
    assert poll(run.at(20), token="x").status == 503
    assert run.task("appliance")["state"] == "succeeded"
    assert info(run.at(30))["state"] == "UP_TO_DATE"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_running_version(bench: Make, flavour: str) -> None:
    run = bench(scenario("duration: 10"))
    versions = []
    for second in (0, 10):
        body = (
            run.at(second).call("vcenter", "GET", f"/{flavour}/appliance/system/version", {TOKEN: log_in(run)}).json()
        )
        versions.append((body if flavour == "api" else body["value"])["version"])
    assert versions == ["8.0.2.00300", "8.0.3.00400"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("PUT", "/api/session", 405),
        ("PATCH", "/rest/appliance/update", 405),
        ("GET", "/", 404),
    ],
)
def test_calls_that_do_not_exist(bench: Make, method: str, path: str, status: int) -> None:
    reply = bench("").call("vcenter", method, path)
    assert reply.status == status
    assert reply.json()
