# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of described APIs, from options to payload, on a transport without sockets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import Played, by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.things import described
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Script

HOST: dict[str, Any] = {"hostname": "192.0.2.1"}
LOGIN: dict[str, Any] = {**HOST, "username": "netops", "password": "s3cret-password"}
TOKEN: dict[str, Any] = {**HOST, "token": "t0ken-of-the-user"}


def play_thing(script: Script, *, description: dict[str, Any] | None = None, **options: Any) -> Played:
    given = {**HOST, "task_id": ["7"], "description": description or described(), **options}
    return play(RestTask, script, **given)


# -- sessions ---------------------------------------------------------------------------------------------------------


PROXMOX: dict[str, Any] = {**LOGIN, "api": "proxmox_task", "variables": {"node": "pve1"}}
UPID = "UPID:pve1:0001:0002:65F0:vzdump:100:root@pam:"
UPID_PATH = "/api2/json/nodes/pve1/tasks/UPID%3Apve1%3A0001%3A0002%3A65F0%3Avzdump%3A100%3Aroot%40pam%3A/status"
TICKET: dict[str, Any] = {"data": {"ticket": "PVE:root@pam:65F0::c2VjcmV0"}}


def test_a_session_is_opened_and_its_ticket_sent() -> None:
    played = play(
        RestTask,
        by_path(
            {
                "POST /api2/json/access/ticket": TICKET,
                f"GET {UPID_PATH}": [
                    {"data": {"status": "running", "type": "vzdump"}},
                    {"data": {"status": "stopped", "exitstatus": "OK", "type": "vzdump"}},
                ],
            }
        ),
        **PROXMOX,
        task_id=[UPID],
        wait=True,
    )
    assert played.result.msg is None
    assert (played.task["state"], played.task["native_state"], played.task["name"]) == ("succeeded", "OK", "vzdump")
    assert played.adapter.requests[0].body == "username=netops&password=s3cret-password"
    assert played.adapter.requests[1].headers["Cookie"] == f"PVEAuthCookie={TICKET['data']['ticket']}"
    assert played.payload["stats"]["logins"] == 1
    assert TICKET["data"]["ticket"] not in json.dumps(played.payload)


def test_a_session_that_can_be_closed_is_closed() -> None:
    session = "/redfish/v1/SessionService/Sessions"
    opened = Reply(201, {}, {"X-Auth-Token": "t0ken-of-redfish", "Location": f"https://192.0.2.1{session}/12"})
    played = play(
        RestTask,
        by_path(
            {
                f"POST {session}": opened,
                "GET /redfish/v1/TaskService/Tasks/545": {
                    "TaskState": "Exception",
                    "Messages": [{"Message": "Bad image"}],
                },
                f"DELETE {session}/12": Reply(204),
            }
        ),
        **LOGIN,
        api="redfish_task",
        task_id=["545"],
        wait=True,
    )
    assert played.error["type"] == "task_failed"
    assert played.error["message"] == "Redfish task 545 on 192.0.2.1: failed: Bad image"
    assert played.sent[-1] == f"DELETE {session}/12"
    assert played.adapter.requests[-1].headers["X-Auth-Token"] == "t0ken-of-redfish"


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_login_is_final(status: int) -> None:
    played = play(
        RestTask,
        by_path({"POST /redfish/v1/SessionService/Sessions": Reply(status, {"error": {"message": "No such user"}})}),
        **LOGIN,
        api="redfish_task",
        task_id=["545"],
        wait=True,
    )
    assert (played.error["type"], len(played.sent)) == ("authentication", 1)
    assert "No such user" in played.error["message"]


def test_a_session_that_has_expired_is_opened_again() -> None:
    played = play(
        RestTask,
        by_path(
            {
                "POST /api2/json/access/ticket": [TICKET, {"data": {"ticket": "PVE:second"}}],
                f"GET {UPID_PATH}": [
                    {"data": {"status": "running"}},
                    Reply(401),
                    {"data": {"status": "stopped", "exitstatus": "OK"}},
                ],
            }
        ),
        **PROXMOX,
        task_id=[UPID],
        wait=True,
    )
    assert played.result.msg is None
    assert played.payload["stats"]["logins"] == 2
    assert played.adapter.requests[-1].headers["Cookie"] == "PVEAuthCookie=PVE:second"


