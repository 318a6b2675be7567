# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV jobs of LXCA: one job, several devices, a tree of steps each."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._states import folded
from ansible_collections.taskwatch.infra.plugins.module_utils._status import walk
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob, job_status
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    JSON,
    SCALARS,
    assert_well_formed,
    fixture,
    odd_object,
    one_or_many,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply
from hypothesis import given
from hypothesis import strategies as st

WORDS = ["Pending", "Running", "Running_With_Errors", "Complete", "Cancelled", "Cancelled_With_Errors"]
WORDS += ["Stopped_With_Error", "Interrupted"]


def device(state: str | None = "Running", result: str | None = "INCOMPLETE", **fields: Any) -> dict[str, Any]:
    return {
        "messageParameters": "192.0.2.55",
        "progress": 17.6,
        "result": result,
        "resultLongDescription": f"said {result}",
        "status": {"percentage": 17.6, "state": state, "substatus": []},
        "taskid": 372,
        "uuid": "48331A223BF34FBA90732B379B837B9C",
        **fields,
    }


def job(*devices: dict[str, Any], progress: Any = 17.6, **fields: Any) -> dict[str, Any]:
    return {"progress": progress, "status": "INCOMPLETE", "results": list(devices), **fields}


def state_of(*devices: dict[str, Any], progress: Any = 17.6) -> str:
    return job_status("371", job(*devices, progress=progress)).state.value


def test_the_vendors_own_example_is_running() -> None:
    status = job_status("371", fixture("lxca_csv_job.json"))
    assert (status.state.value, status.native_state, status.progress) == ("running", "Running", 17.6)
    assert status.name == "10.243.3.55"
    assert status.message == "Collecting device inventory"
    order = "STARTING NETWORK_CHOICE DESCRIPTOR LOGIN DUPLICATE_CHECK INVENTORY INTEROP_CHECK CONFIGURATION CFG_CABINET"
    assert " ".join(step.id for step in status.steps) == order
    assert [step.state.value for step in status.steps] == ["succeeded"] * 5 + ["running"] + ["pending"] * 3
    inventory, configuration = status.steps[5], status.steps[7]
    assert [step.id for step in inventory.steps] == ["INV_CHASSIS", "INV_NODES", "INV_IOMS"]
    assert [step.id for step in configuration.steps] == ["CFG_NTP", "CFG_DNS_UPD", "CFG_SECURITY", "CFG_CMGMT"]
    assert len(list(walk(status.steps))) == 16
    assert configuration.steps[0].name == "NTP"
    assert configuration.steps[0].details["started"] is False
    assert status.details["taskid"] == 371
    assert status.details["time_spent"] == 117527


# Recorded: top progress 100 with status INCOMPLETE, steps that never began at Stopped_With_Error, the last one Running.
STOPPED = {
    "percentage": 100.0,
    "state": "Stopped_With_Error",
    "substatus": [
        {"id": "STARTING", "started": True, "completed": True, "progress": 100.0, "status": {"state": "Complete"}},
        {
            "id": "INVENTORY",
            "started": False,
            "completed": False,
            "progress": 0.0,
            "status": {"state": "Stopped_With_Error"},
        },
        {"id": "MANAGESTOP", "started": True, "completed": False, "progress": 0, "status": {"state": "Running"}},
    ],
}


def test_a_job_that_failed_still_says_incomplete_and_running() -> None:
    failed = device(
        result="OTHER_FAIL", status=STOPPED, progress=100.0, resultLongDescription="An internal error occurred."
    )
    status = job_status("4229", job({**failed, "taskid": 4228}, progress=100.0))
    assert (status.state.value, status.progress) == ("failed", 100.0)
    assert status.errors == ["192.0.2.55: INVENTORY: An internal error occurred. (OTHER_FAIL)"]
    assert status.message == "INVENTORY: An internal error occurred. (OTHER_FAIL)"
    assert [step.state.value for step in status.steps] == ["succeeded", "failed", "running"]
    assert status.id == "4229", "the job's id is not that of the device's task"


