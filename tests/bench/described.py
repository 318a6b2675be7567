# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check by a vendor's module, and checks by descriptions. Each has a login, an answer and a logout over HTTPS."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from typing import Any

from taskwatch_simulator.identity import identity, write_ca
from tests.support.described import LXCA_TASK
from tests.support.rest_server import Asked, Told, serving

from . import subjects
from .results import PollRow
from .rig import COLLECTIONS, Rig

ROUNDS = 40
VENDORS, SHIPPED, OWN = "vendor", "shipped", "own"
LABELS = {
    VENDORS: "`taskwatch.infra.lxca_task_info`",
    SHIPPED: "`rest_task_info` with `api`",
    OWN: "`rest_task_info` with `description`",
}
SCENARIO: dict[str, Any] = {"lxca": {"tasks": [{"kind": "task", "id": "51", "duration": 7200, "end": "never"}]}}
_SESSIONS = "/redfish/v1/SessionService/Sessions"
_LOGIN = {"username": "netops", "password": "s3cret-password"}


def _redfish(asked: Asked) -> Told:
    """Answer as a Redfish service whose one task goes on."""
    if asked.method == "POST":
        return Told({}, 201, {"X-Auth-Token": "t1cket", "Location": f"{_SESSIONS}/1"})
    if asked.method == "DELETE":
        return Told(None, 204)
    return Told({"Id": "51", "Name": "Task 51", "TaskState": "Running", "PercentComplete": 40})


def measure(rig: Rig) -> list[PollRow]:
    """Return a row for each subject: medians of checks in forked processes, which take turns."""
    with rig.simulator(SCENARIO) as simulator, serving(_redfish, tls=identity().context) as redfish:
        lxca = {**subjects.options(simulator, "lxca"), "task_id": ["51"]}
        service = {**redfish.options, **_LOGIN, "ca_path": write_ca(rig.folder), "task_id": ["51"]}
        wanted = {
            VENDORS: ("lxca_task_info", lxca),
            SHIPPED: ("rest_task_info", {**service, "api": "redfish_task"}),
            OWN: ("rest_task_info", {**lxca, "description": LXCA_TASK}),
        }
        found = {"PYTHONPATH": str(COLLECTIONS)}
        command = (rig.python, "-m", "tests.bench.forked", rig.file("checks.json", wanted), str(ROUNDS))
        costs = json.loads(rig.run(*command, variables=found).output)
    return [_row(subject, costs[subject]) for subject in LABELS]


def _row(subject: str, costs: Sequence[tuple[float, float]]) -> PollRow:
    walls, cpus = zip(*costs, strict=True)
    return {
        "subject": subject,
        "polls": 1,
        "rounds": len(costs),
        "wall": round(statistics.median(walls), 4),
        "cpu": round(statistics.median(cpus), 4),
        "wall_all": [round(each, 4) for each in walls],
        "cpu_all": [round(each, 4) for each in cpus],
    }
