# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait that ends well and one that is given up: what each asks of the system, and what it leaves behind."""

from __future__ import annotations

import time
from typing import Any

from . import subjects
from .results import WaitRow
from .rig import BenchError, Rig, Simulator, Tasks

# Seconds that the update takes, counted from just before the playbook is started
DURATION = 22.0
# Ansible's own default between the tries of `until`
DELAY = 5
WELL = "succeeded"
GIVEN_UP = "given up"
# Ansible's exit code when a host has failed
FAILED = 2
POLL_PATHS = {"/api/appliance/update", "/rest/appliance/update"}


def _tasks(simulator: Simulator, ends: str) -> dict[str, Tasks]:
    """Return how each subject waits: long enough for the update, or giving up after a few seconds."""
    patient = ends == WELL
    retries, delay = (100, DELAY) if patient else (2, 1)
    mine: dict[str, Any] = {"wait": True, "wait_timeout": 3600 if patient else 3}
    return {
        subjects.IN_PROCESS: subjects.ours(simulator, **mine),
        subjects.URI: subjects.uri(simulator, **subjects.until("json", retries, delay)),
        subjects.VMWARE_REST: subjects.vmware_rest(simulator, **subjects.until("value", retries, delay)),
    }


def measure(rig: Rig) -> list[WaitRow]:
    """Return a row for each subject and end."""
    rows = []
    for ends, duration in ((WELL, DURATION), (GIVEN_UP, 7200.0)):
        for subject in (subjects.IN_PROCESS, subjects.URI, subjects.VMWARE_REST):
            # A simulator each: what is counted is one wait's
            with rig.simulator({"vcenter": {}}) as simulator:
                rows.append(_wait(rig, simulator, subject, ends, duration))
    return rows


def _wait(rig: Rig, simulator: Simulator, subject: str, ends: str, duration: float) -> WaitRow:
    tasks = _tasks(simulator, ends)[subject]
    simulator.control("/tasks", {"system": "vcenter", "operation": "install", "duration": duration})
    over = time.monotonic() + duration
    cost = rig.play(tasks, expect=0 if ends == WELL else FAILED).cost
    late = time.monotonic() - over
    asked = simulator.requests("vcenter")
    if ends == WELL and late < 0:
        raise BenchError(f"the wait by {subject} ended {-late:.1f} s before its task")
    return {
        "subject": subject,
        "ends": ends,
        "wall": round(cost.wall, 2),
        "cpu": round(cost.cpu, 2),
        "late": round(late, 1) if ends == WELL else None,
        "polls": sum(each["path"] in POLL_PATHS for each in asked),
        "requests": len(asked),
        "logins": sum((each["method"], each["path"]) in subjects.LOGINS for each in asked),
        "left": simulator.open_sessions("vcenter"),
    }
