# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flow runs of Prefect, and its own client's view of them.

{"run": course, "seconds": S} begins a flow run and answers its ID, {"cancel": ID} cancels one, {"id": ID} answers the
state of one.
"""

import json
import queue
import sys
import threading
import time
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.states import Cancelled, Cancelling

begun: "queue.Queue[str]" = queue.Queue()


@flow  # type: ignore[untyped-decorator]
def copy_disk(course: str, seconds: float) -> None:
    """Take some seconds, and fail if that is the course."""
    begun.put(str(flow_run.id))
    time.sleep(seconds)  # noqa: TID251 (the flow that is waited for)
    if course == "bad":
        raise ValueError("the disk is full")


def work(course: str, seconds: float) -> None:
    """Run the flow; how it ends is the server's to tell."""
    try:
        copy_disk(course, seconds)
    except Exception as error:  # noqa: BLE001 (also the abort of a run that was cancelled)
        print(error, file=sys.stderr)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Do what a line asks for."""
    if "run" in question:
        threading.Thread(target=work, args=(question["run"], question["seconds"]), daemon=True).start()
        return {"id": begun.get(timeout=60)}
    if "cancel" in question:
        client.set_flow_run_state(question["cancel"], Cancelling(), force=True)
        time.sleep(question["seconds"])  # noqa: TID251 (what a worker takes to end a run)
        client.set_flow_run_state(question["cancel"], Cancelled(message="Cancelled by its operator"), force=True)
        return {}
    state = client.read_flow_run(question["id"]).state
    return {"state": state.type.value}


with get_client(sync_client=True) as client:
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
