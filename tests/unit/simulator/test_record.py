# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios from results of waits: the simulator plays again what the modules have reported."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run

from taskwatch_simulator.__main__ import main
from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.embedded import running
from taskwatch_simulator.record import recorded
from taskwatch_simulator.scenario import ScenarioError, load, parse
from taskwatch_simulator.world import World
from tests.support.modules import MODULES

RECORDED = MODULES


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """What each module says of the tasks of the demo at their end."""
    found = {}
    with running("demo", speed=500) as simulator:
        for module in RECORDED:
            # A wait, because the end comes when it comes on a busy machine, and the appliance is away at first
            waiting = {"wait": True, "wait_sleep": 0.05, "include_raw": True}
            asked = {**module.connection(simulator), **module.ask(list(module.ids)), **waiting}
            validated = ArgumentSpecValidator(SYSTEMS[module.name].ARGUMENT_SPEC).validate(asked)
            assert not validated.error_messages
            found[module.name] = run(SYSTEMS[module.name], validated.validated_parameters).payload
    return found


def states(scenario_file: str, seconds: float, *, name: str = "x.yml") -> dict[str, str]:
    clock = ManualClock()
    world = World(load("demo") if scenario_file == "demo" else parse(scenario_file, name), clock)
    clock.advance(seconds)
    return {str(task["id"]): str(task["state"]) for task in world.tasks()}


def test_every_end_comes_again(results: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"hosts": [results]}))
    wanted = {task["id"]: task["state"] for result in results.values() for task in result["tasks"]}
    wanted["appliance"] = wanted.pop("update")
    found = states(recorded(file), 1000)
    assert {task_id: found[task_id] for task_id in wanted} == wanted


def test_durations_are_those_of_the_system(results: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(results["lxca_task_info"]))
    (task, _other) = parse(recorded(file), "x.yml").lxca.tasks
    assert task.duration == pytest.approx(14, abs=0.2)


def test_names_and_addresses_are_left_out(results: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(results).replace("192.0.2.55", "10.9.8.7").replace("branch-routes", "secret-site"))
    text = recorded(file)
    for name in ("10.9.8.7", "secret-site", "branch-1", "USERID", "Device is not reachable"):
        assert name not in text


Place = tuple[Any, ...]
TAKEN_OVER = frozenset({"id", "native_state", "version", "result", "state", "errorHandling"})
REAL = ("esx-prod-7.example.com", "10.9.8.7", "hunter2")
ODD: tuple[Any, ...] = (None, True, -1, 10**400, float("nan"), "", "x" * 5000, " \n", [], {}, [{}], [None], {"x": 1})


def places_of(data: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of every value; of a list that of the first one, because all are read alike."""
    if place:
        yield place
    items = data.items() if isinstance(data, dict) else enumerate(data[:1]) if isinstance(data, list) else ()
    for key, value in items:
        yield from places_of(value, (*place, key))


def outcome_of(file: Path, data: Any) -> tuple[str | None, str | None]:
    """Return the scenario that is made of data, or the sentence that refuses it."""
    file.write_text(json.dumps(data), encoding="utf-8")
    try:
        return recorded(file), None
    except ScenarioError as error:
        return None, str(error).replace(str(file), "")


def replaced(data: Any, place: Place, value: object) -> Any:
    """Return a copy of the data with another value at a place."""
    changed = copy.deepcopy(data)
    holder = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return changed


def test_nothing_real_survives_wherever_it_stands(results: dict[str, Any], tmp_path: Path) -> None:
    made = []
    for result in results.values():
        for number, place in enumerate(places_of(result)):
            # What a scenario takes over is tried with each of them
            for real in REAL if place[-1] in TAKEN_OVER else (REAL[number % len(REAL)],):
                scenario, sentence = outcome_of(tmp_path / f"{real}.json", replaced(result, place, real))
                assert real not in f"{scenario} {sentence}", place
                made.append(scenario is not None)
    assert sum(made) > len(made) / 2


@pytest.mark.parametrize("name", sorted(module.name for module in RECORDED))
def test_odd_values_end_in_a_scenario_or_in_a_sentence(results: dict[str, Any], tmp_path: Path, name: str) -> None:
    made = []
    for number, place in enumerate(places_of(results[name])):
        odd = replaced(results[name], place, ODD[number % len(ODD)])
        scenario, sentence = outcome_of(tmp_path / "results.json", odd)
        if sentence is not None:
            assert "\n" not in sentence
            assert len(sentence) < 1000
        made.append(scenario is not None)
    assert any(made)


def test_a_loop_and_several_files_of_windows(results: dict[str, Any], tmp_path: Path) -> None:
    (one, other) = results["lxca_task_info"]["tasks"]
    loop = [{**results["lxca_task_info"], "tasks": [each], "item": each["id"]} for each in (one, other)]
    file = tmp_path / "results.json"
    file.write_text("\ufeff" + json.dumps({"jobs": {"results": loop, "changed": False}}), encoding="utf-8")
    assert [task.id for task in parse(recorded(file), "x.yml").lxca.tasks] == [one["id"], other["id"]]


def test_without_include_raw_the_devices_alone_are_unknown(results: dict[str, Any], tmp_path: Path) -> None:
    result = results["lxca_csv_job_info"]
    bare = [{key: value for key, value in task.items() if key != "raw"} for task in result["tasks"]]
    file = tmp_path / "results.json"
    file.write_text(json.dumps({**result, "tasks": bare}))
    found = states(recorded(file), 1000)
    assert {task["id"]: found[task["id"]] for task in bare} == {task["id"]: task["state"] for task in bare}


def result_with(**changes: Any) -> dict[str, Any]:
    task = {"id": "7", "state": "succeeded", "native_state": "Complete", "details": {"jobUID": "7"}, "steps": []}
    return {"tasks": [{**task, **changes}], "stats": {"unreachable_seconds": 20.0}, "elapsed": 100.0}


@pytest.mark.parametrize(("warnings", "kind"), [(["last: HTTP 503"], "status"), ([], "refuse")])
def test_an_outage_lasts_as_long_as_it_was_seen(tmp_path: Path, warnings: list[str], kind: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps({**result_with(), "warnings": warnings}))
    (fault,) = parse(recorded(file), "x.yml").faults
    assert (fault.kind, fault.system, fault.from_, fault.until) == (kind, "lxca", 40.0, 60.0)


def test_a_task_that_had_not_ended_stays_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(result_with(state="running", native_state="Validating", progress=35.0)))
    clock = ManualClock()
    world = World(parse(recorded(file), "x.yml"), clock)
    clock.advance(10_000)
    (task,) = [each for each in world.tasks() if each["system"] == "lxca"]
    assert (task["state"], task["percent"], task["native_state"]) == ("running", 35.0, "Validating")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"{}", "holds no result"),
        (b'{"tasks": [], "stats": {}}', "holds no result"),
        (b'{"tasks": [{"id": 1, "state": "x", "native_state": "", "details": {}}], "stats": {}}', "holds no result"),
    ],
)
def test_what_is_no_result_is_said_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "results.json"
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match=said) as caught:
        recorded(file)
    assert "\n" not in str(caught.value)


def test_the_command_writes_the_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(result_with()))
    assert main(["record", str(file)]) == 0
    scenario = tmp_path / "again.yml"
    scenario.write_text(capsys.readouterr().out)
    assert main(["check", str(scenario)]) == 0
    assert main(["record", str(tmp_path / "missing.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
