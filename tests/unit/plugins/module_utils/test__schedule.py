# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The adaptive schedule: arithmetic on moments, so no clock is needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import (
    CLOSING,
    JITTER,
    Track,
    age_gap,
    best_gap,
    hinted_gap,
    longest_gap,
    quiet_gap,
)
from hypothesis import given
from hypothesis import strategies as st

PERCENT = st.one_of(st.none(), st.floats(0, 100).map(lambda value: round(value, 1)))
LOOKS = st.lists(st.tuples(st.floats(0.5, 500), PERCENT), min_size=1, max_size=20)


def running(progress: float | None) -> TaskStatus:
    return TaskStatus(id="1", state=State.RUNNING, progress=progress)


def polls_of(progress_at: Callable[[float], float | None], lasts: float) -> list[float]:
    """The moments at which a task that lasts so many seconds is looked at, the last one at or after its end."""
    now, moments, track = 0.0, [], Track(began=0.0)
    while True:
        moments.append(now)
        if now >= lasts:
            return moments
        track.note(now, running(progress_at(now)))
        now += track.gap(now)


def test_an_even_task_of_40_s_costs_about_fourteen_polls_and_is_noticed_within_a_second() -> None:
    moments = polls_of(lambda now: now / 40 * 100, 40)
    assert len(moments) <= 15
    assert moments[-1] - 40 <= 1.0


@pytest.mark.parametrize("lasts", [10, 17, 40, 60, 90, 300, 600, 1800, 3600, 7200])
def test_the_polls_close_in_on_the_end_of_an_even_task(lasts: float) -> None:
    moments = polls_of(lambda now: now / lasts * 100, lasts)
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert moments[-1] - lasts <= 1.0
    closing = gaps[gaps.index(max(gaps)) :]
    assert closing == sorted(closing, reverse=True), "each gap is at most as long as the one before"


@pytest.mark.parametrize("decimals", [0, 1])
@pytest.mark.parametrize("lasts", [40, 300, 1800, 7200])
def test_a_coarse_percentage_costs_hardly_more_and_is_hardly_later(lasts: float, decimals: int) -> None:
    fine = polls_of(lambda now: now / lasts * 100, lasts)
    coarse = polls_of(lambda now: round(now / lasts * 100, decimals), lasts)
    assert coarse[-1] - lasts <= longest_gap(lasts) / 2
    assert len(coarse) <= 1.3 * len(fine)


def test_a_gap_is_a_part_of_what_the_pace_leaves() -> None:
    moments = polls_of(lambda now: now / 40 * 100, 40)
    for earlier, later in zip(moments[1:], moments[2:]):
        expected = min(max((40 - earlier) * CLOSING, 1.0), longest_gap(earlier))
        assert later - earlier == pytest.approx(expected)


QUIET = pytest.mark.parametrize("progress_at", [lambda _now: None, lambda _now: 50.0], ids=["none", "stuck"])


@QUIET
@pytest.mark.parametrize("lasts", [10, 60, 300, 600])
def test_a_task_of_up_to_ten_minutes_is_noticed_within_a_tenth_or_30_s(
    progress_at: Callable[[float], float | None], lasts: float
) -> None:
    assert polls_of(progress_at, lasts)[-1] - lasts <= max(2.0, min(lasts / 10, 30.0))


@QUIET
@pytest.mark.parametrize(("lasts", "polls"), [(600, 57), (3600, 108), (7200, 142)])
def test_without_movement_polls_grow_with_the_root_of_the_duration(
    progress_at: Callable[[float], float | None], lasts: float, polls: int
) -> None:
    assert len(polls_of(progress_at, lasts)) <= polls


@pytest.mark.parametrize(
    ("age", "gap"), [(0, 2), (5, 2), (20, 2), (21, 2.1), (100, 10), (300, 24.495), (599, 30), (600, 34.64), (7200, 120)]
)
def test_the_quiet_gap_is_a_tenth_at_first_and_the_root_of_the_age_later(age: float, gap: float) -> None:
    assert quiet_gap(age) == pytest.approx(gap, abs=0.01)


