# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The update of a vCenter appliance: verdicts by what is waited for, both encodings, tasks and subtasks."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import (
    ApplianceUpdate,
    Goal,
    update_info,
    update_status,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter_memory import shows_rollback
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    JSON,
    SCALARS,
    TEXTS,
    assert_well_formed,
    fixture,
    odd_object,
    one_or_many,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import response
from hypothesis import given
from hypothesis import strategies as st

STATES = ["UP_TO_DATE", "UPDATES_PENDING", "STAGE_IN_PROGRESS", "INSTALL_IN_PROGRESS", "INSTALL_FAILED"]
STATES += ["ROLLBACK_IN_PROGRESS"]
STATUSES = ["PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED"]


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"id": "example.id", "default_message": words, "args": [], **more}


def subtask(status: str, words: str, completed: int = 0, **more: Any) -> dict[str, Any]:
    begun = {"progress": {"total": 100, "completed": completed, "message": text(f"{completed} of 100")}}
    return {
        "status": status,
        "cancelable": False,
        "service": "com.vmware.appliance.update",
        "operation": words.lower(),
        "description": text(words),
        **({} if status == "PENDING" else begun),
        **more,
    }


def info(state: str = "INSTALL_IN_PROGRESS", status: str | None = "RUNNING", **more: Any) -> dict[str, Any]:
    """The state of an update with a task; without one if its status is None."""
    task = {
        **subtask(status or "", "Installing update 8.0.3.00400", 42),
        "start_time": "2025-03-01T10:00:05.000Z",
        "user": "VSPHERE.LOCAL\\Administrator",
        "subtask_order": ["stage", "install", "convert"],
        "subtasks": {
            "stage": subtask("SUCCEEDED", "Staging", 100),
            "install": subtask("RUNNING", "Install", 42),
            "convert": subtask("PENDING", "Data conversion"),
        },
    }
    whole = {"state": state, "version": "8.0.3.00400", "latest_query_time": "2025-03-01T09:58:12.004Z"}
    return {**whole, **({} if status is None else {"task": task}), **more}


def legacy(modern: dict[str, Any]) -> dict[str, Any]:
    """The older encoding: everything under ``value``, maps as lists of key and value."""
    task = dict(modern["task"])
    task["subtasks"] = [{"key": key, "value": value} for key, value in task["subtasks"].items()]
    return {"value": {**modern, "task": task}}


def state_of(
    document: dict[str, Any], wait_for: str = "idle", target: str | None = None, rolled_back: bool = False
) -> str:
    return update_status(document, Goal(wait_for, target, rolled_back)).state.value


def test_the_vendors_own_example_holds_no_known_word() -> None:
    status = update_status(update_info(fixture("vcenter_update_info.json")), Goal())
    assert (status.state.value, status.native_state, status.progress) == ("unknown", "string", None)
    assert len(status.warnings) == 3, "the state, the status of the task and that of its subtask"
    assert status.started_at == "string"
    (step,) = status.steps
    assert (step.id, step.state.value) == ("subtasks", "unknown")


def test_the_smallest_answer_is_a_success() -> None:
    """What a sample recorded by a public client shows: two fields, no task, never queried."""
    status = update_status(update_info({"state": "UP_TO_DATE", "version": "7.0.3.00800"}), Goal())
    assert (status.state.value, status.progress, status.steps) == ("succeeded", None, [])
    assert status.message == "version 7.0.3.00800"


@pytest.mark.parametrize("encode", [lambda modern: modern, legacy], ids=["api", "rest"])
def test_an_installation_under_way(encode: Any) -> None:
    status = update_status(update_info(encode(info())), Goal("installed"), "vcenter.example.com")
    assert (status.id, status.name) == ("update", "vcenter.example.com")
    assert (status.state.value, status.native_state, status.progress) == ("running", "INSTALL_IN_PROGRESS", 42.0)
    assert status.message == "42 of 100"
    assert status.started_at == "2025-03-01T10:00:05.000Z"
    assert status.finished_at is None
    assert status.details["version"] == "8.0.3.00400"
    assert status.details["user"] == "VSPHERE.LOCAL\\Administrator"
    assert [(step.id, step.name, step.state.value, step.progress) for step in status.steps] == [
        ("stage", "Staging", "succeeded", 100.0),
        ("install", "Install", "running", 42.0),
        ("convert", "Data conversion", "pending", None),
    ]


