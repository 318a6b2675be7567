# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repository exports of LXCA: verdicts, envelopes, odd answers, and what is asked how."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import RepoExport, export_status
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    JSON,
    SCALARS,
    assert_well_formed,
    fixture,
    odd_object,
    one_or_many,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import (
    LOGIN,
    Played,
    by_path,
    play,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Request
from hypothesis import given
from hypothesis import strategies as st

DONE = {"id": "FQXHMUP2500I", "text": "Repository operation completed successfully."}
# Lenovo's own content type, which is not application/json.
LENOVO = {"Content-Type": "application/com.lenovo.lxca-v2.0.0+json; charset=UTF-8"}
SESSION = Reply(
    200,
    {"response": {"session": {"csrf": "csrf-token-1", "UserId": "netops"}}, "result": "success", "messages": []},
    {**LENOVO, "Set-Cookie": "JSESSIONID=session-cookie-1; Path=/; Secure; HttpOnly"},
)
STATUS = "GET /updateRepositories/firmware/status"


def envelope(**fields: Any) -> dict[str, Any]:
    """The answer about an export; a field given as ... is left out."""
    whole = {
        "current": "repository20240506101112.zip",
        "downloadednum": 3,
        "downloadedsize": 4194304,
        "progress": 50,
        "state": "exporting",
        "taskIds": "12",
        "total": 8,
        "totalsize": 11534336,
        "updates": [],
        "errorMsg": {"result": "informational", "messages": [DONE]},
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def poll(status: Any, **options: Any) -> Played:
    """One poll at export 12 with a session of its own."""
    replies = {"POST /sessions": SESSION, "DELETE /sessions": Reply(200, {"result": "success"}), STATUS: status}
    return play(RepoExport, by_path(replies), **{**LOGIN, "task_id": ["12"], **options})


def test_the_vendors_own_example_is_a_success() -> None:
    status = export_status("12", fixture("lxca_repo_export.json"))
    assert (status.state.value, status.native_state, status.progress) == ("succeeded", "complete", 100.0)
    assert status.name == "repository20181112011742.zip"
    assert status.message == "Repository operation completed successfully."
    assert status.errors == []
    assert status.details["totalsize"] == 8298, "total and downloadednum are both 0 in it, and say nothing"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": "complete", "progress": 100}, "succeeded"),
        ({"state": "success", "progress": 100}, "succeeded"),
        ({"state": "COMPLETE"}, "succeeded"),
        ({"state": "complete", "progress": 0}, "succeeded"),
        ({"state": "complete", "current": ""}, "unknown"),
        ({"state": "complete", "current": "  "}, "unknown"),
        ({"state": "complete", "current": None}, "unknown"),
        ({"state": "complete", "current": ...}, "unknown"),
        ({"state": "success", "current": ""}, "unknown"),
        ({"state": "canceled"}, "cancelled"),
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "canceled", "current": ""}, "cancelled"),
        ({"state": "error"}, "failed"),
        ({"state": "failure"}, "failed"),
        ({"state": "failed"}, "failed"),
        ({"state": "error", "progress": 100}, "failed"),
        ({"state": "error", "current": ""}, "failed"),
        ({"state": "whatever", "progress": 0}, "pending"),
        ({"state": "whatever", "progress": "0"}, "pending"),
        ({"state": "whatever", "progress": 1}, "running"),
        ({"state": "whatever", "progress": 50}, "running"),
        ({"state": "whatever", "progress": 99.96}, "running"),
        ({"state": "whatever", "progress": 100}, "unknown"),
        ({"state": "whatever", "progress": "100"}, "unknown"),
        ({"state": "whatever", "progress": 150}, "unknown"),
        ({"state": "whatever", "progress": "half"}, "unknown"),
        ({"state": "whatever", "progress": ...}, "unknown"),
        ({"state": "", "progress": 100}, "unknown"),
        ({"state": "ABORTED", "progress": 50}, "cancelled"),
        ({"state": "", "progress": 0}, "pending"),
        ({"state": None, "progress": 50}, "running"),
        ({"state": "complete", "errorMsg": {"result": "failure", "messages": [{"text": "No space"}]}}, "failed"),
        ({"state": "complete", "errorMsg": [{"result": "failure", "messages": [{"text": "No space"}]}]}, "failed"),
        ({"state": "complete", "errorMsg": {"result": "warning", "messages": []}}, "succeeded"),
        ({"state": "complete", "errorMsg": ...}, "succeeded"),
        ({"state": "complete", "total": 0, "downloadednum": 0}, "succeeded"),
        ({"state": "complete", "total": 8, "downloadednum": 3}, "succeeded"),
    ],
    ids=repr,
)
def test_verdicts(fields: dict[str, Any], state: str) -> None:
    assert export_status("12", envelope(**fields)).state.value == state


@pytest.mark.parametrize(
    ("progress", "consequence"),
    [
        (0, "pending"),
        (50, "running"),
        (100, "neither finished nor a success"),
        (None, "neither finished nor a success"),
    ],
)
def test_a_word_that_no_table_knows_is_always_quoted(progress: Any, consequence: str) -> None:
    (warning,) = export_status("12", envelope(state="exporting", progress=progress)).warnings
    assert warning.startswith("The LXCA repository export reports the state 'exporting', which")
    assert f"it counts as {consequence}; " in warning


