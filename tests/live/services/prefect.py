# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prefect: its server with SQLite, and flow runs that sleep, fail and are cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import closed_port

from tests.live.conversation import speaking
from tests.live.process import answers, run, started, tool

from .base import Service

CANCELLING_TAKES = 2.0


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Serve until the block ends."""
    port = closed_port()
    variables = {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [tool("prefect", "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    version = run([tool("prefect", "python"), "-c", VERSION], folder, {}).strip()
    with started("prefect", command, folder, variables) as program:
        program.until(lambda: answers(port), "an open port")
        with (
            speaking("prefect", "prefect_client", [], folder, variables) as flows,
            speaking("prefect", "prefect_client", [], folder, variables) as client,
        ):
            yield Service(
                name="prefect",
                api="prefect_flow_run",
                version=version,
                port=port,
                options={},
                begin=lambda course, seconds: str(flows.ask(run=course, seconds=seconds)["id"]),
                cancel=lambda task_id: client.tell(cancel=task_id, seconds=CANCELLING_TAKES),
                unknown="5e2a0000-0000-4000-8000-000000000000",
                client=lambda: speaking("prefect", "prefect_client", [], folder, variables),
            )


VERSION = "from importlib.metadata import version; print(version('prefect'))"