def described(text: str) -> dict[str, Any]:
    return {"description": [{"messageID": "1020_LONG", "messageDisplay": text}]}


@pytest.mark.parametrize("in_step", [True, False])
def test_a_failure_names_the_device_the_step_that_stopped_and_its_reason(in_step: bool) -> None:
    """The reason stands in a description; what the result says of it is general."""
    reason = described("The login to the endpoint failed.")
    inner = {
        "id": "INV_NODES",
        "shortDescription": "Nodes",
        "started": True,
        "status": {"state": "Stopped_With_Error", **(reason if in_step else {})},
    }
    steps = [
        {"id": "STARTING", "shortDescription": "Starting", "started": True, "status": {"state": "Complete"}},
        {
            "id": "INVENTORY",
            "shortDescription": "Inventory",
            "started": True,
            "status": {"state": "Stopped_With_Error", "substatus": [inner]},
        },
        {"id": "CONFIGURATION", "started": False, "status": {"state": "Stopped_With_Error"}},
        {"id": "MANAGESTOP", "started": True, "status": {"state": "Running"}},
    ]
    own = {"state": "Stopped_With_Error", "substatus": steps, **({} if in_step else reason)}
    row = device(result="INCOMPLETE", resultLongDescription="Management job is incomplete", status=own)
    told = "Nodes: The login to the endpoint failed.; Management job is incomplete (INCOMPLETE)"
    assert job_status("371", job(row, progress=100)).errors == [f"192.0.2.55: {told}"]
    both = job_status("371", job(row, {**row, "messageParameters": "192.0.2.56"}, progress=100))
    assert both.errors == [f"192.0.2.55: {told}", f"192.0.2.56: {told}"]
    assert [step.message for step in both.steps] == [told, told]


@pytest.mark.parametrize("result", ["Incomplete", "Login_Failed", "TIMEOUT", "other_fail", "Failed_With_Warning"])
def test_a_result_that_no_good_word_is_fails_with_its_words(result: str) -> None:
    row = {name: value for name, value in device("Complete", result).items() if name != "resultLongDescription"}
    status = job_status("371", job(row, progress=100))
    assert status.state.value == "failed"
    assert status.errors == [f"192.0.2.55: the device ended as Complete ({result})"]
    named = result.upper() in ("INCOMPLETE", "OTHER_FAIL")
    assert [f"'{result}'" in text and "counts as a failure" in text for text in status.warnings] == [True] * (not named)


@pytest.mark.parametrize("result", ["SUCCESS", "success", "Done", "COMPLETE", "", None])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Complete", None),
        ("COMPLETE", "'COMPLETE'; it is read as 'Complete'"),
        ("CompleteWithWarnings", "'CompleteWithWarnings'; it counts as a success"),
        ("Complete_With_Warnings", "'Complete_With_Warnings'; it counts as a success"),
        ("COMPLETE WITH WARNINGS", "'COMPLETE WITH WARNINGS'; it counts as a success"),
    ],
)
def test_good_ends_in_every_spelling(word: str, said: str | None, result: str | None) -> None:
    status = job_status("371", job(device(word, result), progress=100))
    assert (status.state.value, status.native_state) == ("succeeded", word)
    assert status.warnings == ([f"The LXCA job reports the state of a device {said}"] if said else [])


@pytest.mark.parametrize("result", ["WARNING", "Done_Warning", "success_with_warnings"])
def test_a_result_with_a_warning_is_good_and_told(result: str) -> None:
    status = job_status("371", job(device("Complete", result), progress=100))
    assert status.state.value == "succeeded"
    assert status.warnings == [f"The LXCA job reports the result of a device '{result}'; it counts as a success"]


@pytest.mark.parametrize(("result", "state"), [("SUCCESS", "unknown"), ("", "unknown"), ("TIMEOUT", "failed")])
@pytest.mark.parametrize("word", ["Paused", "Compleet", None])
def test_a_word_that_no_table_knows_makes_no_end(word: str | None, result: str, state: str) -> None:
    status = job_status("371", job(device(word, result), progress=100))
    assert status.state.value == state
    assert not word or any(f"'{word}'" in warning for warning in status.warnings)


