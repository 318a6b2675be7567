# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Administrator: sessions, export envelopes, bulk jobs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.messages import Reply

from .conftest import Bench, basic

Make = Callable[[str], Bench]
STATUS = "/updateRepositories/firmware/status"
USER = basic("USERID")


def log_in(bench: Bench, user: str = "USERID", password: str = "simulator-password") -> Reply:
    return bench.call("lxca", "POST", "/sessions", body={"UserId": user, "password": password})


def headers_of(login: Reply) -> dict[str, str]:
    cookies = [value.partition(";")[0] for name, value in login.headers if name == "Set-Cookie"]
    return {"Cookie": "; ".join(cookies), "X-Csrf-Token": login.json()["response"]["session"]["csrf"]}


def export(bench: Bench, query: str = "tasktype=EXPORTREPOSITORY&taskid=12") -> Reply:
    return bench.call("lxca", "GET", f"{STATUS}?{query}", USER)


def job(bench: Bench, job_id: str = "371") -> Any:
    return bench.call("lxca", "GET", f"/csvRequest/jobs/{job_id}", USER).json()


def steps_of(status: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in status.get("substatus", []):
        yield step
        yield from steps_of(step["status"])


def test_session_from_login_to_logout(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: export, id: '12'}]}")
    login = log_in(run)
    assert login.status == 200
    assert login.json()["result"] == "success"
    names = {value.partition("=")[0] for name, value in login.headers if name == "Set-Cookie"}
    assert names == {"JSESSIONID", "csrf", "inactivityTimeout", "user", "userAuthenticationMethod"}
    assert len(run.world.sessions()["lxca"]) == 1
    sent = headers_of(login)
    assert run.call("lxca", "GET", f"{STATUS}?taskid=12", sent).status == 200
    gone = run.call("lxca", "DELETE", "/sessions", sent)
    assert (gone.status, gone.json()["messages"][0]["id"]) == (200, "FQXHMSE0001I")
    assert run.world.sessions()["lxca"] == []
    assert run.call("lxca", "GET", f"{STATUS}?taskid=12", sent).status == 401


@pytest.mark.parametrize("token", [None, "", "0" * 32])
@pytest.mark.parametrize(("method", "path"), [("GET", f"{STATUS}?taskid=12"), ("DELETE", "/sessions")])
def test_the_cookie_alone_is_not_enough(bench: Make, method: str, path: str, token: str | None) -> None:
    run = bench("lxca: {tasks: [{kind: export, id: '12'}]}")
    sent = headers_of(log_in(run))
    del sent["X-Csrf-Token"]
    if token is not None:
        sent["X-Csrf-Token"] = token
    assert run.call("lxca", method, path, sent).status == 403
    assert len(run.world.sessions()["lxca"]) == 1


@pytest.mark.parametrize("refused", [401, 403])
def test_wrong_password(bench: Make, refused: int) -> None:
    run = bench(f"lxca: {{refused_status: {refused}}}")
    assert log_in(run, password="no").status == refused
    assert run.call("lxca", "GET", f"{STATUS}?taskid=0", basic("USERID", "no")).status == refused
    assert run.world.sessions()["lxca"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"UserId": "USERID"}', b'{"userid": "USERID", "password": "x"}'])
def test_login_that_is_no_login(bench: Make, body: bytes) -> None:
    assert bench("").call("lxca", "POST", "/sessions", body=body).status == 400


def test_idle_sessions_end_and_used_ones_do_not(bench: Make) -> None:
    run = bench("lxca: {session_idle: 60}")
    used, idle, watched = headers_of(log_in(run)), headers_of(log_in(run)), headers_of(log_in(run))
    watched["X-NOT-USER-INPUT"] = "checkSession"
    for second in (40, 80):
        run.at(second)
        answers = [run.call("lxca", "GET", f"{STATUS}?taskid=0", used).status]
        if second == 40:
            answers.append(run.call("lxca", "GET", f"{STATUS}?taskid=0", watched).status)
        assert set(answers) == {200}
    assert run.call("lxca", "GET", f"{STATUS}?taskid=0", idle).status == 401
    assert run.call("lxca", "GET", f"{STATUS}?taskid=0", watched).status == 401


