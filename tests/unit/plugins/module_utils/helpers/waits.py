# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits on a fake clock: what each poll brings is a function of the seconds since the wait began."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult, State, Stats, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.policy import WaitPolicy, WaitSettings
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.waiter import Waiter, WaitResult

from .clock import FakeClock

if TYPE_CHECKING:
    from typing import TypeAlias

Seen: TypeAlias = "TaskStatus | TaskwatchError"


def task(task_id: str = "1", state: str = "running", progress: float | None = None, **more: Any) -> TaskStatus:
    return TaskStatus(id=task_id, state=State(state), native_state=state.title(), progress=progress, **more)


def gone(message: str = "the connection was refused", *task_ids: str, **more: Any) -> TaskwatchError:
    """The system, or what it says of these tasks, is away."""
    kind = more.pop("kind", ErrorType.UNREACHABLE)
    retryability = more.pop("retryability", Retryability.ALWAYS)
    return TaskwatchError(kind, message, retryability=retryability, task_ids=task_ids, **more)


def not_found(*task_ids: str) -> TaskwatchError:
    return gone("the system does not know it", *task_ids, kind=ErrorType.NOT_FOUND, retryability=Retryability.IF_SEEN)


class Recorder(Observer):
    """Everything an observer is told: seconds, what, the states, and the outage's message or length."""

    def __init__(self) -> None:
        self.events: list[tuple[float, str, Any]] = []
        self.snapshots: list[Snapshot] = []

    def _note(self, what: str, snapshot: Snapshot, about: Any) -> None:
        self.events.append((round(snapshot.elapsed, 3), what, about))
        self.snapshots.append(snapshot)

    def changed(self, snapshot: Snapshot) -> None:
        self._note("changed", snapshot, [(status.state.value, status.progress) for status in snapshot.statuses])

    def outage_began(self, snapshot: Snapshot) -> None:
        assert snapshot.outage is not None
        self._note("outage", snapshot, snapshot.outage.error.message)

    def outage_ended(self, snapshot: Snapshot) -> None:
        assert snapshot.outage is None
        self._note("back", snapshot, round(snapshot.away_for, 3))

    def heartbeat(self, snapshot: Snapshot) -> None:
        self._note("heartbeat", snapshot, snapshot.outage.error.message if snapshot.outage else None)

    def told(self, what: str) -> list[float]:
        return [moment for moment, event, _about in self.events if event == what]


class Wait:
    """A waiter whose looks are ``script(elapsed, ids)``: statuses and errors in any order, or one error raised.

    A poll takes ``cost`` seconds. ``looks`` are the moments and ids of all polls, ``latest`` the exact last moment.
    """

    def __init__(
        self,
        script: Callable[[float, Sequence[str] | None], Sequence[Seen]],
        *,
        cost: float = 0.0,
        jitter: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self.clock = FakeClock()
        self.stats = Stats()
        self.observer = Recorder()
        self.polls: list[tuple[float, list[str] | None]] = []
        self.limits: list[float | None] = []
        self.latest = 0.0
        self._began = self.clock()
        self._script = script
        self._cost = cost
        runtime = Runtime(clock=self.clock, sleep=self.clock.sleep, jitter=jitter)
        self.waiter = Waiter(self._poll, RunContext(runtime, stats=self.stats), self.observer)

    def _poll(self, ids: Sequence[str] | None, useful_until: float | None) -> PollResult:
        self.limits.append(useful_until)
        assert len(self.polls) < 100_000, "a busy loop"
        self.latest = self.clock() - self._began
        self.polls.append((round(self.latest, 6), None if ids is None else list(ids)))
        seen = self._script(self.latest, ids)
        self.clock.jump(self._cost)
        return PollResult(
            {item.id: item for item in seen if isinstance(item, TaskStatus)},
            [item for item in seen if isinstance(item, TaskwatchError)],
        )

    @property
    def moments(self) -> list[float]:
        return [moment for moment, _ids in self.polls]

    def until_end(self, ids: Sequence[str] | None = ("1",), **settings: Any) -> WaitResult:
        defaults = {
            "wait_timeout": 3600.0,
            "wait_sleep": None,
            "unreachable_timeout": 300.0,
            "stall_timeout": 0.0,
            "progress_interval": 60.0,
        }
        return self.waiter.wait(ids, WaitPolicy(WaitSettings(**{**defaults, **settings})))

    def once(self, ids: Sequence[str] | None = ("1",)) -> WaitResult:
        return self.waiter.poll_once(ids)


def kind_of(ending: WaitResult) -> str | None:
    return None if ending.error is None else ending.error.kind.value
