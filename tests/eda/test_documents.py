# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation, schema, examples and rulebooks say what the source does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.taskwatch.infra.extensions.eda.plugins.event_source.task_status import DOCUMENTATION, EXAMPLES
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import (
    ARGUMENT_SPEC,
    SOURCE,
    WITHOUT_MEANING,
    read_arguments,
)
from jsonschema import Draft202012Validator

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import ROOT
from tests.support.modules import MODULES
from tests.support.pages import GUIDES, blocks_of, guide, rows_of
from tests.tools import write_event_schema

SHIPPED = sorted((ROOT / "extensions/eda/rulebooks").glob("*.yml"))
GUIDE = GUIDES / "eda.rst"
VALIDATOR = Draft202012Validator(write_event_schema.schema())
DOCUMENTED: dict[str, Any] = yaml.safe_load(DOCUMENTATION)["options"]
FILES = {block.asked["file"]: block.text for block in blocks_of(GUIDE) if "file" in block.asked}


def sources_of(rulebook: str) -> list[dict[str, Any]]:
    """Return the arguments of our sources in a rulebook."""
    rulesets = yaml.safe_load(rulebook)
    return [source[SOURCE] for ruleset in rulesets for source in ruleset["sources"] if SOURCE in source]


EXAMPLE_ARGUMENTS = [
    *(each[SOURCE] for each in yaml.safe_load(EXAMPLES)),
    *(each for path in SHIPPED for each in sources_of(path.read_text(encoding="utf-8"))),
    *(
        each
        for name in ("rulebook.yml", "rollback_rulebook.yml", "rest_rulebook.yml")
        for each in sources_of(FILES[name])
    ),
]


def test_the_documentation_has_the_arguments_of_the_source() -> None:
    assert DOCUMENTED.keys() == ARGUMENT_SPEC.keys()
    for name, option in ARGUMENT_SPEC.items():
        said = {key: DOCUMENTED[name].get(key) for key in ("type", "required", "default", "choices")}
        assert said == {key: option.get(key) for key in said}, name
    rows = {row[0].strip("`"): row for row in rows_of(guide("eda")) if len(row) == 3}
    assert ARGUMENT_SPEC.keys() <= rows.keys()


def test_the_guide_shows_the_variables_that_its_rulebook_takes() -> None:
    taken = set(re.findall(r"\{\{ (\w+) \}\}", json.dumps(sources_of(FILES["rulebook.yml"]))))
    assert yaml.safe_load(FILES["vars.yml"]).keys() == taken


def test_the_schema_is_that_of_the_source() -> None:
    text = write_event_schema.PAGE.read_text(encoding="utf-8")
    assert text == write_event_schema.rendered(), "run python tests/tools/write_event_schema.py"
    Draft202012Validator.check_schema(json.loads(text))
    assert VALIDATOR.schema["properties"].keys() == ARGUMENT_SPEC.keys()


@pytest.mark.parametrize("arguments", EXAMPLE_ARGUMENTS, ids=lambda arguments: str(arguments["module"]))
def test_every_example_fits_the_schema_and_the_source(
    arguments: dict[str, Any], simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    VALIDATOR.validate(arguments)
    for module in MODULES:
        for name, value in module.variables(simulator).items():
            monkeypatch.setenv(name, value)
    text = re.sub(r'"\{\{ (\w+)[^}]*\}\}"', r'"7"', json.dumps(arguments))
    read_arguments(json.loads(text), warn=pytest.fail)


@pytest.mark.parametrize(
    "slip",
    [
        {},
        {"module": "no_such_module"},
        {"module": "appliance_update_info", "options": {"job_id": "371"}},
        {"module": "lxca_csv_job_info", "options": {"jobs": "371"}},
        {"module": "lxca_csv_job_info", "interval": 0},
        {"module": "lxca_csv_job_info", "until_finished": "perhaps"},
        {"module": "lxca_csv_job_info", "intervall": 5},
    ],
    ids=str,
)
def test_the_schema_refuses_slips(slip: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(slip)


def test_every_module_is_known_to_the_schema_with_all_of_its_options() -> None:
    for name, system in SYSTEMS.items():
        assert VALIDATOR.is_valid({"module": name, "options": dict.fromkeys(system.ARGUMENT_SPEC)})
        assert set(WITHOUT_MEANING) <= {
            each for option, spec in system.ARGUMENT_SPEC.items() for each in (option, *spec.get("aliases", []))
        }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_rulebook_is_described_in_the_guide_and_in_itself(path: Path) -> None:
    assert f"``taskwatch.infra.{path.stem}``" in guide("eda")
    head, _doc, body = path.read_text(encoding="utf-8").partition("\n- name: ")
    assert f"-r taskwatch.infra.{path.stem}" in head
    variables = set(re.findall(r"\{\{ (\w+) \|", body)) - {"event"}
    assert variables
    for variable in variables:
        assert f"#   {variable}: " in head


def test_the_folders_of_plugins_are_announced() -> None:
    announced = yaml.safe_load((ROOT / "meta/extensions.yml").read_text(encoding="utf-8"))
    folders = [each["args"]["ext_dir"] for each in announced["extensions"]]
    found = {str(path.parent.relative_to(ROOT / "extensions")) for path in (ROOT / "extensions/eda").rglob("*.py")}
    assert set(folders) == found
