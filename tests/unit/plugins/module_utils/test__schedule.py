# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The adaptive schedule: arithmetic on moments, so no clock is needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import JITTER, Track, quiet_gap
from hypothesis import given
from hypothesis import strategies as st

PERCENT = st.one_of(st.none(), st.floats(0, 100).map(lambda value: round(value, 1)))
LOOKS = st.lists(st.tuples(st.floats(0.5, 500), PERCENT), min_size=1, max_size=20)


def running(progress: float | None) -> TaskStatus:
    return TaskStatus(id="1", state=State.RUNNING, progress=progress)


def looks_at(progress_at: Callable[[float], float | None], lasts: float) -> list[float]:
    """The moments at which a task that lasts so many seconds is looked at, the last one at or after its end."""
    now, moments, track = 0.0, [], Track(began=0.0)
    while True:
        moments.append(now)
        if now >= lasts:
            return moments
        track.note(now, running(progress_at(now)))
        now += track.gap(now)


def test_an_even_task_of_40_s_costs_about_nine_looks_and_is_noticed_within_a_second() -> None:
    moments = looks_at(lambda now: now / 40 * 100, 40)
    assert len(moments) <= 10
    assert moments[-1] - 40 <= 1.0


@pytest.mark.parametrize("lasts", [10, 17, 40, 60, 90, 300, 600, 1800, 3600, 7200])
def test_the_looks_close_in_on_the_end_of_an_even_task(lasts: float) -> None:
    moments = looks_at(lambda now: now / lasts * 100, lasts)
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert moments[-1] - lasts <= 1.0
    last_half = gaps[len(gaps) // 2 :]
    assert last_half == sorted(last_half, reverse=True), "each gap is at most as long as the one before"


@pytest.mark.parametrize("decimals", [0, 1])
@pytest.mark.parametrize("lasts", [40, 300, 1800, 7200])
def test_a_coarse_percentage_costs_hardly_more_and_is_hardly_later(lasts: float, decimals: int) -> None:
    fine = looks_at(lambda now: now / lasts * 100, lasts)
    coarse = looks_at(lambda now: round(now / lasts * 100, decimals), lasts)
    assert coarse[-1] - lasts <= 2.0
    assert len(coarse) <= 1.2 * len(fine)


def test_each_gap_of_an_even_task_halves_what_is_left() -> None:
    moments = looks_at(lambda now: now / 40 * 100, 40)
    # From the second look on there is a pace; until the least gap counts, half of the rest is slept.
    for earlier, later in zip(moments[1:], moments[2:]):
        assert later - earlier == pytest.approx(max((40 - earlier) / 2, 1.0))


@pytest.mark.parametrize("progress_at", [lambda _now: None, lambda _now: 50.0], ids=["none", "stuck"])
@pytest.mark.parametrize("lasts", [10, 60, 600, 3600, 7200])
def test_without_movement_the_end_is_noticed_within_a_tenth_or_30_s(
    progress_at: Callable[[float], float | None], lasts: float
) -> None:
    moments = looks_at(progress_at, lasts)
    assert moments[-1] - lasts <= max(2.0, min(lasts / 10, 30.0))


def test_without_movement_the_looks_grow_with_the_logarithm_until_the_longest_gap() -> None:
    """From 20 s to 300 s a factor of 15 takes log(15)/log(1.1), about 28 looks."""
    first, later = len(looks_at(lambda _now: None, 20)), len(looks_at(lambda _now: None, 300))
    assert first == 11
    assert 27 <= later - first <= 31


@pytest.mark.parametrize(
    ("elapsed", "gap"), [(0, 2), (5, 2), (20, 2), (21, 2.1), (100, 10), (300, 30), (301, 30), (100000, 30)]
)
def test_the_quiet_gap_is_a_tenth_between_2_and_30_s(elapsed: float, gap: float) -> None:
    assert quiet_gap(elapsed) == pytest.approx(gap)


def test_jitter_is_ten_percent() -> None:
    assert JITTER == 0.1


@given(LOOKS)
def test_a_gap_is_never_shorter_than_1_s_nor_longer_than_30_s(polls: list[tuple[float, float | None]]) -> None:
    now, track = 0.0, Track(began=0.0)
    for pause, progress in polls:
        now += pause
        track.note(now, running(progress))
        assert 1.0 <= track.gap(now) <= 30.0
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
    ("overdue", "gap"), [(-60, 30), (-10, 5), (-2, 1), (-1, 1), (0, 1), (1, 1), (5, 1), (20, 4), (150, 30), (9999, 30)]
)
def test_a_pace_counts_until_it_is_used_up_and_then_a_fifth_of_the_delay(overdue: float, gap: float) -> None:
    """Between two whole percents a task only seems to stand still."""
    track = Track(began=0.0)
    track.note(0, running(0))
    track.note(100, running(50))
    now = 200 + overdue
    track.note(now, running(50))
    assert track.gap(now) == pytest.approx(gap)


def test_a_look_that_shows_another_whole_percent_is_a_change() -> None:
    track = Track(began=0.0)
    assert track.note(1, running(10.1)), "the first look is news"
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
