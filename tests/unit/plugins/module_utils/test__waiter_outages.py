# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outages on a fake clock: one budget in one stretch, Retry-After, per-task absences, the brief second try."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
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


def away(*stretches: tuple[float, float], ends: float = 600, **error: object) -> Wait:
    """A task that ends after so many seconds on a system that is away in these stretches."""

    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        if any(begin <= now < end for begin, end in stretches):
            return [gone(**error)]  # type: ignore[arg-type]
        return [task("1", "succeeded" if now >= ends else "running")]

    return Wait(script)


def test_an_outage_within_the_budget_is_survived_and_told() -> None:
    wait = away((100, 250))
    ending = wait.until_end(wait_sleep=10)
    assert (ending.error, wait.moments[-1]) == (None, 600)
    assert wait.stats.unreachable_seconds == 150
    assert wait.stats.retries == 15
    assert ending.warnings == ["no good answer for 150 s while waiting; last: the connection was refused"]


def test_an_outage_from_the_very_first_look_is_one() -> None:
    """The wait may begin in the middle of a reboot."""
    wait = away((0, 200))
    assert wait.until_end().error is None
    assert wait.observer.events[0] == (0, "outage", "the connection was refused")


@pytest.mark.parametrize("begin", [0.0, 100.0])
def test_beyond_the_budget_the_wait_gives_up_on_time_with_the_last_reason(begin: float) -> None:
    wait = away((begin, 10_000))
    ending = wait.until_end(unreachable_timeout=300, wait_sleep=7)
    assert kind_of(ending) == "unreachable"
    first = next(moment for moment in wait.moments if moment >= begin)
    assert wait.moments[-1] == pytest.approx(first + 300)
    assert str(ending.error) == (
        "no good answer for 300 s, longer than unreachable_timeout allows; last: the connection was refused"
    )
    assert wait.stats.unreachable_seconds == pytest.approx(300)
    assert [status.id for status in ending.statuses] == (["1"] if begin else []), "the last known state is kept"


def test_any_good_answer_starts_the_budget_anew() -> None:
    wait = away((10, 290), (300, 590))
    assert wait.until_end(unreachable_timeout=300, wait_sleep=10).error is None
    assert wait.stats.unreachable_seconds == 570
    assert len(wait.observer.told("outage")) == len(wait.observer.told("back")) == 2


def test_no_budget_at_all_gives_up_at_once() -> None:
    wait = away((0, 1))
    assert kind_of(wait.until_end(unreachable_timeout=0)) == "unreachable"
    assert len(wait.polls) == 1


def test_the_deadline_ends_an_outage_too() -> None:
    wait = away((50, 10_000), http_status=503)
    ending = wait.until_end(wait_timeout=100, unreachable_timeout=300)
    assert (kind_of(ending), ending.timed_out) == ("timeout", True)
    assert ending.error is not None
    assert ending.error.http_status == 503
    assert str(ending.error).endswith("; the last poll failed: the connection was refused")
    assert wait.moments[-1] == 100
    assert wait.stats.unreachable_seconds == pytest.approx(100 - wait.observer.told("outage")[0], abs=0.01)


def test_a_request_lasts_no_longer_than_the_budget_and_the_deadline() -> None:
    wait = away((100, 10_000))
    wait.until_end(wait_timeout=350, unreachable_timeout=200, wait_sleep=50)
    assert wait.limits[0] == 1350
    assert wait.limits[wait.moments.index(150)] == 1300


# -- Retry-After ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [3.0, 45.0, 120.0])
def test_retry_after_wins_over_every_schedule(asked: float) -> None:
    for sleep in (None, 10.0):
        wait = away((0, 10_000), kind=ErrorType.RATE_LIMITED, retry_after=asked)
        wait.until_end(wait_sleep=sleep, unreachable_timeout=1000)
        gaps = [later - earlier for earlier, later in zip(wait.moments, wait.moments[1:])]
        assert set(gaps[:-1]) == {asked}


@pytest.mark.parametrize(("timeout", "unreachable", "polls"), [(100, 300, [0, 100]), (3600, 60, [0, 60])])
def test_retry_after_is_capped_by_what_is_left(timeout: float, unreachable: float, polls: list[float]) -> None:
    wait = away((0, 10_000), retry_after=86_400.0)
    wait.until_end(wait_timeout=timeout, unreachable_timeout=unreachable)
    assert wait.moments == polls


@pytest.mark.parametrize("asked", [0.0, 0.001])
def test_a_system_that_asks_for_no_pause_gets_one(asked: float) -> None:
    wait = away((0, 10_000), retry_after=asked)
    wait.until_end(unreachable_timeout=60)
    assert min(later - earlier for earlier, later in zip(wait.moments, wait.moments[1:])) >= 1.0


def test_a_retry_after_of_the_past_does_not_count_any_more() -> None:
    wait = away((0, 50), retry_after=60.0)
    wait.until_end(wait_sleep=10)
    assert wait.moments[:3] == [0, 60, 70]


# -- 401, 403, 404 and the like ---------------------------------------------------------------------------------------

