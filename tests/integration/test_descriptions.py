# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The descriptions that are shipped, and the schema and the reference of their form."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._description.expressions import Answer
from ansible_collections.taskwatch.infra.plugins.module_utils._description.model import parse
from ansible_collections.taskwatch.infra.plugins.module_utils._description.reading import read_task
from ansible_collections.taskwatch.infra.plugins.module_utils._description.samples import play_samples
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shape import DESCRIPTION
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shipped import FOLDER, NAMES
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._states import LXCA_TASK as LXCA_STATES
from ansible_collections.taskwatch.infra.plugins.module_utils._states import PRISMA_IMAGE
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import export_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import task_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_element import element_status
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ansible import ROOT
from tests.support.described import LXCA_EXPORT, LXCA_TASK, PRISMA_ELEMENT
from tests.tools import write_description_schema

COMMAND = "ansible_collections.taskwatch.infra.plugins.module_utils._description.command"
SHIPPED: dict[str, Any] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))
}
SCHEMA = json.loads(write_description_schema.SCHEMA.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_option_names_what_is_there() -> None:
    assert tuple(SHIPPED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_description_proves_itself(name: str) -> None:
    value = SHIPPED[name]
    played = play_samples(parse(value, variables=None))
    assert value["proven"] in ("documents", "recordings", "service", "assumption")
    assert value["source"]
    assert not list(VALIDATOR.iter_errors(value))
    # Every state that its words can give is shown at least once, but for those that differ by their word alone
    shown = {sample["state"] for sample in played}
    assert {"running", "succeeded", "failed"} <= shown
    assert shown >= set(value["task"]["words"].values()) & {"cancelled", "pending"} or len(played) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_an_assumption_stands_where_it_is_made(name: str) -> None:
    """What the head of a file calls an assumption is marked at the place as well, and below its head alone."""
    head, _samples, _rest = (FOLDER / f"{name}.yml").read_text(encoding="utf-8").partition("\nsamples:")
    head, _task, parts = head.partition("\ntask:")
    admitted = "assumption" in head.lower()
    assert not admitted or "# Assumption: " in parts, name


def test_redfish_has_the_thirteen_words_of_the_schema() -> None:
    words = SHIPPED["redfish_task"]["task"]["words"]
    begun = "Starting Running Suspended Interrupted Stopping Service Cancelling"
    ended = "Completed Killed Exception Cancelled"
    assert words.keys() - {"Completed (Critical)"} == set(f"New Pending {begun} {ended}".split())
    assert {word for word, state in words.items() if state == "succeeded"} == {"Completed"}
    assert (words["Exception"], words["Killed"], words["Suspended"]) == ("failed", "cancelled", "running")


def test_schema_and_reference_are_those_of_the_form() -> None:
    hint = "run python tests/tools/write_description_schema.py"
    assert write_description_schema.written(
        write_description_schema.schema()
    ) == write_description_schema.SCHEMA.read_text(encoding="utf-8"), hint
    page = write_description_schema.PAGE.read_text(encoding="utf-8")
    assert page == write_description_schema.page_with(write_description_schema.reference(), page), hint


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 700)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", " ", "x", "true"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "path", "when"]), inner, max_size=2)
    ),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [place for key, part in parts for place in [(*path, key), *_places(part, (*path, key))]]


SPOILABLE = [(name, place) for name, value in {**SHIPPED, "lxca": LXCA_TASK}.items() for place in _places(value)]


@given(st.sampled_from(SPOILABLE), VALUES, st.booleans())
def test_schema_and_reader_agree(spoilt: tuple[str, tuple[Any, ...]], value: Any, rename: bool) -> None:
    name, place = spoilt
    description = copy.deepcopy({**SHIPPED, "lxca": LXCA_TASK}[name])
    inside: Any = description
    for part in place[:-1]:
        inside = inside[part]
    if rename and isinstance(inside, dict):
        inside[f"{place[-1]}x"] = inside.pop(place[-1])
    else:
        inside[place[-1]] = value
    # JSON has texts as keys alone
    description = json.loads(json.dumps(description))
    try:
        DESCRIPTION.read(description, "description")
        sentence = None
    except TaskwatchError as error:
        sentence = error.message
    faults = [fault.message for fault in VALIDATOR.iter_errors(description)]
    assert (sentence is None) == (not faults), (sentence, faults)


