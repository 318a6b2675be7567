# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sushy-tools: `sushy-static` serves Redfish resources from files, and a task moves as its file does.

Neither of its two servers has sessions, so the description is asked without the login of redfish_task here.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import closed_port

from tests.live.conversation import speaking
from tests.live.process import answers, run, started, tool
from tests.live.variants import description_of

from .base import Service

BETWEEN_STEPS = 0.2
USER, PASSWORD = "admin", "s3cret-of-redfish"


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Serve until the block ends."""
    port = closed_port()
    tasks = _Tasks(folder / "mockup")
    options = ["--interface", "127.0.0.1", "--port", str(port), "--mockup-files", str(tasks.root)]
    with started("sushy", [tool("sushy", "sushy-static"), *options], folder, {}) as program:
        program.until(lambda: answers(port), "an open port")
        yield Service(
            name="sushy",
            api="redfish_task",
            version=run([tool("sushy", "python"), "-c", VERSION], folder, {}).strip(),
            port=port,
            options={"description": description_of("redfish_task", login={"kind": "none"})},
            begin=tasks.begin,
            unknown="7",
            cancel=tasks.cancel,
            client=lambda: speaking("sushy", "redfish_client", [f"http://127.0.0.1:{port}"], folder, {}),
        )


@contextmanager
def emulating(folder: Path) -> Iterator[int]:
    """Run the emulator, which has one task that is done, on a port until the block ends."""
    port = closed_port()
    (folder / "users").write_text(run([tool("sushy", "python"), "-c", HASHED, USER, PASSWORD], folder, {}), "utf-8")
    settings = {"LISTEN_IP": "127.0.0.1", "LISTEN_PORT": port, "AUTH_FILE": str(folder / "users")}
    more = {"FAKE_DRIVER": True, "STATE_DIR": str(folder)}
    lines = [f"SUSHY_EMULATOR_{name} = {value!r}\n" for name, value in {**settings, **more}.items()]
    (folder / "emulator.conf").write_text("".join(lines), encoding="utf-8")
    with started("emulator", [tool("sushy", "sushy-emulator"), "--config", "emulator.conf"], folder, {}) as program:
        program.until(lambda: answers(port), "an open port")
        yield port


class _Tasks:
    """Tasks as files, each moved by a thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._numbers = itertools.count(1)
        self._cancelled: set[str] = set()
        root.mkdir()
        service = "/redfish/v1/TaskService"
        self._write("", {"@odata.id": "/redfish/v1/", "RedfishVersion": "1.6.0", "Tasks": {"@odata.id": service}})

    def begin(self, course: str, seconds: float) -> str:
        task_id = f"{next(self._numbers)}"
        self._move(task_id, "New", 0)
        threading.Thread(target=self._go, args=(task_id, course, seconds), daemon=True).start()
        return task_id

    def cancel(self, task_id: str) -> None:
        self._cancelled.add(task_id)

    def _go(self, task_id: str, course: str, seconds: float) -> None:
        began = time.monotonic()
        while (gone := time.monotonic() - began) < seconds and task_id not in self._cancelled:
            self._move(task_id, "Starting" if gone < 1 else "Running", int(100 * gone / seconds))
            time.sleep(BETWEEN_STEPS)  # noqa: TID251 (the task that is waited for)
        if task_id in self._cancelled:
            self._move(task_id, "Cancelling", 50)
            time.sleep(BETWEEN_STEPS)  # noqa: TID251 (as above)
            self._move(task_id, "Cancelled", 50)
        elif course == "bad":
            self._move(task_id, "Exception", 50, Messages=[{"Message": "The image was refused"}])
        else:
            self._move(task_id, "Completed", 100)

    def _move(self, task_id: str, state: str, percent: int, **more: Any) -> None:
        path = f"TaskService/Tasks/{task_id}"
        about = {"@odata.id": f"/redfish/v1/{path}", "@odata.type": "#Task.v1_4_3.Task", "Id": task_id}
        task = {"Name": f"Task {task_id}", "TaskState": state, "TaskStatus": "OK", "PercentComplete": percent}
        self._write(path, {**about, **task, **more})

    def _write(self, path: str, resource: dict[str, Any]) -> None:
        folder = self.root / path
        folder.mkdir(parents=True, exist_ok=True)
        # A reader must find the whole of one version
        whole = folder / "next.json"
        whole.write_text(json.dumps(resource), encoding="utf-8")
        whole.replace(folder / "index.json")


VERSION = "from importlib.metadata import version; print(version('sushy-tools'))"
HASHED = "import bcrypt, sys; print(f'{sys.argv[1]}:{bcrypt.hashpw(sys.argv[2].encode(), bcrypt.gensalt(4)).decode()}')"