SYSTEMIC = [ErrorType.AUTHENTICATION, ErrorType.AUTHORIZATION, ErrorType.TLS, ErrorType.BAD_RESPONSE]
BY_KIND = pytest.mark.parametrize("kind", [*SYSTEMIC, ErrorType.NOT_FOUND])


@BY_KIND
def test_after_a_task_was_seen_a_restarting_system_may_say_anything(kind: ErrorType) -> None:
    wait = away((100, 250), kind=kind, retryability=Retryability.IF_SEEN)
    assert wait.until_end(wait_sleep=10).error is None


@BY_KIND
def test_past_the_budget_what_it_says_is_believed(kind: ErrorType) -> None:
    wait = away((100, 10_000), kind=kind, retryability=Retryability.IF_SEEN, http_status=404)
    ending = wait.until_end(unreachable_timeout=120)
    assert kind_of(ending) == kind.value
    assert ending.error is not None
    assert ending.error.http_status == 404


@BY_KIND
def test_before_anything_was_seen_it_is_final(kind: ErrorType) -> None:
    wait = away((0, 50), kind=kind, retryability=Retryability.IF_SEEN)
    assert kind_of(wait.until_end()) == kind.value
    assert len(wait.polls) == 1


def test_a_login_refused_in_the_middle_of_an_outage_is_final() -> None:
    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        if now < 50:
            return [gone()]
        return [TaskwatchError(ErrorType.AUTHENTICATION, "the login is not accepted", http_status=401)]

    wait = Wait(script)
    assert kind_of(wait.until_end(wait_sleep=10)) == "authentication"
    assert wait.moments[-1] == 50
    assert wait.stats.unreachable_seconds == 50


def test_an_id_that_was_never_seen_is_unknown_although_others_were() -> None:
    wait = Wait(lambda _now, _ids: [task("a"), not_found("b")])
    ending = wait.until_end(ids=["a", "b"])
    assert (kind_of(ending), len(wait.polls)) == ("not_found", 1)


@pytest.mark.parametrize("kind", SYSTEMIC)
def test_one_task_seen_is_enough_to_trust_the_system(kind: ErrorType) -> None:
    """Two tasks; one was seen, the other not yet; then name, certificate or session fail for both."""

    def script(now: float, ids: Sequence[str] | None) -> list[Seen]:
        if now < 5:
            return [task("a"), gone("no answer", "b")]
        if now < 60:
            return [gone("trouble", i, kind=kind, retryability=Retryability.IF_SEEN) for i in ids or []]
        return [task(i, "succeeded") for i in ids or []]

    assert Wait(script).until_end(ids=["a", "b"], wait_sleep=10).error is None


def test_a_single_task_may_be_gone_for_a_while() -> None:
    """404 for one of two: the other one's good answers do not hide it, and its own answer ends it."""

    def script(now: float, ids: Sequence[str] | None) -> list[Seen]:
        lost = 50 <= now < 200
        return [
            not_found(i) if i == "b" and lost else task(i, "succeeded" if now >= 300 else "running") for i in ids or []
        ]

    wait = Wait(script)
    ending = wait.until_end(ids=["a", "b"], wait_sleep=10)
    assert (ending.error, wait.moments[-1]) == (None, 300)
    assert wait.observer.told("outage") == [50]
    assert wait.observer.told("back") == [200]


def test_a_single_task_that_stays_away_ends_the_wait_by_its_own_budget() -> None:
    def script(now: float, ids: Sequence[str] | None) -> list[Seen]:
        return [not_found(i) if i == "b" and now >= 50 else task(i, "running", now / 100) for i in ids or []]

    wait = Wait(script)
    ending = wait.until_end(ids=["a", "b"], wait_sleep=10, unreachable_timeout=120)
    assert kind_of(ending) == "not_found"
    assert ending.error is not None
    assert ending.error.task_ids == ("b",)
    assert wait.moments[-1] == 170
    assert [status.id for status in ending.statuses] == ["a", "b"]


def test_tasks_that_take_turns_at_being_away_do_not_use_up_one_budget() -> None:
    """Each answers every other poll, one of them has ended: none is away for long in one stretch."""

    def script(now: float, ids: Sequence[str] | None) -> list[Seen]:
        if 5 < now < 15:
            return [gone()]
        lost = "bc"[int(now / 10) % 2]
        if now >= 500:
            return [task(i, "succeeded") for i in ids or []]
        return [
            not_found(i) if i == lost and now > 0 else task(i, "succeeded" if i == "a" else "running")
            for i in ids or []
        ]

    assert Wait(script).until_end(ids=["a", "b", "c"], wait_sleep=10, unreachable_timeout=60).error is None


# -- stalls and outages -----------------------------------------------------------------------------------------------


def test_a_stall_is_not_measured_while_the_system_is_away() -> None:
    """Still for 80 s, away for 200 s, still for 70 s more: 150 s of standing still in all."""
    wait = away((80, 280), ends=float("inf"))
    ending = wait.until_end(stall_timeout=150, wait_sleep=10)
    assert kind_of(ending) == "stalled"
    assert wait.moments[-1] == 350


