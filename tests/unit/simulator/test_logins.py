# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins that are refused in each vendor's way, accounts that lock, and the ways in which a session ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench, basic

Make = Callable[[str], Bench]
GOOD = "simulator-password"
TOKEN = "/auth/v1/oauth2/access_token"
GRANT = b"grant_type=client_credentials&scope=tsg_id:1234567890"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def lxca(run: Bench, password: str = GOOD) -> Reply:
    return run.call("lxca", "POST", "/sessions", body={"UserId": "USERID", "password": password})


def sdm(run: Bench, password: str = GOOD) -> Reply:
    body = f"<session><userName>{SDM_USER}</userName><password>{password}</password></session>".encode()
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    return run.call("sdm", "POST", "/rest/v1.3/admin/login", headers, body)


def vcenter(run: Bench, password: str = GOOD) -> Reply:
    return run.call("vcenter", "POST", "/api/session", basic("administrator@vsphere.local", password))


def prisma(run: Bench, password: str = GOOD) -> Reply:
    secret = "simulator-secret" if password == GOOD else password
    headers = {**FORM, **basic("simulator@1234567890.iam.panserviceaccount.com", secret)}
    return run.call("prisma_sdwan", "POST", TOKEN, headers, GRANT)


SDM_USER = "netops"
LOGINS = {"lxca": lxca, "sdm": sdm, "vcenter": vcenter, "prisma_sdwan": prisma}
each_system = pytest.mark.parametrize("system", LOGINS)


@each_system
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_wrong_password_with_each_status(bench: Make, system: str, status: int) -> None:
    run = bench(f"{system}: {{refused_status: {status}}}")
    assert LOGINS[system](run, "wrong").status == status
    assert run.world.sessions()[system] == []
    assert LOGINS[system](run).status < 300


@pytest.mark.parametrize("status", [200, 400, 500])
def test_lenovo_tells_a_refusal_in_the_body(bench: Make, status: int) -> None:
    run = bench(f"lxca: {{refused_status: {status}}}")
    reply = lxca(run, "wrong")
    body = reply.json()
    assert (reply.status, body["result"], body["response"]["authenticated"]) == (status, "failure", False)
    assert "not valid" in body["messages"][0]["explanation"]
    assert reply.header("Set-Cookie") is None


@pytest.mark.parametrize("code", ["invalid_scope", "unauthorized_client"])
def test_codes_of_a_refused_token(bench: Make, code: str) -> None:
    run = bench(f"prisma_sdwan: {{refused_status: 400, refused_code: {code}}}")
    reply = prisma(run, "wrong")
    assert (reply.status, reply.json()["error"]) == (400, code)


@each_system
def test_an_account_locks_and_opens_again(bench: Make, system: str) -> None:
    login = LOGINS[system]
    run = bench(f"{system}: {{lock_after: 3, lock_seconds: 60}}")
    assert [login(run, "wrong").status for _time in range(2)] == [401, 401]
    assert login(run).status < 300
    for _time in range(3):
        login(run, "wrong")
    assert login(run).status == 401
    assert login(run.at(59)).status == 401
    assert login(run.at(61)).status < 300


def test_lenovo_locks_by_default(bench: Make) -> None:
    run = bench("")
    for _time in range(20):
        lxca(run, "wrong")
    assert "locked" in lxca(run).json()["messages"][0]["text"]
    assert run.call("lxca", "GET", "/tasks", basic("USERID")).status == 401


@each_system
def test_too_many_sessions(bench: Make, system: str) -> None:
    login = LOGINS[system]
    run = bench(f"{system}: {{max_sessions: 3}}")
    assert [login(run).status < 300 for _time in range(4)] == [True, True, True, False]
    run.world.add_fault({"system": system, "kind": "expire_sessions"})
    assert login(run).status < 300


