# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the soak: a plan is played on a fake clock, and everything that passed the wire and every poll is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from unittest.mock import patch

import requests
from ansible_collections.taskwatch.infra.plugins.module_utils import _run, _system
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock

from taskwatch_simulator.messages import Request
from taskwatch_simulator.scenario import Scenario
from taskwatch_simulator.world import World
from tests.faults.fake_wire import HOST, FakeWire, side_by_side
from tests.faults.plans import TELLING, Plan
from tests.faults.recorder import Recorder

EPOCH = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
# The roles of a request
LOGIN, PROFILE, STATUS, LOGOUT, OTHER = "login", "profile", "status", "logout", "other"


@dataclass(frozen=True)
class Attempt:
    """One request: when it was sent and settled, what befell it, the status that came, if any.

    `truth` is the state of each task at the moment of the answer, as the simulator knows it.
    """

    sent: float
    settled: float
    role: str
    label: str
    status: int | None
    truth: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the system itself answered, undisturbed, with a success."""
        return not self.label and self.status is not None and self.status < 300


@dataclass(frozen=True)
class Observation:
    """One poll: when, which tasks it asked for, what it brought, and which of the attempts belong to it."""

    began: float
    ended: float
    asked: tuple[str, ...] | None
    statuses: Mapping[str, tuple[str, float | None]]
    errors: tuple[TaskwatchError, ...]
    attempts: tuple[Attempt, ...]


@dataclass
class Run:
    """All that is known of a run."""

    plan: Plan
    result: Result
    ended: float
    attempts: list[Attempt]
    polls: list[Observation]
    recorder: Recorder
    sessions_left: int
    truth: Mapping[str, str]


class RecordingWire(FakeWire):
    """A wire that lets a plan's fault cases befall the requests, and writes everything down."""

    def __init__(self, plan: Plan, world: World, clock: FakeClock) -> None:
        self._rng = Random(plan.seed + 1)  # noqa: S311 (a seed must tell the whole scenario)
        super().__init__(
            world,
            plan.subject.system,
            clock,
            fault_case=self._befalls,
            latency=lambda: self._rng.uniform(*plan.latency),
        )
        self._plan = plan
        self._label = ""
        self._role = OTHER
        self._drops = list(plan.drops)
        self.attempts: list[Attempt] = []

    def _befalls(self, request: Request) -> Any:
        self._role = self._role_of(request)
        while self._drops and self._drops[0] <= self._clock.seconds:
            self._drops.pop(0)
            self._world.add_fault({"system": self._system, "kind": "expire_sessions"})
        fault_case = self._plan.fault_case(self._rng, self._clock.seconds, self._tells)
        self._label = fault_case.label if fault_case else ""
        return fault_case

    def _tells(self, label: str) -> bool:
        """Whether a fault_case makes sense: what is said of a session or a task is said of requests for a task."""
        return label not in TELLING or label == "unresolved" or self._role == STATUS

    def _role_of(self, request: Request) -> str:
        subject = self._plan.subject
        for role, call in zip((LOGIN, PROFILE), subject.login, strict=False):
            if request.method == call.method and re.search(call.path, request.path):
                return role
        if request.method == subject.status.method and re.search(subject.status.path, request.path):
            return STATUS
        return LOGOUT if request.method == "DELETE" or request.path.endswith("/logout") else OTHER

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Carry one request and write down what came of it."""
        sent, status = self._clock.seconds, None
        try:
            response = super().send(request, *args, **kwargs)
            status = response.status_code
            return response
        finally:
            good = self._role == STATUS and not self._label
            truth = states_of(self._world, self._system) if good else {}
            self.attempts.append(Attempt(sent, self._clock.seconds, self._role, self._label, status, truth))


def states_of(world: World, system: str) -> dict[str, str]:
    """Return the state of every task of a system, as the simulator knows it."""
    return {
        "update" if system == "vcenter" else str(task["id"]): str(task["state"])
        for task in world.tasks()
        if task["system"] == system
    }


def watched(
    system_class: type[System], wire: RecordingWire, clock: FakeClock, polls: list[Observation]
) -> type[System]:
    """Return the same system, which notes every poll at it."""

    def note(ids: Sequence[str] | None, began: float, first: int, poll: PollResult) -> None:
        statuses = {name: (str(each.state.value), each.progress) for name, each in poll.statuses.items()}
        asked = None if ids is None else tuple(ids)
        attempts = tuple(wire.attempts[first:])
        polls.append(Observation(began, clock.seconds, asked, statuses, tuple(poll.errors), attempts))

    class Watched(system_class):  # type: ignore[valid-type, misc]
        def poll(self, ids: Sequence[str] | None) -> PollResult:
            began, first = clock.seconds, len(wire.attempts)
            try:
                poll: PollResult = super().poll(ids)
            except TaskwatchError as error:
                note(ids, began, first, PollResult(errors=[error]))
                raise
            note(ids, began, first, poll)
            return poll

    return Watched


def play(plan: Plan) -> Run:
    """Play a plan from its first login to its last logout."""
    clock = FakeClock(0.0)
    world = World(Scenario.model_validate({plan.subject.system: plan.work.system}), clock, epoch=EPOCH)
    access = {**world.access(plan.subject.system), "hostname": HOST, "port": 443, "use_ssl": True, "ca_path": None}
    if "auth_url" in access:
        access["auth_url"] = f"https://{HOST}:443{access['auth_url']}"
    wire, recorder = RecordingWire(plan, world, clock), Recorder()
    polls: list[Observation] = []
    jitter = Random(plan.seed + 2)  # noqa: S311 (a seed must tell the whole scenario)
    with patch.object(_system, "ThreadPoolExecutor", side_by_side(clock)):
        result = _run.run(
            watched(plan.subject.system_class, wire, clock, polls),
            plan.subject.params(access, **plan.options),
            observer=recorder,
            runtime=Runtime(clock=clock, sleep=clock.sleep, jitter=jitter.random, adapter=wire),
        )
    return Run(
        plan=plan,
        result=result,
        ended=clock.seconds,
        attempts=wire.attempts,
        polls=polls,
        recorder=recorder,
        sessions_left=len(world.sessions()[plan.subject.system]),
        truth=states_of(world, plan.subject.system),
    )
