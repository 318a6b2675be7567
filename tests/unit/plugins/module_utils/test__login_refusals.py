# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each vendor's answers to a login mean, and how often a wait tries: counted at the system."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchObserver, WatchSettings, watch
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.contexts import context_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import (
    LOGIN,
    Played,
    by_path,
    play,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, ScriptedAdapter

LXCA = "POST /sessions"
SDM = "POST /rest/v1.3/admin/login"
VCENTER = "POST /api/session"
TOKEN = "POST /auth/v1/oauth2/access_token"
PROFILE = "GET /sdwan/v2.1/api/profile"
OAUTH = {"client_id": "sim@1", "client_secret": "cl1ent-secret", "tsg_id": "1234567890"}
SYSTEMS: dict[str, tuple[type[System], dict[str, Any]]] = {
    LXCA: (Task, {**LOGIN, "task_id": ["51"]}),
    SDM: (RouteUpdate, {**LOGIN, "task_id": ["ID33"]}),
    VCENTER: (ApplianceUpdate, {**LOGIN, "api": "api"}),
    TOKEN: (ElementImageStatus, OAUTH),
}


def refused_by_lxca(status: int, **more: Any) -> Reply:
    said = {"text": "Login failed.", "explanation": "The user name or password is not valid."}
    return Reply(status, {"result": "failure", "messages": [said], **more})


DENIED = {"response": {"authenticated": False, "reason": "AuthFailed"}}
PAGE = Reply(200, "<!DOCTYPE html><html><body>Sign in</body></html>", {"Content-Type": "text/html"})


def wait(login: str, reply: Any, replies: dict[str, Any] | None = None, **options: Any) -> Played:
    system_class, needed = SYSTEMS[login]
    return play(system_class, by_path({login: reply, **(replies or {})}), **{"wait": True, **needed, **options})


def watched(login: str, reply: Any) -> tuple[TaskwatchError | None, list[str]]:
    """What the event source's watch ends with, and what it has sent."""
    system_class, needed = SYSTEMS[login]
    clock, adapter = FakeClock(), ScriptedAdapter(by_path({login: reply}))
    settings = WatchSettings(interval=None, until_finished=True, stall_timeout=0, unreachable_timeout=300)
    params = params_of(system_class, **needed)
    error = watch(system_class, params, settings, observer=WatchObserver(), context=context_of(clock, adapter))
    return error, adapter.sent


EACH_REFUSAL = pytest.mark.parametrize(
    ("login", "reply", "words"),
    [
        (LXCA, refused_by_lxca(200, **DENIED), "The user name or password is not valid."),
        (LXCA, refused_by_lxca(500, **DENIED), "The user name or password is not valid."),
        (LXCA, refused_by_lxca(400), "The user name or password is not valid."),
        (LXCA, refused_by_lxca(500), "The user name or password is not valid."),
        (LXCA, refused_by_lxca(503, response={"authenticated": "FALSE"}), "The user name or password is not valid."),
        (LXCA, refused_by_lxca(200), "The user name or password is not valid."),
        (LXCA, Reply(200, {"result": "Failed", "response": {"authenticated": "false"}}), "not accepted"),
        (LXCA, Reply(403), "not accepted"),
        (
            SDM,
            Reply(401, "<error><message>Bad credentials</message></error>", {"Content-Type": "text/xml"}),
            "Bad cred",
        ),
        (VCENTER, Reply(401, {"error_type": "UNAUTHENTICATED", "messages": []}), "not accepted"),
        (VCENTER, Reply(400, {"error_type": "UNAUTHENTICATED", "messages": []}), "not accepted"),
        (VCENTER, Reply(500, {"type": "com.vmware.vapi.std.errors.unauthenticated", "value": {}}), "not accepted"),
        (TOKEN, Reply(401, {"error": "invalid_client"}), "invalid_client"),
        (TOKEN, Reply(400, {"error": "invalid_scope"}), "tenant service group 1234567890"),
        (TOKEN, Reply(400, {"error": "unauthorized_client"}), "tenant service group 1234567890"),
    ],
)


@EACH_REFUSAL
def test_a_refusal_in_the_vendors_words_is_tried_once(login: str, reply: Reply, words: str) -> None:
    played = wait(login, reply)
    assert played.error["type"] == "authentication"
    assert words in played.error["message"]
    assert played.sent == [login]


@EACH_REFUSAL
def test_so_it_is_by_a_check_and_by_the_event_source(login: str, reply: Reply, words: str) -> None:
    assert wait(login, reply, wait=False).sent == [login]
    error, sent = watched(login, reply)
    assert sent == [login]
    assert error is not None
    assert (error.kind.value, words in error.message) == ("authentication", True)


@pytest.mark.parametrize("login", SYSTEMS)
def test_the_event_source_tries_an_odd_answer_three_times(login: str) -> None:
    error, sent = watched(login, PAGE)
    assert error is not None
    assert sent.count(login) == 3


@pytest.mark.parametrize("login", SYSTEMS)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_login_that_nothing_has_evaluated_is_an_outage(login: str, status: int) -> None:
    played = wait(login, Reply(status, "starting"))
    assert played.error["type"] == "unreachable"
    assert played.sent.count(login) > 5


@pytest.mark.parametrize(
    "text",
    [
        "The service is starting.",
        "The authentication server cannot be reached.",
        "The password store is not available.",
    ],
)
def test_a_failure_of_the_service_itself_is_an_outage(text: str) -> None:
    played = wait(LXCA, Reply(500, {"result": "failure", "messages": [{"text": text}]}))
    assert played.error["type"] == "unreachable"
    assert played.sent.count(LXCA) > 5


@pytest.mark.parametrize("login", [LXCA, TOKEN])
def test_an_address_of_the_login_that_is_not_there_yet_is_an_outage(login: str) -> None:
    played = wait(login, Reply(404))
    assert played.payload["stats"]["unreachable_seconds"] == 300
    assert played.sent.count(login) > 5
    assert "the system does not know it" not in played.error["message"]


@pytest.mark.parametrize("json", [False, True])
def test_an_unknown_rest_version_is_told_as_such(json: bool) -> None:
    played = wait(SDM, Reply(404), response_format="json" if json else "xml")
    assert (played.error["type"], played.sent) == ("bad_request", [SDM])
    assert "api_version" in played.error["message"]
    assert ("response_format" in played.error["message"]) is json
    assert "does not know it" not in played.error["message"]


@pytest.mark.parametrize("login", SYSTEMS)
@pytest.mark.parametrize(
    "reply", [PAGE, Reply(200, b"{"), Reply(400, "odd"), Reply(418)], ids=lambda reply: reply.status
)
def test_an_odd_answer_to_a_login_is_tried_three_times(login: str, reply: Reply) -> None:
    played = wait(login, reply)
    assert played.sent.count(login) == 3
    assert played.error["type"] in {"bad_response", "bad_request"}


def test_too_many_sessions_are_waited_for() -> None:
    full = refused_by_lxca(403)
    full.body["messages"][0]["explanation"] = "The maximum number of active sessions for this user was reached."
    opened = Reply(200, {"response": {"session": {"csrf": "c-token"}}}, {"Set-Cookie": "JSESSIONID=s1; Path=/"})
    done = [{"jobUID": "51", "status": "Complete"}]
    more = {"GET /tasks/51": done, "DELETE /sessions": {}}
    assert wait(LXCA, [full, full, opened], more).payload["state"] == "succeeded"


@pytest.mark.parametrize("status", [401, 403])
def test_a_password_that_must_be_changed_is_told(status: int) -> None:
    session = {"pwChangeRequired": True, "session": {"csrf": "c-token"}}
    opened = Reply(200, {"response": session}, {"Set-Cookie": "JSESSIONID=s1; Path=/"})
    played = wait(LXCA, opened, {"GET /tasks/51": Reply(status), "DELETE /sessions": {}})
    assert played.error["type"] == ("authentication" if status == 401 else "authorization")
    assert "the password of netops must be changed first" in played.error["message"]


def test_an_account_without_a_role_is_told_as_such() -> None:
    token = {"access_token": "bearer-token-1", "expires_in": 899}
    played = wait(TOKEN, token, {PROFILE: Reply(403), "GET /sdwan/v2.0/api/logout": {}})
    assert played.error["type"] == "authorization"
    assert "without a role in the tenant service group 1234567890" in played.error["message"]
    assert played.sent.count(TOKEN) == 1
    assert played.sent[-1] == "GET /sdwan/v2.0/api/logout", "the token is a session all the same"