@each_system
def test_logins_refused_by_a_fault(bench: Make, system: str) -> None:
    login = LOGINS[system]
    run = bench("")
    run.world.add_fault({"system": system, "kind": "refuse_login", "reason": "unavailable", "status": 403, "times": 2})
    run.call(system, "GET", "/")
    assert [login(run).status for _time in range(2)] == [403, 403]
    assert login(run).status < 300


def reading(run: Bench, system: str, login: Reply) -> Reply:
    """Ask with the session of a login."""
    if system == "lxca":
        body = login.json()["response"]["session"]
        cookie = next(value for name, value in login.headers if name == "Set-Cookie" and "JSESSIONID" in value)
        headers = {"Cookie": cookie.partition(";")[0], "X-Csrf-Token": body["csrf"]}
        return run.call("lxca", "GET", "/tasks", headers)
    if system == "sdm":
        cookie = str(login.header("Set-Cookie")).partition(";")[0]
        headers = {"Cookie": cookie, "Accept": "application/xml"}
        return run.call("sdm", "GET", "/rest/v1.3/routeSets/routeUpdates", headers)
    if system == "vcenter":
        return run.call("vcenter", "GET", "/api/appliance/update", {"vmware-api-session-id": login.json()})
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    return run.call("prisma_sdwan", "GET", "/sdwan/v2.1/api/profile", headers)


ENDS = {"400": 400, "401": 401, "403": 403, "404": 404, "500": 500, "redirect": 302, "login_page": 200}


@each_system
@pytest.mark.parametrize("end", ENDS)
def test_ends_of_a_session(bench: Make, system: str, end: str) -> None:
    run = bench(f"{system}: {{session_end: {end}}}")
    login = LOGINS[system](run)
    assert reading(run, system, login).status == 200
    run.world.add_fault({"system": system, "kind": "expire_sessions"})
    reply = reading(run, system, login)
    assert reply.status == ENDS[end]
    if end == "login_page":
        assert str(reply.header("Content-Type")).startswith("text/html")
    if end == "redirect":
        assert reply.header("Location") == "/login.html"
    assert reading(run, system, LOGINS[system](run)).status == 200


@pytest.mark.parametrize(("end", "said"), [("400", "errors.unauthenticated"), ("500", "NotAuthenticated")])
def test_vcenter_names_the_stale_session(bench: Make, end: str, said: str) -> None:
    run = bench(f"vcenter: {{session_end: {end}}}")
    login = vcenter(run)
    run.world.add_fault({"system": "vcenter", "kind": "expire_sessions"})
    assert said in reading(run, "vcenter", login).json()["messages"][0]["default_message"]
    assert run.call("vcenter", "GET", "/api/appliance/update").status == 401


def test_the_answer_to_ended_sessions_changes_with_a_fault(bench: Make) -> None:
    run = bench("")
    login = lxca(run)
    run.world.add_fault({"system": "lxca", "kind": "expire_sessions", "answer": "redirect"})
    assert reading(run, "lxca", login).status == 302


def test_a_password_that_must_be_changed_first(bench: Make) -> None:
    run = bench("lxca: {password_change: true}")
    login = lxca(run)
    assert login.json()["response"]["pwChangeRequired"] is True
    assert reading(run, "lxca", login).status == 403


def test_an_account_without_a_role(bench: Make) -> None:
    run = bench("prisma_sdwan: {profile_refused: true}")
    assert reading(run, "prisma_sdwan", prisma(run)).status == 403


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("lxca: {tasks: [{kind: task, id: '1', duration: 1, final_word: Finished}]}", "Finished"),
        ("lxca: {tasks: [{kind: export, id: '1', duration: 1, final_word: finished}]}", "finished"),
        ("sdm: {tasks: [{id: '1', duration: 1, final_word: PartiallyCompleted}]}", "PartiallyCompleted"),
    ],
)
def test_words_that_no_page_names(bench: Make, text: str, word: str) -> None:
    run: Any = bench(text).at(5)
    assert run.task("1")["native_state"] == word
