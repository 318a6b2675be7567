# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress lines under AWX's engine, on whatever ansible-core the environment names: live, and nothing beside them."""

from __future__ import annotations

from pathlib import Path

from taskwatch_simulator import embedded
from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.scenario import Scenario

from .engine import HOST, events_of, finish, lay_out, looked_after, moment, wait_until

MODULE = "lxca_repo_export_info"
# It ends when the clock is moved
SCENARIO = Scenario.model_validate({"lxca": {"tasks": [{"kind": "export", "id": "12", "duration": 60}]}})
LINES = 2


def test_lines_are_events_of_their_own(tmp_path: Path) -> None:
    """The wait is ended once lines were seen, so lines that come at its end only would never be seen."""
    clock = ManualClock()
    with embedded.running(SCENARIO, clock=clock) as simulator, looked_after() as begun:
        often = {"taskwatch_progress_interval": 1}
        job = lay_out(tmp_path / "job", "wait_lxca_repo_export", simulator, {"lxca_export_ids": "12"}, extra_vars=often)
        begun["job"] = job.run()
        wait_until(
            lambda: len([each for each in events_of(job.room).of("verbose") if MODULE in each["stdout"]]) >= LINES
        )
        clock.advance(60)
        said = finish(begun["job"])
    events = events_of(job.room)
    assert events.status == "successful", said
    everything = "\n".join(each["stdout"] for each in events.events)
    lines = [each for each in events.of("verbose") if MODULE in each["stdout"]]
    (ended,) = events.of("runner_on_ok", "Wait for exports of firmware repositories")
    assert all(each["stdout"].startswith(f"[{HOST}] {MODULE} ") for each in lines)
    assert moment(lines[0]) < moment(ended)
    assert not [each for each in events.of("verbose") if not each["stdout"].strip()], "an event without a line"
    assert "errantly" not in everything + said