def test_the_command_checks_files(tmp_path: Any) -> None:
    good = tmp_path / "good.yml"
    good.write_text(yaml.safe_dump(LXCA_TASK), encoding="utf-8")
    bad = tmp_path / "bad.yml"
    bad.write_text(yaml.safe_dump({**LXCA_TASK, "nmae": "x"}), encoding="utf-8")
    command = [sys.executable, "-m", COMMAND, str(good), str(bad), str(tmp_path / "none.yml")]
    told = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / ".build/collections")}
    )
    assert (told.returncode, told.stdout) == (1, f"{good}: Described task: good, 3 samples read as they say\n")
    assert f"{bad}: description.nmae: is not known; did you mean name?" in told.stderr
    assert "none.yml: cannot be read" in told.stderr


# -- the collection's own systems, described ------------------------------------------------------------------------


def _as_described(description: dict[str, Any], task_id: str, body: Any) -> dict[str, Any]:
    read = parse(description, variables={})
    return read_task(read.task, read.name, task_id, Answer(200, {}, body)).as_dict()


LXCA_BODIES = [
    [{"jobUID": "51", "status": word, "percentage": 40.0, "title": "Update", "children": [], **more}]
    for word in LXCA_STATES.words
    if word != "Unknown"
    for more in ({}, {"startTime": "2024-05-06T10:11:12Z", "createdBy": "ADMIN", "complete": False})
]


@pytest.mark.parametrize("body", LXCA_BODIES, ids=lambda body: f"{body[0]['status']}-{len(body[0])}")
def test_a_described_lxca_task_is_returned_as_by_its_module(body: Any) -> None:
    assert _as_described(LXCA_TASK, "51", body) == task_status("51", body).as_dict()


EXPORT_BODIES = [
    {"state": state, "current": current, "progress": progress}
    for state in ("complete", "Canceled", "exporting")
    for current in ("fw.zip", "")
    for progress in (40, 100.0)
]


@pytest.mark.parametrize("body", EXPORT_BODIES, ids=str)
def test_a_described_export_is_judged_as_by_its_module(body: Any) -> None:
    alike = ("state", "name", "progress", "errors", "done", "succeeded")
    mine, theirs = _as_described(LXCA_EXPORT, "12", body), export_status("12", body).as_dict()
    if body["state"] == "exporting" and body["progress"] == 100:
        # A word that nothing knows at 100 %: a rule over word and number, which the form says by another word alone
        assert (mine["state"], theirs["state"]) == ("running", "unknown")
        return
    assert {key: mine[key] for key in alike} == {key: theirs[key] for key in alike}


ELEMENT_WORDS = [word for word in PRISMA_IMAGE.words if word not in ("upgrade_complete", "complete", "done")]


@pytest.mark.parametrize("word", ELEMENT_WORDS)
def test_a_described_element_is_judged_as_by_its_module(word: str) -> None:
    body = {"element_id": "1", "active_image_id": "1", "upgrade_image_id": "2", "upgrade_state": word}
    mine, theirs = _as_described(PRISMA_ELEMENT, "1", body), element_status(body).as_dict()
    assert (mine["state"], mine["native_state"]) == (theirs["state"], theirs["native_state"])


# What the form cannot say, so that the modules stay: rules over two words, several answers, or what was seen before
BEYOND: dict[str, tuple[Any, Any]] = {
    "a sub-task that failed": (
        [
            {
                "jobUID": "51",
                "status": "Complete",
                "percentage": 100,
                "children": [{"jobUID": "52", "status": "Interrupted"}],
            }
        ],
        ("succeeded", "failed"),
    ),
    "the answer of another task": (
        [{"jobUID": "50", "status": "Complete", "percentage": 100}],
        ("succeeded", "not_found"),
    ),
}


@pytest.mark.parametrize("case", BEYOND)
def test_what_the_form_cannot_say_is_known(case: str) -> None:
    body, (described, own) = BEYOND[case]
    assert _as_described(LXCA_TASK, "51", body)["state"] == described
    try:
        found = task_status("51", body).state.value
    except TaskwatchError as error:
        found = error.kind.value
    assert found == own