@pytest.mark.parametrize(("before", "tries"), [(Reply(200, "<html>Sign in</html>"), 1), ({"phase": "busy"}, 3)])
def test_the_page_of_a_front_end_does_not_prove_a_password(before: Any, tries: int) -> None:
    """Where every request carries the password, a refusal is repeated only after a good answer."""
    description = {**described(), "login": {"kind": "basic"}}
    script = by_path({"GET /things/7": [before, Reply(401)]})
    played = play_thing(script, description=description, wait=True, username="netops", password="s3cret-password")
    assert (played.error["type"], len(played.sent)) == ("authentication", 1 + tries)


# -- addresses --------------------------------------------------------------------------------------------------------


def test_a_monitor_that_moves_is_followed_and_paced() -> None:
    played = play(
        RestTask,
        by_path(
            {
                "GET /operations/7": Reply(202, b"", {"Location": "/operations/8", "Retry-After": "5"}),
                "GET /operations/8": [
                    Reply(202, b"", {"Location": "https://192.0.2.1:443/operations/9?v=1", "Retry-After": "600"}),
                ],
                "GET /operations/9": {"made": True},
            }
        ),
        **HOST,
        api="http_202",
        task_id=["/operations/7"],
        wait=True,
    )
    assert played.result.msg is None
    assert played.sent == ["GET /operations/7", "GET /operations/8", "GET /operations/9?v=1"]
    assert played.clock.naps == [5.0, 30.0]


@pytest.mark.parametrize(
    ("asked", "options", "naps"),
    [("10", {}, [10.0]), ("0", {}, [1.0]), ("10", {"wait_sleep": 4}, [4.0]), ("2", {"wait_sleep": 4}, [2.0])],
)
def test_a_good_answer_says_when_to_ask_again(asked: str, options: dict[str, Any], naps: list[float]) -> None:
    busy = Reply(200, {"phase": "busy"}, {"Retry-After": asked})
    played = play_thing(by_path({"GET /things/7": [busy, {"phase": "made"}]}), wait=True, **options)
    assert (played.result.msg, played.clock.naps) == (None, naps)


def test_what_the_system_expects_thins_polls_out() -> None:
    busy = {"phase": "busy", "seconds": 600}

    def polls(**task: Any) -> int:
        script = by_path({"GET /things/7": [*[busy] * 2000, {"phase": "made"}]})
        played = play_thing(script, description=described(**task), wait=True, wait_timeout=300)
        return int(played.payload["stats"]["polls"])

    assert polls(expected_seconds="seconds") < polls()


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.com/x",
        "//evil.example.com/x",
        "http://192.0.2.1/x",
        "https://192.0.2.1:8443/x",
        "https://u@192.0.2.1/x",
    ],
)
def test_a_monitor_elsewhere_is_not_followed(location: str) -> None:
    played = play(
        RestTask,
        by_path({"GET /operations/7": Reply(202, b"", {"Location": location})}),
        **HOST,
        api="http_202",
        task_id=["/operations/7"],
        wait=True,
    )
    assert (played.error["type"], played.sent) == ("bad_response", ["GET /operations/7"])
    assert location in played.error["message"]


@pytest.mark.parametrize(
    "task_id", ["https://evil.example.com/x", "//evil.example.com/x", "/a/../b", "/a/%2e%2e/b", "\\\\evil", "7"]
)
def test_an_id_that_is_no_address_of_the_system_is_refused(task_id: str) -> None:
    played = play(RestTask, by_path({}), **HOST, api="http_202", task_id=[task_id])
    assert (played.error["type"], played.sent) == ("bad_request", [])
    assert "task_id" in played.error["message"]


@pytest.mark.parametrize("task_id", ["../admin", "7/../../admin", "7?x=1", "7#x", "//evil.example.com/x", "%2e%2e"])
def test_an_id_stays_within_its_segment(task_id: str) -> None:
    played = play_thing(lambda _request: Reply(200, {"phase": "made"}), task_id=[task_id])
    (request,) = played.adapter.requests
    assert request.url.startswith("https://192.0.2.1:443/things/")
    assert request.path.count("/") == 2
    assert "?" not in request.path


# -- verdicts ---------------------------------------------------------------------------------------------------------


