# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios: the shipped ones keep their promises, a fault is named by file, line and key."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.mistakes import keys_of
from taskwatch_simulator.scenario import FOLDER, Scenario, ScenarioError, load, parse, shipped
from taskwatch_simulator.schema import schema_text
from taskwatch_simulator.world import World
from tests.support.pages import guide

WELL_KNOWN = ["12", "13", "371", "372", "51", "52", "ID33", "ID40", "appliance"]
WELL_KNOWN += [f"1654001122334009{each}" for each in (0, 1, 2)]


def states_at(name: str, seconds: float) -> dict[str, str]:
    clock = ManualClock()
    world = World(load(name), clock)
    clock.advance(seconds)
    return {str(task["id"]): str(task["state"]) for task in world.tasks()}


AT_WORK = ["all_succeed", "demo", "failures", "slow"]


def test_what_is_shipped() -> None:
    assert shipped() == sorted([*AT_WORK, "idle"])


@pytest.mark.parametrize("name", AT_WORK)
def test_well_known_ids_exist(name: str) -> None:
    assert list(states_at(name, 0)) == WELL_KNOWN


@pytest.mark.parametrize("name", AT_WORK)
def test_nothing_has_ended_at_the_start(name: str) -> None:
    assert set(states_at(name, 0).values()) <= {"pending", "running"}


def test_all_succeed() -> None:
    assert set(states_at("all_succeed", 59).values()) <= {"pending", "running"}
    assert set(states_at("all_succeed", 120).values()) == {"succeeded"}


def test_failures() -> None:
    assert set(states_at("failures", 60).values()) == {"failed", "cancelled"}


@pytest.mark.parametrize("seconds", [0, 60, 3600, 7200])
def test_slow_keeps_running(seconds: float) -> None:
    assert set(states_at("slow", seconds).values()) == {"running"}


def test_demo_has_ended_within_a_minute() -> None:
    states = states_at("demo", 60)
    bad = {"372": "failed", "ID40": "failed", "16540011223340092": "cancelled"}
    assert states == dict.fromkeys(WELL_KNOWN, "succeeded") | bad


def test_idle_has_nothing_to_do() -> None:
    assert set(states_at("idle", 0).values()) == {"succeeded"}


@pytest.mark.parametrize(
    ("text", "line", "key", "said"),
    [
        ("lxca:\n  tasks:\n    - kind: export\n      duration: soon\n", 4, "lxca.tasks.0.duration", "number"),
        ("lxca:\n  tasks:\n    - id: '1'\n", 3, "lxca.tasks.0", "kind"),
        ("lxca:\n  tasks:\n    - {kind: bogus}\n", 3, "lxca.tasks.0", "export"),
        (
            "lxca:\n  tasks:\n    - kind: csv_job\n      devices:\n        - {word: x}\n",
            5,
            "lxca.tasks.0.devices.0.word",
            "not known",
        ),
        ("sdm:\n  release: 7.0\n", 2, "sdm.release", "8.2.2"),
        ("sdm:\n  nonsense: 1\n", 2, "sdm.nonsense", "not known"),
        ("sdm:\n  tasks:\n    - end: cancelled\n", 3, "sdm.tasks.0", "succeeded, failed or never"),
        ("description: x\n\nvcenter:\n  tasks: [{}, {}]\n", 4, "vcenter.tasks", "at most 1"),
        (
            "vcenter:\n  tasks:\n    - outage:\n        - {from: 4, answer: hang}\n",
            4,
            "vcenter.tasks.0.outage.0",
            "until",
        ),
        ("prisma_sdwan:\n  tasks:\n    - path: custom\n", 3, "prisma_sdwan.tasks.0", "states"),
        ("prisma_sdwan:\n  tasks:\n    - id: abc\n", 3, "prisma_sdwan.tasks.0.id", "pattern"),
        ("- 1\n", 1, "top level", "a mapping, not a list"),
        ("lxca: {\n", 2, "", "expected YAML"),
        ("lxca:\n  latency: 1\n  latency: 2\n", 3, "latency", "twice"),
        ("lxca: &a\n  tasks: *a\n", 1, "", "alias"),
        ("lxca:\n\ttasks: []\n", 2, "", "'\\t'"),
        ("sdm: {}\nlxca: \x07\n", 2, "", "U+0007"),
        ("lxca: {}\n---\nsdm: {}\n", 2, "", "single document"),
        ("lxca:\n  <<: 1\n", 2, "", "mapping"),
        ("lxca:\n  ? [a, b]\n  : c\n", 2, "", "word as key"),
        ("? {a: b}\n: c\n", 1, "", "word as key"),
        ("lxca:\n  1: a\n  1: b\n", 3, "", "key 1 stands twice"),
        ("description: 2026-13-45\n", 1, "", "a date, not '2026-13-45'"),
        ("lxca:\n  latency: !!float x\n", 2, "", "a number, not 'x'"),
        (f"lxca:\n  latency: {'9' * 5000}\n", 2, "", "a whole number"),
        ("lxca:\n  latency: .nan\n", 2, "lxca.latency", "a finite number"),
        ("lxca:\n  latency: -1\n", 2, "lxca.latency", "a number from 0.0 on, not '-1'"),
        ("lxca:\n  authorized: maybe\n", 2, "lxca.authorized", "true or false, not 'maybe'"),
        ("lxca:\n", 1, "lxca", "a mapping, not nothing"),
        ("lxca:\n  tasks: {kind: export}\n", 2, "lxca.tasks", "a list, not a mapping"),
        ("lxca:\n  tasks:\n    - kind: csv_job\n      devices: many\n", 4, "devices", "a whole number or a list"),
        ("sdm:\n  tasks:\n    - devices:\n        - {end: never}\n", 4, "devices.0.end", "'succeeded' or 'failed'"),
        ("sdm:\n  tasks:\n    - progress: [[1, 2], [x, 3]]\n", 3, "sdm.tasks.0.progress.1.0", "a number, not 'x'"),
        ("lxca:\n  tasks:\n    - kind: export\n      duraton: 3\n", 4, "duraton", "did you mean duration?"),
        ("lcxa: {}\n", 1, "lcxa", "did you mean lxca?"),
        ("lxca:\n  starts: [{kind: export, id: '1'}]\n", 2, "lxca.starts.0", "id does not belong here"),
        ("lxca:\n  starts: [{kind: csv_job, devices: 3}]\n", 2, "lxca.starts.0", "an address in each entry"),
        ("sdm:\n  starts: [{devices: [{version: '2'}]}]\n", 2, "sdm.starts.0", "group, end and message only"),
        ("vcenter:\n  starts: [{operation: none}]\n", 2, "vcenter.starts.0", "stage, install or rollback"),
        ("prisma_sdwan:\n  starts: [{path: idle}]\n", 2, "prisma_sdwan.starts.0", "one upgrade"),
        ("sdm:\n  route_sets: [{id: '1', devices: []}]\n", 2, "sdm.route_sets.0.devices", "at least 1 entries"),
        ("lxca: !!python/object:os.system {}\n", 1, "", "expected YAML"),
    ],
)
def test_a_fault_is_named_in_one_line(text: str, line: int, key: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "mine.yml")
    sentence = str(caught.value)
    assert sentence.startswith(f"mine.yml:{line}: ")
    assert key in sentence
    assert said in sentence
    assert "\n" not in sentence


