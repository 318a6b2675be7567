# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs against a scripted appliance: the choice between the two APIs, the memory of a rollback."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._connection import Connection
from ansible_collections.taskwatch.infra.plugins.module_utils._options import endpoint_of
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import RestClient
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.contexts import context_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import (
    LOGIN,
    Played,
    by_path,
    play,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import (
    Reply,
    ScriptedAdapter,
)

TOKEN = "b00db39a2b9a4a0d8b7a6b1b3a3a9c11"
MODERN = {"POST /api/session": Reply(201, f'"{TOKEN}"'), "DELETE /api/session": Reply(204)}
LEGACY = {
    "POST /rest/com/vmware/cis/session": Reply(200, {"value": TOKEN}),
    "DELETE /rest/com/vmware/cis/session": Reply(200),
}
READ_MODERN = "GET /api/appliance/update"
READ_LEGACY = "GET /rest/appliance/update"
DONE = {"state": "UP_TO_DATE", "version": "8.0.3.00400"}
HTML = {"Content-Type": "text/html;charset=iso-8859-1"}


def run(replies: dict[str, Any], otherwise: Any = None, **options: Any) -> Played:
    return play(ApplianceUpdate, by_path(replies, otherwise), **LOGIN, **options)


@pytest.mark.parametrize("api", ["auto", "api"])
def test_the_modern_api(api: str) -> None:
    played = run({**MODERN, READ_MODERN: DONE}, api=api)
    assert played.sent == ["POST /api/session", "GET /api/appliance/update", "DELETE /api/session"]
    login, asked, logout = played.adapter.requests
    assert login.headers["Authorization"] == "Basic bmV0b3BzOnMzY3JldC1wYXNzd29yZA=="
    assert login.body == ""
    for request in (asked, logout):
        assert request.headers["vmware-api-session-id"] == TOKEN
        assert "Authorization" not in request.headers
    assert (played.task["state"], played.task["name"]) == ("succeeded", "192.0.2.1")


def test_the_legacy_api_by_choice() -> None:
    played = run({**LEGACY, READ_LEGACY: {"value": DONE}}, api="rest")
    assert played.sent == [
        "POST /rest/com/vmware/cis/session",
        "GET /rest/appliance/update",
        "DELETE /rest/com/vmware/cis/session",
    ]
    assert played.task["state"] == "succeeded"


@pytest.mark.parametrize("absent", [Reply(404), Reply(404, "<html/>", HTML), Reply(200, "<html>6.7</html>", HTML)])
def test_the_automatic_choice_takes_the_legacy_api_where_there_is_no_other(absent: Reply) -> None:
    replies = {**LEGACY, READ_LEGACY: {"value": DONE}, "POST /api/session": absent}
    played = run(replies)
    assert played.sent == [
        "POST /api/session",
        "POST /rest/com/vmware/cis/session",
        "GET /rest/appliance/update",
        "DELETE /rest/com/vmware/cis/session",
    ]
    assert played.payload["stats"]["logins"] == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_password_is_not_tried_on_the_other_api(status: int) -> None:
    body = {"error_type": "UNAUTHENTICATED", "messages": [{"default_message": "Authentication required.", "args": []}]}
    played = run({"POST /api/session": Reply(status, body)}, wait=True)
    assert played.sent == ["POST /api/session"]
    assert played.error["type"] == "authentication"
    assert "Authentication required." in str(played.result.msg)
    assert played.clock.naps == []


def test_a_login_answered_503_is_not_taken_for_an_old_release() -> None:
    played = run({"POST /api/session": Reply(503, "no healthy upstream")})
    assert set(played.sent) == {"POST /api/session"}
    assert "no healthy upstream" in str(played.result.msg)


@pytest.mark.parametrize("body", ["", '""', "{}", "7", "null", '{"value": ""}', "<html/>"])
@pytest.mark.parametrize("api", ["api", "rest"])
def test_a_login_without_a_token_is_a_bad_response(body: str, api: str) -> None:
    path = "POST /api/session" if api == "api" else "POST /rest/com/vmware/cis/session"
    played = run({path: Reply(201, body)}, api=api)
    assert played.error["type"] == "bad_response"
    assert len(played.sent) == 1, "there is no session to close"


def test_a_wait_that_has_seen_a_rollback_fails_whatever_comes_after() -> None:
    responses = [
        {"state": "INSTALL_IN_PROGRESS", "version": "8.0.3.00400"},
        {"state": "ROLLBACK_IN_PROGRESS", "version": "8.0.3.00400"},
        {"state": "UP_TO_DATE", "version": "8.0.2.00100"},
    ]
    played = run({**MODERN, READ_MODERN: responses}, wait=True, wait_for="installed")
    assert played.error["type"] == "task_failed"
    assert played.result.msg == (
        "vCenter appliance on 192.0.2.1: failed: the update was rolled back; the appliance is now at UP_TO_DATE"
    )
    assert played.payload["stats"]["polls"] == 3


@pytest.mark.parametrize(
    "between",
    [
        [{"state": "NO_SUCH_STATE"}],
        [{"state": "NO_SUCH_STATE", "task": {"start_time": "1"}}, {"state": "INSTALL_IN_PROGRESS"}],
        [{"state": "INSTALL_IN_PROGRESS", "task": {"start_time": "2"}}],
    ],
)
def test_nothing_between_a_rollback_and_the_end_of_the_wait_makes_up_for_it(between: list[dict[str, Any]]) -> None:
    responses = [{"state": "ROLLBACK_IN_PROGRESS"}, *between, {**DONE, "task": {"start_time": "3"}}]
    assert run({**MODERN, READ_MODERN: responses}, wait=True).payload["state"] == "failed"


def test_a_new_wait_remembers_nothing_of_the_one_before() -> None:
    """The memory belongs to one wait; a poll afterwards has none."""
    seen = [{"state": "ROLLBACK_IN_PROGRESS", "version": "8"}, DONE]
    assert run({**MODERN, READ_MODERN: seen}, wait=True).payload["state"] == "failed"
    assert run({**MODERN, READ_MODERN: DONE}).payload["state"] == "succeeded"


# -- tasks that had ended before the wait began -----------------------------------------------------------------------

OLD = {"status": "FAILED", "start_time": "2025-03-01T10:00:05Z", "end_time": "2025-03-01T10:40:00Z"}
RETRY = {"status": "RUNNING", "start_time": "2025-03-02T10:00:05Z"}
STAGED = {"state": "UPDATES_PENDING", "version": "8.0.3.00400", "task": OLD}


@pytest.mark.parametrize("wait_for", ["idle", "installed"])
@pytest.mark.parametrize("rollback", [{}, {"auto_rollback_state": "ROLLBACK_SUCCEEDED"}])
def test_a_wait_for_a_retry_does_not_take_the_old_failure_for_its_own(wait_for: str, rollback: dict[str, str]) -> None:
    polls = [
        {**STAGED, "task": {**OLD, **rollback}},
        {"state": "INSTALL_IN_PROGRESS", "version": "8.0.3.00400", "task": RETRY},
        {**DONE, "task": {**RETRY, "status": "SUCCEEDED", "end_time": "2025-03-02T10:40:00Z"}},
    ]
    played = run({**MODERN, READ_MODERN: polls}, wait=True, wait_for=wait_for)
    assert (played.result.msg, played.payload["state"]) == (None, "succeeded")
    assert played.payload["stats"]["polls"] == 3


def test_an_old_failure_that_nothing_follows_is_judged_after_a_minute() -> None:
    played = run({**MODERN, READ_MODERN: STAGED}, wait=True, wait_for="installed")
    assert played.result.msg == (
        "vCenter appliance on 192.0.2.1: failed: the last task failed although the appliance says UPDATES_PENDING "
        "(started 2025-03-01T10:00:05Z, ended 2025-03-01T10:40:00Z)"
    )
    assert 60 <= played.payload["elapsed"] <= 95


def test_a_retry_that_fails_is_judged_at_once() -> None:
    again = {**RETRY, "status": "FAILED", "end_time": "2025-03-02T10:00:09Z"}
    played = run({**MODERN, READ_MODERN: [STAGED, {**STAGED, "task": again}]}, wait=True, wait_for="installed")
    assert played.error["type"] == "task_failed"
    assert played.payload["elapsed"] < 30


def test_a_blank_is_no_target() -> None:
    assert run({**MODERN, READ_MODERN: DONE}, wait=True, target_version=" ").payload["succeeded"]


def test_a_check_judges_at_once() -> None:
    assert run({**MODERN, READ_MODERN: STAGED}).payload["state"] == "failed"


def test_an_installation_that_ends_with_another_version_ends_the_wait() -> None:
    polls = [{"state": "INSTALL_IN_PROGRESS", "version": "8.0.3.00500"}, DONE]
    played = run({**MODERN, READ_MODERN: polls}, wait=True, wait_for="installed", target_version="8.0.3.500")
    assert played.result.msg == (
        "vCenter appliance on 192.0.2.1: failed: the installation has ended, "
        "and the appliance reports version 8.0.3.00400, not 8.0.3.500"
    )


# What an appliance says in turn after a rollback, and the states that this comes to.
AFTERWARDS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "nothing": ([DONE, DONE, {**DONE, "state": "UPDATES_PENDING"}], ["failed"] * 3),
    "an update that is seen": ([DONE, {"state": "INSTALL_IN_PROGRESS"}, DONE], ["failed", "running", "succeeded"]),
    "an update between two polls": (
        [{**DONE, "task": {"start_time": "1"}}, {**DONE, "task": {"start_time": "2"}}],
        ["failed", "succeeded"],
    ),
    "a task that is not told any more": ([{**DONE, "task": {"start_time": "1"}}, DONE], ["failed", "failed"]),
    "another rollback whose beginning no poll saw": (
        [
            {**DONE, "task": {"start_time": "1"}},
            {"state": "ROLLBACK_IN_PROGRESS", "task": {"start_time": "2"}},
            {**DONE, "task": {"start_time": "2"}},
        ],
        ["failed", "running", "failed"],
    ),
    "another rollback": (
        [DONE, {"state": "INSTALL_IN_PROGRESS"}, {"state": "ROLLBACK_IN_PROGRESS"}, DONE],
        ["failed", "running", "running", "failed"],
    ),
}


