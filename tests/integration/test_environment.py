# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection and credentials from the environment, as a controller's credential sets them, blank fields included."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible, Tasks, play_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import MODES, MODULE, defaults_of, facts_of, label, simulated
from tests.support.stages import keep

EXHAUSTIVE = pytest.mark.exhaustive
each_module = pytest.mark.parametrize("module", MODULES, ids=label)
Results = Mapping[str, dict[str, Any]]


def variables_of(simulator: Simulator, **instead: str) -> dict[str, str]:
    """Return the environment of all systems' credentials; `instead` gives options other values."""
    found = {}
    for module in MODULES:
        for option, value in {**module.connection(simulator), **instead}.items():
            if option in module.environment:
                found[module.environment[option]] = str(value)
    return found


def blank() -> dict[str, str]:
    """Return every variable that any module reads, as a controller sets those of fields that were left blank."""
    names = {name for module in MODULES for name in module.environment.values()}
    return dict.fromkeys([*sorted(names), "X_AUTH_TOKEN", "PRISMASASE_TENANT_ID"], "")


@dataclass(frozen=True)
class Kind:
    """An environment, and plays in it by their names: keywords with which every one of `modules` checks once."""

    variables: Mapping[str, str]
    plays: Mapping[str, Mapping[str, Any]]
    modules: Sequence[Module] = MODULES


def kinds_of(simulator: Simulator) -> dict[str, Kind]:
    """Return every environment that this file plays in."""
    port = {"port": simulator.systems["prisma_sdwan"]["port"]}
    # The one option of a connection that has no variable
    ports = {"module_defaults": {"group/taskwatch.infra.prisma_sdwan": port}}
    options = {"module_defaults": defaults_of(simulator)}
    return {
        "set": Kind(variables_of(simulator), {"checks": ports}),
        "set for a module": Kind(variables_of(simulator), {"checks": {**ports, **MODES[MODULE]}}, MODULES[:1]),
        "set for modules": Kind(variables_of(simulator), {"checks": {**ports, **MODES[MODULE]}}, MODULES[1:]),
        "untrusted": Kind(variables_of(simulator, validate_certs="false", ca_path=""), {"checks": ports}),
        "blank": Kind(blank(), {"options": options, "nothing": {}}),
        "no trust": Kind(variables_of(simulator, ca_path="", validate_certs=""), {"checks": ports}),
        "overruled": Kind(variables_of(simulator, hostname="nowhere.invalid"), {"options": options}),
    }


def play(ansible: Ansible, kind: Kind, facts: Mapping[str, Any]) -> Results:
    """Play a kind in one process of ansible-playbook, and return the results by module and name of the play."""
    plays, names = [], []
    for name, keywords in kind.plays.items():
        tasks: Tasks = []
        for module in kind.modules:
            names.append(f"{module.name}_{name}")
            asked = module.ask(module.ids[0])
            tasks.append({"name": names[-1], module.fqcn: asked, "register": names[-1], "ignore_errors": True})
        plays.append(play_of(tasks, **keywords))
    results = ansible.folder / "results.json"
    plays.append(keep(results, {name: name for name in names}))
    finished = ansible.play(*plays, facts=facts, variables=kind.variables)
    assert results.is_file(), finished.output
    told: Results = json.loads(results.read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Results]]:
    """Plays a kind when it is first asked for."""
    with simulated() as simulator:
        kinds, facts = kinds_of(simulator), facts_of(simulator)
        yield cache(lambda name: play(Ansible(tmp_path_factory.mktemp("kind")), kinds[name], facts))


@pytest.mark.parametrize(
    ("module", "kind", "which"),
    [
        *((module, "set", "checks") for module in MODULES),
        (MODULES[0], "set for a module", "checks"),
        *((module, "blank", "options") for module in MODULES),
        *(pytest.param(module, "set for modules", "checks", marks=EXHAUSTIVE) for module in MODULES[1:]),
        *(pytest.param(module, "untrusted", "checks", marks=EXHAUSTIVE) for module in MODULES),
        *(pytest.param(module, "overruled", "options", marks=EXHAUSTIVE) for module in MODULES),
    ],
    ids=label,
)
def test_check_succeeds(played: Callable[[str], Results], kind: str, which: str, module: Module) -> None:
    """From the environment alone; from options beside blank variables; from options against other variables."""
    result = played(kind)[f"{module.name}_{which}"]
    assert result["state"] == "running", result
    assert not result["failed"]


@each_module
def test_blank_variable_turns_no_check_off(played: Callable[[str], Results], module: Module) -> None:
    """A blank VALIDATE_CERTS is no false, and a blank CA_PATH is no bundle."""
    assert played("no trust")[f"{module.name}_checks"]["error"]["type"] == "tls"


@each_module
def test_blank_variable_is_no_value(played: Callable[[str], Results], module: Module) -> None:
    """What is required and only there as a blank variable is missing, and named."""
    result = played("blank")[f"{module.name}_nothing"]
    assert result["failed"]
    needed = {"prisma_sdwan": module.secrets[:1], "rest": ("hostname", "REST_TASK_HOST")}
    wanted = needed.get(module.group, ("hostname", "username", "password"))
    assert all(option in result["msg"] for option in wanted), result["msg"]
