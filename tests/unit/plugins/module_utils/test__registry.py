# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of all systems: it holds every module, and needs none of the libraries."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils import _registry
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS

PLUGINS = Path(_registry.__file__).parents[1]
# The folder that holds ansible_collections
ROOT = PLUGINS.parents[3]
BLOCKED = """
import sys
sys.modules.update(dict.fromkeys(["requests", "urllib3", "lxml"]))
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
print(len(SYSTEMS))
"""


def test_holds_every_module() -> None:
    modules = {path.stem for path in (PLUGINS / "modules").glob("*.py")}
    assert SYSTEMS.keys() == modules
    assert {system.NAME for system in SYSTEMS.values()} == modules


def test_every_module_has_its_action_plugin() -> None:
    assert {path.stem for path in (PLUGINS / "action").glob("*.py")} == SYSTEMS.keys()


def test_the_event_source_offers_every_module() -> None:
    source = (PLUGINS.parent / "extensions/eda/plugins/event_source/task_status.py").read_text(encoding="utf-8")
    (text,) = re.findall(r'^DOCUMENTATION = r?"""(.*?)^"""', source, re.DOTALL | re.MULTILINE)
    assert set(yaml.safe_load(text)["options"]["module"]["choices"]) == SYSTEMS.keys()


def test_is_there_without_any_library() -> None:
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    told = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, env=surroundings, check=False
    )
    assert told.stdout.strip() == str(len(SYSTEMS)), told.stderr
