# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way in which a playbook may run a module, and the ends to which each of them is followed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from tests.support.ansible import Ansible, Finished, Tasks, play_of
from tests.support.checks import DATE, MOMENTS, SECONDS
from tests.support.modules import Module
from tests.support.rehearsal import in_turn, scenario_of, simulated

OWN_PLUGINS = Path(__file__).parent / "ansible_plugins"
# A host that nobody ever connects to
AWAY = "away.example.com"
VAULT_PASSWORD = "password-of-the-vault"
MODULE = {"environment": {"TASKWATCH_TEST": "module"}}
# What Ansible adds to a result; only in a loop is left what it takes away elsewhere
LOOP_KEYS = frozenset(["item", "ansible_loop_var", "invocation"])
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


SUCCESS = End("success", "ended_well", WAIT)
FAILURE = End("failure", "ended_badly", WAIT, failed=True)


def ends_of(module: Module) -> tuple[End, ...]:
    """Return every end that a module has."""
    late = {"wait": True, "wait_timeout": 0.4, "wait_sleep": 0.1}
    unknown = [End("no such task", "halfway", module.ask(module.unknown), failed=True)] if module.option else []
    return (
        SUCCESS,
        FAILURE,
        End("look", "halfway", {"include_raw": True}),
        End("timeout", "halfway", late, failed=True),
        End("login refused", "halfway", {module.secrets[0]: "wrong"}, failed=True),
        End("option out of range", "halfway", {"wait_timeout": -1}, failed=True),
        End("option of no module", "halfway", {"no_such_option": 1}, failed=True),
        *unknown,
    )


