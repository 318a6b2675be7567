# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a hundred watched tasks cost: in one source, and in a hundred of them. The figures of the guide come from here.

Usage: python -m tests.eda.cost [SECONDS]

The simulator runs in this process and the sources in another one, so that only they are measured. SECONDS is how long
each of the two is watched, after the first poll.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from taskwatch_simulator.embedded import running
from taskwatch_simulator.scenario import parse
from tests.support.ansible import COLLECTIONS, ROOT
from tests.support.modules import BY_NAME

COUNT = 100
JOBS = [str(1000 + number) for number in range(COUNT)]
MODULE = BY_NAME["lxca_csv_job_info"]
TWO_HOURS = 7200
SECONDS = 60.0
CALIBRATION = 5.0


def scenario() -> str:
    """Return a scenario of bulk jobs that take two hours, as JSON, which is YAML."""
    tasks = [{"kind": "csv_job", "id": job, "duration": TWO_HOURS + number} for number, job in enumerate(JOBS)]
    return json.dumps({"description": "A hundred bulk jobs.", "lxca": {"tasks": tasks}})


def resident() -> float:
    """Return the memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu() -> float:
    """Return the seconds of CPU that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def sockets() -> int:
    """Return how many sockets this process has open."""
    return sum(each.is_socket() for each in Path("/proc/self/fd").iterdir())


async def follow(queue: asyncio.Queue[dict[str, Any]], seconds: float) -> dict[str, float]:
    """Take events from the queue for a while; return the CPU used, the events, and how late the loop was at worst."""
    events, began, used, late = 0, time.monotonic(), cpu(), 0.0
    while (left := began + seconds - time.monotonic()) > 0:
        asked, nap = time.monotonic(), min(left, 0.01)
        await asyncio.sleep(nap)
        late = max(late, time.monotonic() - asked - nap)
        while not queue.empty():
            queue.get_nowait()
            events += 1
    return {"cpu": cpu() - used, "events": events, "late": late}


async def watch(connection: dict[str, Any], sources: int, seconds: float) -> dict[str, float]:
    """Watch all jobs by so many sources, and measure it once each job was seen."""
    from ansible_collections.taskwatch.infra.extensions.eda.plugins.event_source.task_status import (  # noqa: PLC0415
        main,
    )

    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)
    idle = await follow(queue, CALIBRATION)
    before, share = resident(), COUNT // sources
    arguments = [
        {"module": MODULE.name, "options": {**connection, "job_id": JOBS[number * share : (number + 1) * share]}}
        for number in range(sources)
    ]
    open_before, first_cpu, first = sockets(), cpu(), time.monotonic()
    watches = [asyncio.create_task(main(queue, each)) for each in arguments]
    seen: set[str] = set()
    while len(seen) < COUNT:
        seen.add((await queue.get())["task"]["id"])
    first_look = {"first_look_s": time.monotonic() - first, "first_look_cpu_s": cpu() - first_cpu}
    spent = await follow(queue, seconds)
    figures = {
        **first_look,
        "memory_mib": resident() - before,
        # Without what it costs to measure
        "cpu_s": spent["cpu"] - idle["cpu"] * seconds / CALIBRATION,
        "events": spent["events"],
        "threads": threading.active_count() - 1,
        "sockets": sockets() - open_before,
        "loop_late_ms": spent["late"] * 1000,
        "loop_late_ms_without_sources": idle["late"] * 1000,
    }
    for each in watches:
        each.cancel()
    await asyncio.gather(*watches, return_exceptions=True)
    return figures


def child() -> None:
    """Read what to watch from standard input, and write the figures to standard output."""
    json.dump(asyncio.run(watch(**json.load(sys.stdin))), sys.stdout)


def measure(sources: int, seconds: float) -> dict[str, float]:
    """Watch a hundred jobs in a process of its own, and add what the simulator has seen of it."""
    with running(parse(scenario(), "cost")) as simulator:
        asked = {"connection": MODULE.connection(simulator), "sources": sources, "seconds": seconds}
        done = subprocess.run(
            [sys.executable, "-m", "tests.eda.cost", "--child"],
            input=json.dumps(asked),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{COLLECTIONS}{os.pathsep}{ROOT}"},
        )
        sent = simulator.requests()
        left = sum(len(sessions) for sessions in simulator.sessions().values())
    logins = sum((each["method"], each["path"]) in MODULE.login for each in sent)
    figures: dict[str, float] = json.loads(done.stdout)
    return {**figures, "logins": logins, "requests": len(sent), "sessions_left": left}


def report() -> None:
    """Print the figures of one source and of a hundred."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    for sources in (1, COUNT):
        figures = measure(sources, seconds)
        lines = [f"{sources} source(s), {COUNT} jobs, {seconds:g} s:"]
        lines += [f"  {name}: {value:.1f}" for name, value in figures.items()]
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    child() if "--child" in sys.argv else report()
