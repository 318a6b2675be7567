# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of LXCA's job management: verdicts, sub-tasks, texts, and what is asked how."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._states import LXCA_TASK, folded
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus, walk
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task, task_status
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    JSON,
    SCALARS,
    assert_well_formed,
    odd_object,
    one_or_many,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply
from hypothesis import given
from hypothesis import strategies as st

WORDS = sorted(LXCA_TASK.words)


def task(word: Any = "Running", *children: dict[str, Any], number: Any = "51", **fields: Any) -> dict[str, Any]:
    """A task or sub-task; a field given as ... is left out."""
    whole = {"jobUID": number, "status": word, "percentage": 40.0, "children": list(children), **fields}
    return {name: value for name, value in whole.items() if value is not ...}


def read(*tasks: dict[str, Any]) -> TaskStatus:
    """What comes of an answer about task 51."""
    return task_status("51", list(tasks))


def test_a_task_under_way_shows_all_that_is_known_of_it() -> None:
    status = read(
        task(
            "Running",
            task("Complete", number=52, percentage=100, title="Validate the package"),
            task("Running", task("Running", number="54"), number="53", percentage=10, title="Update the firmware"),
            createdBy="ADMIN",
            complete=False,
            title="Firmware update of 192.0.2.71",
            startTime="2024-05-06T10:11:12Z",
            endTime="",
        )
    )
    assert (status.id, status.name) == ("51", "Firmware update of 192.0.2.71")
    assert (status.state.value, status.native_state, status.progress) == ("running", "Running", 40.0)
    assert status.message == "Update the firmware"
    assert (status.started_at, status.finished_at) == ("2024-05-06T10:11:12Z", None)
    assert (status.errors, status.warnings) == ([], [])
    assert status.details["createdBy"] == "ADMIN"
    assert "children" not in status.details
    assert [(step.id, step.state.value, step.progress) for step in walk(status.steps)] == [
        ("52", "succeeded", 100.0),
        ("53", "running", 10.0),
        ("54", "running", 40.0),
    ]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("percentage", [0, 99, 100, None])
def test_the_tasks_own_word_decides_and_no_percentage(word: str, percentage: Any) -> None:
    status = read(task(word, percentage=percentage))
    assert status.state is LXCA_TASK.words[word]
    assert status.native_state == word


@pytest.mark.parametrize("word", WORDS)
def test_a_success_beside_a_sub_task_that_failed_is_none(word: str) -> None:
    """However deep it lies; no other word of a sub-task changes what its task's own word says."""
    for inner in WORDS:
        status = read(task(word, task("Complete", task(inner, number="53"), number="52")))
        own, below = LXCA_TASK.words[word].value, LXCA_TASK.words[inner].value
        assert status.state.value == ("failed" if own == "succeeded" and below == "failed" else own), inner
        assert (status.errors != []) == (status.state.value == "failed"), inner


def test_ending_with_warnings_is_a_success_that_is_warned_of() -> None:
    status = read(task("CompleteWithWarnings", summary="One device was skipped."))
    assert (status.state.value, status.message) == ("succeeded", "One device was skipped.")
    assert status.warnings == ["The LXCA task reports the state 'CompleteWithWarnings'; it counts as a success"]


@pytest.mark.parametrize(
    ("word", "state", "said"),
    [
        ("COMPLETE", "succeeded", "it is read as 'Complete'"),
        ("Complete_With_Warnings", "succeeded", "it counts as a success"),
        ("cancelled with errors", "cancelled", "it is read as 'Cancelled_With_Errors'"),
        ("Canceled", "cancelled", None),
        ("Failed", "failed", None),
        ("Paused", "unknown", "it counts as neither finished nor a success"),
    ],
)
def test_the_spelling_of_the_family_does_not_matter_and_is_told(word: str, state: str, said: str | None) -> None:
    status = read(task(word, percentage=100, complete=True))
    assert (status.state.value, status.native_state) == (state, word)
    assert [f"'{word}'" in text and str(said) in text for text in status.warnings] == ([True] if said else [])


