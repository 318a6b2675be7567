# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one stage of the checks and say in one line how it went and how long it took.

Usage: stage.py NAME COMMAND [ARGUMENT ...]    run the command, note its line in .build/stages.txt
       stage.py --begin                        forget the lines of an earlier run
       stage.py --end                          print all lines and the total

Exits with the code of the command.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

NOTES = Path(".build/stages.txt")


def run(name: str, command: list[str]) -> int:
    """Run the command of a stage, its output passed through."""
    print(f"--- {name}", flush=True)
    started = time.monotonic()
    code = subprocess.run(command, check=False).returncode
    verdict = "ok    " if code == 0 else "FAILED"
    line = f"{verdict} {name:<42} {time.monotonic() - started:7.1f} s"
    print(line, flush=True)
    NOTES.parent.mkdir(exist_ok=True)
    with NOTES.open("a", encoding="utf-8") as notes:
        notes.write(line + "\n")
    return code


def summarize() -> None:
    """Print the lines of all stages since the beginning."""
    lines = NOTES.read_text(encoding="utf-8").splitlines()
    seconds = sum(float(line.split()[-2]) for line in lines)
    print("", *lines, f"all {len(lines)} stages passed in {seconds:.0f} s", sep="\n")


def main() -> int:
    """Do what the arguments ask and return the exit code."""
    if sys.argv[1] == "--begin":
        NOTES.unlink(missing_ok=True)
        return 0
    if sys.argv[1] == "--end":
        summarize()
        return 0
    return run(sys.argv[1], sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
