# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the JSON schema of the event source's arguments from its documentation and the modules' argument specs.

Usage: write_event_schema.py

`make tree` must have been run before. ansible-rulebook puts variables into the arguments after a schema was asked, so
each of them may also be a text with a variable in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "extensions/eda/plugins/event_source"
PAGE = SOURCES / "schemas/task_status.json"
VARIABLE = {"type": "string", "pattern": r"\{\{"}

sys.path.insert(0, str(ROOT / ".build/collections"))
from ansible_collections.taskwatch.infra.extensions.eda.plugins.event_source import task_status  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System  # noqa: E402


def schema() -> dict[str, Any]:
    """Return the schema."""
    documentation = yaml.safe_load(task_status.DOCUMENTATION)
    values: dict[str, dict[str, Any]] = {
        "module": {"enum": list(SYSTEMS)},
        "options": {"type": "object"},
        "interval": {"type": "number", "exclusiveMinimum": 0},
        "until_finished": {"type": "boolean"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://github.com/taskwatch/infra/extensions/eda/plugins/event_source/schemas/task_status.json",
        "title": "taskwatch.infra.task_status",
        "description": documentation["short_description"],
        "type": "object",
        "properties": {name: _argument(name, value, documentation["options"][name]) for name, value in values.items()},
        "required": [name for name, option in documentation["options"].items() if option.get("required")],
        "additionalProperties": False,
        "allOf": [_options_of(name, system) for name, system in SYSTEMS.items()],
    }


def _argument(name: str, value: dict[str, Any], option: dict[str, Any]) -> dict[str, Any]:
    described = {"title": name, "description": option["description"][0], "anyOf": [value, VARIABLE]}
    return {**described, "default": option["default"]} if "default" in option else described


def _options_of(name: str, system: type[System]) -> dict[str, Any]:
    """Return what the options of a module may be called."""
    spec = system.ARGUMENT_SPEC
    names = [each for option in spec for each in (option, *spec[option].get("aliases", []))]
    return {
        "if": {"properties": {"module": {"const": name}}, "required": ["module"]},
        "then": {"properties": {"options": {"propertyNames": {"enum": sorted(names)}}}},
    }


def rendered() -> str:
    """Return the file."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(rendered(), encoding="utf-8")