@dataclass(frozen=True, eq=False)
class Road:
    """One way to run a module: the task's keywords, and whether it then runs in the controller's own process.

    `login` is the variable with the connection, `added` are the keys that Ansible adds to the result on this road.
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
        """Return the ends to which this road is followed."""
        spared = module.logs_in_like_others and not self.in_process
        return ends_of(module) if self.every_end and not spared else self.to


def as_module(name: str, keywords: Mapping[str, Any], **more: Any) -> Road:
    """Return a road on which the module runs as modules do; each end costs a process, so the richest one will do."""
    return Road(name, keywords, in_process=False, **{"to": (FAILURE,), **more})


DIRECT = Road("in-process", every_end=True)
ROADS = (
    DIRECT,
    as_module("environment", MODULE, every_end=True),
    Road("empty environment", {"environment": {}}),
    as_module("async and poll", {"async": 60, "poll": 1}, to=(SUCCESS, FAILURE), added=ASYNC_KEYS),
    as_module("async and async_status", {"async": 60, "poll": 0}, added=ASYNC_KEYS),
    Road("delegate_to", {"delegate_to": "localhost"}, host=AWAY),
    as_module("delegate_to and environment", {"delegate_to": "localhost", **MODULE}, host=AWAY),
    Road("connection local", {"connection": "local"}, host=AWAY),
    as_module("become", {"become": True, "become_method": "unchanged"}),
    Road("check mode", {"check_mode": True}),
    as_module("check mode and environment", {"check_mode": True, **MODULE}),
    Road("no_log", {"no_log": True}),
    Road("loop", {"loop": ["a", "b"]}, added=LOOP_KEYS),
    as_module("loop and environment", {"loop": ["a", "b"], **MODULE}, added=LOOP_KEYS),
    Road("vaulted values", login="vaulted"),
    as_module("vaulted values and environment", MODULE, login="vaulted"),
    Road("unsafe values", login="unsafe"),
)


@dataclass(frozen=True)
class Travelled:
    """What came of all roads of a module.

    `results` by names of road and end are lists, one result each but for loops; `sessions` are those open right after.
    """

    results: Mapping[tuple[str, str], list[dict[str, Any]]]
    sessions: Mapping[tuple[str, str], dict[str, list[Any]]]
    finished: Finished
    ad_hoc: Finished
    secrets: list[str]

    def told(self, road: Road, end: End) -> str:
        """Return what Ansible told of one task, at -vvvv."""
        _before, _found, after = self.finished.stdout.partition(f"\nTASK [{task_name(road, end)}] ")
        assert after, f"{task_name(road, end)} was not played"
        return after.partition("\nTASK [")[0]


def task_name(road: Road, end: End) -> str:
    """Return the name of the task that goes a road to an end."""
    return f"Go by {road.name} to {end.name}"


def settled(result: Mapping[str, Any]) -> Any:
    """Return a result without what only depends on when it was asked for; the keys stay."""

    def without_moments(each: dict[str, Any]) -> dict[str, Any]:
        return {key: None if key in MOMENTS else value for key, value in each.items()}

    timeless = SECONDS.sub("N s", DATE.sub("DATE", json.dumps(result)))
    return json.loads(timeless, object_hook=without_moments)


def travel(ansible: Ansible, module: Module) -> Travelled:
    """Go all roads of a module to their ends, in one process of ansible-playbook, and one more by an ad-hoc command."""
    with simulated("ended_well") as simulator:
        connection = module.connection(simulator)
        keys = {
            (road, end): f"{number}_{i}" for number, road in enumerate(ROADS) for i, end in enumerate(road.ends(module))
        }
        control = {"url": simulator.control_url}
        plays = [
            {
                **play_of(
                    in_turn(
                        control,
                        (act_of(module, *way, key, connection) for way, key in keys.items() if way[0].host == host),
                    )
                ),
                "hosts": host,
            }
            for host in ("localhost", AWAY)
        ]
        results = ansible.folder / "results.json"
        parts = [
            f"'{kind}_{key}': hostvars['{road.host}']['{kind}_{key}']"
            for (road, _end), key in keys.items()
            for kind in ("result", "trace")
        ]
        content = "{{ {" + ", ".join(parts) + "} | to_json }}"
        plays.append(play_of([{"ansible.builtin.copy": {"dest": str(results), "content": content, "mode": "0600"}}]))
        variables = {"ANSIBLE_BECOME_PLUGINS": str(OWN_PLUGINS / "become")}
        arguments = ["-vvvv", "-i", f"{AWAY},", *vaulted_facts(ansible.folder, connection)]
        finished = ansible.play(*plays, facts={"login": connection}, arguments=arguments, variables=variables)
        simulator.reset(scenario_of(SUCCESS.scenario))
        asked = {**{name: f"{{{{ login.{name} }}}}" for name in connection}, **options_of(module, SUCCESS)}
        words = ["-o", "-m", module.fqcn, "-a", json.dumps(asked), *ansible.facts({"login": connection})]
        ad_hoc = ansible.run("ansible", "localhost", *words)
        secrets = [*module.secret_values(simulator), VAULT_PASSWORD]
    if not results.is_file():
        raise AssertionError(f"the playbook of {module.name} did not come to its end:\n{finished.output[-6000:]}")
    told = json.loads(results.read_text(encoding="utf-8"))
    names = {(road.name, end.name): key for (road, end), key in keys.items()}
    found = {name: told[f"result_{key}"] for name, key in names.items()}
    return Travelled(
        {name: result.get("results", [result]) for name, result in found.items()},
        {name: told[f"trace_{key}"]["sessions"] for name, key in names.items()},
        finished,
        ad_hoc,
        secrets,
    )


def options_of(module: Module, end: End) -> dict[str, Any]:
    """Return the options of an end: two tasks of the system unless it asks for others."""
    return {**module.ask(list(module.ids)), **end.options}


def act_of(
    module: Module, road: Road, end: End, key: str, connection: Iterable[str]
) -> tuple[str, dict[str, Any], Tasks]:
    """Return the act that goes a road to an end and registers what came of it as `result_KEY`."""
    login = {name: f"{{{{ {road.login}.{name} }}}}" for name in connection}
    task = {module.fqcn: {**login, **options_of(module, end)}, "ignore_errors": True, **road.keywords}
    tasks: Tasks = [{"name": task_name(road, end), **task, "register": f"result_{key}"}]
    if road.keywords.get("poll") == 0:
        status = {"jid": f"{{{{ result_{key}.ansible_job_id }}}}"}
        until = {"until": f"result_{key} is finished", "retries": 60, "delay": 0.5, "ignore_errors": True}
        tasks.append({"name": "Ask", "ansible.builtin.async_status": status, "register": f"result_{key}", **until})
    return key, {"scenario": scenario_of(end.scenario)}, tasks


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
