# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way in which a playbook may run a module, which execution mode it gets, and the ends that are compared."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from tests.support.ansible import Ansible, Finished, Tasks
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import simulated
from tests.support.stages import Act, Scene, play_acts

OWN_PLUGINS = Path(__file__).parent / "ansible_plugins"
# A host that is never connected to
AWAY = "away.example.com"
VAULT_PASSWORD = "password-of-the-vault"
MODULE = {"environment": {"TASKWATCH_TEST": "module"}}
# What Ansible adds to a result; only in a loop is left what it takes away elsewhere
# Ansible takes the warnings out of the results of a loop and shows them for all
LOOP_KEYS = frozenset(["item", "ansible_loop_var", "invocation", "warnings"])
ASYNC_KEYS = frozenset(
    [
        "ansible_job_id",
        "started",
        "finished",
        "results_file",
        "attempts",
        "stdout",
        "stdout_lines",
        "stderr",
        "stderr_lines",
    ]
)
WAIT: Mapping[str, Any] = {"wait": True}


@dataclass(frozen=True, eq=False)
class End:
    """How a task ends: its options beyond the connection, and the scenario in which it ends like that."""

    name: str
    scenario: str
    options: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False


# The module that takes every way in make test; they are the same for all, because all share one action plugin
SHOWN = "lxca_csv_job_info"
# What its action makes of the options comes before the choice of a mode
OWN_ACTION = "rest_task_info"
SUCCESS = End("success", "ended_well", WAIT)
FAILURE = End("failure", "ended_badly", WAIT, failed=True)


def ends_of(module: Module) -> tuple[End, ...]:
    """Return every end that a module has."""
    late = {"wait": True, "wait_timeout": 0.4, "wait_sleep": 0.1}
    unknown = [End("no such task", "halfway", module.ask(module.unknown), failed=True)] if module.option else []
    return (
        SUCCESS,
        FAILURE,
        End("check", "halfway", {"include_raw": True}),
        End("timeout", "halfway", late, failed=True),
        End("login refused", "halfway", {module.secrets[0]: "wrong"}, failed=True),
        End("option out of range", "halfway", {"wait_timeout": -1}, failed=True),
        End("option of no module", "halfway", {"no_such_option": 1}, failed=True),
        *unknown,
    )


@dataclass(frozen=True, eq=False)
class Way:
    """One way to run a module: the task's keywords, and whether it then runs in the controller's own process.

    `login` is the variable with the connection, `added` are the keys that Ansible adds to the result.
    """

    name: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    in_process: bool = True
    every_end: bool = False
    to: tuple[End, ...] = (SUCCESS, FAILURE)
    host: str = "localhost"
    login: str = "login"
    added: frozenset[str] = frozenset()

    def ends(self, module: Module) -> tuple[End, ...]:
        """Return the ends that are compared."""
        return ends_of(module) if self.every_end else self.to

    def is_taken_by(self, module: Module) -> bool:
        """Whether any run goes this way with a module: where Ansible packs it, only two without an own action."""
        turn = MODULES[WAYS.index(self) % len(MODULES)]
        return self.in_process or self.every_end or self is LOOP or module is turn or module.name in (SHOWN, OWN_ACTION)

    def in_short(self, module: Module, end: End) -> bool:
        """Whether make test goes this way: all ways with one module, the two execution modes with each."""
        return module.name == SHOWN or self is DIRECT or (self is AS_MODULE and end.name in EACH_MODULE)


def as_module(name: str, keywords: Mapping[str, Any], **more: Any) -> Way:
    """Return a way on which the module runs as modules do; each end costs a process, so the richest one will do."""
    return Way(name, keywords, in_process=False, **{"to": (FAILURE,), **more})


DIRECT = Way("in-process", every_end=True)
AS_MODULE = as_module("environment", MODULE, every_end=True)
EACH_MODULE = frozenset({"failure", "login refused"})
# Shows how it was called, so that all are called in it
LOOP = as_module("loop and environment", {"loop": ["a", "b"], **MODULE}, added=LOOP_KEYS)
BECOME = {"become": True, "become_method": "unchanged"}
WAYS = (
    DIRECT,
    AS_MODULE,
    Way("empty environment", {"environment": {}}),
    as_module("async and poll", {"async": 60, "poll": 1}, to=(SUCCESS, FAILURE), added=ASYNC_KEYS),
    as_module("async and async_status", {"async": 60, "poll": 0}, added=ASYNC_KEYS),
    Way("delegate_to", {"delegate_to": "localhost"}, host=AWAY),
    as_module("delegate_to and environment", {"delegate_to": "localhost", **MODULE}, host=AWAY),
    Way("connection local", {"connection": "local"}, host=AWAY),
    as_module("become", {**BECOME, "become_user": "daemon" if os.geteuid() == 0 else "root"}),
    Way("become the same user", {**BECOME, "become_user": pwd.getpwuid(os.geteuid()).pw_name}),
    Way("check mode", {"check_mode": True}),
    as_module("check mode and environment", {"check_mode": True, **MODULE}),
    Way("no_log", {"no_log": True}),
    Way("loop", {"loop": ["a", "b"]}, added=LOOP_KEYS),
    LOOP,
    Way("vaulted values", login="vaulted"),
    as_module("vaulted values and environment", MODULE, login="vaulted"),
    Way("unsafe values", login="unsafe"),
)