# wait_for -> the states that are not the same for all three.
QUIET = {
    "idle": {"UP_TO_DATE": "succeeded", "UPDATES_PENDING": "succeeded"},
    "staged": {"UP_TO_DATE": "pending", "UPDATES_PENDING": "succeeded"},
    "installed": {"UP_TO_DATE": "succeeded", "UPDATES_PENDING": "pending"},
}
BUSY = {
    "STAGE_IN_PROGRESS": "running",
    "INSTALL_IN_PROGRESS": "running",
    "ROLLBACK_IN_PROGRESS": "running",
    "INSTALL_FAILED": "failed",
}


@pytest.mark.parametrize("wait_for", QUIET)
@pytest.mark.parametrize("word", STATES)
def test_verdicts(wait_for: str, word: str) -> None:
    for status, rolled_back, target in product([None, *STATUSES], [False, True], [None, "8.0.3.00400", "8.0.3.00500"]):
        expected = {**QUIET[wait_for], **BUSY}[word]
        if word in QUIET[wait_for]:
            if rolled_back or status == "FAILED":
                expected = "failed"
            elif expected == "succeeded" and target == "8.0.3.00500":
                # Under idle nothing is in progress any more; otherwise what was asked for has not begun.
                expected = "failed" if wait_for == "idle" else "pending"
        verdict = state_of(info(word, status), wait_for, target, rolled_back)
        assert verdict == expected, (status, rolled_back, target)


@pytest.mark.parametrize("wait_for", QUIET)
@pytest.mark.parametrize("word", STATES)
@pytest.mark.parametrize("rolled_back", [False, True])
def test_blanks_around_a_word_change_no_verdict(wait_for: str, word: str, rolled_back: bool) -> None:
    plain = state_of(info(word), wait_for, None, rolled_back)
    assert state_of(info(f" {word}\n"), wait_for, None, rolled_back) == plain
    assert shows_rollback(info(f" {word}\n")) == shows_rollback(info(word))


def test_a_failure_says_why_in_its_first_error() -> None:
    failed = info("INSTALL_FAILED", "FAILED")
    failed["task"]["error"] = {"error_type": "ERROR", "messages": [text("RPM installation failed")]}
    status = update_status(failed, Goal("installed"))
    assert status.errors == [
        "the update to 8.0.3.00400 failed and the appliance cannot recover by itself",
        "RPM installation failed",
    ]


@pytest.mark.parametrize("word", ["UP_TO_DATE", "UPDATES_PENDING"])
def test_after_a_rollback_the_quiet_words_say_so(word: str) -> None:
    status = update_status(info(word, "SUCCEEDED"), Goal(rolled_back=True))
    assert status.message == f"the update was rolled back; the appliance is now at {word}"
    assert status.errors[0] == status.message


def test_another_version_than_the_target_is_named() -> None:
    status = update_status(info("UP_TO_DATE", None), Goal("installed", "8.0.3.00500"))
    assert status.message == "the appliance reports version 8.0.3.00400, not 8.0.3.00500"
    assert update_status({"state": "UP_TO_DATE"}, Goal("installed", "8")).message == (
        "the appliance reports version none, not 8"
    )


def test_what_has_not_begun_has_no_progress() -> None:
    """The task of an answer that says UPDATES_PENDING is the staging, which is at 100 %."""
    document = info("UPDATES_PENDING", "SUCCEEDED")
    document["task"]["progress"]["completed"] = 100
    assert update_status(document, Goal("idle")).progress == 100.0
    assert update_status(document, Goal("installed")).progress is None


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        (info("ROLLBACK_IN_PROGRESS"), True),
        (info("INSTALL_FAILED", "FAILED"), False),
        (info("UP_TO_DATE", None), False),
        (info(task={"status": "FAILED", "auto_rollback_state": "ROLLBACK_NOT_STARTED"}), False),
        (info(task={"status": "FAILED", "auto_rollback_state": None}), False),
        (info(task={"status": "FAILED", "auto_rollback_state": ""}), False),
        (info(task={"status": "FAILED", "auto_rollback_state": "ROLLBACK_IN_PROGRESS"}), True),
        (info(task={"status": "FAILED", "auto_rollback_state": "ROLLBACK_SUCCEEDED"}), True),
        (info(task={"status": "FAILED", "auto_rollback_state": "ROLLBACK_FAILED"}), True),
        (info(task="none"), False),
    ],
)
def test_a_rollback_is_seen_in_the_state_and_in_the_task_of_9_x(document: dict[str, Any], shown: bool) -> None:
    assert shows_rollback(document) is shown


