# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks in processes forked from one that has its libraries, as Ansible's workers are: what each takes, in turns.

Reads a file with the options of each subject and prints the costs of each as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run


def check(module: str, options: dict[str, Any]) -> None:
    """Check once, from the options of a task to its result.

    Raises:
        RuntimeError: when that is no success.
    """
    system = SYSTEMS[module]
    checked = ModuleArgumentSpecValidator(system.ARGUMENT_SPEC).validate(options)
    result = run(system, checked.validated_parameters)
    if checked.error_messages or result.msg is not None:
        raise RuntimeError(f"{checked.error_messages} {result.msg}")


def cost_of(module: str, options: dict[str, Any]) -> tuple[float, float]:
    """Return wall and processor seconds of a check in a process of its own."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        check(module, options)
        os._exit(0)
    _pid, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"a check by {module} has failed")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def main(file: str, rounds: int) -> None:
    """Let the subjects take turns."""
    subjects: dict[str, tuple[str, dict[str, Any]]] = json.loads(Path(file).read_text(encoding="utf-8"))
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in subjects}
    for _round in range(rounds):
        for name, (module, options) in subjects.items():
            costs[name].append(cost_of(module, options))
    sys.stdout.write(f"{json.dumps(costs)}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