@pytest.mark.parametrize(("later", "states"), AFTERWARDS.values(), ids=AFTERWARDS.keys())
def test_a_watch_that_goes_on_does_not_blame_the_next_update_for_a_rollback(
    later: list[dict[str, Any]], states: list[str]
) -> None:
    responses = [{"state": "INSTALL_IN_PROGRESS"}, {"state": "ROLLBACK_IN_PROGRESS"}, *later]
    adapter = ScriptedAdapter(by_path({**MODERN, READ_MODERN: responses}))
    params = params_of(ApplianceUpdate, **LOGIN)
    connection = Connection(
        RestClient(endpoint_of(params), context_of(adapter=adapter)),
        ApplianceUpdate.scheme(params),
        ApplianceUpdate.explain,
    )
    appliance = ApplianceUpdate(params, connection)
    seen = [appliance.poll(None).statuses["update"].state.value for _answer in responses]
    assert seen == ["running", "running", *states]


def test_a_look_does_not_fail_because_the_update_did() -> None:
    played = run({**MODERN, READ_MODERN: {"state": "INSTALL_FAILED", "version": "8.0.3.00400"}})
    assert played.result.msg is None
    assert (played.payload["state"], played.payload["done"]) == ("failed", True)


def test_an_account_outside_the_group_is_told_so() -> None:
    played = run({**MODERN, READ_MODERN: Reply(403, {"error_type": "UNAUTHORIZED", "messages": []})}, wait=True)
    assert (played.error["type"], played.error["http_status"]) == ("authorization", 403)
    assert played.sent[-1] == "DELETE /api/session"
    assert played.clock.naps == []


def test_the_same_token_serves_both_apis_and_a_second_login_keeps_the_choice() -> None:
    replies = {
        **LEGACY,
        "POST /api/session": Reply(404),
        READ_LEGACY: [Reply(200, {"value": {"state": "INSTALL_IN_PROGRESS"}}), Reply(401), Reply(200, {"value": DONE})],
    }
    played = run(replies, wait=True)
    assert played.sent.count("POST /api/session") == 1
    assert played.sent.count("POST /rest/com/vmware/cis/session") == 2
    assert played.payload["stats"]["logins"] == 2
    assert played.payload["state"] == "succeeded"


def test_a_user_name_with_a_colon_cannot_be_sent() -> None:
    played = play(ApplianceUpdate, by_path({}), **{**LOGIN, "username": "a:b"})
    assert str(played.result.msg).startswith("username must not contain a colon")
    assert played.sent == []


def test_a_content_type_with_a_charset_is_no_obstacle() -> None:
    reply = Reply(200, DONE, {"Content-Type": "application/json;charset=UTF-8"})
    assert run({**MODERN, READ_MODERN: reply}).payload["state"] == "succeeded"
