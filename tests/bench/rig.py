# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every measurement stands on: a simulator in a process of its own, Ansible, and the cost of a command."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
COLLECTIONS = ROOT / ".build/collections"
TOOLS = Path(sys.executable).parent
READY_SECONDS = 60
STOP_SECONDS = 10
# Longer than any measurement: a command that is still there then hangs
PATIENCE_SECONDS = 400
# What a developer's shell may hold must decide nothing here.
FOREIGN = ("ANSIBLE_", "LXCA_", "SDM_", "VMWARE_", "PRISMASASE_", "X_AUTH_TOKEN", "RUNNER_", "PYTHON")
BUNDLES = frozenset({"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"})
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
FORKS = 10
CONFIGURATION = f"""
[defaults]
home = {{folder}}/home
local_tmp = {{folder}}/local
remote_tmp = {{folder}}/remote
collections_path = {COLLECTIONS}
forks = {FORKS}
localhost_warning = False
nocows = True
[inventory]
inventory_unparsed_warning = False
"""
Tasks = list[dict[str, Any]]
Play = dict[str, Any]


class BenchError(Exception):
    """Something measured did not do what it is measured for; the text is for the person who runs the benchmark."""


@dataclass(frozen=True)
class Cost:
    """What a command took: wall seconds, and processor seconds of it and all its children."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Finished:
    """A command that has ended well, and what it said."""

    cost: Cost
    output: str


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Return the medians, each of its own."""
    middle = (len(costs) - 1) // 2
    return Cost(*(sorted(getattr(each, name) for each in costs)[middle] for name in ("wall", "cpu")))


@dataclass(frozen=True)
class Simulator:
    """A simulator in a process of its own; `facts` is its ready file."""

    facts: Mapping[str, Any]

    @property
    def ca_path(self) -> str:
        """The certificate authority's file."""
        return str(self.facts["ca_path"])

    def system(self, name: str) -> dict[str, Any]:
        """Return where a system listens and its credentials."""
        return dict(self.facts["systems"][name])

    def control(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the control API: POST with a body, GET without."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.facts['control_url']}{path}", data=data)  # noqa: S310 (its own URL)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def requests(self, system: str) -> list[dict[str, Any]]:
        """Return what one system was asked, in order."""
        return [each for each in self.control("/requests") if each["system"] == system]

    def open_sessions(self, system: str) -> int:
        """Return how many sessions are open at one system."""
        return len(self.control("/sessions")[system])


@dataclass
class Rig:
    """Commands with everything that they write below `folder`."""

    folder: Path
    _count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file("ansible.cfg", CONFIGURATION.format(folder=self.folder))

    def file(self, name: str, content: object) -> Path:
        """Write a file that only its owner can read, as text or as JSON, which is YAML too."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return path

    def environment(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a command, with further variables."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name not in BUNDLES and name.lower() not in PROXIES
        }
        ours = {
            "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
        }
        return {**kept, **ours, **(variables or {})}

    def start(
        self,
        command: Sequence[str | Path],
        output: IO[bytes] | int,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a command; its output, errors included, goes to a file."""
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    @property
    def python(self) -> Path:
        """The interpreter that runs everything."""
        return TOOLS / "python"

    def run(self, *command: str | Path, variables: Mapping[str, str] | None = None, expect: int = 0) -> Finished:
        """Run a command to its end and return its cost.

        Raises:
            BenchError: when it ends with another exit code than expected, or not at all.
        """
        self._count += 1
        log = self.folder / f"output-{self._count}.txt"
        with log.open("wb") as output:
            began = time.monotonic()
            process = self.start(command, output, variables)
            watch = threading.Timer(PATIENCE_SECONDS, process.kill)
            watch.start()
            try:
                _pid, status, usage = os.wait4(process.pid, 0)
                wall = time.monotonic() - began
            finally:
                watch.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
        said = log.read_text(encoding="utf-8", errors="replace")
        if process.returncode != expect:
            raise BenchError(f"{shlex.join(map(str, command))} ended with {process.returncode}:\n{said[-3000:]}")
        log.unlink()
        return Finished(Cost(wall, usage.ru_utime + usage.ru_stime), said)

    def playbook(self, tasks: Tasks, **keywords: Any) -> Path:
        """Write a playbook of one play, on the controller if nothing else is said."""
        play = {"hosts": "localhost", "gather_facts": False, **keywords, "tasks": tasks}
        self._count += 1
        return self.file(f"play-{self._count}.yml", [play])

    def play(self, tasks: Tasks, inventory: Path | None = None, *, expect: int = 0, **keywords: Any) -> Finished:
        """Play tasks; `keywords` are those of the play."""
        where: list[str | Path] = [] if inventory is None else ["-i", inventory]
        return self.run(TOOLS / "ansible-playbook", *where, self.playbook(tasks, **keywords), expect=expect)

    @contextmanager
    def simulator(self, scenario: Mapping[str, Any]) -> Iterator[Simulator]:
        """Serve a scenario until the block ends.

        Raises:
            BenchError: when it does not come up.
        """
        self._count += 1
        ready = self.folder / f"ready-{self._count}.json"
        log = self.folder / f"simulator-{self._count}.txt"
        source = self.file(f"scenario-{self._count}.yml", scenario)
        command: list[str | Path] = [
            *(self.python, "-m", "taskwatch_simulator"),
            *("--scenario", source, "--ready-file", ready),
        ]
        found = {"PYTHONPATH": str(ROOT / "simulator")}
        with log.open("wb") as output, self.start(command, output, found) as server:
            try:
                _await_file(ready, server, log)
                yield Simulator(json.loads(ready.read_text(encoding="utf-8")))
            finally:
                _stop(server)


def _await_file(ready: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    deadline = time.monotonic() + READY_SECONDS
    while not ready.is_file():
        if server.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"the simulator did not come up:\n{log.read_text(encoding='utf-8')}")
        pause.wait(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
