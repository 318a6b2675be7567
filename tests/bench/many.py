# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tasks in one poll: time and memory, and how both grow."""

from __future__ import annotations

import json
from typing import Any

from . import subjects
from .results import GrowthRow, ManyRow
from .rig import COLLECTIONS, BenchError, Cost, Rig, Simulator, median_cost

ROUNDS = 3
# Seconds before each answer, as of a system on the same continent
LATENCY = 0.02
JOBS = (300, 1000)
GROWTH = (100, 1000, 5000)
LONG = 7200
LOGIN_AND_LOGOUT = 2


def _job_scenario(count: int, latency: float) -> dict[str, Any]:
    tasks = [{"kind": "csv_job", "id": number, "duration": LONG} for number in range(1, count + 1)]
    return {"lxca": {"latency": latency, "tasks": tasks}}


def _job_options(simulator: Simulator, count: int) -> dict[str, Any]:
    return {**subjects.options(simulator, "lxca"), "job_id": [str(number) for number in range(1, count + 1)]}


def measure_jobs(rig: Rig) -> list[ManyRow]:
    """Return a row for each number of CSV jobs in one task of a playbook, net of Ansible's own start-up."""
    return [_jobs(rig, count) for count in JOBS]


def _jobs(rig: Rig, count: int) -> ManyRow:
    costs = []
    with rig.simulator(_job_scenario(count, LATENCY)) as simulator:
        task = {"taskwatch.infra.lxca_csv_job_info": _job_options(simulator, count)}
        for _round in range(ROUNDS):
            idle = rig.play(subjects.nothing(1)).cost
            busy = rig.play([task]).cost
            costs.append(Cost(busy.wall - idle.wall, busy.cpu - idle.cpu))
        requests = len(simulator.requests("lxca")) / ROUNDS
        left = simulator.open_sessions("lxca")
    if requests != count + LOGIN_AND_LOGOUT or left:
        raise BenchError(f"a poll of {count} jobs took {requests:g} requests and left {left} sessions")
    net = median_cost(costs)
    return {
        "what": "jobs",
        "count": count,
        "wall": round(net.wall, 2),
        "cpu": round(net.cpu, 2),
        "requests": int(requests),
    }


def measure_growth(rig: Rig) -> list[GrowthRow]:
    """Return a row for each number of elements and of CSV jobs, each run in a fresh process without Ansible."""
    rows = []
    for count in GROWTH:
        with rig.simulator({"prisma_sdwan": {"tasks": [{"count": count, "duration": LONG}]}}) as simulator:
            rows.append(_fresh(rig, "elements", count, subjects.options(simulator, "prisma_sdwan")))
    for count in GROWTH:
        with rig.simulator(_job_scenario(count, 0)) as simulator:
            rows.append(_fresh(rig, "jobs", count, _job_options(simulator, count)))
    return rows


def _fresh(rig: Rig, what: str, count: int, options: dict[str, Any]) -> GrowthRow:
    command = (rig.python, "-m", "tests.bench.fresh", what, rig.file(f"options-{what}-{count}.json", options))
    told = json.loads(rig.run(*command, variables={"PYTHONPATH": str(COLLECTIONS)}).output)
    if told["count"] != count:
        raise BenchError(f"a poll of {count} {what} returned {told['count']}")
    return {
        "what": what,
        "count": count,
        "wall": told["wall"],
        "cpu": told["cpu"],
        "peak": told["peak"],
        "requests": told["requests"],
    }