def every(gap: float) -> Callable[[float], float]:
    return lambda _age: gap


# What the gap of a price costs, beside others without progress; durations are log-uniform from 10 s to 2 h.
OTHERS: dict[str, Callable[[float], float]] = {
    **{f"every {gap:g} s": every(gap) for gap in (2.0, 5.0, 10.0, 30.0, 60.0)},
    "a tenth up to 30 s": lambda age: min(max(age / 10, 2.0), 30.0),
    "a tenth up to 60 s": lambda age: min(max(age / 10, 2.0), 60.0),
    "a third up to 60 s": lambda age: min(max(age * 0.3, 1.0), 60.0),
    "half": lambda age: max(age / 2, 1.0),
}
DURATIONS = [10 * 720 ** ((index + 0.5) / 200) for index in range(200)]


def cost(gap: Callable[[float], float], price: float) -> float:
    total = 0.0
    for duration in DURATIONS:
        now, polls = 0.0, 1
        while now < duration:
            now += gap(now)
            polls += 1
        total += price * polls + now - duration
    return total / len(DURATIONS)


@pytest.mark.parametrize(("price", "most"), [(0.3, 1.105), (1.0, 1.1), (3.0, 1.135)])
def test_a_schedule_built_for_a_price_costs_hardly_more_than_the_best(price: float, most: float) -> None:
    """Measured: 1.101, 1.093 and 1.131 times the best, which is a fixed gap that fits this span of durations."""
    ours = cost(lambda age: age_gap(age, price), price)
    assert ours <= most * min(cost(gap, price) for gap in OTHERS.values())


def test_what_is_shipped_costs_less_than_a_tenth_up_to_30_s() -> None:
    """Promptness in the first ten minutes has a price: 1.28 times the best, where the tenth alone costs 1.41."""
    best = min(cost(gap, 1.0) for gap in OTHERS.values())
    assert cost(quiet_gap, 1.0) <= 1.29 * best
    assert cost(OTHERS["a tenth up to 30 s"], 1.0) >= 1.4 * best


def test_the_best_gap_is_that_of_the_inspection_problem() -> None:
    assert best_gap(1 / 7200, 1.0) == pytest.approx(120)
    assert best_gap(1 / 600, 1.0) == pytest.approx(34.64, abs=0.01)
    assert best_gap(0.5, 1.0) == pytest.approx(2.0)


LYING: dict[str, Callable[[float, float], float | None]] = {
    "back-loaded": lambda now, lasts: 100 * (now / lasts) ** 4,
    "stalls at 99 %": lambda now, lasts: min(99.0, 200 * now / lasts),
    "front-loaded": lambda now, lasts: 100 * (now / lasts) ** 0.25,
    "no relation": lambda now, _lasts: (now * 7919) % 90,
}


@pytest.mark.parametrize("shape", LYING)
@pytest.mark.parametrize("lasts", [60, 600, 7200])
def test_no_progress_can_make_a_gap_longer_than_the_age_allows(shape: str, lasts: float) -> None:
    moments = polls_of(lambda now: LYING[shape](now, lasts), lasts)
    for earlier, later in zip(moments, moments[1:]):
        assert later - earlier <= max(2.0, (2 * earlier) ** 0.5) + 1e-9
        assert earlier >= 600 or later - earlier <= 30.0


@pytest.mark.parametrize("share", [0.75, 0.8, 1.0, 1.25])
@pytest.mark.parametrize("progress", [True, False])
def test_two_hours_that_were_expected_take_at_most_60_polls(share: float, progress: bool) -> None:
    now, polls, track = 0.0, 1, Track(began=0.0)
    while now < 7200:
        track.note(now, running(now / 72 if progress else None))
        gap = track.gap(now, 7200 * share)
        assert gap <= 300
        now += gap
        polls += 1
    assert polls <= 60