@pytest.mark.parametrize(
    ("total", "completed", "progress"),
    [
        *[(100, 42, 42.0), (7, 7, 100.0), (3, 1, 33.3), ("100", "42", 42.0), (10**12, 10**12 - 1, 99.9)],
        *[(0, 0, None), (0, 5, None), (100, 142, None), (None, 5, None), (100, None, None), (True, 1, None)],
    ],
)
def test_no_unit_is_fixed_so_progress_is_a_share(total: Any, completed: Any, progress: float | None) -> None:
    document = info()
    document["task"]["progress"] = {"total": total, "completed": completed, "message": text("x")}
    assert update_status(document, Goal()).progress == progress


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        (["convert", "install", "stage"], ["convert", "install", "stage"]),
        (["install"], ["install", "stage", "convert"]),
        (["ghost", "convert", "ghost"], ["convert", "stage", "install"]),
        (["stage", "stage"], ["stage", "install", "convert"]),
        ([], ["stage", "install", "convert"]),
        (None, ["stage", "install", "convert"]),
        ("stage", ["stage", "install", "convert"]),
        ([None, 1, {}], ["stage", "install", "convert"]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("encode", [lambda modern: modern, legacy], ids=["api", "rest"])
def test_the_order_may_name_what_is_not_there(encode: Any, order: Any, ids: list[str]) -> None:
    document = info()
    document["task"]["subtask_order"] = order
    status = update_status(update_info(encode(document)), Goal())
    assert [step.id for step in status.steps] == ids


@pytest.mark.parametrize(
    ("error", "texts"),
    [
        (None, []),
        ("", []),
        ("Disk is full", ["Disk is full"]),
        ({}, []),
        ({"messages": []}, []),
        (
            {"error_type": "ERROR", "messages": [text("Disk is full"), text("Call support")]},
            ["Disk is full", "Call support"],
        ),
        ({"type": "com.vmware.vapi.std.errors.error", "value": {"messages": [text("Disk is full")]}}, ["Disk is full"]),
        ({"messages": [text("english", localized="Platte voll")]}, ["Platte voll"]),
        ({"messages": [{"id": "only.id", "args": []}]}, ["only.id"]),
        ({"messages": "none"}, []),
        ([1, 2], []),
    ],
    ids=repr,
)
def test_the_error_of_a_task_may_be_an_object_a_string_or_nothing(error: Any, texts: list[str]) -> None:
    document = info("INSTALL_FAILED", "FAILED")
    document["task"]["error"] = error
    document["task"]["subtasks"]["install"]["error"] = error
    status = update_status(document, Goal())
    assert status.errors[1:] == texts
    assert status.steps[1].errors == texts


def test_notifications_of_a_subtask_are_errors() -> None:
    document = info()
    notes = {"info": [{"id": "i", "message": text("fine")}], "errors": [{"id": "e", "message": text("Not fine")}]}
    document["task"]["subtasks"]["stage"]["result"] = notes
    assert update_status(document, Goal()).steps[0].errors == ["Not fine"]


def test_the_localized_text_is_shown_where_there_is_one() -> None:
    document = info()
    document["task"]["progress"]["message"] = text("Installing", localized="Installiere")
    assert update_status(document, Goal()).message == "Installiere"
    del document["task"]["progress"]
    assert update_status(document, Goal()).message == "Installing update 8.0.3.00400"


def test_a_failure_without_an_error_has_the_words_of_its_subtasks() -> None:
    failed = info("INSTALL_FAILED", "FAILED")
    note = {"id": "e", "message": text("The database could not be converted."), "resolution": text("Free 2 GB.")}
    failed["task"]["subtasks"]["convert"]["result"] = {"errors": [note, {"id": "f", "resolution": text("Retry.")}]}
    assert update_status(failed, Goal("installed")).errors == [
        "the update to 8.0.3.00400 failed and the appliance cannot recover by itself",
        "Data conversion: The database could not be converted. (Free 2 GB.)",
        "Data conversion: Retry.",
    ]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("INSTALL_IN_PROGRESS", "the task of the update to 8.0.3.00400 is done, the restart is still to come"),
        ("STAGE_IN_PROGRESS", "the task is done, the appliance still says STAGE_IN_PROGRESS"),
    ],
)
def test_a_task_that_succeeded_is_not_the_end_of_work_in_progress(word: str, said: str) -> None:
    """VMware's own sample takes this moment for the end."""
    document = info(word, "SUCCEEDED")
    document["task"]["progress"]["completed"] = 100
    status = update_status(document, Goal("installed"))
    assert (status.state.value, status.progress, status.message) == ("running", 99.0, said)
    document["task"]["progress"]["completed"] = 42
    assert update_status(document, Goal("installed")).progress == 42.0


