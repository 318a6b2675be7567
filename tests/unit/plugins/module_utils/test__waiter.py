# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The waiter on a fake clock: looks, deadline, order, ends, schedule, stalls."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import JITTER
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import (
    Seen,
    Wait,
    gone,
    kind_of,
    not_found,
    task,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def ends_at(seconds: float, state: str = "succeeded") -> Wait:
    """A wait for one task without progress that ends after so many seconds."""
    return Wait(lambda now, _ids: [task("1", state if now >= seconds else "running")])


# -- looks, deadline, order -------------------------------------------------------------------------------------------


def test_the_first_look_is_at_once() -> None:
    wait = ends_at(0)
    ending = wait.until_end()
    assert (wait.polls, wait.clock.naps) == ([(0.0, ["1"])], [])
    assert (ending.error, ending.complete, ending.timed_out) == (None, True, False)
    assert [status.state.value for status in ending.statuses] == ["succeeded"]
    assert wait.stats.polls == 1


@pytest.mark.parametrize("timeout", [0.0, 1.0, 7.0, 60.0, 3600.0])
@pytest.mark.parametrize("sleep", [None, 0.7, 10.0, 5000.0])
def test_the_last_look_is_at_the_deadline_exactly(timeout: float, sleep: float | None) -> None:
    wait = ends_at(float("inf"))
    ending = wait.until_end(wait_timeout=timeout, wait_sleep=sleep)
    assert wait.moments[-1] == pytest.approx(timeout)
    assert (kind_of(ending), ending.timed_out) == ("timeout", True)
    assert [status.state.value for status in ending.statuses] == ["running"], "the last known state is kept"


def test_a_task_that_ends_at_the_deadline_has_ended_in_time() -> None:
    ending = ends_at(60).until_end(wait_timeout=60)
    assert (ending.error, ending.timed_out) == (None, False)


def test_time_spent_in_looks_counts() -> None:
    wait = Wait(lambda _now, _ids: [task()], cost=40)
    assert wait.until_end(wait_timeout=100).timed_out
    assert wait.moments[-1] <= 100
    assert wait.clock() - 1000 <= 140


def test_a_fixed_sleep_has_no_jitter() -> None:
    wait = Wait(lambda _now, _ids: [task()], jitter=lambda: 1.0)
    wait.until_end(wait_timeout=35, wait_sleep=10)
    assert wait.moments == [0, 10, 20, 30, 35]


@pytest.mark.parametrize(("jitter", "first"), [(0.0, 2.0), (0.5, 1.98), (1.0, 1.96)])
def test_the_adaptive_gaps_are_shortened_by_chance_and_never_longer(jitter: float, first: float) -> None:
    wait = Wait(lambda _now, _ids: [task()], jitter=lambda: jitter)
    wait.until_end(wait_timeout=590)
    gaps = [later - earlier for earlier, later in zip(wait.moments, wait.moments[1:])][:-1]
    assert gaps[0] == pytest.approx(first)
    assert min(gaps) == pytest.approx(first)
    assert max(gaps) == pytest.approx(30 * first / 2)


@pytest.mark.parametrize("decimals", [0, 1])
@pytest.mark.parametrize("seed", range(20))
def test_an_even_task_of_40_s_costs_at_most_16_polls_and_is_noticed_within_1_5_s(seed: int, decimals: int) -> None:
    """The figure that the collection promises, for any jitter."""

    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        return [task("1", "succeeded") if now >= 40 else task("1", "running", round(now / 40 * 100, decimals))]

    wait = Wait(script, jitter=random.Random(seed).random)  # noqa: S311 (no secret hangs on it)
    assert wait.until_end().error is None
    assert len(wait.polls) <= 16
    assert wait.moments[-1] - 40 <= 1.5


def test_many_tasks_share_one_deadline_and_keep_their_order() -> None:
    ends = {"c": 5.0, "a": 25.0, "b": 50.0}
    wait = Wait(lambda now, ids: [task(i, "succeeded" if now >= ends[i] else "running") for i in reversed(ids or [])])
    ending = wait.until_end(ids=list(ends), wait_sleep=10)
    assert [status.id for status in ending.statuses] == ["c", "a", "b"], (
        "in the order asked for, not in that of the end"
    )
    assert wait.polls == [
        (0, ["c", "a", "b"]),
        (10, ["c", "a", "b"]),
        (20, ["a", "b"]),
        (30, ["a", "b"]),
        (40, ["b"]),
        (50, ["b"]),
    ], "a finished task is not asked for again"


def test_the_soonest_gap_of_many_counts() -> None:
    """One task is about to end, the other shows nothing; finished ones count no more."""

    def script(now: float, ids: Sequence[str] | None) -> list[Seen]:
        fast = task("fast", "succeeded") if now >= 20 else task("fast", "running", now * 5)
        return [fast, task("slow")] if "fast" in (ids or []) else [task("slow")]

    wait = Wait(script)
    wait.until_end(ids=["fast", "slow"], wait_timeout=200)
    gaps = [later - earlier for earlier, later in zip(wait.moments, wait.moments[1:])]
    before = [gap for moment, gap in zip(wait.moments, gaps) if 15 < moment < 20]
    assert before
    assert max(before) <= 2.0
    after = [gap for moment, gap in zip(wait.moments, gaps) if moment >= 20]
    assert min(after) >= 2.0 * (1 - JITTER)


def test_without_ids_the_tasks_of_the_first_answer_are_waited_for() -> None:
    def script(now: float, ids: Sequence[str] | None) -> list[TaskStatus]:
        return [task(i, "succeeded" if now >= 10 else "running") for i in ids or ["b", "a"]]

    wait = Wait(script)
    ending = wait.until_end(ids=None, wait_sleep=10)
    assert wait.polls == [(0, None), (10, ["b", "a"])]
    assert [status.id for status in ending.statuses] == ["b", "a"]


def test_without_ids_and_without_tasks_there_is_nothing_to_wait_for() -> None:
    wait = Wait(lambda _now, _ids: [])
    ending = wait.until_end(ids=None)
    assert (kind_of(ending), len(wait.polls)) == ("not_found", 1)
    assert "nothing" in str(ending.error)


# -- ends -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_bad_end_fails_only_when_all_have_ended(state: str) -> None:
    def script(now: float, ids: Sequence[str] | None) -> list[TaskStatus]:
        bad = task("bad", state, errors=["Disk is full", "Call support"])
        return [bad if i == "bad" else task(i, "succeeded" if now >= 30 else "running") for i in ids or []]

    wait = Wait(script)
    ending = wait.until_end(ids=["good", "bad"], wait_sleep=10)
    assert wait.moments == [0, 10, 20, 30]
    assert kind_of(ending) == "task_failed"
    assert ending.error is not None
    assert ending.error.task_ids == ("bad",)
    assert ending.error.message == f"{state}: Disk is full; Call support"
    assert [status.state.value for status in ending.statuses] == ["succeeded", state]


def test_several_bad_ends_are_told_by_name_and_no_more_than_five_at_length() -> None:
    wait = Wait(lambda _now, ids: [task(i, "failed", message=f"reason {i}") for i in ids or []])
    error = wait.until_end(ids=[str(number) for number in range(8)]).error
    assert error is not None
    assert error.message == (
        "0 failed: reason 0; 1 failed: reason 1; 2 failed: reason 2; 3 failed: reason 3; 4 failed: reason 4 and 3 more"
    )
    assert error.task_ids == tuple("01234567")


def test_a_timeout_says_how_each_unfinished_task_stands() -> None:
    def script(_now: float, _ids: Sequence[str] | None) -> list[Seen]:
        moving = task("a", "running", 42.5, message="Installing")
        odd = TaskStatus(id="b", native_state="Paused")
        return [moving, odd, task("c", "succeeded"), gone("no answer", "d")]

    ending = Wait(script).until_end(ids=["a", "b", "c", "d"], wait_timeout=60, unreachable_timeout=999)
    assert ending.error is not None
    assert ending.error.message == (
        "not finished within 60 s (a running at 42.5 %, Installing; b unknown 'Paused'; d never seen); "
        "the last poll failed: no answer"
    )
    assert ending.error.task_ids == ("a", "b", "d")
    assert [status.id for status in ending.statuses] == ["a", "b", "c"]
    assert ending.complete is False


def test_an_unknown_word_is_waited_out_and_warned_of_once() -> None:
    odd = "it reports the state 'Paused'"
    wait = Wait(lambda _now, _ids: [TaskStatus(id="1", native_state="Paused", warnings=[odd])])
    ending = wait.until_end(wait_timeout=600)
    assert (kind_of(ending), ending.warnings) == ("timeout", [odd])
    assert len(wait.polls) > 10


@pytest.mark.parametrize(
    "error",
    [
        TaskwatchError(ErrorType.AUTHENTICATION, "the login is not accepted"),
        TaskwatchError(ErrorType.BAD_REQUEST, "it refuses the request"),
        TaskwatchError(ErrorType.CONFLICT, "conflict"),
        TaskwatchError(ErrorType.MISSING_LIBRARY, "lxml"),
        not_found("1"),
        TaskwatchError(ErrorType.TLS, "not trusted", retryability=Retryability.IF_SEEN),
        TaskwatchError(ErrorType.AUTHORIZATION, "may not", retryability=Retryability.IF_SEEN),
    ],
    ids=lambda error: error.kind.value,
)
def test_what_waiting_cannot_cure_ends_the_wait_at_once(error: TaskwatchError) -> None:
    wait = Wait(lambda _now, _ids: [error])
    ending = wait.until_end()
    assert ending.error is error
    assert (len(wait.polls), wait.clock.naps, wait.observer.events) == (1, [], [])
    assert wait.stats.unreachable_seconds == 0


def test_a_fatal_error_keeps_what_is_known_of_the_others() -> None:
    wait = Wait(lambda _now, _ids: [task("a", "running", 10), not_found("b"), task("c", "succeeded"), not_found("d")])
    ending = wait.until_end(ids=["a", "b", "c", "d"])
    assert kind_of(ending) == "not_found"
    assert ending.error is not None
    assert ending.error.task_ids == ("b", "d"), "every id that is unknown is named"
    assert [status.id for status in ending.statuses] == ["a", "c"]
    assert ending.complete is False


# -- stalls -----------------------------------------------------------------------------------------------------------


def test_a_task_that_stands_still_for_too_long_has_stalled() -> None:
    wait = Wait(lambda now, _ids: [task("1", "running", min(now, 40), message="Copying")])
    ending = wait.until_end(stall_timeout=120, wait_sleep=10)
    assert kind_of(ending) == "stalled"
    assert wait.moments[-1] == 160
    assert str(ending.error) == ("neither state nor progress has changed for 120 s (running at 40 %, Copying)")
    assert [status.progress for status in ending.statuses] == [40]


def test_the_look_that_notices_a_stall_is_on_time() -> None:
    wait = Wait(lambda _now, _ids: [task()])
    wait.until_end(stall_timeout=77)
    assert wait.moments[-1] == 77


@pytest.mark.parametrize("change", ["state", "progress", "tenth"])
def test_any_movement_of_any_unfinished_task_is_none(change: str) -> None:
    def script(now: float, _ids: Sequence[str] | None) -> list[TaskStatus]:
        still = task("still", "running", 50)
        if change == "state":
            return [still, task("moves", "running" if int(now / 100) % 2 else "pending")]
        return [still, task("moves", "running", int(now / 100) * (1 if change == "progress" else 0.1))]

    assert (
        kind_of(Wait(script).until_end(ids=["still", "moves"], stall_timeout=150, wait_timeout=1000, wait_sleep=10))
        == "timeout"
    )


def test_a_finished_task_cannot_move_so_it_does_not_count() -> None:
    def script(now: float, ids: Sequence[str] | None) -> list[TaskStatus]:
        return [task(i, "succeeded" if i == "quick" and now >= 100 else "running", 50) for i in ids or []]

    wait = Wait(script)
    assert kind_of(wait.until_end(ids=["quick", "still"], stall_timeout=150, wait_sleep=10)) == "stalled"
    assert wait.moments[-1] == 150


def test_without_a_stall_timeout_nothing_stalls() -> None:
    assert kind_of(ends_at(float("inf")).until_end(wait_timeout=100_000)) == "timeout"


# -- properties -------------------------------------------------------------------------------------------------------

TIMES = st.lists(st.floats(0, 2000), min_size=1, max_size=5)


@settings(max_examples=60)
@given(TIMES, st.floats(0, 1500), st.sampled_from([None, 7.0, 400.0]), st.randoms(use_true_random=False))
def test_the_verdict_is_the_truth_at_the_last_look(
    ends: list[float], timeout: float, sleep: float | None, dice: random.Random
) -> None:
    truth = {str(number): (end, "failed" if number % 3 == 2 else "succeeded") for number, end in enumerate(ends)}

    def script(now: float, ids: Sequence[str] | None) -> list[TaskStatus]:
        assert all(i in truth for i in ids or [])
        return [
            task(
                i,
                truth[i][1] if now >= truth[i][0] else "running",
                min(now / truth[i][0] * 90, 100) if truth[i][0] else 0,
            )
            for i in ids or []
        ]

    wait = Wait(script, jitter=dice.random)
    ending = wait.until_end(ids=list(truth), wait_timeout=timeout, wait_sleep=sleep)
    late = [i for i, (end, _state) in truth.items() if end > wait.latest]
    bad = [i for i, (_end, state) in truth.items() if state == "failed"]
    assert kind_of(ending) == ("timeout" if late else "task_failed" if bad else None)
    assert ending.timed_out == bool(late)
    assert [status.id for status in ending.statuses] == list(truth)
    assert wait.latest <= timeout + 1e-6
    if late:
        assert wait.latest == pytest.approx(timeout)
    for (_moment, ids), (_later, then) in zip(wait.polls, wait.polls[1:]):
        assert set(then or []) <= set(ids or []), "never more than were unfinished"


def test_an_expected_duration_thins_polls_out_before_the_end() -> None:
    def polls(expected: float | None) -> list[float]:
        wait = Wait(lambda now, _ids: [task("1", "succeeded" if now >= 7200 else "running")])
        wait.until_end(wait_timeout=20000, expected_duration=expected)
        return wait.moments

    hinted = polls(7000.0)
    assert len(hinted) <= 60 < len(polls(None))
    assert max(later - earlier for earlier, later in zip(hinted, hinted[1:])) <= 300


def test_fail_fast_ends_with_the_first_bad_end_and_keeps_the_others() -> None:
    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        return [task("1", "failed" if now >= 20 else "running"), task("2", "running", 40.0)]

    fast = Wait(script).until_end(ids=["1", "2"], wait_sleep=10, fail_fast=True)
    assert kind_of(fast) == "task_failed"
    assert fast.error is not None
    assert fast.error.task_ids == ("1",)
    assert [(status.state.value, status.progress) for status in fast.statuses] == [("failed", None), ("running", 40.0)]
    assert kind_of(Wait(script).until_end(ids=["1", "2"], wait_sleep=10, wait_timeout=60)) == "timeout"


def test_a_bounded_wait_may_end_well() -> None:
    ended = Wait(lambda _now, _ids: [task()]).until_end(wait_timeout=60, wait_timeout_is_failure=False)
    assert (ended.error, ended.timed_out) == (None, True)
    assert [status.state.value for status in ended.statuses] == ["running"]
    away = TaskwatchError(ErrorType.UNREACHABLE, "the connection was refused", Retryability.ALWAYS)
    never_seen = Wait(lambda _now, _ids: [away]).until_end(wait_timeout=60, wait_timeout_is_failure=False)
    assert (kind_of(never_seen), never_seen.timed_out) == ("timeout", True)
