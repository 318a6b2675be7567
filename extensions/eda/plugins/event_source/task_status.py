# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook: every change of the tasks that a module of this collection knows."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

DOCUMENTATION = r"""
---
module: task_status
short_description: Events for every change of long-running tasks
version_added: 0.2.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Watches tasks of one system and sends an event whenever the state or the whole percent of one of them changes.
  - An outage of the system is an event, and so is its end. It never ends the watch.
  - Logs in once, again after an outage or when the session has expired, and logs out when the watch ends.
  - Reads only. It starts nothing and changes nothing.
requirements:
  - ansible-core, requests and lxml in the Python environment of ansible-rulebook
options:
  module:
    description:
      - The module whose tasks are watched, without the name of the collection.
    type: str
    required: true
    choices:
      - lxca_repo_export_info
      - lxca_csv_job_info
      - lxca_task_info
      - route_update_info
      - appliance_update_info
      - element_image_status_info
      - rest_task_info
  options:
    description:
      - Options of that module. They are checked as the module checks them and have the same environment variables.
      - A blank value counts as not given.
      - C(wait), C(wait_timeout), C(wait_timeout_is_failure), C(wait_sleep), C(fail_fast) and C(progress_interval) are
        ignored, with a warning.
      - With C(stall_timeout) a task that does not move for so many seconds is an event, too.
      - C(unreachable_timeout) says how long a task that was once seen may be unknown or refused before the watch gives
        it up. No other outage is ever too long.
    type: dict
    default: {}
  interval:
    description:
      - Seconds between two polls. If it is not set, the interval adapts to the progress of the tasks.
    type: float
  until_finished:
    description:
      - Whether the source ends when every task has ended. A rulebook ends with its sources.
      - V(false) goes on watching, for example for the next update of an appliance.
    type: bool
    default: true
notes:
  - Several sources of this kind in one rulebook end together, when the last one has finished.
"""

EXAMPLES = r"""
- name: Wait for the installation of an appliance's update
  taskwatch.infra.task_status:
    module: appliance_update_info
    options:
      hostname: vcenter.example.com
      username: operator@vsphere.local
      password: "{{ vcenter_password }}"
      wait_for: installed
      stall_timeout: 2700

- name: Watch two bulk-import jobs, with address and login from LXCA_HOST, LXCA_USER and LXCA_PASSWORD
  taskwatch.infra.task_status:
    module: lxca_csv_job_info
    options:
      job_ids: ["371", "372"]

- name: Wait for a task of a baseboard controller, with address and login from REST_TASK_HOST, _USER and _PASSWORD
  taskwatch.infra.task_status:
    module: rest_task_info
    options:
      api: redfish_task
      task_id: "545"

- name: Watch every element for as long as the rulebook runs, and poll every minute
  taskwatch.infra.task_status:
    module: element_image_status_info
    interval: 60
    until_finished: false
"""


def _make_importable() -> None:
    """Let this process import from the collection that this file belongs to.

    ansible-rulebook runs the file by its path and does not know how collections are imported; with ansible-core's own
    importer in place it can no longer run files by their path.
    """
    collection = Path(__file__).resolve().parents[4]
    for name, folders in (
        ("ansible_collections", []),
        ("ansible_collections.taskwatch", []),
        ("ansible_collections.taskwatch.infra", [str(collection)]),
    ):
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            package = sys.modules[name] = ModuleType(name)
            package.__path__ = folders


try:
    from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import WatchFailed
    from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_source import watch_tasks
except ImportError:
    _make_importable()
    from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import WatchFailed
    from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_source import watch_tasks


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Watch tasks and put an event into the queue for every change."""
    try:
        await watch_tasks(queue, args)
    except WatchFailed as failure:
        # ansible-rulebook prints the way that an exception came, which says nothing to the person who reads it.
        raise failure.with_traceback(None) from None


class _Printer(asyncio.Queue[dict[str, Any]]):
    """Prints each event as a line of JSON."""

    async def put(self, event: dict[str, Any]) -> None:
        sys.stdout.write(f"{json.dumps(event)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # Without a rulebook: python task_status.py '{"module": "appliance_update_info"}'
    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(main(_Printer(), json.loads(sys.argv[1])))
        except WatchFailed as failure:
            sys.exit(str(failure))
