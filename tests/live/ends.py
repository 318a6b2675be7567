# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every end that a task of a service can come to, and every outage on the way, in one run of ansible-playbook.

A case is a host of the inventory, so that all of them go on side by side; each has a proxy of its own.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
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
STARTED, HOSTS = "started", "hosts.json"
# Seconds after which the playbook hangs
LONGEST = 300
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
    with ExitStack() as stack:
        process = ansible.start("ansible-playbook", "--forks", "40", "-vvvv", _playbook(ansible))
        # Its output is read all the time: a full pipe would stop it
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(process.communicate()))
        reader.start()
        try:
            # The tasks are begun when Ansible has started, which takes long on a busy machine
            _wait_for(folder / STARTED, process)
            cases = list(cases_of(service))
            proxies = {case.name: stack.enter_context(service.through(case.trouble)) for case in cases}
            hosts = {f"case{number}": _options(service, case, proxies[case.name]) for number, case in enumerate(cases)}
            (folder / "hosts.new").write_text(json.dumps(hosts), encoding="utf-8")
            (folder / "hosts.new").rename(folder / HOSTS)
            for case in cases:
                if case.cancels is not None and service.cancel is not None:
                    proxies[case.name].asked.wait(120)
                    service.cancel(case.cancels)
            reader.join(LONGEST)
        finally:
            if process.poll() is None:
                process.kill()
            reader.join()
    stdout, stderr = said
    finished = Finished(process.returncode, stdout, stderr, 0.0)
    sessions = service.sessions() if service.sessions is not None else 0
    return {
        case.name: Seen(case, _result(folder, number, finished), proxies[case.name], finished, sessions)
        for number, case in enumerate(cases)
    }


def _wait_for(file: Path, process: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + 120
    while not file.exists():
        assert process.poll() is None, "ansible-playbook ends"
        assert time.monotonic() < ends, "ansible-playbook does not start"
        time.sleep(0.1)  # noqa: TID251 (another process is watched, which knows no clock of ours)


def _options(service: Service, case: Case, proxy: Proxy) -> dict[str, Any]:
    where = {"hostname": "127.0.0.1", "port": proxy.port, "use_ssl": False}
    options = {"api": service.api, **service.options, **where, **case.options}
    if "description" in options:
        del options["api"]
    return options


def _playbook(ansible: Ansible) -> str:
    """A play that waits for the hosts, and one in which each goes its way."""
    folder = ansible.folder
    host = {"name": "{{ item.key }}", "groups": "cases", "ansible_connection": "local", "options": "{{ item.value }}"}
    begin = [
        {"name": "Started", "ansible.builtin.copy": {"content": "", "dest": str(folder / STARTED), "mode": "0600"}},
        {"name": "Begun", "ansible.builtin.wait_for": {"path": str(folder / HOSTS), "timeout": 120}},
        {
            "name": "Hosts",
            "ansible.builtin.add_host": host,
            "loop": f"{{{{ lookup('file', '{folder / HOSTS}') | from_json | dict2items }}}}",
            # They hold passwords, and are no options of a module here
            "no_log": True,
        },
    ]
    keep = {"content": "{{ result | to_json }}", "dest": f"{folder}/{{{{ inventory_hostname }}}}.json", "mode": "0600"}
    go = [
        {"name": "Go", MODULE: {}, "args": "{{ options }}", "register": "result", "ignore_errors": True},
        {"name": "Keep", "ansible.builtin.copy": keep},
    ]
    return ansible.playbook(
        {"hosts": "localhost", "gather_facts": False, "tasks": begin},
        {"hosts": "cases", "gather_facts": False, "strategy": "free", "tasks": go},
    )


def _result(folder: Path, number: int, finished: Finished) -> Mapping[str, Any]:
    file = folder / f"case{number}.json"
    assert file.is_file(), finished.output[-4000:]
    result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return result
