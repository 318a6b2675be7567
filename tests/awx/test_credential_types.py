# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential types are such as AWX takes, and what they inject lets the modules in without weakening a check."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible, play_of
from tests.support.modules import BY_NAME, MODULES
from tests.support.rehearsal import simulated
from tests.support.stages import keep

from .data import CREDENTIAL_TYPES
from .injection import CannotStart, filled_in, inject, inject_vmware
from .rules import faults_of_type

SYSTEM_OF = {
    "lxca": "lxca",
    "sdm": "sdm",
    "prisma_sase": "prisma_sdwan",
    "prisma_sdwan_token": "prisma_sdwan",
    # Described in data
    "rest_task": "lxca",
}
SECRETS = {"password", "client_secret", "auth_token", "token", "client_key"}
each_type = pytest.mark.parametrize("name", CREDENTIAL_TYPES)
Results = Mapping[str, dict[str, Any]]


@each_type
def test_awx_takes_the_type(name: str) -> None:
    assert list(faults_of_type(CREDENTIAL_TYPES[name])) == []


@each_type
def test_secrets_are_secret(name: str) -> None:
    fields = CREDENTIAL_TYPES[name]["inputs"]["fields"]
    assert {field["id"] for field in fields if field.get("secret")} == SECRETS & {field["id"] for field in fields}


def test_every_variable_of_the_modules_is_injected() -> None:
    """No more, because AWX would set it for nothing, and no less; those of VMware come with AWX itself."""
    read = {
        variable
        for system in SYSTEMS.values()
        for option in system.ARGUMENT_SPEC.values()
        if "fallback" in option
        for variable in option["fallback"][1]
        if not variable.startswith("VMWARE_")
    }
    assert read == {variable for each in CREDENTIAL_TYPES.values() for variable in each["injectors"]["env"]}


