# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module's ``main()`` does with a result, and that each module is wired to its system."""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.taskwatch.infra.plugins.module_utils import _module
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import Interrupted
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import NEEDED

BY_MODULE = pytest.mark.parametrize("name", SYSTEMS)


def outcome(
    name: str, result: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], int, Any]:
    """What a module prints, its exit code, and which system it asked."""
    asked = []

    def run(system: Any, params: Any, **_more: Any) -> Result:
        asked.append((system, params))
        if isinstance(result, BaseException):
            raise result
        return Result(*result)

    monkeypatch.setattr(_module, "run", run)
    # Tests of the action plugin load the controller into this process, whose display would swallow a module's warnings
    with contextlib.suppress(ImportError, AttributeError):
        monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
    module = importlib.import_module(f"ansible_collections.taskwatch.infra.plugins.modules.{name}")
    with patch_module_args(NEEDED[name]), pytest.raises(SystemExit) as left:
        module.main()
    printed = capfd.readouterr().out.strip()
    return (json.loads(printed) if printed else {}), int(left.value.code or 0), asked[0]


@BY_MODULE
def test_success_is_the_payload(name: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    printed, code, (system, params) = outcome(
        name, ({"changed": False, "state": "succeeded"}, None, ["be warned"]), capfd, monkeypatch
    )
    assert system is SYSTEMS[name]
    assert params["wait"] is False
    assert (printed["changed"], printed["state"], code) == (False, "succeeded", 0)
    assert "be warned" in json.dumps(printed["warnings"])
    assert not printed.get("failed")


@BY_MODULE
def test_failure_is_the_payload_too(
    name: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed, code, _asked = outcome(name, ({"changed": False, "state": "failed"}, "It failed."), capfd, monkeypatch)
    assert (printed["failed"], printed["msg"], printed["state"], code) == (True, "It failed.", "failed", 1)


def test_where_nobody_is_left_to_tell_nothing_is_said(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed, code, _asked = outcome("appliance_update_info", Interrupted(), capfd, monkeypatch)
    assert (printed, code) == ({}, 1)


def test_refused_options_are_told_with_the_inventory_name(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKWATCH_INVENTORY_NAME", "vc1")
    module = importlib.import_module("ansible_collections.taskwatch.infra.plugins.modules.appliance_update_info")
    with patch_module_args({**NEEDED["appliance_update_info"], "wiat": True}), pytest.raises(SystemExit):
        module.main()
    printed = json.loads(capfd.readouterr().out)
    assert printed["msg"].startswith("vc1: wiat (did you mean wait?)")
    assert printed["error"]["message"] == printed["msg"]


def test_a_system_is_called_as_in_the_inventory(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The action plugin tells its name to a module in a process of its own."""
    monkeypatch.setenv("TASKWATCH_INVENTORY_NAME", "vc1")
    told: list[str | None] = []
    module = importlib.import_module("ansible_collections.taskwatch.infra.plugins.modules.appliance_update_info")

    def run(*_: Any, runtime: Runtime) -> Result:
        told.append(runtime.inventory_name)
        return Result({"changed": False})

    monkeypatch.setattr(_module, "run", run)
    with patch_module_args(NEEDED["appliance_update_info"]), pytest.raises(SystemExit):
        module.main()
    assert told == ["vc1"]
    assert json.loads(capfd.readouterr().out)["changed"] is False


@BY_MODULE
def test_a_module_imports_by_full_names(name: str) -> None:
    """Mitogen, which loads modules by themselves, finds no others."""
    module = importlib.import_module(f"ansible_collections.taskwatch.infra.plugins.modules.{name}")
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert imported
    assert {node.level for node in imported} == {0}