@pytest.mark.parametrize("word", ["Complete", "Running", "Interrupted", "Paused"])
def test_a_status_may_be_an_object_as_in_the_list_of_jobs(word: str) -> None:
    inner = {"state": word, "percentage": 30, "description": [{"messageDisplay": "The reboot failed."}]}
    status = read(task(inner, percentage=...))
    assert (status.state, status.native_state) == (LXCA_TASK.read(word).state, word)
    assert (status.progress, status.message) == (30.0, "The reboot failed.")
    assert (status.errors == ["The reboot failed."]) == (word == "Interrupted")


@pytest.mark.parametrize("odd", [5, True, ["Complete"], {"percentage": 5}, {"state": 5}, {}], ids=repr)
def test_what_is_no_word_is_a_bad_response(odd: Any) -> None:
    for document in (task(odd), task("Running", task(odd, number="52"))):
        with pytest.raises(TaskwatchError, match="of the LXCA task as a word") as caught:
            read(document)
        assert caught.value.kind is ErrorType.BAD_RESPONSE


@pytest.mark.parametrize("odd", ["x", 5, True, ["52"], [None]], ids=repr)
def test_what_is_no_list_of_sub_tasks_is_a_bad_response(odd: Any) -> None:
    with pytest.raises(TaskwatchError, match="a list of sub-tasks"):
        read({**task(), "children": odd})


def test_a_failure_is_told_by_the_task_and_by_the_innermost_sub_tasks_that_failed() -> None:
    status = read(
        task(
            "CompleteWithErrors",
            task("Complete", number="52", title="Validate"),
            task(
                "StoppedWithErrors",
                task("Interrupted", number="54", title="192.0.2.71", summary={"description": "The reboot failed."}),
                task("Interrupted", number="55"),
                number="53",
                title="Update",
            ),
            summary=[{"description": "One device failed.", "userAction": "Try again."}],
        )
    )
    assert status.errors == [
        "One device failed.",
        "Try again.",
        "192.0.2.71: The reboot failed.",
        "sub-task 55: ended as Interrupted",
    ]
    assert status.message == "One device failed."


def test_a_task_that_a_sub_task_spoilt_does_not_say_that_it_is_complete() -> None:
    below = task("Interrupted", number="52", title="192.0.2.71", summary="The reboot failed.")
    status = read(task("Complete", below, summary="The job is complete."))
    assert status.errors == ["192.0.2.71: The reboot failed."]
    assert status.message == "192.0.2.71: The reboot failed."


def test_a_date_is_a_text() -> None:
    status = read(task(startTime="2024-05-06T10:11:12Z", endTime=1714990272000))
    assert (status.started_at, status.finished_at) == ("2024-05-06T10:11:12Z", None)


def test_a_failure_without_a_text_still_has_words() -> None:
    assert read(task("Interrupted")).errors == ["the task ended as Interrupted"]


@pytest.mark.parametrize(
    ("children", "fields", "message"),
    [
        ([], {}, None),
        ([], {"summary": "Waiting."}, "Waiting."),
        ([("Running", "Update")], {"summary": "Two steps."}, "Update"),
        ([("Complete", "Validate"), ("Pending", "Update")], {"summary": "Two steps."}, "Two steps."),
        ([("Complete", "Validate"), ("Pending", "Update")], {}, "1 of 2 sub-tasks finished"),
        ([("Running", None)], {}, "0 of 1 sub-tasks finished"),
    ],
)
def test_the_message_is_what_is_being_done(
    children: list[tuple[str, Any]], fields: dict[str, Any], message: str | None
) -> None:
    below = [task(word, number=str(60 + place), title=title) for place, (word, title) in enumerate(children)]
    assert read(task("Running", *below, **fields)).message == message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Plain words.", "Plain words."),
        ({"text": "Bold words.", "format": ["bold"]}, "Bold words."),
        (
            [
                {"text": "First", "format": []},
                {"text": [], "format": ["newline"]},
                {"text": [{"text": "a link", "format": ["link"], "link": "https://lxca.example.com/"}], "format": []},
            ],
            "First a link",
        ),
        ({"text": None}, None),
        ([], None),
        ("", None),
    ],
    ids=repr,
)
def test_formatted_text_is_read_as_its_words(value: Any, words: str | None) -> None:
    assert read(task(summary=[{"description": value}])).message == words
    assert read(task(title=value)).name == words


