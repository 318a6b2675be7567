# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However a playbook runs a module, and wherever that happens: the same result to the key, and no secret told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.ansible import Ansible
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import AT_ONCE, label, simulated

from ._roads import DIRECT, FAILURE, ROADS, SUCCESS, End, Road, Travelled, ends_of, settled, travel

WAYS = [(module, road, end) for module in MODULES for road in ROADS for end in road.ends(module)]
each_way = pytest.mark.parametrize(("module", "road", "end"), WAYS, ids=label)
each_module = pytest.mark.parametrize("module", MODULES, ids=label)


@pytest.fixture(scope="module")
def all_travelled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Travelled]:
    """All roads of all modules, several modules side by side."""
    folder = tmp_path_factory.mktemp("roads")

    def play(module: Module) -> Travelled:
        home = folder / module.name
        home.mkdir()
        return travel(Ansible(home), module)

    # The first simulator makes the certificates of all, two at once would make two of them
    with simulated(), ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip([module.name for module in MODULES], pool.map(play, MODULES), strict=True))


@pytest.fixture
def travelled(all_travelled: dict[str, Travelled], module: Module) -> Travelled:
    """What came of the roads of one module."""
    return all_travelled[module.name]


@each_way
def test_result_is_the_same_on_every_road(travelled: Travelled, road: Road, end: End) -> None:
    """Keys and values are those of the straight road, but for what Ansible adds."""
    (straight,) = travelled.results[DIRECT.name, end.name]
    results = travelled.results[road.name, end.name]
    assert len(results) == len(road.keywords.get("loop", [None]))
    for result in results:
        assert settled({key: value for key, value in result.items() if key not in road.added}) == settled(straight)


@each_way
def test_end_is_the_one_expected(travelled: Travelled, road: Road, end: End) -> None:
    """So that not all roads agree on something else."""
    for result in travelled.results[road.name, end.name]:
        assert result["failed"] == end.failed, result
        assert result["changed"] is False


@each_way
def test_road_is_the_one_expected(travelled: Travelled, module: Module, road: Road, end: End) -> None:
    """A module that is run as such is packed and executed, which Ansible tells at -vvvv."""
    assert (f"AnsiballZ_{module.name}" in travelled.told(road, end)) == (not road.in_process)


@each_way
def test_no_session_is_left(travelled: Travelled, road: Road, end: End) -> None:
    """On no road."""
    assert not any(travelled.sessions[road.name, end.name].values())


@each_module
def test_invocation_is_the_same_on_both_roads(travelled: Travelled) -> None:
    """A loop leaves it in the result: all options with their defaults, and no secret."""
    ours, modules = (travelled.results[name, FAILURE.name][0] for name in ("loop", "loop and environment"))
    assert ours["invocation"] == modules["invocation"]
    assert ours["invocation"]["module_args"]["wait"] is True


@each_module
def test_kinds_of_errors(travelled: Travelled, module: Module) -> None:
    """Each end of the straight road fails for its own reason."""
    kinds = {
        end.name: travelled.results[DIRECT.name, end.name][0].get("error", "not even a payload")
        for end in ends_of(module)
    }
    told = {name: error["type"] if isinstance(error, dict) else error for name, error in kinds.items()}
    expected = {
        "success": None,
        "failure": "task_failed",
        "look": None,
        "timeout": "timeout",
        "login refused": "authentication",
        "option out of range": "bad_request",
        "option of no module": "not even a payload",
        "no such task": module.unknown_error,
    }
    assert told == {name: expected[name] for name in told}


@each_module
def test_ad_hoc_command_returns_the_same(travelled: Travelled) -> None:
    """As `ansible localhost -m` prints it."""
    head, _arrow, document = travelled.ad_hoc.stdout.partition(" => ")
    assert head == "localhost | SUCCESS", travelled.ad_hoc.output
    (straight,) = travelled.results[DIRECT.name, SUCCESS.name]
    assert {**settled(json.loads(document)), "failed": False} == settled(straight)


@each_module
def test_no_secret_is_told(travelled: Travelled) -> None:
    """Not at -vvvv, on no road, vaulted or not."""
    told = travelled.finished.output + travelled.ad_hoc.output + json.dumps(list(travelled.results.values()))
    assert not [secret for secret in travelled.secrets if secret in told]


@each_module
def test_no_log_hides_the_result(travelled: Travelled) -> None:
    """What is registered stays whole, what is printed is not."""
    (road,) = (road for road in ROADS if road.name == "no_log")
    assert "no_log" in travelled.told(road, SUCCESS)
    assert '"tasks"' not in travelled.told(road, SUCCESS)
    assert '"tasks"' in travelled.told(DIRECT, SUCCESS)


@each_module
def test_nobody_sees_a_traceback(travelled: Travelled) -> None:
    """Whatever went wrong."""
    assert "Traceback (most recent call last)" not in travelled.finished.output
