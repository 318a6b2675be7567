# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._description.shipped import shipped
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.plugins.plugin_utils._action import TaskStatusAction, plain


class ActionModule(TaskStatusAction):
    """In-process where that means the same, the module everywhere else.

    Python files alone travel to a managed host, so the description travels as an option.
    """

    SYSTEM = RestTask

    def _module_args(self) -> dict[str, Any] | None:
        args = dict(self._task.args)
        if args.get("api") is None or args.get("description") is not None:
            return args
        try:
            args["description"] = shipped(str(plain(args["api"])))
        except TaskwatchError:
            return None
        return {name: value for name, value in args.items() if name != "api"}
