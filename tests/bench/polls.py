# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one poll costs, and one poll of each of many hosts. Subjects take turns, so that all see the same machine."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import subjects
from .results import HostsRow, PollRow
from .rig import FORKS, Cost, Rig, Simulator, Tasks, median_cost

ROUNDS = 3
# Polls per playbook: enough that one of them stands out from Ansible's own start-up
POLLS = {subjects.IN_PROCESS: 40, subjects.MODULE: 6, subjects.URI: 6, subjects.VMWARE_REST: 6}
# Ours twice a round: it is the unit of all ratios, and the smallest
TURNS = (subjects.IN_PROCESS, subjects.MODULE, subjects.URI, subjects.IN_PROCESS, subjects.VMWARE_REST)
HOSTS = 100
FIRST = "first poll"
# An update that does not end while it is polled
SCENARIO: dict[str, Any] = {"vcenter": {"tasks": [{"operation": "install", "duration": 7200, "end": "never"}]}}


def _net(rig: Rig, tasks: Tasks, polls: int) -> Cost:
    """Return the cost of one poll: of a playbook of many, less that of as many tasks that do nothing."""
    idle = rig.play(subjects.nothing(len(tasks) * polls)).cost
    busy = rig.play(tasks * polls).cost
    return Cost((busy.wall - idle.wall) / polls, (busy.cpu - idle.cpu) / polls)


def _row(subject: str, polls: int, costs: Sequence[Cost]) -> PollRow:
    return {
        "subject": subject,
        "polls": polls,
        "rounds": len(costs),
        "wall": round(statistics.median(each.wall for each in costs), 4),
        "cpu": round(statistics.median(each.cpu for each in costs), 4),
        "wall_all": [round(each.wall, 4) for each in costs],
        "cpu_all": [round(each.cpu, 4) for each in costs],
    }


def measure(rig: Rig) -> list[PollRow]:
    """Return a row for each subject, and last one for a playbook whose only poll is ours: imports included."""
    costs: dict[str, list[Cost]] = {subject: [] for subject in subjects.POLLS}
    first: list[Cost] = []
    with rig.simulator(SCENARIO) as simulator:
        for _round in range(ROUNDS):
            for subject in TURNS:
                costs[subject].append(_net(rig, subjects.POLLS[subject](simulator), POLLS[subject]))
            first.append(_net(rig, subjects.ours(simulator), 1))
    rows = [_row(subject, POLLS[subject], costs[subject]) for subject in subjects.POLLS]
    return [*rows, _row(FIRST, 1, first)]


def _inventory(rig: Rig) -> Path:
    hosts: dict[str, Any] = {f"host{number:03}": {} for number in range(1, HOSTS + 1)}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return rig.file("hosts.yml", {"all": {"hosts": hosts, "vars": variables}})


def measure_hosts(rig: Rig) -> list[HostsRow]:
    """Return a row for us and one for `uri`, each around the other."""
    inventory = _inventory(rig)

    def play(tasks: Tasks) -> Cost:
        return rig.play(tasks, inventory, hosts="all").cost

    def both(simulator: Simulator) -> tuple[list[Cost], list[Cost]]:
        mine = [play(subjects.ours(simulator))]
        theirs = [play(subjects.uri(simulator))]
        return mine + [play(subjects.ours(simulator)) for _round in range(ROUNDS - 1)], theirs

    with rig.simulator(SCENARIO) as simulator:
        idle = {count: median_cost([play(subjects.nothing(count)) for _round in range(ROUNDS)]) for count in (1, 3)}
        mine, theirs = both(simulator)
    return [
        _hosts_row(subjects.IN_PROCESS, median_cost(mine), idle[1]),
        _hosts_row(subjects.URI, median_cost(theirs), idle[3]),
    ]


def _hosts_row(subject: str, whole: Cost, idle: Cost) -> HostsRow:
    return {
        "subject": subject,
        "hosts": HOSTS,
        "forks": FORKS,
        "wall": round(whole.wall, 2),
        "cpu": round(whole.cpu, 2),
        "net_wall": round(whole.wall - idle.wall, 2),
        "net_cpu": round(whole.cpu - idle.cpu, 2),
    }
