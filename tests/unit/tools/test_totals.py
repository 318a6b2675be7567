# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last lines of a CI run: every run of pytest is counted, and a failure is said to be one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[3] / "tests/tools/totals.py"
LOG = """nox > Running session unit
.......                                                                  [100%]
7 passed in 1.50s
nox > Running session faults
1 failed, 3000 passed, 2 skipped, 5 deselected in 62.25s (0:01:02)
nox > Running session docs
Built in 3.00s
"""


def told(folder: Path, log: str, code: int) -> list[str]:
    file = folder / "log.txt"
    file.write_text(log, encoding="utf-8")
    done = subprocess.run([sys.executable, TOOL, file, str(code)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_run_is_listed_and_summed_up(tmp_path: Path) -> None:
    assert told(tmp_path, LOG, 1) == [
        "unit: 7 passed in 1.50s",
        "faults: 1 failed, 3000 passed, 2 skipped, 5 deselected in 62.25s (0:01:02)",
        "FAILED with exit code 1; pytest: 3007 passed, 1 failed, 2 skipped, 5 deselected in 63.75s",
    ]


def test_a_good_end_without_tests_says_that_nothing_was_run(tmp_path: Path) -> None:
    assert told(tmp_path, "", 0) == ["all gates passed; pytest: nothing was run in 0.00s"]