@pytest.mark.parametrize("target", ["8.0.3.400", " 8.0.3.00400 ", "8.0.3.00400-24322831", "8.0.3.00400 (24322831)"])
@pytest.mark.parametrize("wait_for", ["idle", "installed"])
def test_the_target_may_be_written_as_on_any_screen(target: str, wait_for: str) -> None:
    assert state_of(info("UP_TO_DATE", None), wait_for, target) == "succeeded"
    assert state_of(info("UP_TO_DATE", None, version="8.0.3.00400.24322831"), wait_for, target) == "succeeded"


@pytest.mark.parametrize("wait_for", ["idle", "staged", "installed"])
def test_an_installation_that_ended_with_another_version_has_failed(wait_for: str) -> None:
    status = update_status(info("UP_TO_DATE", "SUCCEEDED"), Goal(wait_for, "8.0.3.00500", install_seen=True))
    said = "the installation has ended, and the appliance reports version 8.0.3.00400, not 8.0.3.00500"
    assert (status.state.value, status.errors[0]) == ("failed", said)
    unnamed = {"state": "UP_TO_DATE"}
    goal = Goal(wait_for, "8.0.3.00500", install_seen=True)
    assert update_status(unnamed, goal).state.value == ("failed" if wait_for == "idle" else "pending")


TIMES = {"start_time": "2025-03-01T10:00:05Z", "end_time": "2025-03-01T10:40:00Z"}


@pytest.mark.parametrize(
    ("status", "word", "wait_for", "target", "old", "judged"),
    [
        ("FAILED", "UPDATES_PENDING", "idle", None, "pending", "failed"),
        ("FAILED", "UPDATES_PENDING", "installed", None, "pending", "failed"),
        ("FAILED", "UP_TO_DATE", "installed", "8.0.3.00400", "pending", "failed"),
        ("SUCCEEDED", "UP_TO_DATE", "idle", None, "succeeded", "succeeded"),
        ("SUCCEEDED", "UP_TO_DATE", "installed", None, "pending", "succeeded"),
        ("SUCCEEDED", "UP_TO_DATE", "installed", "8.0.3.00400", "succeeded", "succeeded"),
        ("SUCCEEDED", "UP_TO_DATE", "idle", "8.0.3.00500", "pending", "failed"),
        ("SUCCEEDED", "UPDATES_PENDING", "staged", None, "pending", "succeeded"),
        ("FAILED", "INSTALL_FAILED", "installed", None, "failed", "failed"),
    ],
)
def test_an_old_task_says_nothing_about_work_that_was_asked_for(
    status: str, word: str, wait_for: str, target: str | None, old: str, judged: str
) -> None:
    document = info(word, status)
    document["task"].update(TIMES)
    seen = update_status(document, Goal(wait_for, target, old_task=True))
    assert seen.state.value == old
    times = f"started {TIMES['start_time']}, ended {TIMES['end_time']}"
    if old == "pending":
        assert seen.message == f"the last task had ended before this wait began ({times}); a new one may follow"
    late = update_status(document, Goal(wait_for, target))
    assert late.state.value == judged
    assert (times in str(late.errors)) == (status == "FAILED" and word != "INSTALL_FAILED")


@pytest.mark.parametrize("word", ["ROLLBACK_SKIPPED", "NONE", "rollback_succeeded"])
def test_a_rollback_word_that_no_table_knows_decides_nothing(word: str) -> None:
    document = info("UP_TO_DATE", "SUCCEEDED")
    document["task"]["auto_rollback_state"] = word
    assert not shows_rollback(document)
    status = update_status(document, Goal())
    assert status.state.value == "succeeded"
    assert f"the rollback state '{word}', which this collection does not know; it decides nothing" in status.warnings[0]


def test_words_of_tasks_and_subtasks_that_no_table_knows_are_quoted() -> None:
    document = info("INSTALL_IN_PROGRESS", "PAUSED")
    document["task"]["subtasks"]["install"]["status"] = "HALTED"
    document["task"]["subtasks"]["stage"]["auto_rollback_state"] = "SKIPPED"
    status = update_status(document, Goal())
    assert status.state.value == "running"
    assert sorted(warning.split("'")[1] for warning in status.warnings) == ["HALTED", "PAUSED", "SKIPPED"]


@pytest.mark.parametrize("odd", [5, True, ["UP_TO_DATE"], {"state": "UP_TO_DATE"}], ids=repr)
@pytest.mark.parametrize("place", ["state", "status", "rollback", "subtask", "task"])
def test_what_is_no_word_is_a_bad_response(place: str, odd: Any) -> None:
    document = info()
    if place == "state":
        document["state"] = odd
    elif place == "subtask":
        document["task"]["subtasks"]["install"]["status"] = odd
    elif place == "task":
        document["task"] = "x" if isinstance(odd, dict) else odd
    else:
        document["task"][{"status": "status", "rollback": "auto_rollback_state"}[place]] = odd
    with pytest.raises(TaskwatchError) as caught:
        update_status(update_info(document), Goal())
    assert caught.value.kind.value == "bad_response"


