# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests themselves put to the test: each mutant of our sources must be found."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.mutation import FOUND, hunt

ROOT = Path(__file__).parents[2]
# More scenarios than any mutant needs to be found, and fewer than the soak plays
SCENARIOS = 200
# Each mutant gets a process forked from one that has imported other people's libraries, and none of the plugins
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["ansible.plugins.action", "hypothesis", "lxml.etree", "pytest", "requests", "yaml"])


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_found(mutant: Mutant) -> None:
    how = ["pytest", mutant.tests] if mutant.tests else ["soak", str(SCENARIOS)]
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_hunt, args=(theirs, mutant.name, *how))
    process.start()
    theirs.close()
    code, line = ours.recv()
    process.join()
    print(f"{mutant.name}: {line}")  # noqa: T201 (what -rP shows)
    assert code == FOUND, line


def _hunt(end: Connection, *arguments: str) -> None:
    os.chdir(ROOT)
    end.send(hunt(*arguments))
