# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acts of a playbook: tasks before which the simulator begins anew, and whose results and traces are kept by key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskwatch_simulator.embedded import Simulator

from .ansible import PATIENCE, Ansible, Finished, Tasks, play_of

SCENARIOS = Path(__file__).parents[1] / "integration/scenarios"
# Seconds that an act may take where many are played
LONGEST_ACT = 10
STAGES, TRACES = "stages.json", "stages.traces"


def scenario_of(name: str) -> str:
    """Return the name of a shipped scenario, or the path of one of the tests' own."""
    own = SCENARIOS / f"{name}.yml"
    return str(own) if own.is_file() else name


@dataclass(frozen=True)
class Act:
    """Tasks that register what comes of them as `result_KEY`, on `host`; a scenario and faults for them."""

    key: str
    tasks: Tasks
    scenario: str
    faults: tuple[Mapping[str, Any], ...] = ()
    host: str = "localhost"

    @property
    def result(self) -> str:
        """The expression for what was registered; on other hosts it takes all their variables to be computed."""
        name = f"result_{self.key}"
        return name if self.host == "localhost" else f"hostvars['{self.host}']['{name}']"

    @property
    def stage(self) -> dict[str, Any]:
        """What the simulator is told before the first task."""
        return {"scenario": scenario_of(self.scenario), "faults": [dict(each) for each in self.faults]}


@dataclass(frozen=True)
class Played:
    """What came of acts by their keys: registered results, and `requests` and `sessions` that the simulator saw."""

    finished: Finished
    results: Mapping[str, dict[str, Any]]
    traces: Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Scene:
    """Acts that share keywords: one play."""

    acts: tuple[Act, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)


def keep(file: Path, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a play that writes registered results to a file; `names` maps their names there to expressions."""
    content = "{{ {" + ", ".join(f"'{name}': {value}" for name, value in names.items()) + "} | to_json }}"
    return play_of([{"keep_results": {"dest": str(file), "content": content}}])


def staging(ansible: Ansible, simulator: Simulator, stages: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the environment of a playbook that sets these stages, by the keys of acts."""
    file = ansible.folder / STAGES
    file.write_text(json.dumps({"url": simulator.control_url, "stages": stages}), encoding="utf-8")
    return {"ANSIBLE_CALLBACKS_ENABLED": "simulator_stage", "TASKWATCH_STAGES": str(file)}


def begins_anew(ansible: Ansible, simulator: Simulator, *faults: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a playbook with whose start the scenario begins: Ansible's own must take none of it."""
    return staging(ansible, simulator, {"playbook": {"scenario": None, "faults": faults}})


def play_acts(
    ansible: Ansible,
    simulator: Simulator,
    scenes: Iterable[Scene],
    *,
    facts: Mapping[str, Any],
    arguments: Iterable[str] = (),
    variables: Mapping[str, str] | None = None,
) -> Played:
    """Play acts in one process of ansible-playbook.

    Raises:
        AssertionError: when the playbook does not come to its end.
    """
    scenes = list(scenes)
    acts = [act for scene in scenes for act in scene.acts]
    results = ansible.folder / "results.json"
    plays = [
        play_of([{**task, "vars": {"act": act.key}} for act in scene.acts for task in act.tasks], **scene.keywords)
        for scene in scenes
    ]
    plays.append(keep(results, {act.key: act.result for act in acts}))
    environment = {**staging(ansible, simulator, {act.key: act.stage for act in acts}), **(variables or {})}
    patience = PATIENCE + LONGEST_ACT * len(acts)
    finished = ansible.play(*plays, facts=facts, arguments=list(arguments), variables=environment, patience=patience)
    if not results.is_file():
        said = f"{finished.stdout[-3000:]}\n{finished.stderr[-3000:]}"
        raise AssertionError(f"the playbook ended with {finished.code} before its time:\n{said}")
    return Played(
        finished,
        json.loads(results.read_text(encoding="utf-8")),
        json.loads((ansible.folder / TRACES).read_text(encoding="utf-8")),
    )