def _spoil(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for part in path[:-1]:
            data = data[part]
        data[path[-1]] = value

    return change


SPOILT = {
    "kind": _spoil("kind", value="ssh"),
    "key of a field": _spoil("inputs", "fields", 0, "placeholder", value="lxca.example.com"),
    "no type": lambda data: data["inputs"]["fields"][0].pop("type"),
    "integer": _spoil("inputs", "fields", 1, "type", value="integer"),
    "secret boolean": _spoil("inputs", "fields", -1, "secret", value=True),
    "default true": _spoil("inputs", "fields", -1, "default", value=True),
    "default as text": _spoil("inputs", "fields", -1, "default", value="false"),
    "asked at run time": _spoil("inputs", "fields", 0, "ask_at_runtime", value=True),
    "id": _spoil("inputs", "fields", 0, "id", value="host-name"),
    "id twice": _spoil("inputs", "fields", 1, "id", value="host"),
    "id tower": _spoil("inputs", "fields", 0, "id", value="tower"),
    "required": _spoil("inputs", "required", value=["user"]),
    "dependencies": _spoil("inputs", "dependencies", value={}),
    "variable of Ansible": _spoil("injectors", "env", "ANSIBLE_TIMEOUT", value="1"),
    "variable of AWX": _spoil("injectors", "env", "JOB_ID", value="1"),
    "number": _spoil("injectors", "env", "LXCA_PORT", value=443),
    "not ASCII": _spoil("injectors", "env", "LXCA_PORT", value="\N{DIGIT FOUR}\N{BULLET}"),
    "undefined": _spoil("injectors", "env", "LXCA_USER", value="{{ user }}"),
    "filter of Ansible": _spoil("injectors", "env", "LXCA_USER", value="{{ username | b64encode }}"),
    "unsafe": _spoil("injectors", "env", "LXCA_USER", value="{{ username.__class__.mro() }}"),
    "file without a name": _spoil("injectors", "env", "LXCA_CA_PATH", value="{{ tower.filename }}.pem{{ tower.ca }}"),
    "two kinds of files": _spoil("injectors", "file", "template", value="{{ ca }}"),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
def test_rules_find_what_awx_refuses(change: Callable[[dict[str, Any]], None]) -> None:
    """The rules themselves: each spoilt type has exactly one fault or a few, never none."""
    spoilt = copy.deepcopy(CREDENTIAL_TYPES["lxca"])
    change(spoilt)
    assert list(faults_of_type(spoilt))


@each_type
def test_awx_names_what_a_credential_lacks(name: str, tmp_path: Path) -> None:
    data = CREDENTIAL_TYPES[name]
    for required in data["inputs"].get("required", []):
        given = dict.fromkeys(data["inputs"]["required"], "something")
        with pytest.raises(CannotStart, match=required):
            inject(data, {**given, required: ""}, tmp_path)


def credentials(folder: Path, simulator: Simulator, *, only_required: bool = False, **more: Any) -> dict[str, str]:
    """Return the environment of a job that has a credential of every type, VMware's included."""
    variables = inject_vmware(simulator.systems["vcenter"])
    for name in more.pop("types", ("lxca", "sdm", "prisma_sase", "rest_task")):
        data = CREDENTIAL_TYPES[name]
        inputs = {**filled_in(data, SYSTEM_OF[name], simulator), **more}
        if only_required:
            # What a REST API needs, its description says; the type requires nothing
            inputs = {field: inputs[field] for field in data["inputs"].get("required", ["username", "password"])}
        own = folder / name
        own.mkdir()
        variables.update(inject(data, inputs, own))
    return variables


def poll(folder: Path, simulator: Simulator, variables: Mapping[str, str], **more: Mapping[str, Any]) -> Results:
    """Check with every module, with no option but those that no credential has, and return the results."""
    ports = {name: simulator.systems[name]["port"] for name in ("vcenter", "prisma_sdwan")}
    own: dict[str, dict[str, Any]] = {
        # AWX's setting VMWARE_VALIDATE_CERTS is off by default, so the option has to say it
        "appliance_update_info": {
            "port": ports["vcenter"],
            "validate_certs": True,
            "ca_path": simulator.ca_path,
        },
        "element_image_status_info": {"port": ports["prisma_sdwan"]},
    }
    tasks: list[dict[str, Any]] = [
        {
            "name": f"Check with {module.name}",
            module.fqcn: {
                **module.ask(module.ids[0]),
                **own.get(module.name, {}),
                **more.get(module.system, {}),
            },
            "register": module.name,
            "ignore_errors": True,
        }
        for module in MODULES
    ]
    results = folder / "results.json"
    kept = keep(results, {module.name: module.name for module in MODULES})
    finished = Ansible(folder).play(play_of(tasks), kept, variables=variables)
    assert results.is_file(), finished.output
    told: Results = json.loads(results.read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Results]:
    """One poll with every module for each way to fill in the credentials."""

    def new(name: str) -> Path:
        return tmp_path_factory.mktemp(name.replace(" ", "-"))

    with simulated() as simulator:
        places = {
            system: {name: access[name] for name in ("hostname", "port", "auth_url") if name in access}
            for system, access in simulator.systems.items()
        }
        unchecked = {"insecure": True, "ca": "", "types": ("lxca", "sdm", "prisma_sdwan_token", "rest_task")}
        kinds: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
            "all fields": ({}, {}),
            "required fields only": ({"only_required": True}, places),
            "a token, and no check": (unchecked, {}),
        }
        found = {}
        for name, (how, options) in kinds.items():
            folder = new(name)
            found[name] = poll(folder, simulator, credentials(folder, simulator, **how), **options)
    return found


each_module = pytest.mark.parametrize("module", [module.name for module in MODULES])


@each_module
@pytest.mark.parametrize("kind", ["all fields", "a token, and no check"])
def test_looks_succeed(polls: Mapping[str, Results], kind: str, module: str) -> None:
    result = polls[kind][module]
    assert not result["failed"], result["msg"]
    assert result["state"] == "running"


@each_module
def test_what_was_left_out_turns_no_check_off(polls: Mapping[str, Results], module: str) -> None:
    """Neither the omitted boolean, which AWX injects as False, nor the blank authority turns trust on."""
    result = polls["required fields only"][module]
    if BY_NAME[module].system == "vcenter":
        # AWX's own type has no field for an authority; the option names it here
        assert not result["failed"], result["msg"]
        return
    assert result["error"]["type"] == "tls", result
