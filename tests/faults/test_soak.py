# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The soak: random scenarios on a fake clock. A run fails when it ends otherwise than the scenario did.

`make test` plays 300 scenarios, `make exhaustive` thousands of others. Settings from the environment:
`TASKWATCH_SOAK_RUNS` is how many of the others are played, and `TASKWATCH_SOAK_SEED` plays the scenario of that seed
alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from _pytest.mark import ParameterSet

from tests.faults.invariants import complaints
from tests.faults.plans import Plan, make_described_plan, make_plan
from tests.faults.soak import Run, play

RUNS = 300
DESCRIBED_RUNS = 100
MORE_RUNS = int(os.environ.get("TASKWATCH_SOAK_RUNS", "2000"))
REPLAYED = os.environ.get("TASKWATCH_SOAK_SEED")
CHUNK = 50
# A chunk whose scenarios all end alike would show little.
LEAST_ENDS = 5


def _chunks() -> Iterator[ParameterSet]:
    if REPLAYED is not None:
        yield pytest.param([int(REPLAYED)], id=REPLAYED)
        return
    for begin in range(0, RUNS + MORE_RUNS, CHUNK):
        marks = () if begin < RUNS else pytest.mark.exhaustive
        yield pytest.param(range(begin, begin + CHUNK), id=f"{begin}-{begin + CHUNK - 1}", marks=marks)


@pytest.mark.parametrize("seeds", list(_chunks()))
def test_random_scenarios_end_as_they_were(seeds: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> None:
    _play_all(seeds, make_plan, monkeypatch)


@pytest.mark.parametrize("begin", range(0, DESCRIBED_RUNS, CHUNK))
def test_described_apis_live_through_the_same(begin: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _play_all(range(begin, begin + CHUNK), make_described_plan, monkeypatch)


def _play_all(seeds: Sequence[int], plan_of: Callable[[int], Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)
    ends: Counter[str] = Counter()
    for seed in seeds:
        run = play(plan_of(seed))
        found = complaints(run)
        assert not found, "\n".join([*found, *protocol_of(run), f"replay: TASKWATCH_SOAK_SEED={seed}"])
        error = run.result.payload["error"]
        ends[error["type"] if error else "ok"] += 1
    assert len(ends) >= min(LEAST_ENDS, len(seeds)), ends


def protocol_of(run: Run) -> list[str]:
    """Return what happened in a run, its last polls in full."""
    plan = run.plan
    lines = [
        f"seed {plan.seed}: {plan.subject.name} {plan.options}",
        f"tasks end at {plan.work.ends}: {plan.work.system}",
        f"outages {plan.outages}, glitch {plan.glitch}, sessions dropped at {plan.drops}",
    ]
    for number, poll in list(enumerate(run.polls))[-12:]:
        errors = [(error.kind.value, error.http_status, error.task_ids, error.retry_after) for error in poll.errors]
        lines.append(f"poll {number} at {poll.began:.2f}-{poll.ended:.2f} {poll.asked}: {poll.statuses} {errors}")
        lines += [
            f"    {each.sent:.2f}-{each.settled:.2f} {each.role} {each.status} {each.label}" for each in poll.attempts
        ]
    return [*lines, f"ended at {run.ended:.2f}: {run.result.msg}"]
