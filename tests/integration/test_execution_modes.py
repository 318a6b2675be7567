# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However a playbook runs a module, and in whichever execution mode: the same result to the key, and no secret told.

This is the one place that proves that both execution modes agree. `make test` goes every way with one module and both
modes with each, `make exhaustive` both modes to every end, and every other way with each that is not run as a module.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.ansible import Ansible
from tests.support.checks import OF_MODULES, without_moments
from tests.support.items import params_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import AT_ONCE, label, simulated

from ._modes import DIRECT, FAILURE, SHOWN, SUCCESS, WAYS, Compared, End, Way, compare, ends_of, play_ad_hoc

EXHAUSTIVE = pytest.mark.exhaustive
ITEMS = [
    pytest.param(module, way, end, marks=() if way.in_short(module, end) else EXHAUSTIVE)
    for module in MODULES
    for way in WAYS
    if way.is_taken_by(module)
    for end in way.ends(module)
]
each_way = pytest.mark.parametrize(("module", "way", "end"), ITEMS, ids=label)
every_way_of_a_module = pytest.mark.parametrize(
    "module", [pytest.param(m, id=m.name, marks=() if m.name == SHOWN else EXHAUSTIVE) for m in MODULES]
)
each_module = pytest.mark.parametrize("module", MODULES, ids=label)


def _wanted(request: pytest.FixtureRequest) -> dict[Module, set[tuple[str, str]]]:
    """Return the ways that the selected tests are about, by module; all are compared with those in-process."""
    wanted: dict[Module, set[tuple[str, str]]] = {}
    for item in request.session.items:
        params = params_of(item)
        if getattr(item, "module", None) is request.module and "module" in params:
            module = params["module"]
            ways = wanted.setdefault(module, {(DIRECT.name, end.name) for end in ends_of(module)})
            if "way" in params:
                ways.add((params["way"].name, params["end"].name))
    return wanted


@pytest.fixture(scope="module")
def all_compared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Compared]:
    """The selected ways of all modules, several modules side by side."""
    folder = tmp_path_factory.mktemp("modes")

    wanted = _wanted(request)

    def play(module: Module) -> Compared:
        home = folder / module.name
        home.mkdir()
        return compare(Ansible(home), module, wanted[module])

    # The first simulator makes the certificates of all, two at once would make two of them
    with simulated(), ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip([module.name for module in wanted], pool.map(play, wanted), strict=True))


@pytest.fixture
def compared(all_compared: dict[str, Compared], module: Module) -> Compared:
    """What came of the ways of one module."""
    return all_compared[module.name]


@each_way
def test_result_is_the_same_in_every_way(compared: Compared, way: Way, end: End) -> None:
    """Keys and values are those of the task in-process, but for what Ansible adds."""
    (direct,) = compared.results[DIRECT.name, end.name]
    results = compared.results[way.name, end.name]
    odd = way.added | OF_MODULES
    assert len(results) == len(way.keywords.get("loop", [None]))
    for result in results:
        shown = {key: value for key, value in result.items() if key not in odd}
        assert _as_called_by_address(without_moments(shown), way) == without_moments(
            {key: value for key, value in direct.items() if key not in odd}
        )


def _as_called_by_address(result: Any, way: Way) -> Any:
    """The result without the inventory's name of the system, which only a host of the inventory has."""
    text = json.dumps(result)
    called = re.compile(rf"{re.escape(way.host)} \(([^)]+)\)")
    assert way.host == "localhost" or not result.get("error") or called.search(text), text
    return json.loads(called.sub(r"\1", text))


@each_way
def test_end_is_the_one_expected(compared: Compared, way: Way, end: End) -> None:
    """So that not all ways agree on something else."""
    for result in compared.results[way.name, end.name]:
        assert result["failed"] == end.failed, result
        assert result["changed"] is False


@each_way
def test_mode_is_the_one_expected(compared: Compared, module: Module, way: Way, end: End) -> None:
    """A module that is run as such is packed and executed, which Ansible tells at -vvvv."""
    assert (f"AnsiballZ_{module.name}" in compared.told(way, end)) == (not way.in_process)


@each_way
def test_no_session_is_left(compared: Compared, way: Way, end: End) -> None:
    """In no way."""
    assert not any(compared.sessions[way.name, end.name].values())


@every_way_of_a_module
def test_invocation_is_the_same_in_both_modes(compared: Compared) -> None:
    """A loop leaves it in the result: all options with their defaults, and no secret."""
    ours, modules = (compared.results[name, FAILURE.name][0] for name in ("loop", "loop and environment"))
    assert ours["invocation"] == modules["invocation"]
    assert ours["invocation"]["module_args"]["wait"] is True


@each_module
def test_kinds_of_errors(compared: Compared, module: Module) -> None:
    """Each end in-process fails for its own reason."""
    kinds = {
        end.name: compared.results[DIRECT.name, end.name][0].get("error", "not even a payload")
        for end in ends_of(module)
    }
    told = {name: error["type"] if isinstance(error, dict) else error for name, error in kinds.items()}
    expected = {
        "success": None,
        "failure": "task_failed",
        "check": None,
        "timeout": "timeout",
        "login refused": "authentication",
        "option out of range": "bad_request",
        "option of no module": "bad_request",
        "no such task": module.unknown_error,
    }
    assert told == {name: expected[name] for name in told}


@every_way_of_a_module
def test_ad_hoc_command_returns_the_same(compared: Compared, module: Module, ansible: Ansible) -> None:
    """As `ansible localhost -m` prints it."""
    told = play_ad_hoc(ansible, module)
    head, _arrow, document = told.stdout.partition(" => ")
    assert head == "localhost | SUCCESS", told.output
    (direct,) = compared.results[DIRECT.name, SUCCESS.name]
    assert {**without_moments(json.loads(document)), "failed": False} == without_moments(direct)
    assert not [secret for secret in compared.secrets if secret in told.output]


@each_module
def test_no_secret_is_told(compared: Compared) -> None:
    """Not at -vvvv, in no mode, vaulted or not."""
    told = compared.finished.output + json.dumps(list(compared.results.values()))
    assert not [secret for secret in compared.secrets if secret in told]


@every_way_of_a_module
def test_no_log_hides_the_result(compared: Compared) -> None:
    """What is registered stays whole, what is printed is not."""
    (way,) = (way for way in WAYS if way.name == "no_log")
    assert "no_log" in compared.told(way, SUCCESS)
    assert '"tasks"' not in compared.told(way, SUCCESS)
    assert '"tasks"' in compared.told(DIRECT, SUCCESS)


@each_module
def test_no_traceback_is_shown(compared: Compared) -> None:
    """Whatever went wrong."""
    assert "Traceback (most recent call last)" not in compared.finished.output
