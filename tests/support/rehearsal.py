# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cases that are played, not copied: each in its own rehearsal, in either execution mode, by real ansible-playbook."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator

from .ansible import Ansible, Finished, Tasks, play_of
from .modules import COLLECTION, MODULES, Module

IN_PROCESS, MODULE = BOTH = ("in_process", "module")
# The keywords of a task that bring the execution modes about: any environment for the task asks for a module
MODES: Mapping[str, Mapping[str, Any]] = {IN_PROCESS: {}, MODULE: {"environment": {"TASKWATCH_TEST": "module"}}}
SCENARIOS = Path(__file__).parents[1] / "integration/scenarios"
SPEED = 30
# Playbooks at a time in one test process, where a test starts several; most of their time is spent waiting
AT_ONCE = 3


@dataclass(frozen=True)
class Case:
    """One task: `options` beyond the connection (None takes one of those away), in a `scenario` with `faults`.

    `expected` maps paths into the result, such as ``error.type``, to values; `says` are texts that the message must
    hold. `logins` counts what the simulator must have seen, None where a test judges itself. It is played in the
    execution modes `modes`, and by `make exhaustive` in those of `more_modes`; starting a module is what costs time.
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
    """Outcomes of one module, by execution mode and case, and what Ansible printed on the way."""

    outcomes: Mapping[tuple[str, str], Outcome]
    finished: Finished
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


def scenario_of(name: str) -> str:
    """Return the name of a shipped scenario, or the path of one of the tests' own."""
    own = SCENARIOS / f"{name}.yml"
    return str(own) if own.is_file() else name


def at(result: Any, path: str) -> Any:
    """Return what lies at a dotted path of a result; numbers index lists."""
    for part in path.split("."):
        result = result[int(part)] if isinstance(result, list) else result[part]
    return result


def in_turn(control: Mapping[str, Any], acts: Iterable[tuple[str, Mapping[str, Any], Tasks]]) -> Tasks:
    """Return the tasks of several acts, each with a key, a stage for the simulator and tasks of its own.

    What the simulator saw of an act is registered as `trace_KEY`. One task between two acts reads the trace of the one
    and sets the stage for the other, because a task costs a process.
    """
    tasks: Tasks = []
    register: dict[str, Any] = {}
    for key, stage, own in acts:
        tasks += [{"name": f"Set the stage for {key}", "simulator_control": {**control, **stage}, **register}, *own]
        register = {"register": f"trace_{key}"}
    return [*tasks, {"name": "Read the trace", "simulator_control": dict(control), **register}]


def act_of(module: Module, case: Case, connection: Iterable[str], key: str) -> tuple[str, dict[str, Any], Tasks]:
    """Return the act that plays a case and registers what came of it as `result_KEY`."""
    options: dict[str, Any] = {name: f"{{{{ login.{name} }}}}" for name in connection}
    options = {name: value for name, value in {**options, **case.options}.items() if value is not None}
    stage = {"scenario": scenario_of(case.scenario), "faults": [dict(each) for each in case.faults]}
    task = {"name": case.name, module.fqcn: options, "register": f"result_{key}", "ignore_errors": True}
    return key, stage, [{**task, **case.keywords}]


def rehearse(ansible: Ansible, module: Module, cases: Iterable[Case], wanted: Container[tuple[str, str]]) -> Rehearsal:
    """Play cases of one module, first in-process, then as a module, in one process of ansible-playbook.

    `wanted` names those to play, as execution mode and name of the case.
    """
    cases = list(cases)
    with embedded.running("slow", speed=SPEED) as simulator:
        connection = module.connection(simulator)
        plays = []
        keys: dict[tuple[str, str], str] = {}
        for mode, keywords in MODES.items():
            acts = []
            for case in (each for each in cases if (mode, each.name) in wanted):
                key = keys[mode, case.name] = f"{mode}_{len(keys)}"
                acts.append(act_of(module, case, connection, key))
            plays.append(play_of(in_turn({"url": "{{ control_url }}"}, acts), **keywords))
        results = ansible.folder / "results.json"
        names = [f"{kind}_{key}" for key in keys.values() for kind in ("result", "trace")]
        content = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
        plays.append(play_of([{"ansible.builtin.copy": {"dest": str(results), "content": content, "mode": "0600"}}]))
        facts = {"login": connection, "control_url": simulator.control_url}
        finished = ansible.play(*plays, facts=facts, arguments=["-vvv"])
        secrets = module.secret_values(simulator)
    if not results.is_file():
        told = f"{finished.stdout[-3000:]}\n{finished.stderr[-3000:]}"
        raise AssertionError(f"the playbook of {module.name} ended with {finished.code} before its time:\n{told}")
    registered = json.loads(results.read_text(encoding="utf-8"))
    outcomes = {}
    for which, key in keys.items():
        trace = registered[f"trace_{key}"]
        outcomes[which] = Outcome(registered[f"result_{key}"], trace["requests"], trace["sessions"])
    return Rehearsal(outcomes, finished, secrets)


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
