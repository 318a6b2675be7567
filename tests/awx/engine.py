# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: its layout of a private data folder, its engine ansible-runner, and the events that come.

Source of the layout: AWX 24.6.1, awx/main/tasks/jobs.py (BaseTask.run, RunJob.build_env, build_args).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import COLLECTIONS, TOOLS, Ansible

from .data import CREDENTIAL_TYPES, JOB_TEMPLATES, PLAYBOOKS
from .injection import filled_in, inject

# AWX's setting MAX_EVENT_RES_DATA: the engine empties a result that takes more characters
MAX_EVENT_RES = 700_000
# Where the engine is: beside this Python, or in an environment with another release of it
RUNNER = Path(os.environ.get("TASKWATCH_RUNNER", TOOLS)) / "ansible-runner"
SYSTEMS = {"lxca": "lxca", "sdm": "sdm", "prisma_sdwan": "prisma_sase"}
IDENT = "job"
HOST = "manager.example.com"
# The engine checks for idleness whenever it has waited for output so long; AWX leaves it at five seconds
EVERY_SECOND = {"pexpect_timeout": 1}


@dataclass(frozen=True)
class Job:
    """A job of a template in a private data folder, and the environment of the engine itself."""

    room: Path
    template: str
    environment: dict[str, str]

    @property
    def command(self) -> list[str]:
        """Arguments of the engine that name what is to be run."""
        return ["-p", f"playbooks/{JOB_TEMPLATES[self.template]['playbook']}", "-i", IDENT]

    def run(self) -> subprocess.Popen[str]:
        """Start `ansible-runner run`."""
        return self._start([str(RUNNER), "run", "-q", str(self.room), *self.command])

    def run_module(self, module: str, arguments: str) -> subprocess.Popen[str]:
        """Start an ad-hoc command in place of the template."""
        what = ["-m", module, "-a", arguments, "--hosts", "all", "-i", IDENT]
        return self._start([str(RUNNER), "run", "-q", str(self.room), *what])

    def stream(self) -> subprocess.Popen[str]:
        """Start the job as a controller does whose jobs run in containers elsewhere; results come to `room`-results."""
        elsewhere, results = (self.room.with_name(f"{self.room.name}-{name}") for name in ("worker", "results"))
        for folder in (elsewhere, results):
            folder.mkdir()
        pipe = (
            'ansible-runner transmit "$1" "${@:4}" | ansible-runner worker --private-data-dir "$2" '
            f'| ansible-runner process -i {IDENT} "$3"'
        )
        command = ["bash", "-o", "pipefail", "-c", pipe, "job", str(self.room), str(elsewhere), str(results)]
        return self._start([*command, *self.command])

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.room.parent,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def lay_out(
    room: Path,
    template: str,
    simulator: Simulator,
    answers: Mapping[str, Any],
    *,
    settings: Mapping[str, Any] | None = None,
    extra_vars: Mapping[str, Any] | None = None,
    managers: Mapping[str, Simulator] | None = None,
    limit: str | None = None,
) -> Job:
    """Write what AWX writes before a job of this template begins, and return the job.

    `answers` are those of the survey, which arrive as text that is no template; `extra_vars` those of the template, to
    which a workflow adds the artifacts of its nodes. `managers` are the hosts of the inventory, `limit` is that of the
    launch; without them there is one host, and the template's own limit.
    """
    system = JOB_TEMPLATES[template]["limit"]
    hosts = managers or {HOST: simulator}
    for name in ("env", "inventory"):
        (room / name).mkdir(parents=True)
    shutil.copytree(PLAYBOOKS, room / "project/playbooks")
    access = {host: served.systems[system] for host, served in hosts.items()}
    where = {host: {"ansible_host": at["hostname"], "ansible_port": at["port"]} for host, at in access.items()}
    inventory = {system: {"hosts": list(hosts)}, "_meta": {"hostvars": where}}
    script = room / "inventory/hosts"
    script.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(inventory)!r})\n", encoding="utf-8")
    script.chmod(0o700)
    (room / "env/envvars").write_text(yaml.safe_dump(_envvars(room, system, list(hosts.values()))), encoding="utf-8")
    (room / "env/extravars").write_text(_unsafe(answers) + yaml.safe_dump(extra_vars or {"awx_job_id": 7}), "utf-8")
    (room / "env/cmdline").write_text(f"-u root -l {limit or system}", encoding="utf-8")
    ours = {"suppress_ansible_output": True, "suppress_output_file": True, **EVERY_SECOND}
    (room / "env/settings").write_text(json.dumps({**ours, **(settings or {})}), encoding="utf-8")
    home = room.with_name(f"{room.name}-home")
    home.mkdir()
    return Job(room, template, Ansible(home).environment())


