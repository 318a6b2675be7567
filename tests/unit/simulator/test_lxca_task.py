# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Administrator: tasks of the job management and their sub-tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.scenario import ScenarioError, parse

from .conftest import Bench, basic

Make = Callable[[str], Bench]
USER = basic("USERID")


def one(bench: Bench, task_id: str = "51") -> dict[str, Any]:
    """Return the only element of the answer about a task."""
    (element,) = bench.call("lxca", "GET", f"/tasks/{task_id}", USER).json()
    return dict(element)


def words(bench: Bench) -> tuple[str, list[str]]:
    """Return the word of the task and those of its sub-tasks."""
    task = one(bench)
    return task["status"], [child["status"] for child in task["children"]]


def test_task_from_start_to_end(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: task, id: 51, begin: 5, duration: 60}]}")
    waiting = one(run)
    assert (waiting["jobUID"], waiting["status"], waiting["percentage"]) == ("51", "Pending", 0.0)
    assert (waiting["complete"], waiting["startTime"], waiting["endTime"]) == (False, "", "")
    running = one(run.at(35))
    assert (running["status"], running["percentage"]) == ("Running", 50.0)
    assert running["startTime"] == "2026-01-31T08:15:05.000Z"
    assert [(child["jobUID"], child["status"], child["percentage"]) for child in running["children"]] == [
        ("5101", "Complete", 100.0),
        ("5102", "Running", 50.0),
        ("5103", "Pending", 0.0),
    ]
    assert running.keys() - running["children"][0].keys() == {"startTime", "endTime"}
    done = one(run.at(65))
    assert (done["status"], done["percentage"], done["complete"]) == ("Complete", 100.0, True)
    assert done["endTime"] == "2026-01-31T08:16:05.000Z"
    assert run.task("51") == {
        "system": "lxca",
        "id": "51",
        "kind": "task",
        "state": "succeeded",
        "percent": 100.0,
        "native_state": "Complete",
    }


@pytest.mark.parametrize(
    ("entry", "word", "below", "state"),
    [
        ("end: failed", "CompleteWithErrors", ["Complete", "Interrupted", "Skipped"], "failed"),
        ("end: failed, final_word: Interrupted, stops_at: 0", "Interrupted", ["Skipped"] * 3, "failed"),
        ("end: cancelled", "Cancelled", ["Complete", "Cancelled", "Skipped"], "cancelled"),
        ("end: cancelled, final_word: Skipped", "Skipped", ["Complete", "Cancelled", "Skipped"], "cancelled"),
        ("final_word: CompleteWithWarnings", "CompleteWithWarnings", ["Complete"] * 3, "succeeded"),
        ("sub_tasks: 0", "Complete", [], "succeeded"),
        ("sub_tasks: [{}, {final_word: Interrupted}]", "Complete", ["Complete", "Interrupted"], "failed"),
        ("sub_tasks: [{final_word: Skipped}]", "Complete", ["Skipped"], "succeeded"),
    ],
)
def test_ends(bench: Make, entry: str, word: str, below: list[str], state: str) -> None:
    run = bench(f"lxca: {{tasks: [{{kind: task, id: 51, duration: 10, {entry}}}]}}").at(10)
    assert words(run) == (word, below)
    assert (one(run)["percentage"], run.task("51")["state"]) == (100.0, state)


def test_warnings_and_errors_show_while_it_runs(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: task, id: 51, duration: 100, warnings_from: 20, errors_from: 60}]}")
    seen = [one(run.at(second))["status"] for second in (10, 30, 70)]
    assert seen == ["Running", "RunningWithWarnings", "RunningWithErrors"]


def test_a_task_that_never_ends_and_one_that_validates(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: task, id: 51, duration: 10, end: never, running_word: Validating}]}").at(500)
    assert (one(run)["status"], one(run)["percentage"], run.task("51")["state"]) == (
        "Validating",
        99.0,
        "running",
    )


def test_texts_are_plain_or_formatted(bench: Make) -> None:
    tasks = "{kind: task, id: 51, duration: 1, end: failed, message: No space.%s}"
    plain = one(bench(f"lxca: {{tasks: [{tasks % ''}]}}").at(1))["summary"]
    advice = "Correct the errors of its subtasks and start it again."
    assert plain == [{"description": "No space.", "userAction": advice}]
    formatted = one(bench(f"lxca: {{tasks: [{tasks % ', formatted: true'}]}}").at(1))["summary"]
    assert formatted[0]["description"] == [{"text": "No space.", "format": ["paragraph"]}]


def test_several_tasks_in_one_answer_and_all_of_them(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: task, id: 51}, {kind: task, id: 52}, {kind: task}]}")
    several = run.call("lxca", "GET", "/tasks/52,51", USER).json()
    assert [task["jobUID"] for task in several] == ["52", "51"]
    everything = run.call("lxca", "GET", "/tasks?compact=true", USER).json()
    assert [task["jobUID"] for task in everything] == ["51", "52", "501"]
    assert not any("children" in task for task in everything)


def test_an_unknown_task_is_refused_or_left_out(bench: Make) -> None:
    refused = bench("lxca: {tasks: [{kind: task, id: 51}]}").call("lxca", "GET", "/tasks/51,9", USER)
    assert (refused.status, refused.json()["messages"][0]["text"]) == (404, "The job 9 does not exist.")
    run = bench("lxca: {unknown_task: left_out, tasks: [{kind: task, id: 51}]}")
    assert [task["jobUID"] for task in run.call("lxca", "GET", "/tasks/51,9", USER).json()] == ["51"]
    assert run.call("lxca", "GET", "/tasks/9", USER).json() == []


def test_a_deleted_task_is_unknown(bench: Make) -> None:
    run = bench("lxca: {tasks: [{kind: task, id: 51, duration: 10, forget_after: 5}]}")
    assert run.at(14).call("lxca", "GET", "/tasks/51", USER).status == 200
    assert run.at(15).call("lxca", "GET", "/tasks/51", USER).status == 404
    assert run.call("lxca", "GET", "/tasks", USER).json() == []
    assert "51" not in [task["id"] for task in run.world.tasks()]


def test_a_failure_may_come_with_status_200(bench: Make) -> None:
    answer = bench("lxca: {tasks: [{kind: task, id: 51, failure_answer: true}]}").call("lxca", "GET", "/tasks/51", USER)
    assert (answer.status, answer.json()["result"]) == (200, "failure")


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("end: failed, final_word: Complete", "final_word Complete does not fit the end failed"),
        ("end: never, final_word: Complete", "final_word Complete does not fit the end never"),
        ("sub_tasks: [{word: x}]", "lxca.tasks.0.sub_tasks.0.word: this key is not known"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused_in_one_line(entry: str, sentence: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(f"lxca: {{tasks: [{{kind: task, {entry}}}]}}", "test.yml")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
