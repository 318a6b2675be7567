# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of Foreman that others recorded, replayed: figures only, in answers of the same shape that are made here.

Source: theforeman.foreman, tests/test_playbooks/fixtures (4.3.0-dev): 59 files with 53 tasks that are polled, 90 polls.
Each course of state, result and progress that occurs there is one row.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import Played, by_path, play

# Progress of the polls before the end, then result and progress of the end
COURSES: tuple[tuple[tuple[float, ...], str, float], ...] = (
    ((), "success", 1.0),
    ((), "warning", 1.0),
    ((), "error", 0.9),
    ((0.0,), "success", 1.0),
    ((0.0, 0.0), "success", 1.0),
    ((0.07,), "success", 1.0),
    ((0.2778,), "success", 1.0),
    ((0.33,), "success", 1.0),
    ((0.35,), "success", 1.0),
    ((0.5,), "success", 1.0),
    ((0.64,), "success", 1.0),
    ((0.04, 0.5), "success", 1.0),
    ((0.5, 0.5, 0.5), "success", 1.0),
    ((0.04, 0.04, 0.04, 0.28), "success", 1.0),
    ((0.04, 0.04, 0.41, 0.54), "success", 1.0),
    ((0.83, 0.83, 0.83, 0.83), "success", 1.0),
)
# Foreman plans further steps while a task runs, and its share of what is done sinks then
SINKING = (0.07, 0.04, 0.04, 0.28, 0.28, 0.41, 0.52)
VERDICTS = {"success": "succeeded", "warning": "failed", "error": "failed"}
TASK_ID = "2d707625-1a2c-4285-9223-b4a2be709a8c"


class Progress(Observer):
    """The progress of each change that was told."""

    def __init__(self) -> None:
        self.told: list[float | None] = []

    def changed(self, snapshot: Snapshot) -> None:
        self.told += [status.progress for status in snapshot.statuses]


def answer(state: str, result: str, progress: float) -> dict[str, Any]:
    """An answer with the fields that all recorded ones have."""
    ended = state == "stopped"
    return {
        "id": TASK_ID,
        "label": "Actions::Sample",
        "pending": not ended,
        "action": "Sample",
        "username": "admin",
        "started_at": "2024-03-07 14:44:00 UTC",
        "ended_at": "2024-03-07 14:45:00 UTC" if ended else None,
        "state": state,
        "result": result,
        "progress": progress,
        "input": {},
        "output": {},
        "humanized": {
            "action": "Sample",
            "input": [],
            "output": "",
            "errors": ["No change"] if result in ("warning", "error") else [],
        },
        "cli_example": None,
    }


def replayed(before: tuple[float, ...], result: str, progress: float) -> tuple[Played, list[float | None]]:
    """Wait for a recorded task; return what came of it and the progress of each change that was told."""
    answers = [*(answer("running", "pending", each) for each in before), answer("stopped", result, progress)]
    seen = Progress()
    script = by_path({f"GET /foreman_tasks/api/tasks/{TASK_ID}": answers})
    options: dict[str, Any] = {"hostname": "192.0.2.1", "username": "admin", "password": "s3cret-password"}
    played = play(RestTask, script, **options, api="foreman_task", task_id=[TASK_ID], wait=True, observer=seen)
    return played, seen.told


@pytest.mark.parametrize(("before", "result", "progress"), [*COURSES, (SINKING, "success", 1.0)])
def test_the_recorded_end_is_the_verdict(before: tuple[float, ...], result: str, progress: float) -> None:
    played, told = replayed(before, result, progress)
    assert (played.task["state"], played.task["native_state"]) == (VERDICTS[result], result)
    assert played.result.payload["stats"]["polls"] == len(before) + 1
    assert played.task["progress"] == pytest.approx(100 * progress)
    # As it was recorded, no more and no less: a value that stood still is told once
    recorded = [100 * each for each in (*before, progress)]
    changes = [value for place, value in enumerate(recorded) if place == 0 or value != recorded[place - 1]]
    assert told == pytest.approx(changes, abs=0.05)  # told to a tenth


@pytest.mark.parametrize(("before", "result", "progress"), COURSES)
def test_progress_never_runs_backwards_where_that_of_the_system_did_not(
    before: tuple[float, ...], result: str, progress: float
) -> None:
    _played, told = replayed(before, result, progress)
    assert told == sorted(told, key=lambda value: value or 0.0)