def test_other_sessions_are_closed_by_id(bench: Make) -> None:
    run = bench("")
    session_id = log_in(run).json()["response"]["session"]["id"]
    assert run.call("lxca", "DELETE", f"/sessions/{session_id}", USER).status == 200
    assert run.call("lxca", "DELETE", f"/sessions/{session_id}", USER).status == 404


def test_secrets_in_addresses_are_not_written_down(bench: Make) -> None:
    run = bench("")
    sent = headers_of(log_in(run))
    token = sent["Cookie"].partition("JSESSIONID=")[2].partition(";")[0]
    run.call("lxca", "DELETE", "/sessions", sent)
    run.call("lxca", "GET", f"/{token}?csrf={sent['X-Csrf-Token']}&password=simulator-password")
    written = run.world.requests()[-1]
    assert (written["path"], written["query"]) == ("/***", "csrf=***&password=***")


def test_export_from_start_to_end(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: export, id: '12', begin: 5, duration: 20}]}")
    assert (export(run).json()["state"], export(run).json()["progress"]) == ("created", 0)
    running = export(run.at(15)).json()
    assert running | {"errorMsg": None} == {
        "current": "repository20260131081500.zip",
        "downloadednum": 4,
        "downloadedsize": 5767168,
        "progress": 50,
        "state": "running",
        "taskIds": "12",
        "total": 8,
        "totalsize": 11534336,
        "updates": [],
        "errorMsg": None,
    }
    assert running["errorMsg"]["messages"][0]["id"] == "FQXHMUP2500I"
    done = export(run.at(25))
    assert done.header("Content-Type") == "application/com.lenovo.lxca-v2.0.0+json; charset=UTF-8"
    assert (done.json()["state"], done.json()["progress"], done.json()["taskIds"]) == ("complete", 100, "")
    assert run.task("12")["state"] == "succeeded"


@pytest.mark.parametrize(
    ("keys", "word", "result", "state"),
    [
        ("end: failed", "error", "failure", "failed"),
        ("end: cancelled", "canceled", "warning", "cancelled"),
        ("final_word: success", "success", "informational", "succeeded"),
        ("empty_current: true", "complete", "informational", "unknown"),
        ("zero_counts: true", "complete", "informational", "succeeded"),
    ],
)
def test_ends_of_an_export(bench: Make, keys: str, word: str, result: str, state: str) -> None:
    run = bench(f"lxca: {{tasks: [{{kind: export, id: '12', duration: 10, {keys}}}]}}").at(10)
    body = export(run).json()
    assert (body["state"], body["errorMsg"]["result"], run.task("12")["state"]) == (word, result, state)
    assert (body["current"] == "") == ("empty_current" in keys)
    assert (body["total"] == 0) == ("zero_counts" in keys)


@pytest.mark.parametrize(
    "query", ["", "taskid=", "taskid=99", "taskid=12&tasktype=IMPORT", "tasktype=EXPORTREPOSITORY", "taskid=12,13"]
)
def test_export_requests_that_are_not_valid(bench: Make, query: str) -> None:
    reply = export(bench("lxca: {tasks: [{kind: export, id: '12'}]}"), query)
    assert reply.status == 400
    assert reply.json()["messages"][0]["recovery"]["text"]


@pytest.mark.parametrize(
    "query", ["taskid=12", "taskType=EXPORTREPOSITORY&taskid=12", "TASKTYPE=exportrepository&taskID=12"]
)
def test_spellings_of_the_parameters(bench: Make, query: str) -> None:
    assert export(bench("lxca: {tasks: [{kind: export, id: '12'}]}"), query).status == 200


def test_all_running_exports_in_one_envelope(bench: Make) -> None:
    run = bench(
        "lxca: {tasks: [{kind: export, id: '12', duration: 10}, {kind: export, id: '13', duration: 20},"
        " {kind: export, id: '14', duration: 40}]}"
    )
    merged = export(run.at(5), "taskid=0").json()
    assert (merged["taskIds"], merged["total"], merged["progress"]) == ("12,13,14", 24, (50 + 25 + 12) // 3)
    assert export(run.at(15), "taskid=0").json()["taskIds"] == "13,14"
    assert export(run.at(30), "taskid=0").json()["taskIds"] == "14"


def test_an_idle_appliance_reads_like_success(bench: Make) -> None:
    idle = export(bench(""), "taskid=0").json()
    assert (idle["state"], idle["progress"], idle["current"], idle["jobid"]) == ("complete", 100, "", -1)


def test_a_forgotten_export_gets_the_idle_envelope(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: export, id: '12', duration: 10, forget_after: 5}]}")
    assert export(run.at(14)).json()["current"]
    assert export(run.at(15)).json()["jobid"] == -1
    assert run.world.tasks()[0]["system"] != "lxca"