@given(st.floats(0, 10**6), st.floats(0.01, 10**6))
def test_a_hint_never_makes_a_gap_longer_than_five_minutes_before_its_end(age: float, expected: float) -> None:
    gap = hinted_gap(age, expected)
    assert gap >= 2.0 or gap == pytest.approx(2.0)
    assert gap <= (300 if age < 1.25 * expected else longest_gap(age))


def test_two_hours_of_even_progress_take_at_most_130_polls() -> None:
    moments = polls_of(lambda now: now / 72, 7200)
    assert len(moments) <= 130
    assert moments[-1] - 7200 <= 10


def test_jitter_is_three_percent() -> None:
    assert JITTER == 0.03


@given(LOOKS)
def test_a_gap_is_never_shorter_than_1_s_nor_longer_than_the_age_allows(
    polls: list[tuple[float, float | None]],
) -> None:
    now, track = 0.0, Track(began=0.0)
    for pause, progress in polls:
        now += pause
        track.note(now, running(progress))
        assert 1.0 <= track.gap(now) <= longest_gap(now)
        remaining = track.remaining(now)
        assert remaining is None or remaining >= 0


@given(st.lists(st.tuples(st.floats(0.5, 500), st.sampled_from([None, 50.0])), min_size=1, max_size=20))
def test_without_movement_a_gap_is_never_shorter_than_2_s(polls: list[tuple[float, float | None]]) -> None:
    now, track = 0.0, Track(began=0.0)
    for pause, progress in polls:
        now += pause
        track.note(now, running(progress))
        assert track.gap(now) == quiet_gap(now)


@pytest.mark.parametrize(
    ("overdue", "gap"),
    [(-60, 16.73), (-10, 6), (-2, 1.2), (-1, 1), (0, 1), (1, 1), (5, 1), (20, 4), (150, 26.46), (9999, 142.82)],
)
def test_a_pace_counts_until_it_is_used_up_and_then_a_fifth_of_the_delay(overdue: float, gap: float) -> None:
    """Between two whole percents a task only seems to stand still."""
    track = Track(began=0.0)
    track.note(0, running(0))
    track.note(100, running(50))
    now = 200 + overdue
    track.note(now, running(50))
    assert track.gap(now) == pytest.approx(gap, abs=0.01)


def test_a_look_that_shows_another_whole_percent_is_a_change() -> None:
    track = Track(began=0.0)
    assert track.note(1, running(10.1)), "the first poll is news"
    assert not track.note(2, running(10.9))
    assert track.note(3, running(11.0))
    assert track.note(4, running(None)), "a percentage that went away is news"
    assert not track.note(5, running(None))


def test_another_state_is_a_change_even_at_the_same_percentage() -> None:
    track = Track(began=0.0)
    track.note(1, running(10))
    assert track.note(2, TaskStatus(id="1", state=State.SUCCEEDED, progress=10))


def test_the_moment_of_the_last_change_counts_tenths_of_a_percent_too() -> None:
    """A stall is no movement at all; a heartbeat line is about whole percents."""
    track = Track(began=0.0)
    track.note(1, running(10.1))
    track.note(5, running(10.2))
    assert track.changed_at == 5
    track.note(9, running(10.2))
    assert track.changed_at == 5


def test_a_pace_needs_two_looks_with_progress_in_between() -> None:
    track = Track(began=0.0)
    track.note(10, running(20))
    assert track.remaining(10) is None
    track.note(20, running(20))
    assert track.remaining(20) is None
    track.note(30, running(40))
    assert track.remaining(30) == pytest.approx(60)
    assert track.remaining(50) == pytest.approx(40), "the estimate runs down between looks"
    assert track.remaining(500) is None, "an estimate that has proved wrong is none"


def test_a_percentage_that_falls_back_starts_the_pace_anew() -> None:
    track = Track(began=0.0)
    track.note(0, running(50))
    track.note(10, running(90))
    track.note(20, running(5))
    assert track.remaining(20) is None
    assert track.gap(20) == 2.0
    track.note(30, running(10))
    assert track.remaining(30) == pytest.approx(180)
