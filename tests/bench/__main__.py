# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure everything, write the page of benchmarks with its numbers and its plots, and say what is reached.

With names of measurements only these are measured anew, and the rest of the page stays: `python -m tests.bench price`.

Exits with 1 and a sentence when something measured did not do its job. A number that is not reached is printed and
written down; it does not make the benchmark fail, because it depends on the machine.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar, cast

from . import described, live, loops, many, page, plot, polls, price, reach, schedule, waits
from .results import Machine, Results
from .rig import ROOT, BenchError, Rig

FOLDER = ROOT / ".build/bench"
RAW = FOLDER / "results.json"
DOCS = ROOT / "docs/docsite"
PICTURE = DOCS / "rst/images/schedule.svg"
TRADE = DOCS / "rst/images/polls_and_lateness.svg"
PAGE = DOCS / "rst/benchmarks.rst"
COPY = DOCS / "benchmarks.json"
PACKAGES = ("ansible-core", "ansible", "requests", "ansible-runner")
PEER = "vmware.vmware_rest"
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
        "versions": {**{name: version(name) for name in PACKAGES}, PEER: collection_version(PEER)},
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def collection_version(name: str) -> str:
    """Return the version of a collection that came inside the package ansible."""
    manifest = Path(sysconfig.get_path("purelib"), "ansible_collections", *name.split("."), "MANIFEST.json")
    return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])


def measurements(rig: Rig) -> dict[str, tuple[str, Callable[[], object]]]:
    """Return what is measured: its key in the results, what it is called, and how."""
    return {
        "schedule": ("the schedule, on a fake clock", schedule.measure),
        "price": ("the price of schedules, by arithmetic", price.measure),
        "polls": ("one poll, four ways", lambda: polls.measure(rig)),
        "loops": ("a loop of 40 polls in one task", lambda: loops.measure(rig)),
        "hosts": ("a poll of each of 100 hosts", lambda: polls.measure_hosts(rig)),
        "described": ("a check by description", lambda: described.measure(rig)),
        "jobs": ("300 and 1,000 jobs in one task", lambda: many.measure_jobs(rig)),
        "growth": ("100 to 5,000 elements and jobs", lambda: many.measure_growth(rig)),
        "waits": ("waits, three ways", lambda: waits.measure(rig)),
        "live": ("a wait of 40 s on a terminal", lambda: live.record(rig)),
        "runner": ("a wait under ansible-runner", lambda: live.record_runner(rig)),
    }


def measure(wanted: Sequence[str]) -> Results:
    """Measure one thing at a time: everything, or what is wanted beside the figures of the page as it is.

    Raises:
        BenchError: when something wanted is not measured here.
    """
    known = measurements(Rig(FOLDER / "work"))
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise BenchError(f"{unknown[0]} is not measured; known are {', '.join(known)}")
    results: dict[str, Any] = json.loads(COPY.read_text(encoding="utf-8")) if wanted else {}
    if not wanted:
        results["machine"] = machine()
    for name in wanted or known:
        results[name] = timed(*known[name])
    found = cast(Results, results)
    found["reach"] = reach.judge(found)
    return found


def write(results: Results) -> None:
    """Write the raw numbers, the plot and the page."""
    raw = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    for path in (RAW, COPY):
        path.write_text(raw, encoding="utf-8")
    plot.draw(results["schedule"], PICTURE)
    plot.draw_trade(results["price"], TRADE)
    PAGE.write_text(page.fill(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def end(_number: int, _frame: FrameType | None) -> None:
    """Turn SIGTERM into an ordinary exit, so that every simulator is stopped on the way out."""
    sys.exit(128 + signal.SIGTERM)


def main() -> int:
    """Measure, write, print and return the exit code."""
    signal.signal(signal.SIGTERM, end)
    began = time.monotonic()
    try:
        results = measure(sys.argv[1:])
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
