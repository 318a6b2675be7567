# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of a service, with a log each, and how long to wait for what they do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.ansible import FOREIGN, PROXIES, ROOT

ENVIRONMENTS = ROOT / ".build/live"
# Seconds. The slowest service migrates a database first, which takes half a minute of CPU, on a busy machine.
PATIENCE = 600.0
BETWEEN_CHECKS = 0.1
LAST_LINES = 25


class ServiceError(Exception):
    """A service does not do what it is there for; the last lines of its log say why."""


@dataclass(frozen=True)
class Program:
    """A running program, and the file with all that it says."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def last_lines(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait until a condition holds.

        Raises:
            ServiceError: when it does not come to hold, or the program ends before.
        """
        ends = time.monotonic() + PATIENCE
        while not condition():
            code = self.process.poll()
            if code is not None:
                raise ServiceError(f"{self.name} ended with code {code} before {what}:\n{self.last_lines}")
            if time.monotonic() > ends:
                raise ServiceError(f"{self.name}: no {what} after {PATIENCE:.0f} s:\n{self.last_lines}")
            time.sleep(BETWEEN_CHECKS)  # noqa: TID251 (another process is watched, which knows no clock of ours)


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program, without what a developer's shell happens to hold."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith((*FOREIGN, "PREFECT_", "PULP_", "OS_")) and name.lower() not in PROXIES
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **variables}


def tool(service: str, name: str) -> str:
    """A command in the environment of a service.

    Raises:
        ServiceError: when the service was not installed.
    """
    path = ENVIRONMENTS / service / "bin" / name
    if not path.exists():
        raise ServiceError(f"{service} is not installed: {path.relative_to(ROOT)} is missing; run make live")
    return str(path)


def answers(port: int) -> bool:
    """Whether something accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> str:
    """Run a command to its end and return what it said.

    Raises:
        ServiceError: when it ends badly.
    """
    try:
        finished = subprocess.run(
            command,
            cwd=folder,
            env=environment_of(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(f"{Path(command[0]).name} has not ended after {PATIENCE:.0f} s") from None
    if finished.returncode:
        said = "\n".join(finished.stdout.splitlines()[-LAST_LINES:])
        raise ServiceError(f"{Path(command[0]).name} ended with code {finished.returncode}:\n{said}")
    return finished.stdout


@contextmanager
def started(
    name: str, command: Sequence[str], folder: Path, variables: Mapping[str, str], **streams: Any
) -> Iterator[Program]:
    """Run a program until the block ends."""
    log = folder / f"{name}.log"
    with ExitStack() as stack:
        output = stack.enter_context(log.open("w", encoding="utf-8"))
        process = stack.enter_context(
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment_of(variables),
                **{"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT, **streams},
                text=True,
                start_new_session=True,
            )
        )
        stack.callback(_end, process)
        yield Program(name, process, log)


def _end(process: subprocess.Popen[str]) -> None:
    """End a program and those that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