@pytest.mark.parametrize("state", ["Running", "Pending", "Running_With_Errors"])
def test_a_device_under_way_at_the_end_of_the_count_is_neither_good_nor_bad(state: str) -> None:
    status = job_status("371", job(device(state, "SUCCESS"), progress=100))
    assert (status.state.value, status.errors) == ("unknown", [])
    (warning,) = status.warnings
    assert warning.startswith(f"The LXCA job has ended and reports the state of a device '{state}'; ")


@pytest.mark.parametrize("progress", [100, "JOB_DONE", None])
@pytest.mark.parametrize("top", ["Done", "DONE", "Done_Warning", "done with warnings"])
def test_a_job_that_is_done_without_devices_is_a_success_with_a_warning(top: str, progress: Any) -> None:
    bodies: list[dict[str, Any]] = [{"results": []}, {"results": None}, {}]
    for body in bodies:
        status = job_status("371", {"progress": progress, "status": top, **body})
        assert (status.state.value, status.errors, status.native_state) == ("succeeded", [], top)
        assert status.warnings == [f"The LXCA job has ended as '{top}' without a device; it counts as a success"]
    assert job_status("371", {"progress": 50, "status": top, "results": []}).state.value == "running"


@pytest.mark.parametrize("odd", [5, True, ["Complete"], {"state": 5}, {"state": True}], ids=repr)
def test_what_is_no_word_is_a_bad_response(odd: Any) -> None:
    step = {"id": "LOGIN", "status": odd}
    rows = [device(status=odd), device(status={"state": "Running", "substatus": [step]})]
    rows += [] if isinstance(odd, dict) else [device("Complete", odd)]
    for row in rows:
        with pytest.raises(TaskwatchError, match="of the LXCA job as a word") as caught:
            job_status("371", job(row))
        assert caught.value.kind.value == "bad_response"


def test_a_status_may_be_the_word_alone() -> None:
    assert job_status("371", job(device(status="Complete", result="SUCCESS"), progress=100)).succeeded


def test_words_of_steps_that_no_table_knows_are_quoted_once() -> None:
    steps = [{"id": name, "status": {"state": "Halted"}} for name in ("LOGIN", "INVENTORY")]
    status = job_status("371", job(device(status={"state": "Running", "substatus": steps})))
    assert status.state.value == "running"
    (warning,) = status.warnings
    assert warning.startswith("The LXCA job reports the state of a step 'Halted', which")


PERCENTAGES: list[Any] = [0, 17.6, 99.9, 99.96, 100, 100.0, 150, "JOB_DONE", "100", None]
RESULTS = ["SUCCESS", "INCOMPLETE", "OTHER_FAIL", "LOGIN_FAIL_X", "", None]


@pytest.mark.parametrize("word", WORDS)
def test_verdict_of_a_job_with_one_device(word: str) -> None:
    """Finished by progress or by the device's word, never by the job's own status."""
    for progress, result in product(PERCENTAGES, RESULTS):
        finished = progress in (100, 150, "JOB_DONE", "100") or word in WORDS[3:]
        good = "FAIL" not in (result or "") and result != "INCOMPLETE"
        if not finished:
            expected = "pending" if word == "Pending" and not progress else "running"
        elif word.startswith("Cancelled"):
            expected = "cancelled"
        else:
            ended_well = "succeeded" if word == "Complete" else "unknown"
            expected = ended_well if good and word in ("Complete", *WORDS[:3]) else "failed"
        assert state_of(device(word, result), progress=progress) == expected, (progress, result)


@pytest.mark.parametrize("top", ["COMPLETE", "SUCCESS", "INCOMPLETE", "FAILED", None, 100])
def test_the_jobs_own_status_decides_nothing(top: Any) -> None:
    assert job_status("1", job(device("Running"), status=top)).state.value == "running"
    assert job_status("1", job(device("Complete", "SUCCESS"), progress=100, status=top)).state.value == "succeeded"