@pytest.mark.parametrize(("shape", "kind"), [("object", dict), ("list", list), ("string", str)])
def test_shapes_of_recovery(bench: Make, shape: str, kind: type) -> None:
    run = bench(f"lxca: {{recovery: {shape}}}")
    message = export(run, "taskid=99").json()["messages"][0]
    assert isinstance(message["recovery"], kind)


@pytest.mark.parametrize(("kind", "path"), [("export", f"{STATUS}?taskid=1"), ("csv_job", "/csvRequest/jobs/1")])
def test_failure_under_a_good_status(bench: Make, kind: str, path: str) -> None:
    run = bench(f"lxca: {{tasks: [{{kind: {kind}, id: '1', failure_answer: true}}]}}")
    reply = run.call("lxca", "GET", path, USER)
    assert (reply.status, reply.json()["result"]) == (200, "failure")


def test_job_while_it_runs(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', begin: 5, duration: 30}]}")
    assert job(run) == {"progress": 0.0, "results": [], "status": "INCOMPLETE"}
    body = job(run.at(5 + 30 * 6 / 15))
    device = body["results"][0]
    assert body["progress"] == device["progress"] == device["status"]["percentage"] == pytest.approx(40)
    assert (device["result"], device["status"]["state"], device["messageParameters"]) == (
        "INCOMPLETE",
        "Running",
        "192.0.2.55",
    )
    steps = {step["id"]: step for step in steps_of(device["status"])}
    states = {name: step["status"]["state"] for name, step in steps.items()}
    assert list(states)[:6] == ["STARTING", "NETWORK_CHOICE", "DESCRIPTOR", "LOGIN", "DUPLICATE_CHECK", "INVENTORY"]
    assert [states[name] for name in ("DUPLICATE_CHECK", "INVENTORY", "INV_NODES", "INTEROP_CHECK", "CFG_NTP")] == [
        "Complete",
        "Running",
        "Running",
        "Pending",
        "Pending",
    ]
    assert steps["LOGIN"]["completed"]
    assert steps["INVENTORY"]["started"]
    assert not steps["INVENTORY"]["completed"]
    assert not steps["CFG_CABINET"]["started"]


def test_step_ids_in_their_documented_order(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', duration: 30}]}")
    nodes = list(steps_of(job(run)["results"][0]["status"]))
    assert [(node["id"], node["messageID"]) for node in nodes] == [
        ("STARTING", "1000_SHORT"),
        ("NETWORK_CHOICE", "1001_SHORT"),
        ("DESCRIPTOR", "1002_SHORT"),
        ("LOGIN", "1003_SHORT"),
        ("DUPLICATE_CHECK", "1004_SHORT"),
        ("INVENTORY", "1005_SHORT"),
        ("INV_CHASSIS", "1006_SHORT"),
        ("INV_NODES", "1007_SHORT"),
        ("INV_IOMS", "1008_SHORT"),
        ("INTEROP_CHECK", "1009_SHORT"),
        ("CONFIGURATION", "1010_SHORT"),
        ("CFG_NTP", "1011_SHORT"),
        ("CFG_DNS_UPD", "1067_SHORT"),
        ("CFG_SECURITY", "1012_SHORT"),
        ("CFG_CMGMT", "1013_SHORT"),
        ("CFG_CABINET", "1097_SHORT"),
        ("MANAGESTOP", "1114_SHORT"),
    ]


def test_job_that_succeeded(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', duration: 30, job_done: true, lower_uuid: true}]}").at(30)
    body = job(run)
    device = body["results"][0]
    assert (body["progress"], body["status"], device["progress"], device["result"]) == (
        100.0,
        "COMPLETE",
        "JOB_DONE",
        "SUCCESS",
    )
    assert {step["status"]["state"] for step in steps_of(device["status"])} == {"Complete"}
    assert device["time_spent"] == 30000
    assert re.fullmatch("[0-9a-f]{32}", device["uuid"])


def test_job_that_failed_as_recorded(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', duration: 30, end: failed}]}").at(30)
    body = job(run)
    device = body["results"][0]
    assert (body["progress"], body["status"], device["result"]) == (100.0, "INCOMPLETE", "OTHER_FAIL")
    assert (device["status"]["state"], device["status"]["percentage"]) == ("Stopped_With_Error", 100.0)
    top = device["status"]["substatus"]
    assert [step["status"]["state"] for step in top] == ["Complete"] * 5 + ["Stopped_With_Error"] * 4 + ["Running"]
    untouched = top[6]
    assert (untouched["started"], untouched["completed"], untouched["progress"]) == (False, False, 0.0)
    assert untouched["status"]["description"][0]["messageID"] == "1027_LONG"
    assert run.task("371")["state"] == "failed"


def test_one_of_two_devices_fails(bench: Make) -> None:
    run = bench(
        "lxca: {tasks: [{kind: csv_job, id: '371', duration: 30, devices: ["
        "{address: 192.0.2.7}, {address: 192.0.2.8, end: failed, duration: 10, fails_at: LOGIN, result: LOGIN_FAIL}]}]}"
    )
    half = job(run.at(15))
    assert half["progress"] == pytest.approx((50 + 100) / 2)
    assert [each["status"]["state"] for each in half["results"]] == ["Running", "Stopped_With_Error"]
    assert run.task("371")["state"] == "running"
    done = job(run.at(30))
    assert [each["result"] for each in done["results"]] == ["SUCCESS", "LOGIN_FAIL"]
    assert (done["status"], run.task("371")["state"]) == ("INCOMPLETE", "failed")
    failed = {step["id"]: step for step in steps_of(done["results"][1]["status"])}
    assert failed["LOGIN"]["status"]["description"][0]["messageID"] == "1020_LONG"


@pytest.mark.parametrize("word", ["Cancelled", "Cancelled_With_Errors", "Interrupted"])
def test_words_of_the_job_framework(bench: Make, word: str) -> None:
    run = bench(
        "lxca: {tasks: [{kind: csv_job, id: '371', duration: 10,"
        f" devices: [{{end: cancelled, final_state: {word}}}]}}]}}"
    )
    assert job(run.at(10))["results"][0]["status"]["state"] == word


def test_errors_on_the_way(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', duration: 10, devices: [{errors_from: 50}]}]}")
    assert job(run.at(4))["results"][0]["status"]["state"] == "Running"
    assert job(run.at(6))["results"][0]["status"]["state"] == "Running_With_Errors"


def test_shapes_of_a_job(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', body_list: true, parameters_list: true}]}")
    body = job(run)
    assert isinstance(body, list)
    assert body[0]["results"][0]["messageParameters"] == ["192.0.2.55"]


def test_an_unknown_or_deleted_job(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: csv_job, id: '371', duration: 10, forget_after: 1}]}")
    assert run.call("lxca", "GET", "/csvRequest/jobs/9", USER).status == 404
    assert run.call("lxca", "GET", "/csvRequest/jobs/371", USER).status == 200
    assert run.at(11).call("lxca", "GET", "/csvRequest/jobs/371", USER).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/sessions", 405), ("GET", "/nothing", 404), ("GET", "/csvRequest/jobs/a/b", 404)],
)
def test_calls_that_do_not_exist(bench: Make, method: str, path: str, status: int) -> None:
    run = bench("")
    assert run.call("lxca", method, path).status == 401
    assert run.call("lxca", method, path, USER).status == status


def test_an_account_that_may_not_read(bench: Make) -> None:
    run = bench("lxca: {authorized: false, tasks: [{kind: export, id: '12'}]}")
    login = log_in(run)
    assert login.status == 200
    assert run.call("lxca", "GET", f"{STATUS}?taskid=12", headers_of(login)).status == 403
    assert run.call("lxca", "DELETE", "/sessions", headers_of(login)).status == 200


def test_the_clock_of_a_test_never_goes_back() -> None:
    with pytest.raises(ValueError, match="back"):
        ManualClock().advance(-1)
