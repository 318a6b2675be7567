# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The adaptive schedule: arithmetic on moments, so no clock is needed."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import (
    CLOSING,
    JITTER,
    PRICE,
    SHIPPED,
    Schedule,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.track import Track
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import price

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
    assert coarse[-1] - lasts <= SHIPPED.longest_gap(lasts) / 2
    assert len(coarse) <= 1.3 * len(fine)


def test_a_gap_is_a_part_of_what_the_pace_leaves() -> None:
    moments = polls_of(lambda now: now / 40 * 100, 40)
    for earlier, later in zip(moments[1:], moments[2:]):
        expected = min(max((40 - earlier) * CLOSING, 1.0), SHIPPED.longest_gap(earlier))
        assert later - earlier == pytest.approx(expected)


QUIET = pytest.mark.parametrize("progress_at", [lambda _now: None, lambda _now: 50.0], ids=["none", "stuck"])


@QUIET
@pytest.mark.parametrize("lasts", [10, 60, 300, 600])
def test_a_task_of_up_to_ten_minutes_is_noticed_within_a_tenth_or_30_s(
    progress_at: Callable[[float], float | None], lasts: float
) -> None:
    assert polls_of(progress_at, lasts)[-1] - lasts <= max(2.0, min(lasts / 10, 30.0))


@given(st.floats(0, 600))
def test_up_to_ten_minutes_no_gap_is_longer_than_in_0_2(age: float) -> None:
    assert SHIPPED.quiet_gap(age) <= price.OTHERS["a tenth of the age, 2 to 30 s"](age)


@given(st.floats(10, 600))
def test_an_even_task_of_up_to_ten_minutes_is_noticed_within_three_seconds(lasts: float) -> None:
    assert polls_of(lambda now: math.floor(100 * now / lasts), lasts)[-1] - lasts <= 3


@QUIET
@pytest.mark.parametrize(("lasts", "polls"), [(600, 57), (3600, 108), (7200, 142)])
def test_without_movement_polls_grow_with_the_root_of_the_duration(
    progress_at: Callable[[float], float | None], lasts: float, polls: int
) -> None:
    assert len(polls_of(progress_at, lasts)) <= polls


@pytest.mark.parametrize(
    ("age", "gap"), [(0, 2), (5, 2), (20, 2), (21, 2.1), (100, 10), (300, 24.495), (659, 30), (660, 36.33), (7200, 120)]
)
def test_the_quiet_gap_is_a_tenth_at_first_and_the_root_of_the_age_later(age: float, gap: float) -> None:
    assert SHIPPED.quiet_gap(age) == pytest.approx(gap, abs=0.01)


@pytest.mark.parametrize("k", price.PRICES)
def test_a_schedule_built_for_a_price_costs_at_most_a_tenth_more_than_the_best(k: float) -> None:
    """Measured: 1.098, 1.081 and 1.050 times the cheapest of twelve schedules of others."""
    ours = price.cost(price.waits(price.moments_of(Schedule(k, prompt_age=0).quiet_gap)), k)
    assert ours <= 1.1 * min(price.cost(price.waits(price.moments_of(gap)), k) for gap in price.OTHERS.values())


def test_no_schedule_that_is_as_prompt_costs_noticeably_less_than_the_shipped_one() -> None:
    """Promptness in the first minutes excludes the cost of the formula alone."""
    shipped, formula = (
        price.cost(price.waits(price.moments_of(each.quiet_gap)), PRICE) for each in (SHIPPED, Schedule(prompt_age=0))
    )
    bounded = price.cost(price.waits(price.least(PRICE, SHIPPED.quiet_gap, points=100)), PRICE)
    assert 1.15 * formula <= bounded <= shipped <= 1.02 * bounded


@pytest.mark.parametrize("k", price.PRICES)
@given(age=st.floats(0, 10**6), percent=st.lists(st.integers(0, 100), max_size=5))
def test_no_gap_is_longer_than_the_formula_has_it_at_any_price(k: float, age: float, percent: list[int]) -> None:
    schedule = Schedule(k, prompt_age=0)
    track = Track(began=0.0, schedule=schedule)
    for number, progress in enumerate(percent, 1):
        track.note(age * number / len(percent), running(progress))
    assert track.gap(age) <= max(2.0, 2 * k, (2 * k * age) ** 0.5) + 1e-9


def test_the_best_gap_is_that_of_the_inspection_problem() -> None:
    assert Schedule(1.0).best_gap(1 / 7200) == pytest.approx(120)
    assert Schedule(1.0).best_gap(1 / 600) == pytest.approx(34.64, abs=0.01)
    assert Schedule(1.0).best_gap(0.5) == pytest.approx(2.0)


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
    gap = SHIPPED.hinted_gap(age, expected)
    assert gap >= 2.0 or gap == pytest.approx(2.0)
    assert gap <= (300 if age < 1.25 * expected else SHIPPED.longest_gap(age))


# A rounded percentage says 100 half a percent before the end.
@pytest.mark.parametrize(("shown", "most"), [(float, 130), (math.floor, 130), (round, 134)])
def test_two_hours_of_even_progress_take_at_most_130_polls(shown: Callable[[float], float], most: int) -> None:
    moments = polls_of(lambda now: shown(now / 72), 7200)
    assert len(moments) <= most
    assert moments[-1] - 7200 <= 10


def test_jitter_is_two_percent() -> None:
    assert JITTER == 0.02


def test_a_task_at_0_percent_need_not_be_noticed_soon() -> None:
    """By any pace it is far from its end; without a percentage, or at another one, it may be near."""
    assert SHIPPED.longest_gap(50) == 10.0
    for progress, gap in ((0.0, 10.0), (None, 5.0), (1.0, 5.0)):
        track = Track(began=0.0)
        track.note(0, running(progress))
        track.note(50, running(progress))
        assert track.gap(50) == gap


@pytest.mark.parametrize("shown", [math.floor, round])
@pytest.mark.parametrize("lasts", range(6600, 7801, 100))
def test_whole_percents_hide_the_end_for_no_longer_than_eleven_seconds(
    lasts: int, shown: Callable[[float], float]
) -> None:
    """One percent is more than a minute, so the moment at which the last one was reached counts."""
    assert polls_of(lambda now: shown(100 * now / lasts), lasts)[-1] - lasts <= 11


@given(LOOKS)
def test_a_gap_is_never_shorter_than_1_s_nor_longer_than_the_age_allows(
    polls: list[tuple[float, float | None]],
) -> None:
    now, track = 0.0, Track(began=0.0)
    for pause, progress in polls:
        now += pause
        track.note(now, running(progress))
        assert 1.0 <= track.gap(now) <= SHIPPED.longest_gap(now)
        remaining = track.remaining(now)
        assert remaining is None or remaining >= 0


@given(st.lists(st.tuples(st.floats(0.5, 500), st.sampled_from([None, 50.0])), min_size=1, max_size=20))
def test_without_movement_a_gap_is_never_shorter_than_2_s(polls: list[tuple[float, float | None]]) -> None:
    now, track = 0.0, Track(began=0.0)
    for pause, progress in polls:
        now += pause
        track.note(now, running(progress))
        assert track.gap(now) == SHIPPED.quiet_gap(now)


@pytest.mark.parametrize(
    ("overdue", "gap"),
    [(-60, 16.73), (-10, 5.2), (-2, 1), (-1, 1), (0, 1), (1, 1), (5, 1), (20, 4), (150, 26.46), (9999, 142.82)],
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
