# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Ansible modules of vmware.vmware_rest and vmware.vmware that read the update of an appliance.

Each poll is a process of its own, as in a play: it logs in, polls and ends.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .client import Client, Observation, Unavailable, percent

# Where tests/tools/vendor_collections.py puts them
COLLECTIONS = Path(sys.prefix, "collections")
# Seconds; a process that is still there then hangs
PATIENCE = 60


class AnsibleModule(Client):
    """A module, run as Ansible's developer guide has it: its file, with a file of arguments."""

    name: str

    def __init__(self, access: Mapping[str, Any]) -> None:
        super().__init__()
        self._access = access

    def log_in(self) -> None:
        """Do nothing: every poll logs in."""

    def log_out(self) -> None:
        """Do nothing: whatever session a poll has left behind cannot be had any more."""

    def _poll(self) -> Observation:
        return {"update": self._seen(self.run())}

    def run(self) -> dict[str, Any]:
        """Return what the module returned.

        Raises:
            Unavailable: when it failed, with its message or its last words.
        """
        with tempfile.TemporaryDirectory(prefix="contract-") as folder:
            arguments = Path(folder, "arguments.json")
            arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": self._arguments()}), encoding="utf-8")
            namespace, collection, module = self.name.split(".")
            name = f"ansible_collections.{namespace}.{collection}.plugins.modules.{module}"
            done = subprocess.run(
                [sys.executable, "-m", name, arguments],
                cwd=folder,
                env={"PYTHONPATH": str(COLLECTIONS), "HOME": folder},
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        try:
            result: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise Unavailable(done.stderr.strip().rpartition("\n")[2]) from None
        if result.get("failed"):
            raise Unavailable(str(result.get("msg")))
        return result

    @abstractmethod
    def _arguments(self) -> dict[str, Any]:
        """Return the module's options."""

    @abstractmethod
    def _seen(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the module says of the update."""


class ApplianceUpdateInfo(AnsibleModule):
    """Hands on the body of GET /api/appliance/update as it is."""

    name = "vmware.vmware_rest.appliance_update_info"

    def _arguments(self) -> dict[str, Any]:
        return {
            "vcenter_hostname": f"{self._access['hostname']}:{self._access['port']}",
            "vcenter_username": self._access["username"],
            "vcenter_password": self._access["password"],
            # It takes no file with a certificate authority
            "vcenter_validate_certs": False,
        }

    def _seen(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        info = result["value"]
        task = info.get("task", {})
        return {
            "native_state": info["state"],
            "version": info["version"],
            "latest_query_time": _moment(info.get("latest_query_time")),
            "started_at": _moment(task.get("start_time")),
            "finished_at": _moment(task.get("end_time")),
            "progress": _share(task.get("progress")),
            "steps": [
                (name, task["subtasks"][name]["status"], _share(task["subtasks"][name].get("progress")))
                for name in task.get("subtask_order", ())
            ],
        }


class ApplianceInfo(AnsibleModule):
    """Speaks JSON-RPC through VMware's SDK, and turns every member into text: of a task it shows the printed object."""

    name = "vmware.vmware.appliance_info"

    def _arguments(self) -> dict[str, Any]:
        account = {name: self._access[name] for name in ("hostname", "port", "username", "password")}
        return {**account, "validate_certs": False, "properties": ["update"]}

    def _seen(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        update = result["appliance"]["update"]
        progress = re.match(r"\{progress : \{total : (\d+), completed : (\d+),", update["task"])
        queried = update["latest_query_time"]
        return {
            "native_state": update["state"],
            "version": update["version"],
            "latest_query_time": None if queried == "None" else datetime.fromisoformat(queried).replace(tzinfo=UTC),
            "progress": progress and percent(int(progress[2]), int(progress[1])),
        }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _share(progress: Mapping[str, int] | None) -> float | None:
    return None if progress is None else percent(progress["completed"], progress["total"])
