# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sets the simulator's stage before each act of a playbook and reads after it what the simulator saw.

A task belongs to the act that its variable `act` names; the act `playbook` begins with the playbook. A callback does
this in Ansible's main process; a task of its own would cost a worker process for each act. See tests/support/stages.py.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import requests
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: simulator_stage
type: aggregate
short_description: The simulator's scenario and faults for each act, and what the simulator saw of it
description: Reads the file that the environment variable TASKWATCH_STAGES names, and writes the traces beside it.
"""
TIMEOUT = 30


class CallbackModule(CallbackBase):
    """Begins each act with its scenario, and keeps requests and open sessions of its end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "simulator_stage"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._file = Path(os.environ["TASKWATCH_STAGES"])
        told = json.loads(self._file.read_text(encoding="utf-8"))
        self._url, self._stages = told["url"], told["stages"]
        self._act: str | None = None
        self._traces: dict[str, Any] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def v2_playbook_on_start(self, playbook: Any) -> None:  # noqa: ARG002 (Ansible's name)
        self._set_stage("playbook")

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002 (Ansible's name)
        self._set_stage(task.vars.get("act"))

    def v2_runner_on_ok(self, result: Any) -> None:
        act = result._task.vars.get("act")
        if act:
            self._traces[act] = {"requests": self._ask("GET", "/requests"), "sessions": self._ask("GET", "/sessions")}

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002 (Ansible's name)
        self.v2_runner_on_ok(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002 (Ansible's name)
        self._file.with_suffix(".traces").write_text(json.dumps(self._traces), encoding="utf-8")

    def _set_stage(self, act: str | None) -> None:
        if act != self._act and act in self._stages:
            self._act = act
            self._ask("POST", "/reset", {"scenario": self._stages[act]["scenario"]})
            for fault in self._stages[act]["faults"]:
                self._ask("POST", "/faults", fault)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, self._url + path, json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()
