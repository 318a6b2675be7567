# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plain data: which states are final, which state a group has, how a task is returned."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._status import (
    State,
    Step,
    TaskStatus,
    mean_progress,
    overall,
    walk,
)

# Section 5 of the contract: failed > cancelled > unknown > running > pending > succeeded.
ORDER = ["failed", "cancelled", "unknown", "running", "pending", "succeeded"]
STEP_KEYS = {"id", "name", "state", "native_state", "progress", "message", "errors", "details", "steps"}
TASK_KEYS = STEP_KEYS | {"done", "succeeded", "started_at", "finished_at", "eta"}


def test_the_vocabulary_is_that_of_the_contract() -> None:
    assert {state.value for state in State} == set(ORDER)


@pytest.mark.parametrize("state", State)
def test_only_three_states_are_final(state: State) -> None:
    assert state.done == (state.value in {"succeeded", "failed", "cancelled"})


@pytest.mark.parametrize(
    "states", [pair for size in (1, 2, 3) for pair in itertools.combinations_with_replacement(State, size)]
)
def test_the_state_of_a_group_is_the_first_of_the_order_that_any_has(states: tuple[State, ...]) -> None:
    assert overall(states).value == min((state.value for state in states), key=ORDER.index)


def test_of_an_empty_group_nothing_is_known() -> None:
    assert overall([]) is State.UNKNOWN


@pytest.mark.parametrize(
    ("values", "mean"), [([], None), ([None], None), ([None, 50.0], 50.0), ([10, 20, None, 0], 10.0), ([33.3, 0], 16.6)]
)
def test_the_mean_is_of_what_is_known(values: list[float | None], mean: float | None) -> None:
    assert mean_progress(values) == pytest.approx(mean, abs=0.06)


def test_a_task_is_returned_with_exactly_the_keys_of_the_contract() -> None:
    task = TaskStatus(id="1", state=State.FAILED, steps=[Step(id="a", steps=[Step(id="b")])], raw={"x": 1})
    shown = task.as_dict()
    assert set(shown) == TASK_KEYS, "raw comes only when asked for, warnings are no return value"
    assert (shown["done"], shown["succeeded"]) == (True, False)
    assert set(shown["steps"][0]) == set(shown["steps"][0]["steps"][0]) == STEP_KEYS


def test_what_is_returned_is_a_copy() -> None:
    task = TaskStatus(id="1", errors=["a"], details={"b": 1})
    shown = task.as_dict()
    shown["errors"].append("c")
    shown["details"]["d"] = 2
    assert (task.errors, task.details) == (["a"], {"b": 1})


def test_a_tree_is_walked_parents_first() -> None:
    tree = [Step(id="a", steps=[Step(id="b", steps=[Step(id="c")]), Step(id="d")]), Step(id="e")]
    assert [step.id for step in walk(tree)] == ["a", "b", "c", "d", "e"]


def test_no_text_of_a_vendor_steers_a_terminal_or_breaks_a_line() -> None:
    odd = "\x1b[31mDisk\x1b[0m\r\nis full\x07"
    inner = Step(odd, name=odd, native_state=odd, message=odd, errors=[odd, "\x1b[0m"])
    status = TaskStatus(odd, odd, native_state=odd, message="\x00", errors=[odd], steps=[inner], warnings=[odd, odd])
    for step in (status, inner):
        assert {step.id, step.name, step.native_state, *step.errors} == {"Disk is full"}
    assert (status.message, inner.message) == (None, "Disk is full")
    assert status.warnings == ["Disk is full"]
