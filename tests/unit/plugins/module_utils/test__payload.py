# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result that all modules share: the same keys in every end, with the values of the contract."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._payload import (
    BUDGET,
    payload_of,
    trim_failure,
    trim_to_budget,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, Stats, Step, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.waiter import WaitResult
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import task
from hypothesis import given
from hypothesis import strategies as st

KEYS = {
    "changed",
    "state",
    "done",
    "succeeded",
    "progress",
    "counts",
    "timed_out",
    "elapsed",
    "tasks",
    "stats",
    "error",
}
ORDER = ["failed", "cancelled", "unknown", "running", "pending", "succeeded"]


def payload(*statuses: TaskStatus, include_raw: bool = False, **ending: Any) -> dict[str, Any]:
    return payload_of(WaitResult(list(statuses), **ending), Stats(), elapsed=12.34, include_raw=include_raw)


def test_a_group_is_summed_up() -> None:
    shown = payload(task("b", "running", 17.6), task("a", "succeeded", 100), task("c", "running"))
    assert set(shown) == KEYS
    assert {key: shown[key] for key in KEYS - {"tasks", "stats"}} == {
        "changed": False,
        "state": "running",
        "done": False,
        "succeeded": False,
        "progress": 58.8,
        "counts": {"running": 2, "succeeded": 1},
        "timed_out": False,
        "elapsed": 12.3,
        "error": None,
    }
    assert [item["id"] for item in shown["tasks"]] == ["b", "a", "c"]


def test_nothing_known_is_nothing_done() -> None:
    shown = payload(error=TaskwatchError(ErrorType.UNREACHABLE, "away", http_status=503))
    assert set(shown) == KEYS
    assert (shown["state"], shown["done"], shown["succeeded"], shown["progress"]) == ("unknown", False, False, None)
    assert (shown["counts"], shown["tasks"]) == ({}, [])
    assert shown["error"] == {"type": "unreachable", "message": "away", "http_status": 503, "task_ids": []}


def test_a_task_that_was_never_seen_is_not_done() -> None:
    shown = payload(task("a", "succeeded"), complete=False, error=TaskwatchError(ErrorType.NOT_FOUND, "b"))
    assert (shown["done"], shown["succeeded"]) == (False, False)


def test_the_raw_answer_is_there_only_when_asked_for() -> None:
    status = task("a", raw={"vendor": ["data"]})
    assert "raw" not in payload(status)["tasks"][0]
    assert payload(status, include_raw=True)["tasks"][0]["raw"] == {"vendor": ["data"]}


def test_costs_are_told_under_the_names_of_the_contract() -> None:
    stats = Stats(polls=3, requests=5, logins=1, retries=2, unreachable_seconds=1.26, logout_failures=1)
    shown = payload_of(WaitResult([]), stats, elapsed=0, include_raw=False)["stats"]
    assert shown == {
        "polls": 3,
        "requests": 5,
        "logins": 1,
        "retries": 2,
        "unreachable_seconds": 1.3,
        "logout_failures": 1,
    }


@pytest.mark.parametrize(
    ("state", "done"), [("succeeded", True), ("failed", True), ("cancelled", True), ("unknown", False)]
)
def test_done_is_about_any_end(state: str, done: bool) -> None:
    shown = payload(task("a", state), task("b", "succeeded"))
    assert (shown["done"], shown["succeeded"]) == (done, state == "succeeded")


STATUSES = st.lists(
    st.builds(
        TaskStatus,
        id=st.text(max_size=5),
        state=st.sampled_from(State),
        progress=st.one_of(st.none(), st.floats(0, 100).map(lambda value: round(value, 1))),
    ),
    max_size=8,
)


@given(STATUSES, st.booleans(), st.booleans())
def test_every_group_is_summed_up_by_the_rules(statuses: list[TaskStatus], complete: bool, include_raw: bool) -> None:
    shown = payload(*statuses, include_raw=include_raw, complete=complete)
    states = [status.state.value for status in statuses]
    json.dumps(shown, allow_nan=False)
    assert shown["state"] == (min(states, key=ORDER.index) if states else "unknown")
    assert shown["counts"] == {state: states.count(state) for state in set(states)}
    assert sum(shown["counts"].values()) == len(shown["tasks"])
    assert shown["done"] == (complete and bool(states) and set(states) <= {"succeeded", "failed", "cancelled"})
    assert shown["succeeded"] == (complete and bool(states) and set(states) == {"succeeded"})
    known = [status.progress for status in statuses if status.progress is not None]
    assert (shown["progress"] is None) == (not known)
    assert shown["progress"] is None or min(known) - 0.1 <= shown["progress"] <= max(known) + 0.1


