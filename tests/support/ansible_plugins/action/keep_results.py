# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action of the tests' own playbooks: writes registered results to a file, in-process, where `copy` packs modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Options: `dest`, and `content`, which is text."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        file = Path(str(self._task.args["dest"]))
        file.touch(mode=0o600)
        file.write_text(str(self._task.args["content"]), encoding="utf-8")
        return result
