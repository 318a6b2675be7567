# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module under mitogen's strategy: it is found, checks, waits, fails with the whole payload, and logs out.

`TASKWATCH_ANSIBLE` names the folder with the commands of an ansible-core beside mitogen; make sets it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.ansible import COMMANDS, Ansible, play_of
from tests.support.checks import ANSIBLE, EXTRAS
from tests.support.modules import MODULES, Module
from tests.support.payload import payload_faults
from tests.support.rehearsal import MODES, defaults_of, facts_of, label, simulated
from tests.support.stages import keep

ENDS: Mapping[str, Mapping[str, Any]] = {"check": {}, "wait": {"wait": True, "wait_timeout": 0}}
each_way = pytest.mark.parametrize(
    ("module", "mode"), [(module, mode) for module in MODULES for mode in MODES], ids=label
)
Results = Mapping[str, dict[str, Any]]


def strategies() -> Path:
    """Return the folder of mitogen's strategies."""
    (found,) = COMMANDS.parent.glob("lib/python*/site-packages/ansible_mitogen/plugins/strategy")
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, dict[str, list[Any]], str]:
    """Results by module and end, the sessions that were left, and what Ansible said."""
    ansible = Ansible(tmp_path_factory.mktemp("mitogen"))
    results = ansible.folder / "results.json"
    with simulated("halfway") as simulator:
        tasks = [
            {
                "name": f"{module.name}_{end}_{mode}",
                module.fqcn: {**module.ask(module.ids[0]), **options},
                "register": f"{module.name}_{end}_{mode}",
                "ignore_errors": True,
                **keywords,
            }
            for module in MODULES
            for end, options in ENDS.items()
            for mode, keywords in MODES.items()
        ]
        finished = ansible.play(
            play_of(tasks, strategy="mitogen_linear", module_defaults=defaults_of(simulator)),
            keep(results, {task["name"]: task["name"] for task in tasks}),
            facts=facts_of(simulator),
            arguments=["-vvv"],
            variables={"ANSIBLE_STRATEGY_PLUGINS": str(strategies())},
        )
        left = simulator.sessions()
    assert results.is_file(), finished.output
    return json.loads(results.read_text(encoding="utf-8")), left, finished.output


@each_way
def test_a_check_tells_the_state(played: tuple[Results, object, str], module: Module, mode: str) -> None:
    result = played[0][f"{module.name}_check_{mode}"]
    assert (result["failed"], result["state"]) == (False, "running"), result


@each_way
def test_a_wait_fails_with_the_whole_payload(played: tuple[Results, object, str], module: Module, mode: str) -> None:
    result = played[0][f"{module.name}_wait_{mode}"]
    assert (result["failed"], result["error"]["type"], result["timed_out"]) == (True, "timeout", True), result
    own = {key: value for key, value in result.items() if key not in ANSIBLE}
    assert payload_faults(own, EXTRAS.get(module.name, ())) == []


def test_no_session_is_left(played: tuple[Results, dict[str, list[Any]], str]) -> None:
    assert not any(played[1].values())


def test_mitogen_ran_them(played: tuple[Results, object, str]) -> None:
    """Otherwise these tests would show nothing."""
    assert "mitogen" in played[2]
    assert "Traceback (most recent call last)" not in played[2]
