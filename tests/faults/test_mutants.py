# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests themselves put to the test: each mutant of our sources must be found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.mutation import FOUND

ROOT = Path(__file__).parents[2]
# More scenarios than any mutant needs to be found, and fewer than the soak plays
SCENARIOS = 200


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_found(mutant: Mutant) -> None:
    how = ["pytest", mutant.tests] if mutant.tests else ["soak", str(SCENARIOS)]
    command = [sys.executable, "-m", "tests.faults.mutation", mutant.name, *how]
    paths = [*map(str, (ROOT, ROOT / "simulator", ROOT / ".build/collections")), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    print(f"{mutant.name}: {done.stdout.strip()}")  # noqa: T201 (what -rP shows)
    assert done.returncode == FOUND, done.stdout + done.stderr
