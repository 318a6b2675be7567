# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The descriptions that come with the collection. PRIVATE to the collection.

They are YAML files beside this one. A managed host gets Python files alone, so the action plugin reads them on the
controller and hands the description itself to the module.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .._errors import ErrorType, TaskwatchError
from .model import Description, parse
from .samples import play_samples

YAML_IMPORT_ERROR: str | None
try:
    import yaml
except ImportError:
    YAML_IMPORT_ERROR = traceback.format_exc()
else:
    YAML_IMPORT_ERROR = None

FOLDER = Path(__file__).parent / "apis"
# The choices of the option ``api``. A test compares them with the folder.
NAMES = (
    "awx_job",
    "azure_async_operation",
    "foreman_task",
    "google_operation",
    "http_202",
    "ironic_node",
    "lxd_operation",
    "nutanix_task",
    "ontap_job",
    "prefect_flow_run",
    "proxmox_task",
    "pulp_task",
    "redfish_job",
    "redfish_task",
)
# What was read from the files, by name. It is handed out as it is, never changed.
_DATA: dict[str, Any] = {}
_CACHE: dict[str, Description] = {}
_MOST_CACHED = 16


def shipped(name: str) -> Any:
    """The description of this name as data, read once per process.

    Raises:
        TaskwatchError: where the files are not, as on a managed host, or cannot be read.
    """
    if name in _DATA:
        return _DATA[name]
    if name not in NAMES or not (FOLDER / f"{name}.yml").is_file():
        raise TaskwatchError(
            ErrorType.BAD_REQUEST,
            f"api: the description '{name}' is not on this host; call the module through its action plugin, or hand "
            "the description itself over in description",
        )
    _DATA[name] = read_yaml((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return _DATA[name]


def read_yaml(text: str) -> Any:
    """YAML as plain data."""
    if YAML_IMPORT_ERROR is not None:
        raise TaskwatchError(ErrorType.MISSING_LIBRARY, "the Python library PyYAML is needed to read a description")
    try:
        # Ten times as fast where it was built with its C library.
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise TaskwatchError(ErrorType.BAD_REQUEST, f"description: is not YAML ({reason[:200]})") from None


def description_of(params: Mapping[str, Any]) -> Description:
    """The description that these options name or hold, checked and proven by its samples. Read once for all askers."""
    variables = None if params.get("samples_only") else dict(params.get("variables") or {})
    goals = params.get("wait_for") or []
    source = params.get("description") if params.get("api") is None else {"api": params["api"]}
    # Asked for several times a run: text of the order as written is made in a fraction of the time of sorted JSON.
    key = repr([source, variables, goals])
    if key not in _CACHE:
        while len(_CACHE) >= _MOST_CACHED:
            _CACHE.pop(next(iter(_CACHE)))
        value = shipped(params["api"]) if params.get("api") is not None else params["description"]
        description = parse(value, variables=variables)
        play_samples(description)
        task = replace(description.task, words=description.task.words.with_goals(goals))
        _CACHE[key] = replace(description, task=task)
    return _CACHE[key]
