# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a module against the simulator, over HTTPS in real time or on the fake wire, and what was seen of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

import requests
from ansible_collections.taskwatch.infra.plugins.module_utils import _assembly
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.adapter import TrustAdapter
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import RestClient
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result, run

from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import Scenario
from tests.faults.fake_wire import FakeSimulator
from tests.faults.kinds import LARGEST_BODY, SHORT_TIMEOUT
from tests.faults.recorder import Recorder, leaks, sessions_opened, tokens_of
from tests.faults.subjects import Subject


@dataclass
class Rehearsal:
    """What a run brought, and what the system saw of it."""

    result: Result
    recorder: Recorder
    seconds: float
    requests: list[dict[str, Any]]
    sessions_left: int
    leaks: list[str] = field(default_factory=list)

    @property
    def end(self) -> str:
        """How it ended: `ok` or the type of the error."""
        error = self.result.payload["error"]
        return "ok" if error is None else str(error["type"])

    def matching(self, method: str, path: str) -> list[dict[str, Any]]:
        """Return the requests with a method and an end of the path."""
        return [each for each in self.requests if each["method"] == method and each["path"].endswith(path)]


def access_to(simulator: Simulator | FakeSimulator, subject: Subject) -> dict[str, Any]:
    """Return where a subject's system listens, how to log in, and whom to trust."""
    return {**simulator.systems[subject.system], "ca_path": simulator.ca_path}


class Impatient(TrustAdapter):
    """Waits only a moment for what will not come, so that a busy machine fails no other request."""

    def __init__(self, simulator: Simulator, system: str) -> None:
        super().__init__()
        self._simulator = simulator
        self._system = system

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, with little time if no answer is going to come."""
        if any(self._stops(fault, request) for fault in self._simulator.faults()):
            kwargs["timeout"] = SHORT_TIMEOUT
        return super().send(request, *args, **kwargs)

    def _stops(self, fault: dict[str, Any], request: requests.PreparedRequest) -> bool:
        return (
            fault["system"] == self._system
            and fault["kind"] in {"hang", "latency"}
            and bool(fault["armed"])
            and fault.get("method", request.method) == request.method
            and re.search(fault.get("path", ""), request.path_url.partition("?")[0]) is not None
        )


def _runtime(
    simulator: Simulator | FakeSimulator, system: str, between_polls: Callable[[], None], longest_sleep: float
) -> Runtime:
    fake = simulator.clock if isinstance(simulator, FakeSimulator) else None

    def sleep(seconds: float) -> None:
        pause = fake.sleep if fake else time.sleep  # noqa: TID251 (stands in for the waiter's own)
        pause(min(seconds, longest_sleep))
        between_polls()

    return Runtime(
        clock=fake or time.monotonic,
        sleep=sleep,
        jitter=lambda: 0.5,
        adapter=simulator.wire(system) if isinstance(simulator, FakeSimulator) else Impatient(simulator, system),
    )


def rehearse(
    simulator: Simulator | FakeSimulator,
    subject: Subject,
    options: dict[str, Any],
    *,
    faults: Sequence[dict[str, Any]] = (),
    between_polls: Callable[[], None] = lambda: None,
    longest_sleep: float = 3600.0,
) -> Rehearsal:
    """Reset the simulator to a subject's own scenario, put faults in force, and run the module's code.

    `between_polls` is called whenever the wait sleeps; no sleep takes longer than `longest_sleep` seconds.
    """
    simulator.reset(Scenario.model_validate(subject.scenario()))
    access = access_to(simulator, subject)
    for fault in faults:
        simulator.add_fault({"system": subject.system, **fault})

    recorder, runtime = Recorder(), _runtime(simulator, subject.system, between_polls, longest_sleep)
    small = patch.object(_assembly, "RestClient", partial(RestClient, max_body=LARGEST_BODY))
    with small, sessions_opened() as opened:
        began = runtime.clock()
        result = run(subject.system_class, subject.params(access, **options), observer=recorder, runtime=runtime)
        seconds = runtime.clock() - began
        user = str(access.get(subject.credentials[0]))
        secrets = [*subject.secrets(access), *tokens_of(opened)]
    return Rehearsal(
        result=result,
        recorder=recorder,
        seconds=seconds,
        requests=simulator.requests(),
        sessions_left=len(simulator.sessions()[subject.system]),
        leaks=leaks(secrets, result, recorder, user),
    )
