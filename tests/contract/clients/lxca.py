# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo's Python client, pylxca: its login, its command `tasks`, and its plain requests for what has no command.

It has none for exports and bulk jobs, but its own session, with cookie and header, carries any request.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pylxca
import requests
from pylxca.pylxca_api.lxca_rest import lxca_rest

from .client import Client, Observation, SessionLost, Unavailable, percent

REFUSED = frozenset({401, 403})


class Pylxca(Client):
    """One connection of pylxca and the tasks that it polls."""

    def __init__(self, access: Mapping[str, Any], ids: Sequence[str]) -> None:
        super().__init__()
        self._access = access
        self._ids = ids
        self.url = f"https://{access['hostname']}:{access['port']}"
        self.connection: Any = None
        """pylxca's own object, from the login on."""

    def log_in(self) -> None:
        # It trusts every certificate, asked to or not
        self.connection = pylxca.connect(self.url, self._access["username"], self._access["password"])
        if self.connection is None:
            # It says neither why nor which
            raise Unavailable("connect() returned nothing")

    def log_out(self) -> None:
        pylxca.disconnect(self.connection)

    def _poll(self) -> Observation:
        try:
            return {task_id: self._seen(task_id) for task_id in self._ids}
        except requests.HTTPError as error:
            gone = error.response is not None and error.response.status_code in REFUSED
            raise (SessionLost if gone else Unavailable)(str(error)) from error
        except requests.RequestException as error:
            raise Unavailable(str(error)) from error

    def get(self, target: str) -> Any:
        """Return the body of a plain request."""
        return lxca_rest().get_method(self.url + target, self.connection.get_session()).json()

    @abstractmethod
    def _seen(self, task_id: str) -> Mapping[str, Any]:
        """Return what the client says of a task."""


class PylxcaExport(Pylxca):
    """Exports of the firmware repository."""

    name = "pylxca, get_method for exports"

    def _seen(self, task_id: str) -> Mapping[str, Any]:
        query = f"?tasktype=EXPORTREPOSITORY&taskid={task_id}"
        envelope = self.get(f"/updateRepositories/firmware/status{query}")
        fields = ("current", "downloadednum", "downloadedsize", "total", "totalsize", "taskIds")
        return {
            **{name: envelope[name] for name in fields},
            "native_state": envelope["state"],
            "name": envelope["current"],
            "progress": percent(envelope["progress"]),
            "done": envelope["state"] in {"complete", "canceled", "error"},
        }


class PylxcaJob(Pylxca):
    """Jobs begun with a bulk-import file."""

    name = "pylxca, get_method for bulk jobs"

    def _seen(self, task_id: str) -> Mapping[str, Any]:
        job = self.get(f"/csvRequest/jobs/{task_id}")
        devices = [(str(each["taskid"]), each["status"]["state"], _percent(each)) for each in job["results"]]
        words = {word for _id, word, _progress in devices}
        alone = job["results"][0] if len(devices) == 1 else None
        return {
            "progress": percent(job["progress"]),
            # Neither its status nor its steps tell; a wait for them never ends
            "done": job["progress"] >= 100,
            "native_state": words.pop() if len(words) == 1 else job["status"],
            "name": alone and alone["messageParameters"],
            "steps": [_step(each) for each in alone["status"]["substatus"]] if alone else devices,
        }


class PylxcaTask(Pylxca):
    """Tasks of any kind, through pylxca's command for them."""

    name = "pylxca, tasks"

    def _seen(self, task_id: str) -> Mapping[str, Any]:
        (task,) = pylxca.tasks(self.connection, jobUID=task_id)["TaskList"]
        return {
            "native_state": task["status"],
            "name": task["title"],
            "progress": percent(task["percentage"]),
            "done": task["complete"],
            "started_at": datetime.fromisoformat(task["startTime"]) if task["startTime"] else None,
            "finished_at": datetime.fromisoformat(task["endTime"]) if task["endTime"] else None,
            "steps": [(each["jobUID"], each["status"], percent(each["percentage"])) for each in task["children"]],
        }


def _step(step: Mapping[str, Any]) -> tuple[str, str, float]:
    return step["id"], step["status"]["state"], _percent(step)


def _percent(entry: Mapping[str, Any]) -> float:
    return 100.0 if entry["progress"] == "JOB_DONE" else percent(entry["progress"])
