# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: the rehearsals of a file are played once, before its first test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import Case, Outcome, Rehearsal, label, rehearse, simulated

# Shows what differs when one of the shared checks fails
pytest.register_assert_rewrite("tests.support.checks")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test about cases one item per case and road, or one per case that took both roads.

    A class made by `classes_of` is about one module, any other one about all of them.
    """
    if "rehearsal" not in metafunc.fixturenames:
        return
    own: Module | None = getattr(metafunc.cls, "MODULE", None)
    cases = [(module, case) for module in ([own] if own else MODULES) for case in metafunc.module.cases(module)]
    values: list[tuple[object, ...]]
    if "outcome" in metafunc.fixturenames:
        names, values = "module road case", [(module, road, case) for module, case in cases for road in case.roads]
    elif "case_name" in metafunc.fixturenames:
        names, values = "module case_name", [(module, case.name) for module, case in cases if len(case.roads) > 1]
    else:
        names, values = "module", [(module,) for module in dict.fromkeys(module for module, _case in cases)]
    metafunc.parametrize(names.split(), values, ids=label)


@pytest.fixture(scope="module")
def played() -> dict[str, Rehearsal]:
    """The rehearsals of this file so far, by module."""
    return {}


@pytest.fixture
def rehearsal(
    request: pytest.FixtureRequest,
    played: dict[str, Rehearsal],
    module: Module,
    tmp_path_factory: pytest.TempPathFactory,
) -> Rehearsal:
    """All cases of this file and of one module, played before the first test that is about one of them."""
    if module.name not in played:
        folder = tmp_path_factory.mktemp(module.name)
        played[module.name] = rehearse(Ansible(folder), module, request.module.cases(module))
    return played[module.name]


@pytest.fixture
def outcome(rehearsal: Rehearsal, road: str, case: Case) -> Outcome:
    """What came of one case on one road."""
    return rehearsal.outcomes[road, case.name]


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible's commands, for tests that play something of their own."""
    return Ansible(tmp_path)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The simulator, with tasks that stand still."""
    with simulated() as served:
        yield served
