# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task
from ansible_collections.taskwatch.infra.plugins.plugin_utils._action import TaskStatusAction


class ActionModule(TaskStatusAction):
    """In-process where that means the same, the module everywhere else."""

    SYSTEM = Task