def test_a_word_that_nothing_names_is_quoted() -> None:
    played = play_thing(by_path({"GET /things/7": {"phase": "melting"}}))
    assert played.task["state"] == "unknown"
    assert played.result.warnings == [
        "192.0.2.1: Thing reports the state 'melting', which its description does not name; it counts as unknown"
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"status": "x"}, "found no state at 'phase' in '{\"status\": \"x\"}'"),
        ({"phase": 5}, "expected a word at 'phase', which holds 5, in '{\"phase\": 5}'"),
        ({"phase": {"a": 1}}, "expected a word at 'phase', which holds a mapping, in"),
        ([], "found no state at 'phase' in '[]'"),
    ],
)
def test_an_answer_without_a_word_is_a_bad_response(body: Any, said: str) -> None:
    played = play_thing(by_path({"GET /things/7": Reply(200, body)}))
    assert played.error["type"] == "bad_response"
    assert said in played.error["message"]


def test_a_goal_of_the_wait_is_a_success() -> None:
    replies = by_path({"GET /things/7": {"phase": "staged-2"}})
    assert play_thing(replies, wait_for=["staged*"]).task["state"] == "succeeded"
    assert play_thing(replies).task["state"] == "unknown"
    broken = play_thing(by_path({"GET /things/7": {"phase": "broken"}}), wait_for=["b*"])
    assert broken.task["state"] == "failed"


def test_a_login_page_is_no_success_by_status() -> None:
    page = Reply(200, "<html><body>Sign in</body></html>", {"Content-Type": "text/html"})
    played = play(RestTask, by_path({"GET /operations/7": page}), **HOST, api="http_202", task_id=["/operations/7"])
    assert played.error["type"] == "bad_response"


OAUTH = {"kind": "oauth2", "request": {"path": "/oauth/token", "form": {"scope": "things"}}}


def test_client_credentials_open_a_token_that_is_renewed_in_time() -> None:
    replies = {
        "POST /oauth/token": [{"access_token": "f1rst-token", "expires_in": 100}, {"access_token": "sec0nd-token"}],
        "GET /things/7": [*[{"phase": "busy"}] * 6, {"phase": "made"}],
    }
    played = play(
        RestTask,
        by_path(replies),
        **LOGIN,
        task_id=["7"],
        description={**described(), "login": OAUTH},
        wait=True,
        wait_sleep=20,
    )
    first, last = played.adapter.requests[0], played.adapter.requests[-1]
    assert first.body == "grant_type=client_credentials&scope=things"
    assert first.headers["Authorization"].startswith("Basic ")
    assert last.headers["Authorization"] == "Bearer sec0nd-token"
    assert played.payload["stats"]["logins"] == 2


def test_a_refused_client_is_final() -> None:
    refused = by_path({"POST /oauth/token": Reply(400, {"error": "invalid_client"})})
    played = play(RestTask, refused, **LOGIN, task_id=["7"], description={**described(), "login": OAUTH}, wait=True)
    assert (played.error["type"], len(played.sent)) == ("authentication", 1)


def test_a_token_goes_where_the_description_says() -> None:
    login = {"kind": "header", "send": {"headers": {"Authorization": "Token {token}"}}}
    played = play(
        RestTask,
        by_path({"GET /things/7": {"phase": "made", "said": "Token t0ken-of-the-user"}}),
        **TOKEN,
        task_id=["7"],
        description={**described(message="said"), "login": login},
    )
    assert played.adapter.requests[0].headers["Authorization"] == "Token t0ken-of-the-user"
    assert "t0ken-of-the-user" not in json.dumps(played.payload)


def test_a_refusal_told_in_a_body_is_one() -> None:
    login = {
        "kind": "session",
        "request": {"path": "/login", "json": {"user": "{username}", "password": "{password}"}},
        "take": {"ticket": "ticket"},
        "send": {"headers": {"X-Ticket": "{ticket}"}},
        "refused": {"when": "ok == `false`"},
    }
    script = by_path({"POST /login": {"ok": False, "message": "Wrong password"}})
    played = play(RestTask, script, **LOGIN, task_id=["7"], description={**described(), "login": login}, wait=True)
    assert (played.error["type"], len(played.sent)) == ("authentication", 1)
    assert "Wrong password" in played.error["message"]


# -- many tasks -------------------------------------------------------------------------------------------------------


