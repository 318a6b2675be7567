# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A watch outlives every outage, drops what cannot heal, and ends when there is nothing more to come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Snapshot
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchObserver, WatchSettings, watch
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, by_path
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import (
    Reply,
    ScriptedAdapter,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import (
    Seen,
    gone,
    not_found,
    task,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.plugin_utils.helpers.watches import Watched

DAY = 24 * 3600.0


def climbing(elapsed: float, ids: Sequence[str] | None = None) -> Sequence[Seen]:
    """Tasks that take 100 s, a percent a second."""
    done = elapsed >= 100
    return [task(i, "succeeded" if done else "running", min(elapsed, 100.0)) for i in ids or ["1"]]


def test_it_ends_when_every_task_has_ended_well_or_badly() -> None:
    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        ends = {"1": ("succeeded", 10), "2": ("failed", 50), "3": ("cancelled", 90)}
        assert ids is not None
        return [task(i, ends[i][0] if elapsed >= ends[i][1] else "running") for i in ids]

    watched = Watched(script, ["1", "2", "3"], interval=5)
    assert watched.outcome is None
    assert watched.elapsed == 90
    assert [watched.states(i)[-1][1] for i in "123"] == ["succeeded", "failed", "cancelled"]
    assert [watched.polls[0], watched.polls[-1]] == [(0, ["1", "2", "3"]), (90, ["3"])]


def test_the_interval_is_kept_and_without_one_the_schedule_adapts() -> None:
    assert [moment for moment, _ids in Watched(climbing, interval=20).polls] == [0, 20, 40, 60, 80, 100]
    adaptive = Watched(climbing)
    assert adaptive.elapsed < 102
    assert 5 < len(adaptive.polls) < 22


@pytest.mark.parametrize("days", [1, 2])
def test_no_outage_is_too_long(days: int) -> None:
    def script(elapsed: float, _ids: Sequence[str] | None) -> Sequence[Seen]:
        if 10 <= elapsed < days * DAY:
            return [gone("the connection was refused")]
        return [task(state="running" if elapsed < 10 else "succeeded")]

    watched = Watched(script)
    assert watched.outcome is None
    (outage, end) = watched.told("outage")
    assert outage["message"] == "the connection was refused"
    assert end is None
    assert watched.states() == [(None, "running", None), ("running", "succeeded", None)]
    gaps = {round(after[0] - before[0], 3) for before, after in zip(watched.polls, watched.polls[1:], strict=False)}
    assert 29 < max(gaps) <= 30, "a system that is away is asked as rarely as a quiet one, and no more rarely"


def test_a_system_may_be_away_from_the_start() -> None:
    watched = Watched(lambda elapsed, _ids: [gone()] if elapsed < DAY else [task(state="succeeded")])
    assert [next(key for key in ("outage", "task") if key in event) for event in watched.events] == [
        "outage",
        "outage",
        "task",
    ]
    assert watched.outcome is None


@pytest.mark.parametrize("kind", [ErrorType.AUTHENTICATION, ErrorType.BAD_REQUEST, ErrorType.CONFLICT])
@pytest.mark.parametrize("seen", [False, True])
def test_what_cannot_heal_ends_the_watch_at_once(kind: ErrorType, seen: bool) -> None:
    def script(elapsed: float, _ids: Sequence[str] | None) -> Sequence[Seen]:
        return [task()] if seen and elapsed < 10 else [gone("no", kind=kind, retryability=Retryability.NEVER)]

    watched = Watched(script, interval=10)
    assert len(watched.polls) == 1 + seen, "a wrong password must not be tried again"
    assert watched.outcome is not None
    assert watched.outcome.message == "Thing 1 on 192.0.2.1: no"
    (error,) = watched.told("error")
    assert error == {"type": kind.value, "message": watched.outcome.message, "http_status": None, "task_ids": []}


def test_an_unknown_task_leaves_the_others_alone() -> None:
    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        assert ids is not None
        return [not_found(i) if i == "2" else task(i, "succeeded" if elapsed >= 60 else "running") for i in ids]

    watched = Watched(script, ["1", "2", "3"], interval=30)
    assert [ids for _moment, ids in watched.polls] == [["1", "2", "3"], ["1", "3"], ["1", "3"]]
    assert [error["task_ids"] for error in watched.told("error")] == [["2"]]
    assert watched.told("outage") == []
    assert watched.outcome is not None
    assert watched.outcome.message == "Thing 2 on 192.0.2.1: the system does not know it"
    assert not watched.events[-1]["overall"]["done"], "nothing is known about the one that was never seen"


def test_a_task_that_was_seen_is_given_up_only_after_its_time() -> None:
    """A restarting system may not know its tasks for a while; one that was deleted stays unknown."""

    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        assert ids is not None
        lost = {"1": 20 <= elapsed < 200, "2": elapsed >= 20, "3": False}
        state = "succeeded" if elapsed >= 900 else "running"
        return [not_found(i) if lost[i] else task(i, state) for i in ids]

    watched = Watched(script, ["1", "2", "3"], interval=10, unreachable_timeout=300)
    (error,) = watched.told("error")
    assert error["task_ids"] == ["2"]
    assert error["type"] == "not_found"
    assert error["message"] == (
        "Thing 2 on 192.0.2.1: no good answer for 300 s, longer than unreachable_timeout allows; "
        "last: the system does not know it"
    )
    assert watched.moments[watched.events.index(next(event for event in watched.events if "error" in event))] == 320
    assert [outage is None for outage in watched.told("outage")] == [False, True]
    assert watched.elapsed == 900


def test_a_refusal_of_everything_is_believed_after_its_time() -> None:
    forbidden = gone("no", kind=ErrorType.AUTHORIZATION, retryability=Retryability.IF_SEEN)
    watched = Watched(
        lambda elapsed, _ids: [task()] if elapsed < 10 else [forbidden], interval=10, unreachable_timeout=60
    )
    assert watched.elapsed == 70
    assert watched.outcome is not None
    assert watched.outcome.kind is ErrorType.AUTHORIZATION
    assert len(watched.told("error")) == 1


def test_nothing_to_watch_is_an_error() -> None:
    watched = Watched(lambda _elapsed, _ids: [], None)
    assert watched.outcome is not None
    assert watched.outcome.kind is ErrorType.NOT_FOUND


# -- watching on ------------------------------------------------------------------------------------------------------


def test_it_watches_on_for_what_comes_after_the_end() -> None:
    def script(elapsed: float, _ids: Sequence[str] | None) -> Sequence[Seen]:
        second = elapsed >= DAY
        running = elapsed < 60 or DAY <= elapsed < DAY + 60
        return [task(state="running" if running else "succeeded", message="second" if second else "first")]

    watched = Watched(script, until=2 * DAY, until_finished=False)
    assert watched.interrupted
    assert [(before, after) for before, after, _progress in watched.states()] == [
        (None, "running"),
        ("running", "succeeded"),
        ("succeeded", "running"),
        ("running", "succeeded"),
    ]
    assert [event["overall"]["done"] for event in watched.events] == [False, True, False, True]


def test_where_every_task_was_asked_for_new_ones_belong_to_them() -> None:
    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        assert ids is None
        present = [i for i, since in (("a", 50), ("b", 100)) if elapsed >= since]
        return [task(i, "succeeded") for i in present]

    watched = Watched(script, None, until=300, until_finished=False, interval=25)
    assert [event["task"]["id"] for event in watched.events] == ["a", "b"]
    assert watched.moments == [50, 100]
    assert watched.interrupted


def test_a_finished_task_that_the_system_forgets_is_nothing_to_speak_of() -> None:
    def script(elapsed: float, _ids: Sequence[str] | None) -> Sequence[Seen]:
        return [task(state="succeeded")] if elapsed < 100 else [not_found("1")]

    watched = Watched(script, until=DAY, until_finished=False)
    assert len(watched.events) == 1
    assert watched.warnings == []


def test_a_watch_without_end_ends_when_nothing_is_left_to_watch() -> None:
    watched = Watched(lambda _elapsed, ids: [not_found(i) for i in ids or []], ["1", "2"], until_finished=False)
    assert len(watched.polls) == 1
    assert [error["task_ids"] for error in watched.told("error")] == [["1"], ["2"]]


# -- standstills ------------------------------------------------------------------------------------------------------


def test_a_standstill_is_told_once_and_again_after_a_movement() -> None:
    def script(elapsed: float, _ids: Sequence[str] | None) -> Sequence[Seen]:
        progress = 10.0 if elapsed < 1000 else 20.0
        return [task(progress=progress) if elapsed < 3000 else task(state="succeeded", progress=100.0)]

    watched = Watched(script, stall_timeout=600, interval=10)
    first, second = watched.told("stall")
    assert [watched.moments[i] for i, event in enumerate(watched.events) if "stall" in event] == [600, 1600]
    assert first["message"] == "neither state nor progress of 1 has changed for 600 s"
    assert (first["task"]["progress"], second["task"]["progress"]) == (10, 20)


def test_only_what_stands_still_is_told_of() -> None:
    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        assert ids is not None
        return [task(i, progress=elapsed / 30 if i == "2" else 5.0) for i in ids]

    watched = Watched(script, ["1", "2", "3"], until=2000, stall_timeout=600, interval=10)
    assert [stall["task"]["id"] for stall in watched.told("stall")] == ["1", "3"]


def test_an_outage_is_no_standstill() -> None:
    def script(elapsed: float, _ids: Sequence[str] | None) -> Sequence[Seen]:
        return [gone()] if 100 <= elapsed < 5000 else [task(progress=50.0)]

    watched = Watched(script, until=6000, stall_timeout=600, interval=10)
    (_stall,) = watched.told("stall")
    moment = next(at for at, event in zip(watched.moments, watched.events, strict=True) if "stall" in event)
    assert moment == pytest.approx(5500, abs=20), "100 s before the outage and 500 after it"


def test_what_has_ended_does_not_stand_still() -> None:
    watched = Watched(
        lambda _elapsed, _ids: [task(state="succeeded")], until=DAY, until_finished=False, stall_timeout=60
    )
    assert watched.told("stall") == []


OLD = {"status": "FAILED", "start_time": "2025-03-01T10:00:05Z", "end_time": "2025-03-01T10:40:00Z"}
STAGED = {"state": "UPDATES_PENDING", "version": "8.0.3.00400", "task": OLD}
INSTALLS = {"state": "INSTALL_IN_PROGRESS", "task": {"status": "RUNNING", "start_time": "2025-03-02T10:00:05Z"}}


@pytest.mark.parametrize(
    ("polls", "states"),
    [
        ([STAGED, INSTALLS, {"state": "UP_TO_DATE"}], ["pending", "running", "succeeded"]),
        ([STAGED], ["pending", "failed"]),
    ],
)
def test_a_watch_does_not_take_an_old_failure_of_an_appliance_for_news(polls: list[object], states: list[str]) -> None:
    """A source waits, too: work is started asynchronously, so the task before may still be shown for a while."""
    replies = {
        "POST /api/session": Reply(201, '"token-of-a-session"'),
        "GET /api/appliance/update": polls,
        "DELETE /api/session": Reply(204),
    }
    clock, seen = FakeClock(), []

    class Told(WatchObserver):
        def changed(self, snapshot: Snapshot) -> None:
            seen.append(snapshot.statuses[0].state.value)

    runtime = Runtime(clock=clock, sleep=clock.sleep, jitter=lambda: 0.5, adapter=ScriptedAdapter(by_path(replies)))
    settings = WatchSettings(interval=10, until_finished=True, stall_timeout=0.0, unreachable_timeout=300.0)
    params = params_of(ApplianceUpdate, **LOGIN, wait_for="installed")
    assert watch(ApplianceUpdate, params, settings, observer=Told(), context=RunContext(runtime)) is None
    assert seen == states
