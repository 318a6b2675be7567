# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection and credentials from the environment, as a controller's credential sets them, blank fields included."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible, Tasks, play_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import IN_PROCESS, MODES, defaults_of, facts_of, label, simulated

each_module = pytest.mark.parametrize("module", MODULES, ids=label)
Results = Mapping[str, dict[str, Any]]


def variables_of(simulator: Simulator, **instead: str) -> dict[str, str]:
    """Return the environment of all systems' credentials; `instead` gives options other values."""
    found = {}
    for module in MODULES:
        for option, value in {**module.connection(simulator), **instead}.items():
            if option in module.environment:
                found[module.environment[option]] = str(value)
    return found


def blank() -> dict[str, str]:
    """Return every variable that any module reads, as a controller sets those of fields that were left blank."""
    names = {name for module in MODULES for name in module.environment.values()}
    return dict.fromkeys([*sorted(names), "X_AUTH_TOKEN", "PRISMASASE_TENANT_ID"], "")


def poll(
    ansible: Ansible,
    options: Mapping[str, Mapping[str, Any]],
    variables: Mapping[str, str],
    modes: Iterable[str] = (IN_PROCESS,),
    **more: Any,
) -> Results:
    """Check with every module in one process of ansible-playbook, and return the results by module and mode."""
    results = ansible.folder / "results.json"
    plays, names = [], []
    for mode in modes:
        tasks: Tasks = []
        for module in MODULES:
            name = f"{module.name}_{mode}"
            names.append(name)
            asked = {**module.ask(module.ids[0]), **options.get(module.name, {})}
            tasks.append({"name": name, module.fqcn: asked, "register": name, "ignore_errors": True})
        plays.append(play_of(tasks, **MODES[mode], **more.get("keywords", {})))
    content = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
    plays.append(play_of([{"ansible.builtin.copy": {"dest": str(results), "content": content, "mode": "0600"}}]))
    finished = ansible.play(*plays, facts=more.get("facts"), variables=variables)
    assert results.is_file(), finished.output
    told: Results = json.loads(results.read_text(encoding="utf-8"))
    return told


def ports(simulator: Simulator) -> dict[str, dict[str, Any]]:
    """Return the one option of Prisma SD-WAN's connection that has no variable."""
    return {"element_image_status_info": {"port": simulator.systems["prisma_sdwan"]["port"]}}


@pytest.fixture(scope="module")
def plays(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Results]:
    """Everything that this file plays, each in one process of ansible-playbook."""

    def ansible(name: str) -> Ansible:
        return Ansible(tmp_path_factory.mktemp(name))

    with simulated() as simulator:
        defaults = {"keywords": {"module_defaults": defaults_of(simulator)}, "facts": facts_of(simulator)}
        untrusted = {"validate_certs": "false", "ca_path": ""}
        return {
            "set": poll(ansible("set"), ports(simulator), variables_of(simulator), MODES),
            "untrusted": poll(ansible("untrusted"), ports(simulator), variables_of(simulator, **untrusted)),
            "blank": poll(ansible("blank"), {}, blank(), **defaults),
            "no trust": poll(
                ansible("trust"), ports(simulator), variables_of(simulator, ca_path="", validate_certs="")
            ),
            "overruled": poll(ansible("over"), {}, variables_of(simulator, hostname="nowhere.invalid"), **defaults),
            "nothing": poll(ansible("nothing"), {}, blank()),
        }


@each_module
@pytest.mark.parametrize(
    ("kind", "mode"),
    [*(("set", mode) for mode in MODES), *((k, IN_PROCESS) for k in ("untrusted", "blank", "overruled"))],
)
def test_check_succeeds(plays: Mapping[str, Results], kind: str, mode: str, module: Module) -> None:
    """From the environment alone; from options beside blank variables; from options against other variables."""
    result = plays[kind][f"{module.name}_{mode}"]
    assert result["state"] == "running", result
    assert not result["failed"]


@each_module
def test_blank_variable_turns_no_check_off(plays: Mapping[str, Results], module: Module) -> None:
    """A blank VALIDATE_CERTS is no false, and a blank CA_PATH is no bundle."""
    assert plays["no trust"][f"{module.name}_{IN_PROCESS}"]["error"]["type"] == "tls"


@each_module
def test_blank_variable_is_no_value(plays: Mapping[str, Results], module: Module) -> None:
    """What is required and only there as a blank variable is missing, and named."""
    result = plays["nothing"][f"{module.name}_{IN_PROCESS}"]
    assert result["failed"]
    needed = {"prisma_sdwan": module.secrets[:1], "rest": ("hostname", "REST_TASK_HOST")}
    wanted = needed.get(module.group, ("hostname", "username", "password"))
    assert all(option in result["msg"] for option in wanted), result["msg"]