@dataclass(frozen=True)
class Compared:
    """What came of the ways of a module.

    `results` by names of way and end are lists, one result each but for loops; `sessions` are those open right after.
    """

    results: Mapping[tuple[str, str], list[dict[str, Any]]]
    sessions: Mapping[tuple[str, str], dict[str, list[Any]]]
    finished: Finished
    secrets: list[str]

    def told(self, way: Way, end: End) -> str:
        """Return what Ansible told of one task, at -vvvv."""
        _before, _found, after = self.finished.stdout.partition(f"\nTASK [{task_name(way, end)}] ")
        assert after, f"{task_name(way, end)} was not played"
        return after.partition("\nTASK [")[0]


def task_name(way: Way, end: End) -> str:
    """Return the name of the task that goes one way to an end."""
    return f"Go by {way.name} to {end.name}"


def compare(ansible: Ansible, module: Module, wanted: Container[tuple[str, str]]) -> Compared:
    """Go the wanted ways (names of way and end) in one process of ansible-playbook."""
    with simulated("ended_well") as simulator:
        connection = module.connection(simulator)
        keys = {
            (way, end): f"{number}_{i}"
            for number, way in enumerate(WAYS)
            for i, end in enumerate(way.ends(module))
            if (way.name, end.name) in wanted
        }
        hosts = ("localhost", AWAY)
        scenes = [
            Scene(
                tuple(act_of(module, *both, key, connection) for both, key in keys.items() if both[0].host == host),
                {"hosts": host},
            )
            for host in hosts
        ]
        played = play_acts(
            ansible,
            simulator,
            scenes,
            facts={"login": connection},
            arguments=["-vvvv", "-i", f"{AWAY},", *vaulted_facts(ansible.folder, connection)],
            variables={"ANSIBLE_BECOME_PLUGINS": str(OWN_PLUGINS / "become")},
        )
        secrets = [*module.secret_values(simulator), VAULT_PASSWORD]
    names = {(way.name, end.name): key for (way, end), key in keys.items()}
    found = {name: played.results[key] for name, key in names.items()}
    return Compared(
        {name: result.get("results", [result]) for name, result in found.items()},
        {name: played.traces[key]["sessions"] for name, key in names.items()},
        played.finished,
        secrets,
    )


def play_ad_hoc(ansible: Ansible, module: Module) -> Finished:
    """Go to success by an ad-hoc command."""
    with simulated(SUCCESS.scenario) as simulator:
        connection = module.connection(simulator)
        asked = {**{name: f"{{{{ login.{name} }}}}" for name in connection}, **options_of(module, SUCCESS)}
        words = ["-o", "-m", module.fqcn, "-a", json.dumps(asked), *ansible.facts({"login": connection})]
        return ansible.run("ansible", "localhost", *words)


def options_of(module: Module, end: End) -> dict[str, Any]:
    """Return the options of an end: two tasks of the system unless it asks for others."""
    return {**module.ask(list(module.ids)), **end.options}


def act_of(module: Module, way: Way, end: End, key: str, connection: Iterable[str]) -> Act:
    """Return the act that goes one way to an end."""
    login = {name: f"{{{{ {way.login}.{name} }}}}" for name in connection}
    task = {module.fqcn: {**login, **options_of(module, end)}, "ignore_errors": True, **way.keywords}
    tasks: Tasks = [{"name": task_name(way, end), **task, "register": f"result_{key}"}]
    if way.keywords.get("poll") == 0:
        status = {"jid": f"{{{{ result_{key}.ansible_job_id }}}}"}
        until = {"until": f"result_{key} is finished", "retries": 60, "delay": 0.5, "ignore_errors": True}
        tasks.append({"name": "Ask", "ansible.builtin.async_status": status, "register": f"result_{key}", **until})
    return Act(key, tasks, end.scenario, host=way.host)


def vaulted_facts(folder: Path, connection: Mapping[str, Any]) -> list[str]:
    """Write the connection once more, encrypted value by value and marked unsafe; return the arguments for it."""
    password = folder / "vault.txt"
    password.write_text(VAULT_PASSWORD, encoding="utf-8")
    vault = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))])
    lines = ["vaulted:"]
    for name, value in connection.items():
        encrypted = vault.encrypt(str(value)).decode().splitlines()
        lines += [f"  {name}: !vault |", *(f"    {line}" for line in encrypted)]
    lines += ["unsafe:", *(f"  {name}: !unsafe {json.dumps(str(value))}" for name, value in connection.items())]
    file = folder / "vaulted.yml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["-e", f"@{file}", "--vault-password-file", str(password)]