@pytest.mark.parametrize(
    ("first", "second", "progress", "state"),
    [
        (("Complete", "SUCCESS"), ("Complete", "SUCCESS"), 100, "succeeded"),
        (("Complete", "SUCCESS"), ("Stopped_With_Error", "OTHER_FAIL"), 100, "failed"),
        (("Complete", "SUCCESS"), ("Stopped_With_Error", "OTHER_FAIL"), 60, "failed"),
        (("Complete", "SUCCESS"), ("Cancelled", "INCOMPLETE"), 100, "cancelled"),
        (("Cancelled", "INCOMPLETE"), ("Interrupted", "INCOMPLETE"), 100, "failed"),
        (("Complete", "SUCCESS"), ("Running", "INCOMPLETE"), 60, "running"),
        (("Stopped_With_Error", "OTHER_FAIL"), ("Running", "INCOMPLETE"), 60, "running"),
        (("Stopped_With_Error", "OTHER_FAIL"), ("Pending", "INCOMPLETE"), 0, "running"),
        (("Pending", "INCOMPLETE"), ("Pending", "INCOMPLETE"), 0, "pending"),
        (("Pending", "INCOMPLETE"), ("Running", "INCOMPLETE"), 0, "running"),
        (("Complete", "SUCCESS"), ("Running", "INCOMPLETE"), 100, "failed"),
        (("Paused", "INCOMPLETE"), ("Running", "INCOMPLETE"), 50, "unknown"),
        (("Complete", "SUCCESS"), ("Paused", "INCOMPLETE"), 50, "unknown"),
    ],
)
def test_verdict_of_a_job_with_two_devices(first: Any, second: Any, progress: Any, state: str) -> None:
    assert state_of(device(*first), device(*second), progress=progress) == state


def test_several_devices_are_steps_with_their_own_names_and_errors() -> None:
    good = device("Complete", "SUCCESS", messageParameters="192.0.2.1", taskid=1)
    bad = device("Stopped_With_Error", "OTHER_FAIL", messageParameters=["192.0.2.2", "chassis-2"], taskid=2)
    status = job_status("371", job(good, bad, progress=100))
    assert [(step.id, step.name, step.state.value) for step in status.steps] == [
        ("1", "192.0.2.1", "succeeded"),
        ("2", "192.0.2.2, chassis-2", "failed"),
    ]
    assert status.errors == ["192.0.2.2, chassis-2: said OTHER_FAIL"]
    assert status.message == "2 of 2 devices finished, 1 failed"
    assert status.name is None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"messageParameters": "192.0.2.1"}, "192.0.2.1"),
        ({"messageParameters": ["192.0.2.1"]}, "192.0.2.1"),
        ({"messageParameters": ..., "messageAttributes": "192.0.2.1"}, "192.0.2.1"),
        ({"messageParameters": None, "messageAttributes": "192.0.2.1"}, "192.0.2.1"),
        ({"messageParameters": ...}, "48331A223BF34FBA90732B379B837B9C"),
        ({"messageParameters": {"odd": 1}}, "48331A223BF34FBA90732B379B837B9C"),
        ({"messageParameters": ..., "uuid": ...}, None),
    ],
    ids=repr,
)
def test_a_device_is_named_by_what_the_answer_has(fields: dict[str, Any], name: str | None) -> None:
    row = {key: value for key, value in device(**fields).items() if value is not ...}
    assert job_status("371", job(row)).name == name


def test_an_error_of_a_device_without_a_name_is_told_by_its_id() -> None:
    row = device("Stopped_With_Error", "OTHER_FAIL")
    nameless = {key: row[key] for key in ("result", "resultLongDescription", "status", "taskid")}
    status = job_status("371", job({**nameless, "taskid": 7}, {**nameless, "taskid": 8}, progress=100))
    assert status.errors == ["7: said OTHER_FAIL", "8: said OTHER_FAIL"]


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (17.647058823529413, 17.6),
        (0, 0.0),
        (100, 100.0),
        (100.0, 100.0),
        ("JOB_DONE", 100.0),
        ("17.6", 17.6),
        (250, 100.0),
        (99.96, 99.9),
        (-1, 40.0),
        (None, 40.0),
        ("half", 40.0),
        (True, 40.0),
    ],
)
def test_progress_is_the_jobs_own_or_the_mean_of_the_devices(progress: Any, shown: float) -> None:
    first, second = device(progress=30), device(progress="50")
    assert job_status("371", job(first, second, progress=progress)).progress == shown


