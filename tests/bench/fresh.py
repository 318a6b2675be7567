# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's one entry in a process of its own: `python -m tests.bench.fresh NAME OPTIONS_FILE`.

Runs it several times and prints one JSON object: `wall` and `cpu`, the medians of a run in seconds, `peak`, the largest
size of the process during the first run in MB, `count` of the tasks returned and `requests`, both of the first run.
Exits with a sentence when a run is no success.
"""

from __future__ import annotations

import json
import re
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus

ROUNDS = 5
# Seconds after which no further round is worth its time
LONG_ENOUGH = 10.0
SYSTEMS: dict[str, type[System]] = {"jobs": CsvJob, "elements": ElementImageStatus}


def peak() -> float:
    """Return the largest resident size of this process, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not ru_maxrss: on Linux that also counts what the parent was when it started us.
        (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(encoding="ascii"), re.MULTILINE)
        return int(kibibytes) * 1024 / 1e6
    # Elsewhere; macOS counts bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def main() -> int:
    """Run, print and return the exit code."""
    system = SYSTEMS[sys.argv[1]]
    options = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    checked = ModuleArgumentSpecValidator(system.ARGUMENT_SPEC).validate(options)
    if checked.error_messages:
        sys.exit("; ".join(checked.error_messages))
    costs: list[tuple[float, float]] = []
    told: dict[str, Any] = {}
    began = time.monotonic()
    while len(costs) < ROUNDS and time.monotonic() - began < LONG_ENOUGH:
        moments = time.monotonic(), time.process_time()
        result = run(system, checked.validated_parameters)
        costs.append((time.monotonic() - moments[0], time.process_time() - moments[1]))
        if result.msg is not None:
            sys.exit(result.msg)
        told = told or {
            "peak": round(peak(), 1),
            "count": len(result.payload["tasks"]),
            "requests": result.payload["stats"]["requests"],
        }
    wall, cpu = (round(statistics.median(each), 3) for each in zip(*costs, strict=True))
    sys.stdout.write(json.dumps({**told, "wall": wall, "cpu": cpu}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
