# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure everything, write the page of benchmarks with its numbers and its plot, and say what is reached.

Exits with 1 and a sentence when something measured did not do its job. A number that is not reached is printed and
written down; it does not make the benchmark fail, because it depends on the machine.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from types import FrameType
from typing import TypeVar

from . import live, many, page, plot, polls, reach, schedule, waits
from .results import Machine, Results
from .rig import ROOT, BenchError, Rig

FOLDER = ROOT / ".build/bench"
RAW = FOLDER / "results.json"
DOCS = ROOT / "docs/docsite"
PICTURE = DOCS / "rst/images/schedule.svg"
PAGE = DOCS / "rst/benchmarks.rst"
COPY = DOCS / "benchmarks.json"
PACKAGES = ("ansible-core", "ansible", "requests", "ansible-runner")
T = TypeVar("T")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def timed(what: str, measure: Callable[[], T]) -> T:
    """Measure, and say how long that took."""
    began = time.monotonic()
    result = measure()
    say(f"measured {what:<40} {time.monotonic() - began:6.1f} s")
    return result


def machine() -> Machine:
    """Return what the numbers depend on, and nothing that tells whose machine it is."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def measure_all() -> Results:
    """Measure everything, one thing at a time."""
    rig = Rig(FOLDER / "work")
    where = machine()
    rows = timed("the schedule, on a fake clock", schedule.measure)
    polled, first = timed("one poll, four ways", lambda: polls.measure(rig))
    hosts = timed("a poll of each of 100 hosts", lambda: polls.measure_hosts(rig))
    jobs = timed("300 and 1,000 jobs in one task", lambda: many.measure_jobs(rig))
    growth = timed("100 to 5,000 elements and jobs", lambda: many.measure_growth(rig))
    waited = timed("waits, three ways", lambda: waits.measure(rig))
    terminal = timed("a wait of 40 s on a terminal", lambda: live.record(rig))
    runner = timed("a wait under ansible-runner", lambda: live.record_runner(rig))
    return {
        "machine": where,
        "schedule": rows,
        "polls": polled,
        "first_poll": first,
        "hosts": hosts,
        "waits": waited,
        "jobs": jobs,
        "growth": growth,
        "live": terminal,
        "runner": runner,
        "reach": [
            *reach.judge_polls(polled),
            *reach.judge_hosts(hosts),
            *reach.judge_live(terminal),
            *reach.judge_many(jobs, growth),
            *reach.judge_waits(waited),
        ],
    }


def write(results: Results) -> None:
    """Write the raw numbers, the plot and the page."""
    raw = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    for path in (RAW, COPY):
        path.write_text(raw, encoding="utf-8")
    plot.draw(results["schedule"], PICTURE)
    PAGE.write_text(page.fill(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def end(_number: int, _frame: FrameType | None) -> None:
    """Turn SIGTERM into an ordinary exit, so that every simulator is stopped on the way out."""
    sys.exit(128 + signal.SIGTERM)


def main() -> int:
    """Measure, write, print and return the exit code."""
    signal.signal(signal.SIGTERM, end)
    began = time.monotonic()
    try:
        results = measure_all()
        write(results)
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    say("")
    for each in results["reach"]:
        say(reach.line(each))
    say(f"\n{PAGE.relative_to(ROOT)} is written after {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