def test_one_request_asks_for_many_tasks_page_by_page() -> None:
    first = {"results": [{"id": 1, "status": "running"}], "next": "/api/v2/unified_jobs/?id__in=1,2&page=2"}
    second = {"results": [{"id": 2, "status": "successful"}], "next": None}
    pages = {"page=2": second}

    def script(request: Any) -> Reply:
        assert request.headers["Authorization"] == "Bearer t0ken-of-the-user"
        return Reply(200, next((page for mark, page in pages.items() if mark in request.path), first))

    played = play(RestTask, script, **TOKEN, api="awx_job", task_id=["1", "2"])
    assert [task["state"] for task in played.payload["tasks"]] == ["running", "succeeded"]
    assert played.sent == [
        "GET /api/v2/unified_jobs/?id__in=1%2C2&page_size=200",
        "GET /api/v2/unified_jobs/?id__in=1,2&page=2",
    ]


def test_a_task_that_the_list_lacks_is_asked_for_alone() -> None:
    def script(request: Any) -> Reply:
        found = [{"id": 1, "status": "running"}] if "id__in" in request.path else []
        return Reply(200, {"results": found, "next": None})

    played = play(RestTask, script, **TOKEN, api="awx_job", task_id=["1", "9"])
    assert (played.error["type"], played.error["task_ids"]) == ("not_found", ["9"])
    assert [task["id"] for task in played.payload["tasks"]] == ["1"]


# -- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"description": None}, "api or description is required; shipped are awx_job, "),
        ({"api": "http_202"}, "api and description are both set; give one of them"),
        ({"task_id": []}, "task_id is empty"),
        ({"task_id": None}, "task_id is required"),
        ({"hostname": None}, "hostname is missing (environment variable REST_TASK_HOST)"),
        ({"wait_for": ["*"]}, "wait_for holds '*', which would call every word a success"),
        ({"wait_for": ["broken"]}, "wait_for holds 'broken', which means failed in Thing"),
        ({"variables": {"node": "a\nb"}}, "variables.node is empty or holds a line break or another control character"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], said: str) -> None:
    given = {**HOST, "task_id": ["7"], "description": described(), **options}
    played = play(RestTask, by_path({}), **{name: value for name, value in given.items() if value is not None})
    assert (played.error["type"], played.sent) == ("bad_request", [])
    assert played.error["message"].startswith(said)


@pytest.mark.parametrize(
    ("api", "options", "said"),
    [
        ("pulp_task", HOST, "username is required by the login of Pulp task (environment variable REST_TASK_USER)"),
        ("awx_job", HOST, "token is required by the login of AWX job (environment variable REST_TASK_TOKEN)"),
        ("redfish_task", {**HOST, "username": "u"}, "password is required by the login of Redfish task"),
        (
            "proxmox_task",
            LOGIN,
            "description.task.request.path: the placeholder {node} has no value; set variables.node",
        ),
    ],
)
def test_what_a_description_needs_has_to_be_given(api: str, options: dict[str, Any], said: str) -> None:
    played = play(RestTask, by_path({}), **options, api=api, task_id=["7"])
    assert (played.error["type"], played.sent) == ("bad_request", [])
    assert played.error["message"].startswith(said)


def test_samples_alone_need_no_system() -> None:
    played = play(RestTask, by_path({}), description=described(), samples_only=True)
    assert played.result.msg is None
    assert [sample["state"] for sample in played.payload["samples"]] == ["succeeded", "failed"]
    assert played.sent == []


# -- what services say in their errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "told"),
    [
        # Ironic 39: the whole error as JSON in a text
        (
            {"error_message": '{"faultcode": "Client", "faultstring": "Node n could not be found."}'},
            "Node n could not be found.",
        ),
        ({"error_message": "{not JSON"}, "{not JSON"),
        ({"error_message": "Node n could not be found."}, "Node n could not be found."),
        # Proxmox VE: a text for each parameter
        ({"data": None, "errors": {"upid": "no such task"}}, "upid: no such task"),
        ({"errors": [{"detail": "gone"}, "twice"]}, "gone; twice"),
        ({"message": "{\ud800"}, "{?"),
    ],
)
def test_an_error_is_quoted_in_its_own_words(body: dict[str, Any], told: str) -> None:
    played = play_thing(by_path({"GET /things/7": Reply(404, body)}))
    assert f"({told})" in played.error["message"].replace("HTTP 404 Not Found: ", "")
