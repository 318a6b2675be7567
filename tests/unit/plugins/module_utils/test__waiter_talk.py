# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait tells its observer: changes, outages, heartbeats, estimates, in the right order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import Seen, Wait, gone, task


def test_every_change_of_state_or_whole_percent_is_told() -> None:
    seen = [
        (0, "pending", None),
        (10, "running", 0.0),
        (20, "running", 0.9),
        (30, "running", 1.0),
        (40, "succeeded", 100.0),
    ]

    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        _moment, state, progress = max(row for row in seen if row[0] <= now)
        return [task("1", state, progress)]

    wait = Wait(script)
    wait.until_end(wait_sleep=10)
    assert wait.observer.events == [
        (0, "changed", [("pending", None)]),
        (10, "changed", [("running", 0.0)]),
        (30, "changed", [("running", 1.0)]),
        (40, "changed", [("succeeded", 100.0)]),
    ]


def test_many_changes_in_one_look_are_one_word() -> None:
    wait = Wait(lambda _now, ids: [task(i, "succeeded") for i in ids or []])
    wait.until_end(ids=[str(number) for number in range(50)])
    assert len(wait.observer.events) == 1
    assert len(wait.observer.snapshots[0].statuses) == 50


def test_an_outage_is_told_at_once_and_its_end_before_the_news() -> None:
    def script(now: float, _ids: Sequence[str] | None) -> list[Seen]:
        if 20 <= now < 50:
            return [gone(f"trouble {now:.0f}")]
        return [task("1", "succeeded" if now >= 50 else "running")]

    wait = Wait(script)
    wait.until_end(wait_sleep=10)
    assert wait.observer.events == [
        (0, "changed", [("running", None)]),
        (20, "outage", "trouble 20"),
        (50, "back", 30),
        (50, "changed", [("succeeded", None)]),
    ]


@pytest.mark.parametrize("interval", [20.0, 60.0, 240.0])
def test_a_heartbeat_breaks_every_silence_and_only_silence(interval: float) -> None:
    """Changes at 0 s and at 100 s; in between and after nothing happens."""
    wait = Wait(lambda now, _ids: [task("1", "running", 10 if now < 100 else 20)])
    wait.until_end(wait_timeout=700, wait_sleep=25, progress_interval=interval)
    moments = [moment for moment, _what, _about in wait.observer.events]
    assert wait.observer.told("changed") == [0, 100]
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert max(gaps) <= interval
    beats = [gap for gap, (_moment, what, _about) in zip(gaps, wait.observer.events[1:]) if what == "heartbeat"]
    assert set(beats) == {interval}


def test_no_interval_means_no_heartbeat() -> None:
    wait = Wait(lambda _now, _ids: [task()])
    wait.until_end(wait_timeout=3600, progress_interval=0)
    assert [what for _moment, what, _about in wait.observer.events] == ["changed"]


def test_a_heartbeat_costs_no_look() -> None:
    wait = Wait(lambda _now, _ids: [task()])
    wait.until_end(wait_timeout=1000, wait_sleep=500, progress_interval=10)
    assert wait.moments == [0, 500, 1000]
    assert len(wait.observer.told("heartbeat")) == 99


def test_heartbeats_go_on_through_an_outage_and_tell_its_latest_reason() -> None:
    wait = Wait(lambda now, _ids: [gone(f"trouble {now:.0f}")] if now >= 10 else [task()])
    wait.until_end(wait_sleep=50, progress_interval=60, unreachable_timeout=200)
    beats = [about for _moment, what, about in wait.observer.events if what == "heartbeat"]
    assert beats == ["trouble 100", "trouble 150", "trouble 200"]


def test_the_estimate_is_that_of_the_pace_and_runs_down() -> None:
    wait = Wait(lambda now, _ids: [task("1", "succeeded") if now >= 400 else task("1", "running", round(now / 4, 1))])
    etas: dict[float, float | None] = {}

    class Watcher(Observer):
        def changed(self, snapshot: Snapshot) -> None:
            etas[snapshot.elapsed] = snapshot.statuses[0].eta

        heartbeat = changed

    wait.waiter._observer = Watcher()
    wait.until_end(wait_sleep=100, progress_interval=30)
    assert etas[0] is None, "one poll is no pace"
    assert (etas[100], etas[130]) == (300, 270)
    assert etas[400] is None, "what has ended needs no estimate"
    assert {moment: eta for moment, eta in etas.items() if eta is not None} == {
        moment: pytest.approx(400 - moment, abs=1) for moment in etas if 100 <= moment < 400
    }


def test_a_failure_keeps_the_estimate_as_of_its_moment() -> None:
    ending = Wait(lambda now, _ids: [task("1", "running", now / 10)]).until_end(wait_timeout=500, wait_sleep=50)
    assert [status.eta for status in ending.statuses] == [500]


def test_elapsed_counts_from_the_beginning_of_the_wait() -> None:
    wait = Wait(lambda _now, _ids: [task("1", "succeeded")], cost=3)
    wait.until_end()
    assert wait.observer.snapshots[0].elapsed == 3


def test_an_observer_need_not_care() -> None:
    observer, snapshot = Observer(), Snapshot([], 0.0)
    for tell in (observer.changed, observer.outage_began, observer.outage_ended, observer.heartbeat):
        tell(snapshot)