def test_the_line_of_a_key_inside_a_merged_mapping_is_known() -> None:
    text = "lxca:\n  tasks:\n    - &one {kind: export, id: '1'}\n    - <<: *one\n      duration: -1\n"
    with pytest.raises(ScenarioError, match=r"^mine.yml:5: lxca.tasks.1.duration"):
        parse(text, "mine.yml")


def test_aliases_of_aliases_come_to_an_end() -> None:
    text = "a0: &a0 [1, 1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(ScenarioError, match="fewer values"):
        parse(text, "mine.yml")


@pytest.mark.parametrize("content", [b"lxca: {}\ndescription: caf\xe9\n", "lxca: {}\n".encode("utf-16")])
def test_what_is_not_text_is_said_with_its_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.yml"
    file.write_bytes(content)
    line = content[: content.find(b"\xe9") + 1].count(b"\n") + 1
    with pytest.raises(ScenarioError, match=rf"^{re.escape(str(file))}:{line}: expected UTF-8"):
        load(str(file))


TEXTS = [(FOLDER / f"{name}.yml").read_text(encoding="utf-8") for name in shipped()]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.integers(0, 3000),
    st.integers(0, 12),
    st.text("{}[]:,-&*!?|>#%@`'\"\n\t \\x09é", max_size=4),
)
def test_a_spoilt_scenario_is_read_or_refused_line_by_line(text: str, at: int, cut: int, put: str) -> None:
    said = ""
    try:
        parse(text[:at] + put + text[at + cut :], "mine.yml")
    except ScenarioError as error:
        said = str(error)
    assert all(re.fullmatch(r"mine\.yml:\d+: \S.*", line) for line in said.splitlines())


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="all_succeed, demo, failures, idle, slow"):
        load(str(tmp_path / "missing.yml"))


@pytest.mark.parametrize("text", ["", "# a comment\n", "---\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"^empty.yml:1: the file is empty"):
        parse(text, "empty.yml")


def test_an_empty_mapping_serves_empty_systems() -> None:
    world = World(parse("{}", "empty.yml"), ManualClock())
    assert [task["native_state"] for task in world.tasks()] == ["UP_TO_DATE"]


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_fit_the_schema(name: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert not list(validator.iter_errors(yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "data",
    [{"lxca": {"tasks": [{"kind": "exprt"}]}}, {"nonsense": 1}, {"faults": [{"system": "sdm", "kind": "latency"}]}],
)
def test_mistakes_do_not_fit_the_schema(data: object) -> None:
    assert list(jsonschema.Draft202012Validator(json.loads(schema_text())).iter_errors(data))


def test_numbers_are_taken_as_ids() -> None:
    scenario = parse("lxca:\n  tasks:\n    - {kind: export, id: 12}\n", "x.yml")
    assert scenario.lxca.tasks[0].id == "12"


def test_the_documentation_names_every_key() -> None:
    text = "".join(guide(name) for name in ("simulator", "simulator_scenarios", "simulator_control"))
    names = keys_of(Scenario)
    told = set(re.findall(r"`([A-Za-z_]+)`", text))
    assert len(names) > 80
    assert names <= told
