# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Route updates of SDM: verdicts, the nestings of all releases in XML and JSON, logins in both formats."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.scheme import JSON as JSON_TYPE
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.scheme import XML as XML_TYPE
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import (
    RouteUpdate,
    read_details,
    route_update_status,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    FIXTURES,
    JSON,
    SCALARS,
    TEXTS,
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
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, response
from hypothesis import given
from hypothesis import strategies as st

LOCKS = "the task still holds its device locks until it is committed or rolled back"
COOKIE = "JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9.tomcat1"


def row(number: int = 41, **fields: Any) -> dict[str, Any]:
    return {
        "deviceGroupId": f"ID{number - 30}",
        "objectId": f"ID{number}",
        "preUpdateVersion": "3",
        "pushStatus": "Completed",
        "rollBackStatus": "Unknown",
        "routeSetId": "7",
        "routeUpdateTaskId": "ID40",
        "status": "Completed",
        "updateDate": f"2024-03-11T09:15:{number - 30}",
        "updateFailureMsg": "",
        "updateVersion": "4",
        **fields,
    }


def details(rows: Any = ..., **fields: Any) -> dict[str, Any]:
    whole = {
        "errorHandling": "abort",
        "rollbackCount": "0",
        "rollbackStatus": "Unknown",
        "totalDeviceCount": "2",
        "updateStatus": "Completed",
        "updatedCount": "2",
        **fields,
    }
    return whole if rows is ... else {"deviceStatusList": rows, **whole}


def xml_of(name: str, value: Any) -> str:
    """The XML of data, lists as repeated elements."""
    if isinstance(value, list):
        return "".join(xml_of(name, item) for item in value)
    inner = "".join(xml_of(*pair) for pair in value.items()) if isinstance(value, dict) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def read_xml_details(data: dict[str, Any]) -> TaskStatus:
    body = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + xml_of("routeUpdateTaskDetails", data)
    return route_update_status("ID40", read_details(response(200, body, XML_TYPE), XML_TYPE))


def read_json_details(data: dict[str, Any]) -> TaskStatus:
    return route_update_status("ID40", read_details(response(200, data, JSON_TYPE), JSON_TYPE))


BOTH = pytest.mark.parametrize("read", [read_xml_details, read_json_details], ids=["xml", "json"])


def test_the_vendors_own_xml_example_is_a_failure_without_devices() -> None:
    body = (FIXTURES / "sdm_route_update.xml").read_bytes()
    status = route_update_status("ID5", read_details(response(200, body, XML_TYPE), XML_TYPE))
    assert (status.state.value, status.native_state, status.progress) == ("failed", "Failed", None)
    assert status.message == f"0 of 0 devices updated; {LOCKS}"
    assert (status.steps, status.finished_at) == ([], None)


def test_the_vendors_own_json_example_is_a_success() -> None:
    status = route_update_status("ID33", fixture("sdm_route_update.json"))
    assert (status.state.value, status.native_state, status.progress) == ("succeeded", "Completed", 100.0)
    assert status.message == f"1 of 1 devices updated; {LOCKS}"
    assert status.finished_at == "2022-10-04T04:03:56"
    assert status.details == {
        "errorHandling": "rollback",
        "rollbackCount": "0",
        "rollbackStatus": "Unknown",
        "totalDeviceCount": "1",
        "updateStatus": "Completed",
        "updatedCount": "1",
    }
    (device,) = status.steps
    assert (device.id, device.name, device.state.value, device.message) == (
        "ID34",
        "ID11",
        "succeeded",
        "push Completed",
    )


@BOTH
@pytest.mark.parametrize(
    ("fields", "rows", "state"),
    [
        ({}, [row()], "succeeded"),
        ({"updateStatus": "COMPLETED"}, [row()], "succeeded"),
        ({"updateStatus": "completed"}, [row(status="completed", pushStatus="COMPLETED")], "succeeded"),
        ({"updateStatus": "Failed"}, [row()], "failed"),
        ({"updateStatus": "FAILED"}, [], "failed"),
        ({"updateStatus": "Failed", "updatedCount": "2"}, [row(), row(42)], "failed"),
        ({"updateStatus": "Cancelled"}, [row()], "cancelled"),
        ({"updateStatus": "CANCELED", "updatedCount": "1"}, [row()], "cancelled"),
        ({"updateStatus": "Aborted", "updatedCount": "0"}, [], "cancelled"),
        ({}, [row(), row(42, status="Failed")], "failed"),
        ({}, [row(pushStatus="Failed")], "failed"),
        ({}, [row(pushStatus="FAILED")], "failed"),
        ({}, [row(status="Cancelled")], "succeeded"),
        ({"rollbackStatus": "Completed"}, [row()], "failed"),
        ({"rollbackStatus": "Failed"}, [row()], "failed"),
        ({"rollbackStatus": "ROLLED_BACK"}, [row()], "failed"),
        ({"rollbackStatus": "In Progress"}, [row()], "failed"),
        ({"rollbackStatus": "UNKNOWN"}, [row(rollBackStatus="unknown")], "succeeded"),
        ({"rollbackStatus": ""}, [row(rollBackStatus="")], "succeeded"),
        ({}, [row(rollBackStatus="Completed")], "failed"),
        ({"rollbackCount": "1"}, [row()], "failed"),
        ({"rollbackCount": "1", "rollbackStatus": "NotStarted"}, [row()], "failed"),
        ({"totalDeviceCount": "0", "updatedCount": "0"}, [], "succeeded"),
        ({"totalDeviceCount": "2", "updatedCount": "1"}, [row()], "succeeded"),
    ],
    ids=repr,
)
def test_verdicts(read: Any, fields: dict[str, Any], rows: list[Any], state: str) -> None:
    status = read(details(rows, **fields))
    assert status.state.value == state
    assert "still holds its device locks until it is" in str(status.message), "finished is not final"
    assert (status.finished_at is not None) == bool(rows)


@BOTH
@pytest.mark.parametrize("word", ["InProgress", "Unknown", "PartiallyCompleted", "Pending Commit", "RolledBack", ""])
@pytest.mark.parametrize(
    ("fields", "rows", "state"),
    [
        ({"updatedCount": "1"}, [], "running"),
        ({"updatedCount": "1"}, [row()], "running"),
        ({"updatedCount": "1"}, [row(status="Failed")], "running"),
        ({"updatedCount": "1", "rollbackStatus": "Completed"}, [row()], "running"),
        ({}, [row(), row(42, status="Pushing")], "running"),
        ({}, [row(), row(42, status="", pushStatus="")], "running"),
        ({}, [row(), row(42)], "unknown"),
        ({}, [row(), row(42, status="Failed")], "unknown"),
        ({}, [], "unknown"),
        ({"totalDeviceCount": "0", "updatedCount": "0"}, [], "unknown"),
    ],
    ids=repr,
)
def test_a_word_that_no_table_knows_is_running_only_while_devices_are_outstanding(
    read: Any, word: str, fields: dict[str, Any], rows: list[Any], state: str
) -> None:
    status = read(details(rows, updateStatus=word, **fields))
    assert status.state.value == state
    assert "locks" not in str(status.message)
    if word:
        assert any(f"'{word}'" in warning and "please report it" in warning for warning in status.warnings)
        assert ("it counts as running" in status.warnings[0]) == (state == "running")
    else:
        assert status.warnings[0] == f"The SDM route update reports no state; it counts as {state}"


@BOTH
@pytest.mark.parametrize("word", ["NotStarted", "N/A", "NONE", "-", "null", "Not Required", "Rollback-Not-Needed"])
@pytest.mark.parametrize("of_a_row", [False, True])
def test_a_rollback_word_that_no_table_knows_decides_nothing(read: Any, word: str, of_a_row: bool) -> None:
    """Workflows take an update back for a failure, so nothing but an unmistakable word may be one."""
    status = read(details([row(rollBackStatus=word)]) if of_a_row else details([row()], rollbackStatus=word))
    assert (status.state.value, status.errors) == ("succeeded", [])
    assert "rolled back, " not in str(status.message)
    (warning,) = status.warnings
    assert f"reports the rollback state '{word}', which this collection does not know; " in warning
    assert warning.endswith("it decides nothing; please report it")


def test_a_word_that_the_update_shares_with_its_devices_is_told_once() -> None:
    rows = [row(41), row(42, status="Pushing", pushStatus="Pushing")]
    status = read_json_details(details(rows, updateStatus="Pushing", totalDeviceCount="2", updatedCount="1"))
    assert status.state.value == "running"
    (warning,) = status.warnings
    assert warning.startswith("The SDM route update reports the state 'Pushing', which")


@BOTH
@pytest.mark.parametrize("text", ["null", "N/A", "Success", "-", "Device is not reachable"])
@pytest.mark.parametrize("field", ["updateFailureMsg", "rollBackFailureMsg"])
def test_a_failure_text_beside_a_good_word_is_a_warning(read: Any, text: str, field: str) -> None:
    status = read(details([{**row(), field: text}, {**row(42), field: text}]))
    assert (status.state.value, status.errors) == ("succeeded", [])
    (warning,) = status.warnings
    assert f"reports the failure text '{text}' of ID11 (Completed), ID12 (Completed); " in warning
    assert warning.endswith("without the status Failed it does not count as a failure")


@pytest.mark.parametrize("word", ["", "Pushed"])
def test_a_failure_text_without_a_word_allows_no_verdict(word: str) -> None:
    """Neither a success, nor a failure that starts a rollback."""
    failed = row(status=word, updateFailureMsg="Device is not reachable")
    assert read_json_details(details([failed])).state.value == "unknown"
    for nothing in ("N/A", "-", "Success", "No error"):
        assert read_json_details(details([{**failed, "updateFailureMsg": nothing}])).state.value == "succeeded"
    assert read_json_details(details([failed], updateStatus="Failed")).state.value == "failed"


@BOTH
def test_words_of_devices_that_no_table_knows_are_quoted_once(read: Any) -> None:
    rows = [row(number, status="Pushing", pushStatus="Copying") for number in (41, 42)]
    status = read(details(rows, updatedCount="1", updateStatus="Running"))
    assert [warning.split("'")[1] for warning in status.warnings] == ["Running", "Pushing", "Copying"]
    assert "the state of a device 'Pushing'" in status.warnings[1]
    assert {step.state.value for step in status.steps} == {"running"}


@pytest.mark.parametrize("odd", [5, 0, True, 1.5, {"state": "Completed"}, ["Completed"]], ids=repr)
@pytest.mark.parametrize("name", ["updateStatus", "rollbackStatus", "status", "pushStatus", "rollBackStatus"])
def test_what_is_no_word_is_a_bad_response(name: str, odd: Any) -> None:
    rows = [row(**({name: odd} if name in row() else {}))]
    with pytest.raises(TaskwatchError, match="of the SDM route update as a word") as caught:
        read_json_details(details(rows, **({name: odd} if name in details() else {})))
    assert caught.value.kind.value == "bad_response"


def test_details_below_a_root_key_are_read() -> None:
    for name in ("routeUpdateTaskDetails", "ns2:routeUpdateTaskDetails"):
        assert read_json_details({name: details([row()])}).state.value == "succeeded"


ROWS = [row(41), row(42, status="Failed", pushStatus="Failed", updateFailureMsg="Device is not reachable")]
NESTINGS = {
    "flat and repeated": ROWS,
    "wrapper with the schema's item name": {"updateDeviceStatus": ROWS},
    "wrapper with another item name": {"deviceStatus": ROWS},
    "wrapper with the list's own name": {"deviceStatusList": ROWS},
    "one wrapper for each row": [{"deviceStatus": ROWS[0]}, {"deviceStatus": ROWS[1]}],
    "wrapper of a wrapper": {"list": {"item": ROWS}},
}


@BOTH
@pytest.mark.parametrize("nesting", NESTINGS.values(), ids=NESTINGS.keys())
def test_rows_are_found_in_the_nesting_of_every_release(read: Any, nesting: Any) -> None:
    status = read(details(nesting))
    assert [(step.id, step.name, step.state.value) for step in status.steps] == [
        ("ID41", "ID11", "succeeded"),
        ("ID42", "ID12", "failed"),
    ]
    assert status.state.value == "failed"
    assert status.errors == ["ID12: Device is not reachable"]
    assert status.message == f"2 of 2 devices updated, 1 failed; {LOCKS}"
    assert status.finished_at == "2024-03-11T09:15:12"


@BOTH
@pytest.mark.parametrize(
    "nesting",
    [ROWS[1], [ROWS[1]], {"deviceStatus": ROWS[1]}, {"deviceStatus": [ROWS[1]]}],
    ids=["row", "list", "item", "items"],
)
def test_a_single_row_may_be_collapsed(read: Any, nesting: Any) -> None:
    (step,) = read(details(nesting)).steps
    assert (step.id, step.state.value) == ("ID42", "failed")


@pytest.mark.parametrize("nothing", [..., [], {}, None, "", [None], {"deviceStatus": []}, {"count": 0}])
def test_no_rows_at_all(nothing: Any) -> None:
    status = read_json_details(details(nothing))
    assert (status.state.value, status.steps, status.errors) == ("succeeded", [], [])


@pytest.mark.parametrize("odd", ["none", 0, True, [7], ["ID41"]])
def test_what_is_no_list_of_devices_is_a_bad_response(odd: Any) -> None:
    with pytest.raises(TaskwatchError, match="a list of devices"):
        read_json_details(details(odd))


def test_an_empty_element_has_no_rows() -> None:
    body = "<routeUpdateTaskDetails><deviceStatusList/><updateStatus>Completed</updateStatus></routeUpdateTaskDetails>"
    status = route_update_status("ID40", read_details(response(200, body, XML_TYPE), XML_TYPE))
    assert (status.state.value, status.steps) == ("succeeded", [])


@pytest.mark.parametrize("field", sorted(row()))
def test_every_field_of_a_row_is_optional(field: str) -> None:
    """A row is a row by whichever field it has left."""
    alone = {field: row(updateFailureMsg="Device is not reachable")[field]}
    (step,) = read_json_details(details([alone])).steps
    assert step.details == alone


def test_a_failed_row_without_a_reason_still_has_words() -> None:
    status = read_json_details(details([row(status="Failed", deviceGroupId=None)]))
    assert status.errors == ["ID41: the update failed without a reason"]


def test_a_rollback_is_told() -> None:
    status = read_json_details(details([row(rollBackStatus="Completed")], rollbackCount="1"))
    assert status.errors == ["the update was rolled back"]
    assert status.message == (
        "2 of 2 devices updated, the update was rolled back; "
        "the task still holds its device locks until it is closed in Route Manager"
    )


@pytest.mark.parametrize(("word", "said"), [("Failed", "a rollback failed"), ("Running", "being rolled back")])
def test_a_rollback_that_is_not_done_is_not_told_as_done(word: str, said: str) -> None:
    status = read_json_details(details([row(rollBackStatus=word)], rollbackStatus="Completed"))
    assert said in status.errors[0]
    assert said in str(status.message)


@pytest.mark.parametrize(
    ("updated", "total", "progress"),
    [
        ("9", "20", 45.0),
        (9, 20, 45.0),
        ("0", "0", None),
        ("0", "3", 0.0),
        (None, "3", None),
        ("3", "2", None),
        ("x", "2", None),
    ],
)
def test_progress_is_the_share_of_updated_devices(updated: Any, total: Any, progress: float | None) -> None:
    status = read_json_details(details(updatedCount=updated, totalDeviceCount=total, updateStatus="Running"))
    assert status.progress == progress


@pytest.mark.parametrize(
    ("content_type", "asked_for", "body", "works"),
    [
        (
            "application/xml",
            XML_TYPE,
            "<routeUpdateTaskDetails><updateStatus>Failed</updateStatus></routeUpdateTaskDetails>",
            True,
        ),
        (
            "text/xml",
            JSON_TYPE,
            "<routeUpdateTaskDetails><updateStatus>Failed</updateStatus></routeUpdateTaskDetails>",
            True,
        ),
        ("application/json", XML_TYPE, '{"updateStatus": "Failed"}', True),
        ("application/vnd.oracle+json", XML_TYPE, '{"updateStatus": "Failed"}', True),
        ("", JSON_TYPE, '{"updateStatus": "Failed"}', True),
        ("text/plain", JSON_TYPE, '{"updateStatus": "Failed"}', True),
        ("", XML_TYPE, "<routeUpdateTaskDetails><updateStatus>Failed</updateStatus></routeUpdateTaskDetails>", True),
        ("text/html", XML_TYPE, "<html><body>Service Unavailable</body></html>", False),
        ("application/xml", XML_TYPE, "<routeUpdateTasks/>", False),
        ("application/xml", XML_TYPE, '{"updateStatus": "Failed"}', False),
        ("application/json", JSON_TYPE, "<routeUpdateTaskDetails/>", False),
        ("", XML_TYPE, "", False),
        ("", JSON_TYPE, "", False),
    ],
)
def test_an_answer_is_read_as_what_it_is(content_type: str, asked_for: str, body: str, works: bool) -> None:
    if works:
        data = read_details(response(200, body, content_type), asked_for)
        assert route_update_status("ID5", data).state.value == "failed"
    else:
        with pytest.raises(TaskwatchError, match="the details of a route update"):
            read_details(response(200, body, content_type), asked_for)


@pytest.mark.parametrize(
    "body", [None, [], {}, 7, "Completed", "", {"status": "Completed"}, {"error": "x"}, [details()]]
)
def test_what_is_no_update_is_a_bad_response(body: Any) -> None:
    with pytest.raises(TaskwatchError, match="'updateStatus'"):
        route_update_status("ID5", body)


WORDS = st.sampled_from(["Completed", "Failed", "Unknown", "", "Running", None])
ODD_ROWS: st.SearchStrategy[Any] = odd_object(
    {name: st.one_of(WORDS, SCALARS) for name in [*row(), "rollBackDate", "rollBackFailureMsg"]}
)
ODD_DETAILS = odd_object(
    {
        **{name: st.one_of(WORDS, SCALARS) for name in details()},
        "deviceStatusList": st.one_of(
            one_or_many(ODD_ROWS), st.dictionaries(TEXTS, one_or_many(ODD_ROWS), max_size=2), one_or_many(JSON)
        ),
    }
)


@given(st.one_of(JSON, ODD_DETAILS))
def test_no_document_raises_anything_but_a_typed_error_or_passes_for_a_success(body: Any) -> None:
    try:
        status = read_json_details(body)
    except TaskwatchError:
        return
    assert_well_formed(status)
    if status.succeeded:
        whole = body if "updateStatus" in body else next(iter(body.values()))
        assert whole["updateStatus"].strip().lower() == "completed"
        assert not any(step.state.value == "failed" for step in status.steps)


@given(
    body=st.one_of(st.binary(max_size=80), ODD_DETAILS.map(lambda data: json.dumps(data).encode())),
    content_type=st.sampled_from(["application/xml", "application/json", "text/html", ""]),
    asked_for=st.sampled_from([XML_TYPE, JSON_TYPE]),
)
def test_no_byte_string_raises_anything_but_a_typed_error(body: bytes, content_type: str, asked_for: str) -> None:
    try:
        status = route_update_status("ID5", read_details(response(200, body, content_type), asked_for))
    except TaskwatchError:
        return
    assert_well_formed(status)


# -- requests and whole answers ---------------------------------------------------------------------------------------

SESSION_XML = "<session><idleTimeout>0</idleTimeout><sessionId>AA11BB22.tomcat1</sessionId></session>"
SESSION_JSON = '{"idleTimeout": "0", "sessionId": "AA11BB22.tomcat1"}'


def poll(login: Reply, reply: Any = None, **options: Any) -> Played:
    version = options.get("api_version", "v1.3")
    prefix = f"/rest/{version}"
    replies = {
        f"POST {prefix}/admin/login": login,
        f"POST {prefix}/admin/logout": Reply(204),
        f"GET {prefix}/routeSets/routeUpdates/ID40": reply
        or Reply(200, xml_of("routeUpdateTaskDetails", details(ROWS)), {"Content-Type": "application/xml"}),
    }
    return play(RouteUpdate, by_path(replies), **LOGIN, task_id=["ID40"], **options)


@pytest.mark.parametrize("version", ["v1.3", "v1.2"])
def test_one_look_in_xml(version: str) -> None:
    played = poll(Reply(200, SESSION_XML, {"Set-Cookie": f"{COOKIE}; Path=/rest; HttpOnly"}), api_version=version)
    prefix = f"/rest/{version}"
    login, asked, logout = played.adapter.requests
    assert played.sent == [
        f"POST {prefix}/admin/login",
        f"GET {prefix}/routeSets/routeUpdates/ID40",
        f"POST {prefix}/admin/logout",
    ]
    assert login.url == f"https://192.0.2.1:8443{prefix}/admin/login"
    assert login.body == (
        '<?xml version="1.0" encoding="UTF-8"?>'
        "<session><userName>netops</userName><password>s3cret-password</password></session>"
    )
    assert login.headers["Content-Type"] == login.headers["Accept"] == "application/xml"
    for request in (asked, logout):
        assert request.headers["Cookie"] == COOKIE
        assert request.headers["Accept"] == "application/xml"
    assert played.task["state"] == "failed"
    assert played.result.msg is None, "a poll does not fail because the remote task did"


def test_one_look_in_json() -> None:
    reply = Reply(200, details([row()]), {"Content-Type": "application/json"})
    login = Reply(200, SESSION_JSON, {"Set-Cookie": f"{COOKIE}; Path=/rest", "Content-Type": "application/json"})
    played = poll(login, reply, response_format="json")
    assert json.loads(played.adapter.requests[0].body) == {"userName": "netops", "password": "s3cret-password"}
    assert {request.headers["Accept"] for request in played.adapter.requests} == {"application/json"}
    assert played.task["state"] == "succeeded"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (SESSION_XML, "application/xml"),
        (SESSION_JSON, "application/json"),
        (SESSION_JSON, "text/json"),
        (f'{{"session": {SESSION_JSON}}}', "application/json; charset=UTF-8"),
        (SESSION_XML, ""),
    ],
)
def test_without_a_cookie_the_session_of_the_body_is_sent_by_name(body: str, content_type: str) -> None:
    """The vendor's sample sends the bare id; its text says JSESSIONID=."""
    played = poll(Reply(200, body, {"Content-Type": content_type}))
    assert [request.headers.get("Cookie") for request in played.adapter.requests] == [
        None,
        "JSESSIONID=AA11BB22.tomcat1",
        "JSESSIONID=AA11BB22.tomcat1",
    ]


