# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of ansible-rulebook, as a user starts them."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import TOOLS, Ansible
from tests.support.modules import MODULES

from .controller import TOKEN, Controller

# Starting Java and asking ansible-galaxy take seconds, on a busy machine many.
PATIENCE = 120.0
BETWEEN_POLLS = 0.05


@dataclass
class Rulebook:
    """A running ansible-rulebook. What it says is in a file, so that it can be read while it runs."""

    process: subprocess.Popen[str]
    log: Path
    secrets: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait for something to become true.

        Raises:
            AssertionError: when it does not, or when the process ends before.
        """
        ends = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends, f"{what} did not happen:\n{self.said}"
            assert self.process.poll() is None, f"it ended before {what}:\n{self.said}"
            time.sleep(BETWEEN_POLLS)  # noqa: TID251 (another process is watched, which knows no clock of ours)

    def end(self, *, by: signal.Signals | None = None) -> int:
        """Wait for its end, after a signal if one is given, and return the exit code; no secret was said."""
        if by is not None:
            self.process.send_signal(by)
        code = self.process.wait(PATIENCE)
        for secret in self.secrets:
            assert secret not in self.said
        assert "Traceback" not in self.said
        return code


@contextmanager
def started(
    ansible: Ansible,
    rulebook: str,
    simulator: Simulator,
    *arguments: str,
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    controller: Controller | None = None,
) -> Iterator[Rulebook]:
    """Start ansible-rulebook with addresses and logins of a simulator in its environment, as credentials set them."""
    known: dict[str, str] = {"EDA_JOB_TEMPLATE_REFRESH_DELAY": "0.2"}
    for module in MODULES:
        known |= module.variables(simulator)
    if controller is not None:
        known |= {"EDA_CONTROLLER_URL": controller.url, "EDA_CONTROLLER_TOKEN": TOKEN}
    given = ansible.folder / "vars.yml"
    given.write_text(json.dumps(dict(variables or {})), encoding="utf-8")
    log = ansible.folder / "rulebook.log"
    command = [str(TOOLS / "ansible-rulebook"), "--rulebook", rulebook, "--vars", str(given), *arguments]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=ansible.folder,
            env=ansible.environment({**known, **(environment or {})}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    secrets = [TOKEN, *{secret for module in MODULES for secret in module.secret_values(simulator)}]
    try:
        yield Rulebook(process, log, secrets)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE)
