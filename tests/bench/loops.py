# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A loop of polls in one task, as a user measures it: the whole command, Ansible's own cost included."""

from __future__ import annotations

from . import subjects
from .polls import SCENARIO
from .results import LoopRow
from .rig import BenchError, Rig, Simulator, Tasks, median_cost

COUNT = 40
# The cheap ones are repeated; the others take a minute each
ROUNDS = {subjects.IDLE: 3, subjects.IN_PROCESS: 3, subjects.URI: 1, subjects.VMWARE_REST: 1}
LOOP = {"loop": list(range(COUNT)), "loop_control": {"label": "poll"}}


def _tasks(simulator: Simulator) -> dict[str, Tasks]:
    """Return what each subject plays; `uri` logs in before its loop and out after it."""
    return {
        subjects.IDLE: [{**task, **LOOP} for task in subjects.nothing(1)],
        subjects.IN_PROCESS: [{**task, **LOOP} for task in subjects.ours(simulator)],
        subjects.URI: subjects.uri(simulator, **LOOP),
        subjects.VMWARE_REST: subjects.vmware_rest(simulator, **LOOP),
    }


def measure(rig: Rig) -> list[LoopRow]:
    """Return a row for each subject."""
    rows: list[LoopRow] = []
    for subject, rounds in ROUNDS.items():
        # A simulator each: what is counted is one loop's
        with rig.simulator(SCENARIO) as simulator:
            tasks = _tasks(simulator)[subject]
            cost = median_cost([rig.play(tasks).cost for _round in range(rounds)])
            polls = sum(each["path"].endswith("/appliance/update") for each in simulator.requests("vcenter"))
            left = simulator.open_sessions("vcenter")
        if subject != subjects.IDLE and polls != COUNT * rounds:
            raise BenchError(f"a loop of {COUNT} by {subject} polled {polls} times in {rounds} rounds")
        rows.append(
            {
                "subject": subject,
                "polls": COUNT,
                "rounds": rounds,
                "wall": round(cost.wall, 2),
                "cpu": round(cost.cpu, 2),
                "left": left,
            }
        )
    return rows
