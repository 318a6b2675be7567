# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The soak itself put to the test: it must find every fault planted into a copy of our sources."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.plans import make_plan
from tests.faults.plants import PLANTS, SOURCES, Plant, planted
from tests.faults.soak import play
from tests.faults.truths import complaints

# More stories than any plant needs to be found, and fewer than the soak plays by default
STORIES = 600
FAITHFUL = 40


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_the_soak_finds_a_planted_fault(plant: Plant, tmp_path: Path) -> None:
    with planted(plant, tmp_path):
        for plan in filter(plant.such, map(make_plan, range(STORIES))):
            if found := complaints(play(plan)):
                print(f"found by seed {plan.seed}: {found[0]}")  # noqa: T201 (what -rP shows)
                return
    pytest.fail(f"{STORIES} stories did not show that {plant.name}")


@pytest.mark.parametrize("source", SOURCES)
def test_a_faithful_copy_has_no_fault(source: str, tmp_path: Path) -> None:
    with planted(Plant("nothing", source, ()), tmp_path):
        for seed in range(FAITHFUL):
            assert not complaints(play(make_plan(seed)))
