# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action of the tests' own playbooks: lets a play begin anew at the simulator, in-process."""

from __future__ import annotations

from typing import Any

import requests
from ansible.plugins.action import ActionBase

TIMEOUT = 30


class ActionModule(ActionBase):
    """Options: `url` of the control API, and `scenario` to begin anew with."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        with requests.Session() as session:
            session.trust_env = False
            wanted = {"scenario": str(self._task.args["scenario"])}
            session.post(f"{self._task.args['url']}/reset", json=wanted, timeout=TIMEOUT).raise_for_status()
        return result