def test_a_title_may_be_named_as_on_the_sibling_page() -> None:
    assert read(task(messageDisplay="Manage job for 192.0.2.16")).name == "Manage job for 192.0.2.16"


@pytest.mark.parametrize(
    ("percentage", "shown"),
    [(17.647, 17.6), ("40", 40.0), (100, 100.0), (100.0, 100.0), (0, 0.0), (101, None), (-1, None), (True, None)],
)
def test_progress_is_the_tasks_own(percentage: Any, shown: float | None) -> None:
    assert read(task(percentage=percentage)).progress == shown


def test_an_unknown_word_is_warned_of_wherever_it_stands() -> None:
    status = read(task("Running", task("Paused", number="52"), task("Paused", number="53"), task("Held", number="54")))
    assert status.state.value == "running"
    assert [warning.split("'")[1] for warning in status.warnings] == ["Paused", "Held"]
    top = read(task("Paused"))
    assert (top.state.value, top.native_state, len(top.warnings)) == ("unknown", "Paused", 1)


def test_the_task_asked_for_is_found_among_others() -> None:
    others = [task("Complete", number=50), task("Running", number=51), task("Interrupted", number=52)]
    assert task_status("51", others).state.value == "running"
    assert task_status("51", {"TaskList": others}).state.value == "running"
    assert task_status("51", task("Pending", number=" 51 ")).state.value == "pending", "a list collapsed to its object"


@pytest.mark.parametrize("body", [[], {"TaskList": []}, [task(number="5")], [task(number=510)]])
def test_an_answer_without_the_task_is_a_task_that_is_not_there(body: Any) -> None:
    with pytest.raises(TaskwatchError, match="holds no such task") as caught:
        task_status("51", body)
    assert caught.value.kind is ErrorType.NOT_FOUND


@pytest.mark.parametrize(
    "body",
    [None, 7, "x", {}, [None], [[]], ["51"], {"TaskList": "none"}, [task(number=...)], [task(...)], [task(), 7]],
    ids=repr,
)
def test_what_is_no_list_of_tasks_is_a_bad_response(body: Any) -> None:
    with pytest.raises(TaskwatchError, match="'jobUID' and 'status'"):
        task_status("51", body)


TEXT = st.recursive(SCALARS, lambda inner: one_or_many(odd_object({"text": inner, "format": SCALARS})), max_leaves=4)
SUB_TASK: st.SearchStrategy[Any] = st.deferred(lambda: odd_object(FIELDS))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "jobUID": st.one_of(st.just("51"), SCALARS),
    "status": st.sampled_from([*WORDS, "Paused", ""]),
    "percentage": SCALARS,
    "children": one_or_many(SUB_TASK),
    "title": TEXT,
    "summary": one_or_many(odd_object({"description": TEXT, "userAction": TEXT})),
    "startTime": SCALARS,
}
TASKS = st.lists(odd_object(FIELDS).map(lambda fields: {"jobUID": 51, "status": "Complete", **fields}), max_size=3)