def test_a_login_without_any_session_is_a_bad_response() -> None:
    played = poll(Reply(200, "<session/>", {"Content-Type": "application/xml"}))
    assert played.error["type"] == "bad_response"
    assert len(played.sent) == 1


@pytest.mark.parametrize("status", [200, 204])
def test_a_logout_answers_200_or_204(status: int) -> None:
    replies = {
        "POST /rest/v1.3/admin/login": Reply(200, SESSION_XML, {"Set-Cookie": f"{COOKIE}; Path=/rest"}),
        "POST /rest/v1.3/admin/logout": Reply(status),
    }
    played = play(RouteUpdate, by_path(replies, details()), **LOGIN, task_id=["ID40"], response_format="json")
    assert played.payload["stats"]["logout_failures"] == 0


def test_an_awkward_password_is_escaped() -> None:
    played = play(RouteUpdate, by_path({}, Reply(401)), **{**LOGIN, "password": 'p<&>"word'}, task_id=["ID40"])
    assert '<password>p&lt;&amp;&gt;"word</password>' in played.adapter.requests[0].body


@pytest.mark.parametrize("version", ["", "1.3", "v1.3/..", "v1.3?x=1", "v1 3", "../v1", "v1.", "v1.3\n"])
def test_an_api_version_is_one_segment_of_the_path(version: str) -> None:
    played = poll(Reply(200), api_version=version)
    assert played.result.msg == f"api_version must look like v1.3, not {version!r}"
    assert played.sent == []


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"", "", None),
        ("<error><code>42</code><message>No such task</message></error>", "application/xml", "42; No such task"),
        ("<error>No such task</error>", "text/xml", "No such task"),
        ('{"message": "No such task", "detail": null}', "application/json", "No such task"),
        ('["No such task"]', "application/json", "'[\"No such task\"]'"),
        ("<html><h1>Not Found</h1></html>", "text/html", "'<html><h1>Not Found</h1></html>'"),
        ("<html><h1>Not Found</html>", "application/xml", "'<html><h1>Not Found</html>'"),
        ("<error><a><b>deep</b></a></error>", "application/xml", "'<error><a><b>deep</b></a></error>'"),
    ],
)
def test_no_error_body_is_documented_so_each_is_explained(body: Any, content_type: str, said: str | None) -> None:
    explained = RouteUpdate.explain(response(404, body, content_type))
    assert explained is None if said is None else said in str(explained)