def test_a_device_without_progress_has_that_of_its_steps() -> None:
    row = device(progress=None, status={"percentage": 42, "state": "Running"})
    assert job_status("371", job(row, row)).steps[0].progress == 42.0
    done = job_status("371", job(device("Complete", "SUCCESS", progress="JOB_DONE"), device("Running")))
    assert [step.progress for step in done.steps] == [100.0, 17.6]


@pytest.mark.parametrize(
    ("progress", "state"), [(0, "pending"), (50, "running"), (100, "failed"), ("JOB_DONE", "failed")]
)
@pytest.mark.parametrize("results", [[], None, "", [None], ...])
def test_a_job_without_devices_is_no_success(progress: Any, state: str, results: Any) -> None:
    body = {"progress": progress, "status": "INCOMPLETE", "results": results}
    status = job_status("371", {key: value for key, value in body.items() if value is not ...})
    assert status.state.value == state
    assert (status.errors != []) == (state == "failed")


def test_a_body_may_be_a_list_of_one() -> None:
    assert job_status("371", [job(device("Complete", "SUCCESS"), progress=100)]).succeeded


ODD_RESULTS: list[Any] = ["x", 5, True, ["x"], [device(), 7], [[]]]


@pytest.mark.parametrize(
    "body",
    [
        *([], {}, None, 7, "x", [[]], [job(device()), job(device())], {"status": "INCOMPLETE"}, {"state": "Complete"}),
        *({"progress": 50, "results": odd} for odd in ODD_RESULTS),
        {"progress": {"a": 1}, "results": []},
        {"progress": [100], "results": []},
        {"state": 5, "progress": {"a": 1}, "results": "x"},
    ],
    ids=repr,
)
def test_what_is_no_job_is_a_bad_response(body: Any) -> None:
    with pytest.raises(TaskwatchError, match="a CSV job with"):
        job_status("371", body)


def test_an_unknown_word_is_warned_of_once_and_shown() -> None:
    status = job_status("371", job(device("Paused"), device("Paused"), progress=50))
    assert (status.state.value, status.native_state) == ("unknown", "Paused")
    (warning,) = status.warnings
    assert "'Paused'" in warning


def test_what_a_user_should_do_is_an_error_of_the_step_that_failed() -> None:
    step = {"id": "LOGIN", "userAction": "Check the password.", "status": {"state": "Stopped_With_Error"}}
    fine = {"id": "STARTING", "userAction": "Nothing.", "status": {"state": "Complete"}}
    status = job_status("371", job(device(status={"state": "Running", "substatus": [fine, step]})))
    assert [step.errors for step in status.steps] == [[], ["Check the password."]]


STATUS: st.SearchStrategy[Any] = st.deferred(
    lambda: odd_object(
        {"state": st.sampled_from([*WORDS, "Paused", ""]), "percentage": SCALARS, "substatus": one_or_many(STEP)}
    )
)
STEP: st.SearchStrategy[Any] = odd_object(
    {"id": SCALARS, "progress": SCALARS, "userAction": SCALARS, "longDescription": SCALARS, "status": STATUS}
)
ROW = odd_object(
    {
        "messageParameters": one_or_many(SCALARS),
        "progress": SCALARS,
        "result": st.sampled_from(["SUCCESS", "INCOMPLETE", "OTHER_FAIL"]),
        "resultLongDescription": SCALARS,
        "status": STATUS,
        "taskid": SCALARS,
        "uuid": SCALARS,
    }
)
JOBS = odd_object({"progress": SCALARS, "status": SCALARS, "results": one_or_many(ROW)})


