# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback that has standard output for itself, as those have that other programs read."""

from __future__ import annotations

import json
from typing import Any

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: whole_json
type: stdout
short_description: One JSON document of all results, by host
description: Printed when the playbook has ended.
"""


class CallbackModule(CallbackBase):
    """Collects the results of each host, and prints them at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "whole_json"

    def __init__(self) -> None:
        super().__init__()
        self._results: dict[str, list[Any]] = {}

    def v2_runner_on_ok(self, result: Any) -> None:
        if isinstance(result._task, TaskInclude):
            return
        host = str(result._host.get_name())
        self._results.setdefault(host, []).append(json.loads(self._dump_results(result._result)))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002 (Ansible's name)
        self.v2_runner_on_ok(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002 (Ansible's name)
        self._display.display(json.dumps(self._results))
