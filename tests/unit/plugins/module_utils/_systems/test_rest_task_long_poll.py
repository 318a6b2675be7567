# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that a system holds until the task has ended: LXD's, and what a system may do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import Played, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Request

PATH = "/1.0/operations/7"
LXD: dict[str, Any] = {"hostname": "192.0.2.1", "api": "lxd_operation", "task_id": ["7"], "wait": True}
RUNNING, WELL, BADLY = (103, ""), (200, ""), (400, "No space left")
# What the system does with a request that it is to hold for so many seconds of which so many are left of the task.
Hold = Callable[["Daemon", int, float], "Reply | Exception"]


def operation(code: int, error: str) -> dict[str, Any]:
    return {"type": "sync", "status_code": 200, "metadata": {"id": "7", "status_code": code, "err": error}}


class Daemon:
    """LXD with operations that end after so many seconds; ``held`` are the times for which it was to hold a request."""

    def __init__(self, lasts: float = 60, ends: tuple[int, str] = WELL, hold: Hold | None = None) -> None:
        self.clock = FakeClock()
        self.held: list[int] = []
        self._over = self.clock.seconds + lasts
        self._ends = ends
        self._hold = hold or holds

    def __call__(self, request: Request) -> Reply | Exception:
        self.clock.jump(0.05)
        path, _mark, query = request.path.partition("?")
        if not path.endswith("/wait"):
            return Reply(200, operation(*self.now))
        self.held.append(int(query.partition("timeout=")[2]))
        return self._hold(self, self.held[-1], self._over - self.clock.seconds)

    @property
    def now(self) -> tuple[int, str]:
        return self._ends if self.clock.seconds >= self._over else RUNNING

    def play(self, **options: Any) -> Played:
        return play(RestTask, self, clock=self.clock, **{**LXD, **options})

    @property
    def late(self) -> float:
        return self.clock.seconds - self._over


def holds(daemon: Daemon, seconds: int, left: float) -> Reply:
    daemon.clock.jump(max(min(seconds, left), 0.0))
    return Reply(200, operation(*daemon.now))


def tells_failures_as_lxd_does(daemon: Daemon, seconds: int, left: float) -> Reply:
    """The status was sent before it began to wait, so the error body comes with 200, also when time is up."""
    daemon.clock.jump(max(min(seconds, left), 0.0))
    if daemon.now == WELL:
        return Reply(200, operation(*WELL))
    return Reply(200, {"type": "error", "error": "context deadline exceeded", "error_code": 500})


def is_cut(daemon: Daemon, seconds: int, _left: float) -> Exception:
    daemon.clock.jump(seconds / 2)
    return requests.ConnectionError("cut by a proxy")


def answers_at_once(daemon: Daemon, _seconds: int, _left: float) -> Reply:
    return Reply(200, operation(*daemon.now))


def knows_no_such_request(_daemon: Daemon, _seconds: int, _left: float) -> Reply:
    return Reply(404, {"type": "error", "error": "not found", "error_code": 404})


def test_a_wait_is_told_of_the_end_at_once_and_asks_seldom() -> None:
    daemon = Daemon(lasts=60)
    played = daemon.play()
    assert played.task["state"] == "succeeded"
    assert played.sent == [f"GET {PATH}", *[f"GET {PATH}/wait?timeout=25"] * 3]
    assert daemon.late <= 0.2
    assert played.payload["stats"]["polls"] == 4


@pytest.mark.parametrize("ends", [WELL, BADLY])
@pytest.mark.parametrize("hold", [holds, tells_failures_as_lxd_does, is_cut])
def test_every_end_is_the_one_that_a_plain_poll_shows(hold: Hold, ends: tuple[int, str]) -> None:
    daemon = Daemon(lasts=60, ends=ends, hold=hold)
    played = daemon.play()
    assert played.task["state"] == ("succeeded" if ends == WELL else "failed")
    assert played.task["errors"] == ([] if ends == WELL else ["No space left"])
    assert (played.payload["stats"]["unreachable_seconds"], played.result.warnings) == (0, [])
    assert len(daemon.held) <= 6
    assert daemon.late <= 13


