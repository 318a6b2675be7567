# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: the rehearsals of a file are played once, before its first test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.compat import NOTSET
from _pytest.mark import ParameterSet

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible
from tests.support.items import params_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import MODES, Case, Outcome, Rehearsal, label, rehearse, simulated

EXHAUSTIVE = pytest.mark.exhaustive
# What pyproject.toml asks for
NOT_EXHAUSTIVE = "not exhaustive"
# Shows what differs when one of the shared checks fails
pytest.register_assert_rewrite("tests.support.checks")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test about cases one item per case and execution mode, or one per case that is played in both modes.

    A class made by `classes_of` is about one module, any other one about all of them.
    """
    if "rehearsal" not in metafunc.fixturenames:
        return
    own: Module | None = getattr(metafunc.cls, "MODULE", None)
    cases = [(module, case) for module in ([own] if own else MODULES) for case in metafunc.module.cases(module)]
    values: list[ParameterSet]
    if "outcome" in metafunc.fixturenames:
        names = "module mode case"
        values = [
            pytest.param(module, mode, case, marks=() if mode in case.modes else EXHAUSTIVE)
            for module, case in cases
            for mode in (*case.modes, *case.more_modes)
        ]
    elif "case_name" in metafunc.fixturenames:
        names = "module case_name"
        values = [
            pytest.param(module, case.name, marks=() if len(case.modes) > 1 else EXHAUSTIVE)
            for module, case in cases
            if len((*case.modes, *case.more_modes)) > 1
        ]
    else:
        names, values = "module", []
        for module in dict.fromkeys(module for module, _case in cases):
            values.append(pytest.param(module, id=module.name))
            if any(case.more_modes for each, case in cases if each is module):
                values.append(pytest.param(module, id=f"{module.name}-exhaustive", marks=EXHAUSTIVE))
    if metafunc.config.option.markexpr == NOT_EXHAUSTIVE:  # making thousands of items to leave them out takes long
        values = [value for value in values if EXHAUSTIVE not in value.marks]
    metafunc.parametrize(names.split(), values, ids=label)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the items that could not fail: those whose check says that it does not apply to the case."""
    items[:] = [item for item in items if _applies(item)]


def _applies(item: pytest.Item) -> bool:
    if NOTSET in params_of(item).values():  # a parametrization without any value
        return False
    applies = getattr(getattr(item, "function", None), "applies", None)
    return applies is None or bool(applies(*(params_of(item)[name] for name in ("module", "mode", "case"))))


def _wanted(request: pytest.FixtureRequest, module: Module) -> set[tuple[str, str]]:
    """Return the cases of a module that the selected tests of a file are about, each with its execution mode."""
    wanted = set()
    for item in request.session.items:
        params = params_of(item)
        if getattr(item, "module", None) is request.module and params.get("module") is module:
            if "case" in params:
                wanted.add((params["mode"], params["case"].name))
            elif "case_name" in params:
                wanted |= {(mode, params["case_name"]) for mode in MODES}
    return wanted


@pytest.fixture(scope="module")
def played() -> dict[str, Rehearsal | Exception]:
    """The rehearsals of this file so far, by module; what broke one off, so that it is not played for each item."""
    return {}


@pytest.fixture
def rehearsal(
    request: pytest.FixtureRequest,
    played: dict[str, Rehearsal | Exception],
    module: Module,
    tmp_path_factory: pytest.TempPathFactory,
) -> Rehearsal:
    """The selected cases of this file and of one module, played before the first test that is about one of them."""
    if module.name not in played:
        folder = tmp_path_factory.mktemp(module.name)
        cases, wanted = request.module.cases(module), _wanted(request, module)
        try:
            played[module.name] = rehearse(Ansible(folder), module, cases, wanted)
        except Exception as error:
            played[module.name] = error
            raise
    found = played[module.name]
    if isinstance(found, Exception):
        pytest.fail(f"the rehearsal was broken off: {type(found).__name__}")
    return found


@pytest.fixture
def outcome(rehearsal: Rehearsal, mode: str, case: Case) -> Outcome:
    """What came of one case in one execution mode."""
    return rehearsal.outcomes[mode, case.name]


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible's commands, for tests that play something of their own."""
    return Ansible(tmp_path)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The simulator, with tasks that stand still."""
    with simulated() as served:
        yield served