def many(
    count: int, *, state: str = "running", filler: int = 500, steps: int = 0, inner: int = 0
) -> list[dict[str, Any]]:
    tasks = []
    for number in range(count):
        status = task(f"e{number}", state)
        status.details = {"text": "x" * filler, "empty": None, "blank": "", "zero": 0, "off": False}
        parts = [Step(f"i{index}", state=State.RUNNING) for index in range(inner)]
        details = {"text": "y" * filler}
        status.steps = [Step(f"s{index}", state=State.RUNNING, details=details, steps=parts) for index in range(steps)]
        tasks.append(status.as_dict())
    return tasks


def test_a_result_that_fits_keeps_everything() -> None:
    tasks = many(700)
    before = copy.deepcopy(tasks)
    assert trim_to_budget(tasks) == []
    assert tasks == before


@pytest.mark.parametrize(
    ("tasks", "kept", "left_out"),
    [
        pytest.param(many(752), {"text", "zero", "off"}, "empty details", id="nulls"),
        pytest.param(
            [*many(400, filler=900), *many(400, state="succeeded", filler=900)],
            {"text", "zero", "off"},
            "empty details, details and steps of what succeeded",
            id="successes",
        ),
        pytest.param(
            many(1000),
            set(),
            "empty details, details and steps of what succeeded, all details",
            id="details",
        ),
        pytest.param(
            many(300, filler=0, steps=12),
            set(),
            "empty details, details and steps of what succeeded, all details, steps of steps, all steps",
            id="steps",
        ),
    ],
)
def test_a_result_that_awx_would_drop_loses_what_tells_least(
    tasks: list[dict[str, Any]], kept: set[str], left_out: str
) -> None:
    verdicts = [{**item, "details": None, "steps": None} for item in tasks]
    (warning,) = trim_to_budget(tasks)
    assert f"left out: {left_out} (include_raw" in warning
    assert len(str(tasks)) < 1.01 * BUDGET
    assert [{**item, "details": None, "steps": None} for item in tasks] == verdicts
    assert {frozenset(item["details"]) for item in tasks if item["state"] == "running"} == {frozenset(kept)}


def test_nothing_is_taken_where_even_the_verdicts_are_too_many() -> None:
    tasks = many(4000, filler=10)
    before = copy.deepcopy(tasks)
    assert trim_to_budget(tasks) == []
    assert tasks == before


def test_of_one_task_with_very_many_steps_each_keeps_its_verdict() -> None:
    """As of a bulk job with hundreds of devices: a row per device, with what went wrong there."""
    (job,) = many(1, filler=50, steps=400, inner=17)
    job["steps"][7].update(state="failed", errors=["no login"])
    (warning,) = trim_to_budget([job])
    assert "left out: empty details, details and steps of what succeeded, all details, steps of steps (" in warning
    assert [step["id"] for step in job["steps"]] == [f"s{index}" for index in range(400)]
    assert job["steps"][7]["errors"] == ["no login"]


def test_what_succeeded_inside_a_task_loses_its_insides_first() -> None:
    (job,) = many(1, filler=50, steps=400, inner=17)
    for step in job["steps"][20:]:
        step["state"] = "succeeded"
    (warning,) = trim_to_budget([job])
    assert "left out: empty details, details and steps of what succeeded (" in warning
    assert [len(step["steps"]) for step in job["steps"]] == [17] * 20 + [0] * 380


def test_a_failure_of_fifty_devices_can_be_read() -> None:
    """Each device keeps its verdict and its errors, and the steps that failed."""
    (job,) = many(1, state="failed", filler=150, steps=50, inner=9)
    for step in job["steps"]:
        step.update(state="failed", errors=["the login was refused"])
        for inner in step["steps"][:8]:
            inner["state"] = "succeeded"
        step["steps"][8].update(state="failed", details={"result": "Login_Failed"})
    before = len(str(job))
    (warning,) = trim_failure([job])
    assert before > 70_000
    assert len(str(job)) < 25_000
    assert "too many to read; left out: empty details, " in warning
    assert [step["errors"] for step in job["steps"]] == [["the login was refused"]] * 50
    assert [[inner["state"] for inner in step["steps"]] for step in job["steps"]] == [["failed"]] * 50


def test_a_failure_that_can_be_read_keeps_everything() -> None:
    tasks = many(20, state="failed")
    before = copy.deepcopy(tasks)
    assert trim_failure(tasks) == []
    assert tasks == before