def test_a_web_page_tells_of_the_port() -> None:
    """As the appliance's own management interface answers on port 5480."""
    for status in (200, 404):
        said = ApplianceUpdate.explain(response(status, "<html>Not Found</html>", "text/html"))
        assert said is not None
        assert "port 443" in said
    assert ApplianceUpdate.explain(response(503, "<html>Down</html>", "text/html")) == "'<html>Down</html>'"


@pytest.mark.parametrize("word", ["STAGE_FAILED", "up_to_date", "Idle"])
def test_an_unknown_state_is_never_final(word: str) -> None:
    for rolled_back in (False, True):
        status = update_status(info(word), Goal(rolled_back=rolled_back))
        assert (status.state.value, status.native_state) == ("unknown", word)
        assert len(status.warnings) == 1


@pytest.mark.parametrize(
    "body",
    [None, [], {}, 7, "UP_TO_DATE", {"value": None}, {"value": {}}, {"state": ""}, {"state": None}, {"state": {}}],
)
def test_what_is_no_update_is_a_bad_response(body: Any) -> None:
    with pytest.raises(TaskwatchError, match="'state'"):
        update_info(body)


def test_a_member_named_value_is_no_wrapper_beside_a_state() -> None:
    assert update_info({"state": "UP_TO_DATE", "value": {"state": "INSTALL_FAILED"}})["state"] == "UP_TO_DATE"


MESSAGE = odd_object({"id": SCALARS, "default_message": SCALARS, "localized": SCALARS})
PROGRESS = odd_object({"total": SCALARS, "completed": SCALARS, "message": MESSAGE})
ENTRY = {
    "status": st.sampled_from([*STATUSES, "", None]),
    "progress": PROGRESS,
    "description": MESSAGE,
    "error": st.one_of(odd_object({"messages": one_or_many(MESSAGE)}), SCALARS),
    "result": odd_object({"errors": one_or_many(odd_object({"message": MESSAGE}))}),
    "auto_rollback_state": st.sampled_from(["ROLLBACK_NOT_STARTED", "ROLLBACK_SUCCEEDED", None]),
}
SUBTASK = odd_object(ENTRY)
PAIRS = st.lists(odd_object({"key": SCALARS, "value": SUBTASK}), max_size=3)
TASK = odd_object(
    {
        **ENTRY,
        "subtask_order": st.lists(SCALARS, max_size=3),
        "subtasks": st.one_of(st.dictionaries(TEXTS, SUBTASK, max_size=3), PAIRS),
        "start_time": SCALARS,
    }
)
INFO = odd_object({"state": st.sampled_from([*STATES, "", None]), "version": SCALARS, "task": TASK})
GOALS = st.builds(Goal, st.sampled_from(["idle", "staged", "installed"]), st.sampled_from([None, "8.0"]), st.booleans())


@given(st.one_of(JSON, INFO, INFO.map(lambda body: {"value": body})), GOALS)
def test_no_document_raises_anything_but_a_typed_error_or_passes_for_a_success(body: Any, goal: Goal) -> None:
    try:
        document = update_info(body)
        assert isinstance(shows_rollback(document), bool)
        status = update_status(document, goal)
    except TaskwatchError:
        return
    assert_well_formed(status)
    if status.succeeded:
        assert document["state"].strip() in {"UP_TO_DATE", "UPDATES_PENDING"}
        assert not goal.rolled_back


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error_type": "UNAUTHENTICATED", "messages": [text("Authentication required.")]}, "Authentication required."),
        (
            {"type": "com.vmware.vapi.std.errors.unauthenticated", "value": {"messages": [text("Log in first.")]}},
            "Log in first.",
        ),
        ({"messages": []}, "'{\"messages\": []}'"),
        ("no healthy upstream", "'no healthy upstream'"),
        ({"messages": [text("a"), text("b")]}, "a; b"),
    ],
)
def test_both_families_of_errors_are_explained(body: Any, said: str) -> None:
    assert ApplianceUpdate.explain(response(503, body)) == said


@given(st.one_of(st.binary(max_size=100), JSON, INFO), st.sampled_from(["", "application/json", "text/plain"]))
def test_explaining_never_raises(body: Any, content_type: str) -> None:
    said = ApplianceUpdate.explain(response(503, body, content_type))
    assert said is None or 0 < len(said) <= 501