@given(st.one_of(JSON, JOBS, JOBS.map(lambda body: [body])))
def test_no_document_raises_anything_but_a_typed_error_or_passes_for_a_success(body: Any) -> None:
    try:
        status = job_status("371", body)
    except TaskwatchError:
        return
    assert_well_formed(status)
    if status.succeeded:
        results = (body[0] if isinstance(body, list) else body).get("results")
        rows = [row for row in (results if isinstance(results, list) else [results]) if isinstance(row, dict)]
        top = (body[0] if isinstance(body, list) else body).get("status")
        assert rows or folded(top).startswith("done")
        words = [row["status"]["state"] if isinstance(row["status"], dict) else row["status"] for row in rows]
        assert {folded(word) for word in words} <= {"complete", "completewithwarnings"}


# -- requests and whole answers ---------------------------------------------------------------------------------------


def test_each_job_is_asked_for_by_its_path() -> None:
    replies = {f"GET /csvRequest/jobs/{number}": job(device("Running"), progress=number) for number in (3, 1, 2)}
    played = play(CsvJob, by_path(replies), **LOGIN, auth="basic", job_id=["3", "1", "2", "3"])
    assert [task["id"] for task in played.payload["tasks"]] == ["3", "1", "2"], "in the order asked for, each once"
    assert sorted(played.sent) == [f"GET /csvRequest/jobs/{number}" for number in (1, 2, 3)]
    assert played.payload["progress"] == 2.0
    assert played.payload["counts"] == {"running": 3}


@pytest.mark.parametrize(
    ("job_id", "path"),
    [
        ("a/b", "a%2Fb"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("a b", "a%20b"),
        ("ü", "%C3%BC"),
        ("%2e%2e", "%252e%252e"),
        ("..;", "..%3B"),
        ("a\\b", "a%5Cb"),
        ("@192.0.2.9", "%40192.0.2.9"),
    ],
)
def test_an_id_is_quoted_into_one_segment(job_id: str, path: str) -> None:
    played = play(CsvJob, by_path({}, job(device())), **LOGIN, auth="basic", job_id=[job_id])
    assert played.sent == [f"GET /csvRequest/jobs/{path}"]
    assert played.adapter.requests[0].url == f"https://192.0.2.1:443/csvRequest/jobs/{path}"


def test_an_unknown_job_is_named_and_the_others_are_still_told() -> None:
    replies = {"GET /csvRequest/jobs/1": job(device("Complete", "SUCCESS"), progress=100)}
    played = play(CsvJob, by_path(replies, Reply(404, b"")), **LOGIN, auth="basic", job_id=["1", "2"])
    assert played.error["type"] == "not_found"
    assert played.error["task_ids"] == ["2"]
    assert played.result.msg == ("LXCA CSV job 2 on 192.0.2.1: the system does not know it (HTTP 404 Not Found)")
    assert [task["id"] for task in played.payload["tasks"]] == ["1"]
    assert (played.payload["done"], played.payload["succeeded"]) == (False, False), "not every task asked for is done"


def test_an_unknown_job_among_others_is_no_end_of_the_session() -> None:
    """Only a session that has lasted since an earlier poll can have ended."""
    session = Reply(200, {"response": {"session": {"csrf": "token"}}}, {"Set-Cookie": "JSESSIONID=session-1; Path=/"})
    replies = {
        "POST /sessions": session,
        "DELETE /sessions": Reply(200),
        "GET /csvRequest/jobs/1": Reply(200, job(device("Running"))),
    }
    played = play(CsvJob, by_path(replies, Reply(404)), **LOGIN, job_id=["1", "2"])
    assert (played.error["type"], played.payload["stats"]["logins"]) == ("not_found", 1)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_device_without_a_state_is_told(nothing: Any) -> None:
    status = job_status("371", job(device(status={"state": nothing}, result="SUCCESS"), progress=50))
    assert (status.state.value, status.warnings) == (
        "unknown",
        ["The LXCA job reports no state of a device; it counts as unknown"],
    )
