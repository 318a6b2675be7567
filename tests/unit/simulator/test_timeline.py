# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Movement of a task through simulated time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from taskwatch_simulator.timeline import LAST_RUNNING_PERCENT, Movement, expected_state, moment


def movement(**keys: Any) -> Movement:
    return Movement.model_validate(keys)


@pytest.mark.parametrize(
    ("keys", "age", "phase", "percent", "state"),
    [
        ({"duration": 10}, 0, "running", 0, "running"),
        ({"duration": 10}, 4, "running", 40, "running"),
        ({"duration": 10}, 9.99, "running", LAST_RUNNING_PERCENT, "running"),
        ({"duration": 10}, 10, "ended", 100, "succeeded"),
        ({"duration": 10, "begin": 5}, 4.9, "pending", 0, "pending"),
        ({"duration": 10, "begin": 5}, 10, "running", 50, "running"),
        ({"duration": 10, "begin": -5}, 0, "running", 50, "running"),
        ({"duration": 10, "end": "failed", "stops_at": 60}, 5, "running", 30, "running"),
        ({"duration": 10, "end": "failed", "stops_at": 60}, 10, "ended", 60, "failed"),
        ({"duration": 10, "end": "cancelled", "stops_at": 20}, 11, "ended", 20, "cancelled"),
        ({"duration": 10, "end": "never"}, 1e9, "running", LAST_RUNNING_PERCENT, "running"),
        ({"duration": 10, "stuck_at": 40}, 3, "running", 30, "running"),
        ({"duration": 10, "stuck_at": 40}, 1e9, "running", 40, "running"),
        ({"duration": 10, "progress": "milestones"}, 0.5, "running", 0, "running"),
        ({"duration": 10, "progress": "milestones"}, 9, "running", 50, "running"),
        ({"duration": 10, "progress": "stalling"}, 3, "running", 50, "running"),
        ({"duration": 10, "progress": "stalling"}, 8, "running", 50, "running"),
        ({"duration": 10, "progress": "stalling"}, 9, "running", 75, "running"),
        ({"duration": 10, "progress": "none"}, 9, "running", 0, "running"),
        ({"duration": 10, "progress": "none"}, 10, "ended", 100, "succeeded"),
        ({"duration": 10, "progress": [[2, 10], [4, 90]]}, 1, "running", 0, "running"),
        ({"duration": 10, "progress": [[2, 10], [4, 90]]}, 3, "running", 50, "running"),
        ({"duration": 10, "progress": [[2, 10], [4, 90]]}, 7, "running", 90, "running"),
    ],
)
def test_where_a_task_stands(keys: dict[str, Any], age: float, phase: str, percent: float, state: str) -> None:
    task = movement(**keys)
    where = moment(task, age)
    assert (where.phase, expected_state(task, where)) == (phase, state)
    assert where.percent == pytest.approx(percent)


@given(
    st.floats(0.1, 1e4),
    st.sampled_from(["even", "milestones", "stalling", "none"]),
    st.sampled_from(["succeeded", "failed", "cancelled", "never"]),
    st.lists(st.floats(0, 2e4), min_size=2, max_size=20),
)
def test_progress_never_goes_back(duration: float, progress: str, end: str, ages: list[float]) -> None:
    task = movement(duration=duration, progress=progress, end=end)
    seen = [moment(task, age).percent for age in sorted(ages)]
    assert all(later >= earlier for earlier, later in pairwise(seen))
    assert all(0 <= percent <= 100 for percent in seen)


@pytest.mark.parametrize(
    "keys", [{"duration": 0}, {"duration": float("nan")}, {"stops_at": 101}, {"end": "maybe"}, {"unknown": 1}]
)
def test_nonsense_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        movement(**keys)


def test_points_must_go_forward() -> None:
    with pytest.raises(ValidationError, match="ascending"):
        movement(progress=[[4, 10], [2, 90]])