def test_no_state_at_all_is_told() -> None:
    status = export_status("12", envelope(state="", progress=100))
    assert status.warnings == ["The LXCA repository export reports no state; it counts as unknown"]


@pytest.mark.parametrize(
    ("result", "state", "said"),
    [
        ("informational", "succeeded", None),
        ("warning", "succeeded", "'warning'; it counts as a success"),
        ("Catastrophe", "succeeded", "'Catastrophe', which this collection does not know"),
        ("FAILURE", "failed", None),
    ],
)
def test_the_word_beside_the_messages_is_not_judged_in_silence(result: str, state: str, said: str | None) -> None:
    status = export_status("12", envelope(state="complete", errorMsg={"result": result, "messages": []}))
    assert status.state.value == state
    assert [text for text in status.warnings if said and said in text] == status.warnings


@pytest.mark.parametrize(
    "fields",
    [
        *({"state": odd} for odd in (5, 0, True, {"a": 1}, ["complete"])),
        *({"progress": odd} for odd in ({"a": 1}, [50])),
        {"errorMsg": {"result": 5}},
    ],
    ids=repr,
)
def test_what_is_no_word_or_number_is_a_bad_response(fields: dict[str, Any]) -> None:
    with pytest.raises(TaskwatchError) as caught:
        export_status("12", envelope(**fields))
    assert caught.value.kind is ErrorType.BAD_RESPONSE


@pytest.mark.parametrize(
    "place",
    [
        {"errorMsg": {"result": "error", "messages": [{"text": "No space."}]}},
        {"errorMsg": [{"messages": [{"text": "No space."}]}]},
        {"errorMsg": ..., "status": {"result": "error", "messages": [{"text": "No space."}]}},
        {"errorMsg": {"messages": []}, "messages": [{"text": "No space."}]},
        {"errorMsg": ..., "result": "failure", "messages": [{"text": "No space."}]},
        {"errorMsg": None, "statusDescription": "No space."},
        {"errorMsg": "No space."},
        {"errorMsg": {"result": "error", "messages": ["No space."]}},
    ],
    ids=repr,
)
def test_a_failure_carries_its_messages_wherever_they_stand(place: dict[str, Any]) -> None:
    assert export_status("12", envelope(state="error", **place)).errors == ["No space."]
    played = poll(Reply(200, envelope(state="error", **place), LENOVO))
    assert (played.task["state"], played.task["errors"]) == ("failed", ["No space."])


def test_an_idle_appliance_says_why_it_is_no_success() -> None:
    """Recorded on an appliance that does nothing: complete, 100 %, no file, jobid -1."""
    idle = {"total": 0, "progress": 100, "updates": [], "downloadedsize": 1, "totalsize": 1, "current": ""}
    status = export_status("12", {**idle, "state": "complete", "downloadednum": 0, "jobid": -1})
    assert not status.done
    assert status.message is not None
    assert "no file" in status.message


def test_a_failure_carries_the_texts_of_the_answer() -> None:
    messages = [
        {"id": "FQXHMUP0000J", "text": "No space.", "explanation": "Disk is full.", "recovery": {"text": "Free it."}}
    ]
    status = export_status("12", envelope(state="error", errorMsg={"result": "error", "messages": messages}))
    assert status.errors == ["No space.", "Disk is full.", "Free it."]


@pytest.mark.parametrize(
    ("recovery", "texts"),
    [
        ("", ["No space."]),
        ("Free it.", ["No space.", "Free it."]),
        ({"text": "Free it.", "URL": "https://example.com"}, ["No space.", "Free it."]),
        ([{"text": "Free it."}, {"text": "Or buy more."}], ["No space.", "Free it.", "Or buy more."]),
        (None, ["No space."]),
        ([], ["No space."]),
        (7, ["No space.", "7"]),
    ],
    ids=repr,
)
def test_recovery_comes_in_three_shapes(recovery: object, texts: list[str]) -> None:
    messages = [{"text": "No space.", "recovery": recovery}]
    assert export_status("12", envelope(state="error", errorMsg={"messages": messages})).errors == texts


def test_a_failure_without_a_text_still_has_words() -> None:
    status = export_status("12", {"state": "error"})
    assert status.errors or status.message


def test_numbers_may_be_texts_and_lists_are_no_details() -> None:
    status = export_status("12", envelope(progress="50", total="8"))
    assert status.progress == 50.0
    assert "updates" not in status.details
    assert status.details["total"] == "8"


@pytest.mark.parametrize("body", [[], {}, None, 7, "complete", {"progress": 100}, {"status": {"state": "complete"}}])
def test_what_is_no_envelope_is_a_bad_response(body: object) -> None:
    with pytest.raises(TaskwatchError, match="'state'"):
        export_status("12", body)


