# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits of all modules at a time in one process of ansible-playbook, and whatever that process leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible
from tests.support.modules import MODULES, Module

MARK = "TASKWATCH_TEST_RUN"
BETWEEN_POLLS = 0.05


@dataclass(frozen=True)
class Waiting:
    """One host of a play: it waits for the tasks of a module, with further options and keywords of the task."""

    module: Module
    options: Mapping[str, Any] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)
    label: str = "waits"

    @property
    def host(self) -> str:
        """The host's name in the inventory."""
        return f"{self.module.name}.{self.label}"


def play_side_by_side(
    ansible: Ansible,
    hosts: list[Waiting],
    simulators: Mapping[str, Simulator],
    **keywords: Any,
) -> list[str]:
    """Write a play in which every host waits at the same time, and return the command that plays it.

    `simulators` maps labels of hosts to what serves them; the one of no label, "", serves all others.
    """
    logins = {}
    for each in hosts:
        connection = each.module.connection(simulators[each.label if each.label in simulators else ""])
        logins[each.host] = connection
        options = {name: f"{{{{ logins[inventory_hostname].{name} }}}}" for name in connection}
        asked = {**options, **each.module.ask(list(each.module.ids)), "wait": True, **each.options}
        # A file for each host: of one list with conditions, every host would start a worker for the tasks of all others
        own = [{"name": each.host, each.module.fqcn: asked, **each.keywords}]
        (ansible.folder / f"{each.host}.yml").write_text(json.dumps(own), encoding="utf-8")
    include = {"name": "Wait", "ansible.builtin.include_tasks": f"{ansible.folder}/{{{{ inventory_hostname }}}}.yml"}
    play = {"hosts": "all", "gather_facts": False, "strategy": "free", "tasks": [include], **keywords}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory = ansible.folder / "inventory.ini"
    lines = ["[all:vars]", *(f"{name}={value}" for name, value in local.items()), "[waiting]", *(e.host for e in hosts)]
    inventory.write_text("\n".join(lines) + "\n", encoding="utf-8")
    facts = ansible.facts({"logins": logins})
    return ["ansible-playbook", "-i", str(inventory), "-f", str(len(hosts)), ansible.playbook(play), *facts]


def everyone(label: str = "waits", keywords: Mapping[str, Any] | None = None, **options: Any) -> list[Waiting]:
    """Return one host per module, all with the same further options and keywords."""
    return [Waiting(module, options, keywords or {}, label) for module in MODULES]


def mark() -> dict[str, str]:
    """Return an environment variable by which all processes of one run are known."""
    return {MARK: uuid.uuid4().hex}


def marked(variables: Mapping[str, str]) -> list[int]:
    """Return the ids of all living processes that were started with this mark."""
    wanted = f"{MARK}={variables[MARK]}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


def end_marked(variables: Mapping[str, str]) -> None:
    """End what a run has left behind."""
    for number in marked(variables):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def seconds_until(true: Callable[[], bool], limit: float) -> float | None:
    """Return how long it took until something came true, None if it did not within `limit` seconds."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > limit:
            return None
        time.sleep(BETWEEN_POLLS)  # noqa: TID251 (another process is watched, which knows no clock of ours)
    return time.monotonic() - began
