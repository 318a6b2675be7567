# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many polls a wait takes and how late it notices the end: the real waiter on a clock that only sleeps move."""

from __future__ import annotations

import math
import random
import statistics
from dataclasses import dataclass

from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult, State, Stats, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.board import Ids
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.policy import WaitPolicy, WaitSettings
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.waiter import Waiter

from taskwatch_simulator.timeline import Movement, moment

from .results import ScheduleRow

TASK = "1"
# Seconds that each request takes
ROUND_TRIP = 0.05
# Waits per cell; each has a jitter and a duration of its own
SEEDS = 25
# A task lasts this much longer or shorter than its cell says. Exact durations would be multiples of every fixed gap,
# whose last poll would then come at the very end.
SPREAD = 0.1
DURATIONS = {"10 s": 10.0, "40 s": 40.0, "2 min": 120.0, "10 min": 600.0, "30 min": 1800.0, "2 h": 7200.0}
# The simulator's shapes: milestones are 0, 50 and 100 %, stalling stands still at 50 % for half of the time.
WHOLE = "even, whole percents"
NONE = "none"
SHAPES = {"even": "even", WHOLE: "even", "milestones": "milestones", "stalling": "stalling", NONE: "none"}
# Seconds between polls; None is the adaptive schedule.
POLICIES: dict[str, float | None] = {
    "adaptive": None,
    "every 2 s": 2.0,
    "every 10 s": 10.0,
    "every 30 s": 30.0,
}


@dataclass(frozen=True)
class Outcome:
    """One wait: its polls, and the seconds from the task's end to the wait's."""

    polls: int
    late: float


class ScriptedTask:
    """A task that ends well after `duration` seconds of a clock of its own, and the poll at it."""

    def __init__(self, duration: float, shape: str) -> None:
        self.now = 0.0
        self._movement = Movement.model_validate({"duration": duration, "progress": SHAPES[shape]})
        self._shape = shape

    def clock(self) -> float:
        """Return the seconds since the task began."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def poll(self, _ids: Ids, _useful_until: float | None) -> PollResult:
        """Answer as a system would, after the time that a request takes."""
        self.now += ROUND_TRIP
        where = moment(self._movement, self.now)
        state = State.SUCCEEDED if where.phase == "ended" else State.RUNNING
        return PollResult({TASK: TaskStatus(TASK, state=state, progress=self._shown(where.percent))})

    def _shown(self, percent: float) -> float | None:
        if self._shape == NONE:
            return None
        return math.floor(percent) if self._shape == WHOLE else percent


def wait_for(duration: float, shape: str, gap: float | None, seed: int) -> Outcome:
    """Wait for a task that has just begun.

    Raises:
        RuntimeError: when the wait does not end with the task's success.
    """
    draw = random.Random(seed)  # noqa: S311 (a schedule, not a secret)
    lasts = duration * draw.uniform(1 - SPREAD, 1 + SPREAD)
    task, stats = ScriptedTask(lasts, shape), Stats()
    waiter = Waiter(task.poll, RunContext(Runtime(task.clock, task.sleep, draw.random), stats=stats))
    ending = waiter.wait([TASK], WaitPolicy(WaitSettings(2 * lasts, gap, 0, 0, 0)))
    if ending.error is not None or [status.state for status in ending.statuses] != [State.SUCCEEDED]:
        raise RuntimeError(f"a wait of {lasts:.0f} s with {shape} progress ended with {ending.error}")
    return Outcome(stats.polls, task.now - lasts)


def measure() -> list[ScheduleRow]:
    """Return a row for each duration, shape and policy."""
    rows: list[ScheduleRow] = []
    for label, duration in DURATIONS.items():
        for shape in SHAPES:
            for policy, gap in POLICIES.items():
                outcomes = [wait_for(duration, shape, gap, seed) for seed in range(SEEDS)]
                rows.append(
                    {
                        "task": label,
                        "seconds": duration,
                        "progress": shape,
                        "policy": policy,
                        "polls_median": statistics.median(each.polls for each in outcomes),
                        "polls_worst": max(each.polls for each in outcomes),
                        "late_median": round(statistics.median(each.late for each in outcomes), 2),
                        "late_worst": round(max(each.late for each in outcomes), 2),
                    }
                )
    return rows
