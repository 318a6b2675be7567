# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A world on a clock that the test moves, and a client for the simulator on real ports."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.embedded import Simulator, running
from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.scenario import parse
from taskwatch_simulator.world import World

EPOCH = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)


@dataclass
class Bench:
    """A world without sockets, and its clock."""

    world: World
    clock: ManualClock

    def at(self, seconds: float) -> Bench:
        """Move the clock to a second of the run."""
        self.clock.advance(seconds - self.clock.now())
        return self

    def call(
        self, system: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: object = None
    ) -> Reply:
        """Send a request; a body that is not bytes is sent as JSON."""
        sent = dict(headers or {})
        if body is None:
            data = b""
        elif isinstance(body, bytes):
            data = body
        else:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return self.world.handle(system, Request.make(method, target, sent, data))

    def task(self, task_id: str) -> dict[str, Any]:
        """Return the true state of one task."""
        return next(dict(task) for task in self.world.tasks() if task["id"] == task_id)


def basic(user: str, password: str = "simulator-password") -> dict[str, str]:
    """Return the header of HTTP Basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def bench() -> Callable[[str], Bench]:
    """Return a maker of worlds from YAML."""

    def make(text: str = "") -> Bench:
        clock = ManualClock(1000.0)
        world = World(parse(text or "{}", "test.yml"), clock, epoch=EPOCH)
        clock.seconds = 0.0
        world.time.origin = 0.0
        return Bench(world, clock)

    return make


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Serve a scenario over HTTPS for the tests of a module."""
    with running("slow") as served:
        yield served


@dataclass
class Client:
    """A client of one simulated system."""

    session: requests.Session
    base: str

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request, waiting long enough for a busy machine."""
        options.setdefault("timeout", 20)
        return self.session.request(method, self.base + path, allow_redirects=False, **options)


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Callable[[str], Client]]:
    """Return a maker of clients; faults and sessions of the test before are gone."""
    simulator.reset()
    opened = []

    def make(system: str) -> Client:
        session = requests.Session()
        session.trust_env = False
        session.verify = simulator.ca_path or True
        opened.append(session)
        address = simulator.systems[system]
        return Client(session, f"https://{address['hostname']}:{address['port']}")

    yield make
    for session in opened:
        session.close()
