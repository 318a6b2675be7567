# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cases that are played, not copied: each in its own rehearsal, in either execution mode, by real ansible-playbook."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator

from .ansible import Ansible
from .module_calls import module_calls
from .modules import COLLECTION, MODULES, Module
from .stages import Act, Scene, play_acts, scenario_of

IN_PROCESS, MODULE = BOTH = ("in_process", "module")
# The keywords of a task that bring the execution modes about: any environment for the task asks for a module
MODES: Mapping[str, Mapping[str, Any]] = {IN_PROCESS: {}, MODULE: {"environment": {"TASKWATCH_TEST": "module"}}}
SPEED = 30
# Playbooks at a time in one test process, where a test starts several; most of their time is spent waiting
AT_ONCE = 3


@dataclass(frozen=True)
class Case:
    """One task: `options` beyond the connection (None takes one of those away), in a `scenario` with `faults`.

    `expected` maps paths into the result, such as ``error.type``, to values; `says` are texts that the message must
    hold. `logins` counts what the simulator must have seen, None where a test judges itself. It is played in the
    execution modes `modes`, and by `make exhaustive` in those of `more_modes`; starting a module is what costs time,
    so that those are called without a playbook.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    scenario: str = "halfway"
    faults: tuple[Mapping[str, Any], ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    logins: int | None = 1
    modes: tuple[str, ...] = (IN_PROCESS,)
    more_modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the registered result, and the simulator's log and open sessions right after it."""

    result: dict[str, Any]
    requests: list[dict[str, Any]]
    sessions: dict[str, list[Any]]

    def asked(self) -> list[tuple[str, str]]:
        """Return method and path of each request, in order."""
        return [(each["method"], each["path"]) for each in self.requests]


@dataclass(frozen=True)
class Rehearsal:
    """Outcomes of one module, by execution mode and case, and all that was printed on the way."""

    outcomes: Mapping[tuple[str, str], Outcome]
    output: str
    secrets: list[str]


def in_turn_of(module: Module, shared: Iterable[Case]) -> list[Case]:
    """Return cases that every module shares: each is played in-process by one of them, and by all in the longer run."""
    turn = MODULES.index(module)
    return [
        replace(case, more_modes=(MODULE,))
        if index % len(MODULES) == turn
        else replace(case, modes=(), more_modes=BOTH)
        for index, case in enumerate(shared)
    ]


def at(result: Any, path: str) -> Any:
    """Return what lies at a dotted path of a result; numbers index lists."""
    for part in path.split("."):
        result = result[int(part)] if isinstance(result, list) else result[part]
    return result


def options_of(case: Case, connection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a case with those of the connection."""
    return {name: value for name, value in {**connection, **case.options}.items() if value is not None}


def act_of(module: Module, case: Case, connection: Iterable[str], key: str) -> Act:
    """Return the act that plays a case."""
    options = options_of(case, {name: f"{{{{ login.{name} }}}}" for name in connection})
    task = {"name": case.name, module.fqcn: options, "register": f"result_{key}", "ignore_errors": True}
    return Act(key, [{**task, **case.keywords}], case.scenario, case.faults)


def rehearse(ansible: Ansible, module: Module, cases: Iterable[Case], wanted: Container[tuple[str, str]]) -> Rehearsal:
    """Play cases of one module: in one process of ansible-playbook, and by calls what more is wanted as a module.

    `wanted` names those to play, as execution mode and name of the case.
    """
    cases = list(cases)
    with embedded.running("slow", speed=SPEED) as simulator:
        connection = module.connection(simulator)
        scenes, called = [], []
        keys: dict[tuple[str, str], str] = {}
        for mode, keywords in MODES.items():
            acts = []
            for case in (each for each in cases if (mode, each.name) in wanted):
                if mode == MODULE and mode not in case.modes:
                    called.append(case)
                else:
                    key = keys[mode, case.name] = f"{mode}_{len(keys)}"
                    acts.append(act_of(module, case, connection, key))
            scenes.append(Scene(tuple(acts), keywords))
        outcomes, output = {}, ""
        if keys:
            played = play_acts(ansible, simulator, scenes, facts={"login": connection}, arguments=["-vvv"])
            outcomes = {which: Outcome(played.results[key], **played.traces[key]) for which, key in keys.items()}
            output = played.finished.output
        if called:
            found, printed = _call(module, called, simulator, connection)
            outcomes |= {(MODULE, name): outcome for name, outcome in found.items()}
            output += printed
        secrets = module.secret_values(simulator)
    return Rehearsal(outcomes, output, secrets)


def _call(
    module: Module, cases: Iterable[Case], simulator: Simulator, connection: Mapping[str, Any]
) -> tuple[dict[str, Outcome], str]:
    """Return what comes of cases as a module without a playbook, by name, and all that the module prints."""
    outcomes = {}
    with module_calls(module.name) as calls:
        for case in cases:
            assert not case.keywords, "these are a playbook's"
            simulator.reset(scenario_of(case.scenario))
            for fault in case.faults:
                simulator.add_fault(fault)
            result = calls.call(options_of(case, connection))
            outcomes[case.name] = Outcome(result, simulator.requests(), simulator.sessions())
    return outcomes, calls.printed


def label(value: object) -> str | None:
    """Return the name of a module or case, for the ids of parametrized tests."""
    return getattr(value, "name", None)


@contextmanager
def simulated(scenario: str = "halfway", speed: float = SPEED) -> Iterator[Simulator]:
    """Serve a scenario, shipped or of the tests' own, until the block ends."""
    with embedded.running(scenario_of(scenario), speed=speed) as simulator:
        yield simulator


def facts_of(simulator: Simulator, modules: Iterable[Module] = MODULES) -> dict[str, Any]:
    """Return the connection of each module's action group as `module_defaults` know it, for extra variables."""
    return {module.group: module.connection(simulator) for module in modules}


def defaults_of(simulator: Simulator, modules: Iterable[Module] = MODULES) -> dict[str, Any]:
    """Return `module_defaults` that take each connection from the variables of `facts_of`."""
    return {
        f"group/{COLLECTION}.{module.group}": {
            name: f"{{{{ {module.group}.{name} }}}}" for name in module.connection(simulator)
        }
        for module in modules
    }