MESSAGE = odd_object({"text": SCALARS, "explanation": SCALARS, "recovery": one_or_many(odd_object({"text": SCALARS}))})
ENVELOPES = odd_object(
    {
        "state": st.sampled_from(["complete", "success", "canceled", "error", "running", "", None]),
        "current": st.sampled_from(["a.zip", "", None]),
        "progress": SCALARS,
        "taskIds": SCALARS,
        "errorMsg": odd_object(
            {"result": st.sampled_from(["informational", "failure"]), "messages": one_or_many(MESSAGE)}
        ),
    }
)


@given(st.one_of(JSON, ENVELOPES))
def test_no_document_raises_anything_but_a_typed_error_or_passes_for_a_success(body: Any) -> None:
    try:
        status = export_status("12", body)
    except TaskwatchError:
        return
    assert_well_formed(status)
    if status.succeeded:
        assert body["state"].strip().lower() in {"complete", "success"}
        assert str(body["current"]).strip()


# -- requests and whole answers ---------------------------------------------------------------------------------------


def test_one_look_is_a_login_a_question_and_a_logout() -> None:
    played = poll(Reply(200, envelope(), LENOVO))
    question = "GET /updateRepositories/firmware/status?tasktype=EXPORTREPOSITORY&taskid=12"
    assert played.sent == ["POST /sessions", question, "DELETE /sessions"]
    login, asked, logout = played.adapter.requests
    assert login.body == '{"UserId": "netops", "password": "s3cret-password"}'
    for request in (asked, logout):
        assert request.headers["X-Csrf-Token"] == "csrf-token-1"
        assert request.headers["Cookie"] == "JSESSIONID=session-cookie-1"
        assert "Authorization" not in request.headers
    assert played.payload["stats"]["logins"] == 1
    assert played.payload["error"] is None


def test_basic_authentication_opens_no_session() -> None:
    played = poll(Reply(200, envelope(), LENOVO), auth="basic")
    assert [request.method for request in played.adapter.requests] == ["GET"]
    assert played.adapter.requests[0].headers["Authorization"] == "Basic bmV0b3BzOnMzY3JldC1wYXNzd29yZA=="
    assert played.payload["stats"]["logins"] == 0


def test_by_default_all_running_exports_are_asked_for() -> None:
    replies = {"POST /sessions": SESSION, "DELETE /sessions": Reply(200, b""), STATUS: Reply(200, envelope(), LENOVO)}
    played = play(RepoExport, by_path(replies), **LOGIN)
    assert played.sent[1].endswith("taskid=0")
    assert played.task["id"] == "0"


def test_several_exports_in_one_answer_become_steps() -> None:
    both = [envelope(taskIds="12", state="complete", progress=100), envelope(taskIds="13", progress=25)]
    played = poll(Reply(200, both), task_id=["0"])
    assert played.task["state"] == "running"
    assert [(step["id"], step["state"], step["progress"]) for step in played.task["steps"]] == [
        ("12", "succeeded", 100.0),
        ("13", "running", 25.0),
    ]
    keys = {"id", "name", "state", "native_state", "progress", "message", "errors", "details", "steps"}
    assert all(set(step) == keys for step in played.task["steps"])
    assert played.task["progress"] == 62.5


@pytest.mark.parametrize("items", [["x"], [7, envelope()], [envelope(), None]])
def test_a_list_of_anything_else_is_a_bad_response(items: list[Any]) -> None:
    assert poll(Reply(200, items), task_id=["0"]).error["type"] == "bad_response"


@pytest.mark.parametrize(("items", "state"), [([], "unknown"), ([envelope(state="complete")], "succeeded")])
def test_a_list_may_hold_none_or_one(items: list[Any], state: str) -> None:
    played = poll(Reply(200, items), task_id=["0"])
    assert (played.task["state"], played.task["steps"]) == (state, [])


@pytest.mark.parametrize("word", ["failure", "failed", "Failure", "error"])
def test_a_refusal_may_come_with_status_200(word: str) -> None:
    body = {"result": word, "messages": [{"id": "FQXHMSE0251J", "text": "The request was refused.", "recovery": ""}]}
    played = poll(Reply(200, body, LENOVO))
    assert played.error["type"] == "bad_request"
    said = "it answered HTTP 200 and refused the request (The request was refused.)"
    assert played.result.msg == f"LXCA repository export 12 on 192.0.2.1: {said}"
    assert played.sent[-1] == "DELETE /sessions"


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "bad_request"), (403, "authorization"), (409, "conflict"), (500, "server_error")]
)
def test_the_documented_refusals_carry_the_vendors_text(status: int, kind: str) -> None:
    body = {"result": "failure", "messages": [{"text": "Not valid.", "explanation": "taskType is missing."}]}
    played = poll(Reply(status, body, LENOVO))
    assert played.error["type"] == kind
    assert played.error["http_status"] == status
    assert "Not valid.; taskType is missing." in str(played.result.msg)
    assert "export 12 on 192.0.2.1" in str(played.result.msg)


def test_a_session_without_a_cookie_is_a_bad_response() -> None:
    def script(_request: Request) -> Reply:
        return Reply(200, {"response": {}}, LENOVO)

    played = play(RepoExport, script, **LOGIN)
    assert played.error["type"] == "bad_response"
    assert played.sent == ["POST /sessions"]
