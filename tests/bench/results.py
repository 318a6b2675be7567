# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, as it stands in docs/docsite/benchmarks.json. Durations in seconds, memory in MB (10**6 bytes)."""

from __future__ import annotations

from typing import TypedDict


class Machine(TypedDict):
    """Where it was measured. `load` is the number of processes that wanted a core, over the minute before."""

    cores: int
    load: float
    python: str
    versions: dict[str, str]
    date: str


class ScheduleRow(TypedDict):
    """Waits for tasks of one duration and one shape of progress under one policy."""

    task: str
    seconds: float
    progress: str
    policy: str
    polls_median: float
    polls_worst: int
    late_median: float
    late_worst: float


class PriceRow(TypedDict):
    """Waits for tasks of log-uniform duration by one schedule.

    ``polls`` and ``late`` are means; ``ratios`` is the cost at each price over that of the cheapest of others.
    """

    schedule: str
    progress: str
    polls: float
    late: float
    late_median: float
    late_worst: float
    ratios: dict[str, float]


class PollRow(TypedDict):
    """One poll, net of Ansible's own start-up: medians over `rounds` playbooks of `polls` polls each."""

    subject: str
    polls: int
    rounds: int
    wall: float
    cpu: float
    wall_all: list[float]
    cpu_all: list[float]


class LoopRow(TypedDict):
    """A loop of polls in one task: medians of the whole command. ``left`` are sessions still open after all rounds."""

    subject: str
    polls: int
    rounds: int
    wall: float
    cpu: float
    left: int


class HostsRow(TypedDict):
    """One poll of each of many hosts: the whole command, and net of the same command that does nothing."""

    subject: str
    hosts: int
    forks: int
    wall: float
    cpu: float
    net_wall: float
    net_cpu: float


class WaitRow(TypedDict):
    """One wait. `late` counts from the task's end to the command's; `left` are sessions still open after it."""

    subject: str
    ends: str
    wall: float
    cpu: float
    late: float | None
    polls: int
    requests: int
    logins: int
    left: int


class ManyRow(TypedDict):
    """Many tasks in one poll. `requests` counts those of the whole poll, login and logout included."""

    what: str
    count: int
    wall: float
    cpu: float
    requests: int


class GrowthRow(ManyRow):
    """The same in a process of its own; `peak` is its largest resident size."""

    peak: float


class Line(TypedDict):
    """A line of a terminal, or of a job event, and the seconds since the command began."""

    at: float
    text: str


class LiveWait(TypedDict):
    """A wait on a terminal, watched from outside. `late` counts from the task's end to the line that says so."""

    seconds: float
    polls: int
    late: float
    lines: list[Line]


class RunnerWait(TypedDict):
    """The events of a wait under ansible-runner. `began` and `ended` bound the waiting task.

    `written` are the seconds at which each progress line's event file was there to be read.
    """

    command: str
    began: float
    ended: float
    progress: list[Line]
    written: list[float]


class Reach(TypedDict):
    """One number that was aimed at."""

    what: str
    limit: str
    measured: str
    reached: bool
    margin: str


class Results(TypedDict):
    """Everything."""

    machine: Machine
    schedule: list[ScheduleRow]
    price: list[PriceRow]
    polls: list[PollRow]
    loops: list[LoopRow]
    hosts: list[HostsRow]
    described: list[PollRow]
    waits: list[WaitRow]
    jobs: list[ManyRow]
    growth: list[GrowthRow]
    live: LiveWait
    runner: list[RunnerWait]
    reach: list[Reach]
