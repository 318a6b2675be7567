# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every end that a task of a service can come to, and every outage on the way, in one run of ansible-playbook.

A case is a host of the inventory, so that all of them go on side by side; each has a proxy of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.ansible import Ansible, Finished

from .proxy import KINDS, Proxy, Trouble
from .services.base import Service
from .variants import variants_of

MODULE = "taskwatch.infra.rest_task_info"
# Seconds. ansible-playbook starts, and each trouble comes and goes, before such a task ends.
GOOD, BAD, LONG = 30, 8, 600
# How long a wait lasts that is not to see the end
SHORT = 8
# A trouble begins when so many requests went through, and lasts so long; longer than one request may take
AFTER, LASTS, TIMEOUT = 2, 3.0, 2
WAIT = {"wait": True, "wait_sleep": 1, "wait_timeout": 180}


@dataclass(frozen=True)
class Case:
    """Options of one task of the playbook. `state` and `error` are what has to come of it."""

    name: str
    options: Mapping[str, Any]
    state: str
    error: str | None = None
    trouble: Trouble | None = None
    cancels: str | None = None


@dataclass(frozen=True)
class Seen:
    """What came of a case. `output` is that of the whole playbook, `sessions` were open when it had ended."""

    case: Case
    result: Mapping[str, Any]
    proxy: Proxy
    finished: Finished
    sessions: int


def cases_of(service: Service) -> Iterator[Case]:
    """Begin the tasks of a service and yield the cases."""
    # The good ones last, so that as much as possible of them is left for the outages
    long, bad, other, good = (
        service.begin(course, seconds)
        for course, seconds in (("long", LONG), ("bad", BAD), ("good", GOOD), ("good", GOOD))
    )
    succeeds, fails = service.ends["good"], service.ends["bad"]
    yield Case("check", {"task_id": [long]}, "unfinished")
    yield Case("success", {**WAIT, "task_id": [good]}, succeeds)
    yield Case("failure", {**WAIT, "task_id": [bad]}, fails, "task_failed")
    yield Case("timeout", {**WAIT, "task_id": [long], "wait_timeout": SHORT}, "unfinished", "timeout")
    yield Case(
        "bounded", {**WAIT, "task_id": [long], "wait_timeout": SHORT, "wait_timeout_is_failure": False}, "unfinished"
    )
    yield Case("many", {**WAIT, "task_id": [good, bad, other]}, fails, "task_failed")
    yield Case("unknown", {"task_id": [service.unknown]}, "unknown", service.unknown_as)
    if service.wrong_login is not None:
        yield Case("wrong login", {**service.wrong_login, "task_id": [good]}, "unknown", "authentication")
        yield Case(
            "wrong login in a wait", {**WAIT, **service.wrong_login, "task_id": [good]}, "unknown", "authentication"
        )
    if service.cancel is not None:
        cancelled = service.begin("good", GOOD)
        yield Case("cancel", {**WAIT, "task_id": [cancelled]}, service.cancelled_as, "task_failed", cancels=cancelled)
    for kind in KINDS:
        options = {**WAIT, "task_id": [good], **({"timeout": TIMEOUT} if kind == "hang" else {})}
        yield Case(kind, options, succeeds, trouble=Trouble(kind, AFTER, LASTS))
    for name, changed in variants_of(service.name).items():
        yield Case(name, {**WAIT, "task_id": [good], **changed}, succeeds)
        yield Case(
            f"{name}, timeout", {**WAIT, "task_id": [good], **changed, "wait_timeout": SHORT}, "unfinished", "timeout"
        )
        yield Case(
            f"{name}, reset", {**WAIT, "task_id": [good], **changed}, succeeds, trouble=Trouble("reset", AFTER, LASTS)
        )


def play(service: Service, folder: Path) -> Mapping[str, Seen]:
    """Play all cases of a service, and return what came of each by its name."""
    ansible = Ansible(folder)
    cases = list(cases_of(service))
    with ExitStack() as stack:
        proxies = {case.name: stack.enter_context(service.through(case.trouble)) for case in cases}
        process = ansible.start(*_command(ansible, service, cases, proxies))
        for case in cases:
            if case.cancels is not None and service.cancel is not None:
                proxies[case.name].asked.wait(120)
                service.cancel(case.cancels)
        stdout, stderr = process.communicate(timeout=300)
    finished = Finished(process.returncode, stdout, stderr, 0.0)
    sessions = service.sessions() if service.sessions is not None else 0
    return {
        case.name: Seen(case, _result(folder, number, finished), proxies[case.name], finished, sessions)
        for number, case in enumerate(cases)
    }


def _command(ansible: Ansible, service: Service, cases: list[Case], proxies: Mapping[str, Proxy]) -> list[str]:
    hosts: dict[str, Any] = {}
    for number, case in enumerate(cases):
        where = {"hostname": "127.0.0.1", "port": proxies[case.name].port, "use_ssl": False}
        options = {"api": service.api, **service.options, **where, **case.options}
        if "description" in options:
            del options["api"]
        hosts[f"case{number}"] = {"options": options, "ansible_connection": "local"}
    inventory = ansible.folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    keep = {"content": "{{ result | to_json }}", "dest": f"{ansible.folder}/{{{{ inventory_hostname }}}}.json"}
    playbook = ansible.playbook(
        {
            "hosts": "all",
            "gather_facts": False,
            "strategy": "free",
            "tasks": [
                {"name": "Go", MODULE: {}, "args": "{{ options }}", "register": "result", "ignore_errors": True},
                {"name": "Keep", "ansible.builtin.copy": {**keep, "mode": "0600"}},
            ],
        }
    )
    forks = str(len(cases))
    return ["ansible-playbook", "-i", str(inventory), "--forks", forks, "-vvvv", playbook]


def _result(folder: Path, number: int, finished: Finished) -> Mapping[str, Any]:
    file = folder / f"case{number}.json"
    assert file.is_file(), finished.output[-4000:]
    result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return result