def test_movement_seen_at_the_end_of_an_outage_counts_from_there() -> None:
    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        return [gone()] if 50 <= now < 250 else [task("1", "running", 10 if now < 50 else 90)]

    wait = Wait(script)
    assert kind_of(wait.until_end(stall_timeout=100, wait_sleep=10)) == "stalled"
    assert wait.moments[-1] == 350


def test_movement_during_the_absence_of_another_task_counts_from_there() -> None:
    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        moved = task("a", "running", 10 if now < 150 else 20)
        return [moved, not_found("b") if 50 <= now < 200 else task("b")]

    wait = Wait(script)
    assert kind_of(wait.until_end(ids=["a", "b"], stall_timeout=100, wait_sleep=10)) == "stalled"
    assert wait.moments[-1] == 300


# -- a poll without a wait --------------------------------------------------------------------------------------------


def test_a_look_is_one_look() -> None:
    wait = Wait(lambda _now, _ids: [task("1", "failed")])
    ending = wait.once()
    assert (ending.error, ending.complete, len(wait.polls), wait.clock.naps) == (None, True, 1, [])


@pytest.mark.parametrize(("asked", "pause"), [(None, 1.0), (0.0, 1.0), (3.0, 3.0), (600.0, 5.0)])
def test_a_reset_or_a_gateways_answer_gets_one_short_second_try(asked: float | None, pause: float) -> None:
    wait = away((0, 1), retry_once=True, retry_after=asked)
    ending = wait.once()
    assert ending.error is None
    assert wait.clock.naps == [pause]
    assert (wait.stats.polls, wait.stats.retries) == (2, 1)


def test_the_second_try_is_the_last() -> None:
    wait = away((0, 1000), retry_once=True)
    assert kind_of(wait.once()) == "unreachable"
    assert len(wait.polls) == 2


@pytest.mark.parametrize(
    "error",
    [gone(), gone(kind=ErrorType.RATE_LIMITED, retry_after=1.0), not_found("1")],
    ids=lambda error: error.kind.value,
)
def test_nothing_else_gets_a_second_try(error: TaskwatchError) -> None:
    wait = Wait(lambda _now, _ids: [error])
    assert wait.once().error is error
    assert (len(wait.polls), wait.clock.naps) == (1, [])


def test_only_the_tasks_that_need_it_are_tried_again() -> None:
    def script(now: float, ids: Sequence[str] | None) -> list[Seen]:
        return [gone("reset", i, retry_once=True) if i != "a" and now < 1 else task(i) for i in ids or []]

    wait = Wait(script)
    ending = wait.once(["c", "a", "b"])
    assert wait.polls == [(0, ["c", "a", "b"]), (1, ["c", "b"])]
    assert [status.id for status in ending.statuses] == ["c", "a", "b"]


def test_where_a_second_try_cannot_help_none_is_made() -> None:
    wait = Wait(lambda _now, _ids: [gone("reset", "a", retry_once=True), not_found("b"), task("c")])
    ending = wait.once(["a", "b", "c"])
    assert len(wait.polls) == 1
    assert ending.error is not None
    assert [status.id for status in ending.statuses] == ["c"]
    assert ending.complete is False


# -- properties -------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(1, 400), st.floats(0, 290)), max_size=5),
    st.sampled_from([None, 5.0, 30.0]),
    st.sampled_from([None, 0.0, 20.0, 1000.0]),
    st.sampled_from([Retryability.ALWAYS, Retryability.IF_SEEN]),
)
def test_no_sequence_of_short_outages_changes_the_verdict(
    stretches: list[tuple[float, float]], sleep: float | None, asked: float | None, retryability: Retryability
) -> None:
    """Each outage is shorter than the budget; looks between them may miss that it was back, so pauses are long."""
    now, outages = 0.0, []
    for pause, lasts in stretches:
        outages.append((now + pause + 400, now + pause + 400 + lasts))
        now = outages[-1][1]
    wait = away(*outages, ends=now + 10, retry_after=asked, retryability=retryability)
    ending = wait.until_end(wait_timeout=20_000, unreachable_timeout=300, wait_sleep=sleep)
    assert ending.error is None
    assert wait.stats.unreachable_seconds <= sum(end - begin + 330 for begin, end in outages)
    assert wait.moments[-1] >= now + 10


@settings(max_examples=60)
@given(st.sampled_from([1, 9]), st.floats(1, 400), st.sampled_from([None, 3.0, 50.0]))
def test_a_wait_gives_up_no_sooner_and_no_later_than_allowed(
    count: int, unreachable: float, sleep: float | None
) -> None:
    ids = [str(number) for number in range(count)]
    wait = Wait(lambda now, asked: [task(i) for i in asked or []] if now < 40 else [gone()])
    ending = wait.until_end(ids=ids, unreachable_timeout=unreachable, wait_sleep=sleep)
    began = wait.observer.told("outage")[0]
    assert kind_of(ending) == "unreachable"
    assert wait.moments[-1] == pytest.approx(began + unreachable, abs=0.01)
    assert [status.id for status in ending.statuses] == ids
    assert all(isinstance(status, TaskStatus) for status in ending.statuses)