def _envvars(room: Path, system: str, simulators: Sequence[Simulator]) -> dict[str, str]:
    data = CREDENTIAL_TYPES[SYSTEMS[system]]
    # One login for all; each simulator has an authority of its own
    authorities = "".join(Path(str(each.ca_path)).read_text("utf-8") for each in simulators)
    return {
        **inject(data, {**filled_in(data, system, simulators[0]), "ca": authorities}, room / "env"),
        "JOB_ID": "7",
        "INVENTORY_ID": "1",
        "MAX_EVENT_RES": str(MAX_EVENT_RES),
        "ANSIBLE_COLLECTIONS_PATH": f"/runner/requirements_collections{os.pathsep}{COLLECTIONS}",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_UNSAFE_WRITES": "1",
    }


def _unsafe(answers: Mapping[str, Any]) -> str:
    """Return answers as AWX writes them: no text of a user may become a template."""
    return "".join(
        f"{name}: {'!unsafe ' if isinstance(value, str) else ''}{json.dumps(value)}\n"
        for name, value in answers.items()
    )


def finish(process: subprocess.Popen[str], limit: float = 120) -> str:
    """Wait for the engine's end and return what it said."""
    try:
        said, _none = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return said


@contextmanager
def looked_after() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Hand out a place for jobs by name; those that have not ended when the block is left are ended then."""
    begun: dict[str, subprocess.Popen[str]] = {}
    try:
        yield begun
    finally:
        for process in begun.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


def wait_until(true: Callable[[], bool], limit: float = 60) -> None:
    """Return as soon as something came true; an event that is just being written counts as not yet.

    Raises:
        TimeoutError: when it did not.
    """
    over = time.monotonic() + limit
    while time.monotonic() < over:
        with suppress(json.JSONDecodeError):
            if true():
                return
        time.sleep(0.1)  # noqa: TID251 (another process is watched, which knows no clock of ours)
    raise TimeoutError


@dataclass(frozen=True)
class Events:
    """What a job left behind: its status, its events in order, and when the file of each was written."""

    status: str
    events: list[dict[str, Any]]
    written: list[float]

    def of(self, kind: str, task: str = "") -> list[dict[str, Any]]:
        """Return the events of a kind, of one task if it is named."""
        return [
            event
            for event in self.events
            if event["event"] == kind and (not task or event["event_data"].get("task") == task)
        ]

    def artifacts(self) -> dict[str, Any]:
        """Return what AWX hands to the next node of a workflow."""
        (stats,) = self.of("playbook_on_stats")
        found: dict[str, Any] = stats["event_data"].get("artifact_data", {})
        return found


def events_of(room: Path) -> Events:
    """Read the artifacts of the job in a private data folder."""
    folder = room / "artifacts" / IDENT
    # Beside them are half-done ones, which are called partial
    found = [path for path in folder.glob("job_events/*-*.json") if not path.stem.endswith("-partial")]
    files = sorted(found, key=lambda path: int(path.name.partition("-")[0]))
    events = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    status = (folder / "status").read_text(encoding="utf-8") if (folder / "status").is_file() else ""
    return Events(status, events, [path.stat().st_mtime for path in files])


def moment(event: Mapping[str, Any]) -> float:
    """Return when an event was made, in seconds of the clock that also dates files."""
    return datetime.fromisoformat(event["created"]).timestamp()


def seconds_since(events: Events, kind: str, task: str) -> float:
    """Return how long ago the first event of a kind and task was made, 0 if there is none yet."""
    now = datetime.now(UTC).timestamp()
    return max((now - moment(event) for event in events.of(kind, task)), default=0.0)


def search(folders: Iterable[Path], secrets: Iterable[str]) -> list[str]:
    """Return the files below some folders that hold a secret, as it is or as JSON writes it.

    Of the file `command`, where the engine writes down what it was started with, the environment is left out: a
    credential's variables stand there for as long as the job's folder does, whatever is run.
    """
    needles = {form.encode() for secret in secrets for form in (secret, json.dumps(secret)[1:-1])}
    return [
        str(file)
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and any(needle in _without_environment(file) for needle in needles)
    ]


def _without_environment(file: Path) -> bytes:
    if file.name != "command":
        return file.read_bytes()
    return json.dumps({**json.loads(file.read_bytes()), "env": None}).encode()
