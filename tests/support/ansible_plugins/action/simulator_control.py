# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action of the tests' own playbooks: lets a play set up and inspect the simulator between its tasks, in-process."""

from __future__ import annotations

from typing import Any

import requests
from ansible.plugins.action import ActionBase

TIMEOUT = 30


class ActionModule(ActionBase):
    """Options: `url` of the control API; `scenario` to begin anew with and `faults` to add after reading the trace."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        url, scenario = self._task.args["url"], self._task.args.get("scenario")
        with requests.Session() as session:
            session.trust_env = False

            def ask(method: str, path: str, body: Any = None) -> Any:
                answer = session.request(method, url + path, json=body, timeout=TIMEOUT)
                answer.raise_for_status()
                return answer.json()

            result.update(requests=ask("GET", "/requests"), sessions=ask("GET", "/sessions"))
            if scenario:
                ask("POST", "/reset", {"scenario": str(scenario)})
                for fault in self._task.args.get("faults", []):
                    ask("POST", "/faults", fault)
        return result
