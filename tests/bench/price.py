# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What schedules cost at a price of a poll: ours, those of others, and the least that is possible.

Pure arithmetic. Durations are log-uniform from 10 s to 2 h; the cost of a wait is its polls, each worth ``k`` seconds,
and its lateness.
"""

from __future__ import annotations

import math
import random
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Optional

from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import SHIPPED, Schedule
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.track import Track

from .results import PriceRow

SHORTEST, LONGEST = 10.0, 7200.0
SPAN = LONGEST / SHORTEST
# So many that no fixed gap is favoured by where its polls happen to fall
COUNT = 1000
DURATIONS = [SHORTEST * SPAN ** ((number + 0.5) / COUNT) for number in range(COUNT)]
PRICES = (0.3, 1.0, 3.0)
AGE_ONLY = "none"
BEST_POSSIBLE = "least possible"
AS_SHIPPED = "ours, as shipped"
Gap = Callable[[float], float]
# A task's progress at a moment, its duration, and a number of 0 to 1 that is the task's own
Shape = Callable[[float, float, float], Optional[float]]  # noqa: UP045 (make units imports it on Python 3.9)
SHAPES: dict[str, Shape] = {
    AGE_ONLY: lambda _now, _lasts, _own: None,
    "even": lambda now, lasts, _own: 100 * now / lasts,
    "back-loaded": lambda now, lasts, _own: 100 * (now / lasts) ** 4,
    "stalls at 99 %": lambda now, lasts, _own: min(99.0, 200 * now / lasts),
    "ends at random": lambda now, lasts, own: 100 * now / lasts * own,
}


def _every(seconds: float) -> Gap:
    return lambda _age: seconds


def _backoff(first: float, factor: float, most: float) -> Gap:
    """Gaps that grow with each poll, as a function of the age at which they begin."""
    moments, gap = [0.0], first
    while moments[-1] < 2 * LONGEST:
        moments.append(moments[-1] + min(gap, most))
        gap *= factor
    return lambda age: moments[bisect_right(moments, age + 1e-6)] - age


OTHERS: dict[str, Gap] = {
    **{f"every {seconds} s": _every(seconds) for seconds in (2, 5, 10, 30, 60)},
    "a tenth of the age, 2 to 30 s": lambda age: min(max(age / 10, 2.0), 30.0),
    "a tenth of the age, 2 to 60 s": lambda age: min(max(age / 10, 2.0), 60.0),
    "three tenths, 1 to 60 s": lambda age: min(max(age * 0.3, 1.0), 60.0),
    "half of the age": lambda age: max(age / 2, 1.0),
    "1 s, each 1.5 times as long, up to 20 s": _backoff(1, 1.5, 20),
    "1 s, doubled up to 30 s": _backoff(1, 2, 30),
    "1 s, doubled up to 60 s": _backoff(1, 2, 60),
}


def moments_of(gap: Gap) -> list[float]:
    """Return when a schedule that knows the age alone polls, up to the first poll past the longest duration."""
    moments = [0.0]
    while moments[-1] < LONGEST:
        moments.append(moments[-1] + gap(moments[-1]))
    return moments


def waits(moments: Sequence[float]) -> list[tuple[int, float]]:
    """Return polls and lateness for each duration."""
    last = [bisect_left(moments, lasts) for lasts in DURATIONS]
    return [(index + 1, moments[index] - lasts) for index, lasts in zip(last, DURATIONS)]  # noqa: B905 (Python 3.9)


def paced_waits(schedule: Schedule, shape: str) -> list[tuple[int, float]]:
    """Return the same for a schedule of ours, of tasks that show whole percents."""
    draw = random.Random(1)  # noqa: S311 (a schedule, not a secret)
    return [_paced_wait(schedule, SHAPES[shape], lasts, draw.random()) for lasts in DURATIONS]


def _paced_wait(schedule: Schedule, shape: Shape, lasts: float, own: float) -> tuple[int, float]:
    now, polls, track = 0.0, 1, Track(began=0.0, schedule=schedule)
    while now < lasts:
        progress = shape(now, lasts, own)
        shown = None if progress is None else math.floor(progress)
        track.note(now, TaskStatus("1", state=State.RUNNING, progress=shown))
        now += track.gap(now)
        polls += 1
    return polls, now - lasts


def cost(found: Sequence[tuple[int, float]], price: float) -> float:
    """Return what these waits cost on average."""
    return statistics.fmean(price * polls + late for polls, late in found)


def least(price: float, bound: Gap | None = None, points: int = 1000) -> list[float]:
    """Return the moments of the schedule that costs least of all, by dynamic programming from the last one back.

    It knows how durations are spread, which no one does. With ``bound`` no gap is longer than that at its age.
    """
    # As much denser at small ages as the best gaps are shorter there.
    roots = math.sqrt(SHORTEST), math.sqrt(LONGEST)
    grid = [0.0, *((roots[0] + (roots[1] - roots[0]) * step / (points - 1)) ** 2 for step in range(points))]
    if bound is not None:
        # With the moments at which a schedule polls that uses the bound up, which no bounded one can do without.
        grid = sorted({*grid, *(moment for moment in moments_of(bound) if moment < LONGEST)})
    ended = [math.log(max(moment, SHORTEST) / SHORTEST) / math.log(SPAN) for moment in grid]
    # The mean of the durations up to each moment, weighed by how many there are
    weighed = [(max(moment, SHORTEST) - SHORTEST) / math.log(SPAN) for moment in grid]
    value, following = [0.0] * len(grid), [0] * len(grid)
    for here in range(len(grid) - 2, -1, -1):
        limit = math.inf if bound is None else grid[here] + bound(grid[here])
        value[here], following[here] = min(
            (
                price * (1 - ended[here])
                + grid[there] * (ended[there] - ended[here])
                - (weighed[there] - weighed[here])
                + value[there],
                there,
            )
            for there in range(here + 1, len(grid))
            if there == here + 1 or grid[there] <= limit
        )
    place, moments = 0, [0.0]
    while place < len(grid) - 1:
        place = following[place]
        moments.append(grid[place])
    return moments


def curve(gap_of: Callable[[float], Sequence[float]], prices: Sequence[float]) -> list[tuple[float, float]]:
    """Return mean polls and mean lateness for each price."""
    return [_means(waits(gap_of(price))) for price in prices]


def _means(found: Sequence[tuple[int, float]]) -> tuple[float, float]:
    return statistics.fmean(polls for polls, _late in found), statistics.fmean(late for _polls, late in found)


def built_for(price: float) -> str:
    """Return what a row calls the formula alone at a price."""
    return f"ours, for k = {price:g}"


def measure() -> list[PriceRow]:
    """Return a row for each schedule and shape, and what each costs beside the cheapest of others."""
    others = {name: waits(moments_of(gap)) for name, gap in OTHERS.items()}
    best = {price: min(cost(found, price) for found in others.values()) for price in PRICES}

    def row(name: str, shape: str, found: Sequence[tuple[int, float]], prices: Sequence[float] = PRICES) -> PriceRow:
        polls, late = zip(*found)  # noqa: B905 (Python 3.9)
        return {
            "schedule": name,
            "progress": shape,
            "polls": round(statistics.fmean(polls), 1),
            "late": round(statistics.fmean(late), 1),
            "late_median": round(statistics.median(late), 1),
            "late_worst": round(max(late), 1),
            "ratios": {f"{price:g}": round(cost(found, price) / best[price], 3) for price in prices},
        }

    rows = [
        row(built_for(price), shape, paced_waits(Schedule(price, prompt_age=0), shape), [price])
        for price in PRICES
        for shape in SHAPES
    ]
    rows += [row(AS_SHIPPED, shape, paced_waits(SHIPPED, shape)) for shape in SHAPES]
    rows += [row(name, "any", found) for name, found in others.items()]
    rows += [row(f"{BEST_POSSIBLE}, k = {price:g}", AGE_ONLY, waits(least(price)), [price]) for price in PRICES]
    return rows
