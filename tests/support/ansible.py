# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's commands as a user runs them, with a configuration and a home of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COLLECTIONS = ROOT / ".build/collections"
PLUGINS = Path(__file__).parent / "ansible_plugins"
TOOLS = Path(sys.executable).parent
# Where Ansible's commands are: beside this Python, or in an environment with another ansible-core (make test-matrix)
COMMANDS = Path(os.environ.get("TASKWATCH_ANSIBLE", TOOLS))
# Longer than any test waits: a command that is still there then hangs.
PATIENCE = 180
# What a developer's shell may hold must decide nothing here, least of all whom to trust or what to log in with. Python
# buffers lines as it does for users.
OPTIONS = ("LXCA_", "SDM_", "VMWARE_", "PRISMASASE_", "X_AUTH_TOKEN", "REST_TASK_")
FOREIGN = ("ANSIBLE_", "EDA_", *OPTIONS, "PYTHONUNBUFFERED")
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
CONFIGURATION = f"""
[defaults]
home = {{folder}}/home
local_tmp = {{folder}}/local
remote_tmp = {{folder}}/remote
collections_path = {COLLECTIONS}
action_plugins = {PLUGINS}/action
callback_plugins = {PLUGINS}/callback
interpreter_python = {COMMANDS}/python
localhost_warning = False
nocows = True
internal_poll_interval = 0.02
[inventory]
inventory_unparsed_warning = False
"""
Tasks = list[dict[str, Any]]


def inherited() -> dict[str, str]:
    """Return what a command of the tests takes over from the developer's shell."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(FOREIGN) and name.lower() not in PROXIES
    }


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        """Everything that it said."""
        return self.stdout + self.stderr


@dataclass(frozen=True)
class Ansible:
    """Ansible with everything that it writes below `folder`."""

    folder: Path

    def environment(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a command, with further variables."""
        settings = self.folder / "ansible.cfg"
        settings.write_text(CONFIGURATION.format(folder=self.folder), encoding="utf-8")
        return {
            **inherited(),
            "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(settings),
            # Not below HOME, which need not be the home that the system knows of the user
            "ANSIBLE_ASYNC_DIR": str(self.folder / "async"),
            **(variables or {}),
        }

    def playbook(self, *plays: Mapping[str, Any], name: str = "play.yml") -> str:
        """Write a playbook and return its path."""
        file = self.folder / name
        # JSON is YAML, and quotes whatever needs it
        file.write_text(json.dumps(plays, indent=1), encoding="utf-8")
        return str(file)

    def start(self, *command: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command in a session of its own, as far away from this terminal as a controller's job is."""
        return subprocess.Popen(
            [str(COMMANDS / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, variables: Mapping[str, str] | None = None, patience: float = PATIENCE) -> Finished:
        """Run a command to its end, which comes within `patience` seconds."""
        began = time.monotonic()
        with self.start(*command, variables=variables) as process:
            try:
                stdout, stderr = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Finished(process.returncode, stdout, stderr, time.monotonic() - began)

    def facts(self, facts: Mapping[str, Any], name: str = "facts.json") -> list[str]:
        """Write extra variables to a file and return the arguments that name it: no secret in a command line."""
        file = self.folder / name
        file.write_text(json.dumps(facts), encoding="utf-8")
        file.chmod(0o600)
        return ["-e", f"@{file}"]

    def play(
        self,
        *plays: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
        arguments: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> Finished:
        """Run a playbook."""
        return self.run(
            "ansible-playbook",
            self.playbook(*plays),
            *self.facts(facts or {}),
            *arguments,
            variables=variables,
            patience=patience,
        )


def play_of(tasks: Tasks, **keywords: Any) -> dict[str, Any]:
    """Return a play on the controller itself."""
    return {"hosts": "localhost", "gather_facts": False, **keywords, "tasks": tasks}