@pytest.mark.parametrize(("hold", "most"), [(answers_at_once, 2), (knows_no_such_request, 1)])
def test_a_system_that_holds_nothing_is_polled_by_the_schedule(hold: Hold, most: int) -> None:
    daemon = Daemon(lasts=600, hold=hold)
    played = daemon.play()
    assert played.task["state"] == "succeeded"
    assert len(daemon.held) == most
    assert len(played.sent) <= 65
    assert daemon.late <= 30


def test_a_check_asks_plainly() -> None:
    daemon = Daemon()
    assert daemon.play(wait=False).sent == [f"GET {PATH}"]


def test_a_fixed_interval_is_kept() -> None:
    daemon = Daemon(lasts=20)
    daemon.play(wait_sleep=5)
    assert daemon.held == []
    assert set(daemon.clock.naps) == {5}


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"timeout": 12}, 7),
        ({"timeout": 300}, 45),
        ({"progress_interval": 9}, 9),
        ({"stall_timeout": 600, "timeout": 300}, 45),
        ({"timeout": 6}, None),
        ({"wait_timeout": 20}, 12),
        ({"wait_timeout": 6}, None),
    ],
)
def test_a_request_is_held_no_longer_than_it_may_take(options: dict[str, Any], seconds: int | None) -> None:
    """Of ``timeout`` and of the time that is left five seconds stay for the way there and back."""
    daemon = Daemon(lasts=10**6)
    daemon.play(**{"wait_timeout": 100, "wait_timeout_is_failure": False, **options})
    assert (daemon.held[0] if daemon.held else None) == seconds
    assert daemon.late <= 0


def test_the_last_poll_is_at_the_deadline() -> None:
    daemon = Daemon(lasts=10**6)
    played = daemon.play(wait_timeout=90)
    assert played.error["type"] == "timeout"
    assert 90 <= played.payload["elapsed"] <= 91


def test_of_several_tasks_only_the_last_one_is_waited_for_like_that() -> None:
    daemon = Daemon(lasts=10**6)

    def script(request: Request) -> Reply | Exception:
        name = request.path.partition("?")[0].rpartition("operations/")[2]
        if name == "8":
            return Reply(200, operation(*(WELL if daemon.clock.seconds > 1030 else RUNNING)))
        return daemon(request)

    played = play(RestTask, script, clock=daemon.clock, **{**LXD, "task_id": ["7", "8"], "wait_timeout": 120})
    first_held = next(place for place, sent in enumerate(played.sent) if "/wait" in sent)
    assert [sent for sent in played.sent[:first_held] if sent.endswith("/8")][-1:] != []
    assert not any("/8/wait" in sent or sent.endswith("/8") for sent in played.sent[first_held:])


def test_an_outage_is_polled_plainly() -> None:
    away = (1040.0, 1060.0)
    daemon = Daemon(lasts=120)

    def script(request: Request) -> Reply | Exception:
        if away[0] <= daemon.clock.seconds < away[1]:
            return requests.ConnectionError("refused")
        return daemon(request)

    played = play(RestTask, script, clock=daemon.clock, **LXD)
    assert played.task["state"] == "succeeded"
    assert 0 < played.payload["stats"]["unreachable_seconds"] <= 25
    during = len(played.sent) - len([sent for sent in played.sent if "/wait" in sent])
    assert 3 <= during <= 12


def test_an_id_that_is_an_address_is_waited_for_at_that_address() -> None:
    daemon = Daemon(lasts=20)
    played = daemon.play(task_id=[f"https://192.0.2.1{PATH}?project=x"])
    assert played.sent == [f"GET {PATH}?project=x", f"GET {PATH}/wait?project=x&timeout=25"]