@given(
    body=st.one_of(st.binary(max_size=100), JSON, ODD_DETAILS),
    content_type=st.sampled_from(["application/xml", "application/json", "text/html", ""]),
)
def test_explaining_never_raises(body: Any, content_type: str) -> None:
    said = RouteUpdate.explain(response(500, body, content_type))
    assert said is None or 0 < len(said) <= 501


def test_an_update_that_vanishes_in_the_middle_of_a_wait_may_have_been_settled() -> None:
    """Committed by another person, for instance: the path is 404 from then on."""
    running = Reply(
        200, details([row()], updatedCount="1", updateStatus="Running"), {"Content-Type": "application/json"}
    )
    replies = {
        "POST /rest/v1.3/admin/login": Reply(200, SESSION_JSON, {"Content-Type": "application/json"}),
        "POST /rest/v1.3/admin/logout": Reply(204),
        "GET /rest/v1.3/routeSets/routeUpdates/ID40": [running, Reply(404)],
    }
    played = play(RouteUpdate, by_path(replies), **LOGIN, task_id=["ID40"], response_format="json", wait=True)
    assert (played.error["type"], played.error["task_ids"]) == ("not_found", ["ID40"])
    assert str(played.result.msg).endswith(
        "last: the system does not know it (HTTP 404 Not Found); "
        "it was there before and may have been committed, rolled back or cancelled in the meantime"
    )
    unknown = poll(Reply(200, SESSION_XML, {"Set-Cookie": f"{COOKIE}; Path=/rest"}), Reply(404))
    assert "in the meantime" not in str(unknown.result.msg)
