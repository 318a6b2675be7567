# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job that is cancelled: AWX sends SIGINT to its engine, and SIGKILL ten seconds later. The session is closed before.

The engine tells ansible-playbook nothing: it kills its process group. A worker that waits is in a group of its own,
lives on, finds itself without a parent and logs out.
"""

from __future__ import annotations

import signal
from pathlib import Path

from taskwatch_simulator import embedded
from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.scenario import Scenario

from .engine import events_of, finish, lay_out, looked_after, wait_until

MODULE = "lxca_repo_export_info"
# It never ends, for the clock stands still
SCENARIO = Scenario.model_validate({"lxca": {"tasks": [{"kind": "export", "id": "12", "duration": 60}]}})


def test_wait_of_a_cancelled_job_logs_out(tmp_path: Path) -> None:
    with embedded.running(SCENARIO, clock=ManualClock()) as simulator, looked_after() as begun:
        job = lay_out(tmp_path / "job", "wait_lxca_repo_export", simulator, {"lxca_export_ids": "12"})
        begun["job"] = job.run()
        wait_until(lambda: any(MODULE in each["stdout"] for each in events_of(job.room).of("verbose")))
        assert len(simulator.sessions()["lxca"]) == 1
        begun["job"].send_signal(signal.SIGINT)
        wait_until(lambda: not simulator.sessions()["lxca"])
        finish(begun["job"])
        logouts = [each for each in simulator.requests() if each["method"] == "DELETE"]
        assert [each["status"] for each in logouts] == [200]
    assert events_of(job.room).status == "canceled"