@given(st.one_of(JSON, TASKS, TASKS.map(lambda body: {"TaskList": body})))
def test_no_document_raises_anything_but_a_typed_error_or_passes_for_a_success(body: Any) -> None:
    try:
        status = task_status("51", body)
    except TaskwatchError:
        return
    assert_well_formed(status)
    if status.succeeded:
        tasks = body["TaskList"] if isinstance(body, dict) else body
        own = next(each for each in tasks if str(each["jobUID"]).strip() == "51")
        word = own["status"]["state"] if isinstance(own["status"], dict) else own["status"]
        assert folded(word) in {"complete", "completewithwarnings"}
        assert not any(step.state.value == "failed" for step in walk(status.steps))


# -- requests and whole answers ---------------------------------------------------------------------------------------


def test_each_task_is_asked_for_by_its_path() -> None:
    replies = {f"GET /tasks/{number}": [task(number=number, percentage=number)] for number in (3, 1, 2)}
    played = play(Task, by_path(replies), **LOGIN, auth="basic", task_id=["3", "1", "2", "3"])
    assert [each["id"] for each in played.payload["tasks"]] == ["3", "1", "2"], "in the order asked for, each once"
    assert sorted(played.sent) == [f"GET /tasks/{number}" for number in (1, 2, 3)]
    assert played.payload["counts"] == {"running": 3}


def test_a_list_of_ids_in_one_text_is_two_questions() -> None:
    played = play(Task, by_path({}, Reply(200, [task(), task(number=52)])), **LOGIN, auth="basic", task_id=["51,52"])
    assert sorted(played.sent) == ["GET /tasks/51", "GET /tasks/52"]
    assert [each["id"] for each in played.payload["tasks"]] == ["51", "52"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(404, b""), "the system does not know it (HTTP 404 Not Found)"),
        (Reply(200, []), "the answer holds no such task"),
    ],
    ids=["refused", "an empty list"],
)
def test_an_unknown_task_is_named_and_the_others_are_still_told(reply: Reply, said: str) -> None:
    replies = {"GET /tasks/51": Reply(200, [task("Complete")])}
    played = play(Task, by_path(replies, reply), **LOGIN, auth="basic", task_id=["51", "52"])
    assert (played.error["type"], played.error["task_ids"]) == ("not_found", ["52"])
    assert played.result.msg == f"LXCA task 52 on 192.0.2.1: {said}"
    assert [each["id"] for each in played.payload["tasks"]] == ["51"]


def test_a_wait_fails_with_the_tasks_own_words() -> None:
    polls = [Reply(200, [task("Running")]), Reply(200, [task("CompleteWithErrors", summary="Two devices failed.")])]
    played = play(Task, by_path({"GET /tasks/51": polls}), **LOGIN, auth="basic", task_id=["51"], wait=True)
    assert played.error["type"] == "task_failed"
    assert played.result.msg == "LXCA task 51 on 192.0.2.1: failed: Two devices failed."


def test_a_task_that_vanishes_in_the_middle_of_a_wait_may_have_been_deleted() -> None:
    for gone in (Reply(404), Reply(200, [])):
        replies = {"GET /tasks/51": [Reply(200, [task("Running")]), gone]}
        played = play(Task, by_path(replies), **LOGIN, auth="basic", task_id=["51"], wait=True)
        assert played.error["type"] == "not_found"
        assert str(played.result.msg).endswith("it was there before and may have been deleted in the meantime")


def test_a_deadline_tells_the_vendors_own_word() -> None:
    replies = {"GET /tasks/51": Reply(200, [task("RunningWithWarnings")])}
    played = play(Task, by_path(replies), **LOGIN, auth="basic", task_id=["51"], wait=True, wait_timeout=60)
    assert "not finished within 60 s (running 'RunningWithWarnings' at 40 %)" in str(played.result.msg)


@pytest.mark.parametrize("nothing", [None, "", {"state": None}], ids=repr)
def test_a_task_without_a_state_is_told(nothing: Any) -> None:
    status = task_status("51", [{"jobUID": "51", "status": nothing, "percentage": 100}])
    assert (status.state.value, status.warnings) == (
        "unknown",
        ["The LXCA task reports no state; it counts as unknown"],
    )
