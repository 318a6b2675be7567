# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole simulation without any socket: systems, faults, the log of requests, and the true states.

A test on a fake clock makes a `World`, calls `handle` and moves the clock; the HTTP skin does the same on the real one.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from .clock import Clock, SystemClock, Timebase
from .faults import ActiveFault, Call, Fault, Faults, fault_of
from .faults.connections import BlackHole
from .messages import Reply, Request
from .scenario import Scenario
from .systems import Lxca, PrismaSdwan, Sdm, Vcenter
from .systems.base import PORT_MODES, PortMode, System

LOG_LENGTH = 200_000
# What the control API shows of a request
LOG_KEYS = ("at", "system", "method", "path", "query", "status", "fault")
# Ids of tasks that are written down for one request
MOST_TASKS = 1000
# Characters of a path and of a query that are written down
LONGEST_TEXT = 2000


class World:
    """One run of a scenario. Every method may be called from any thread."""

    def __init__(
        self,
        scenario: Scenario,
        clock: Clock | None = None,
        *,
        speed: float = 1.0,
        plain: bool = False,
        epoch: datetime | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._clock = clock or SystemClock()
        self._speed = speed
        self._plain = plain
        self._epoch = epoch
        self.run = 0
        """Counts the beginnings, so that a page learns of a reset."""
        self._begin(scenario)

    def _begin(self, scenario: Scenario) -> None:
        self.run += 1
        self.scenario = scenario
        self.time = Timebase(self._clock, self._speed, **({"epoch": self._epoch} if self._epoch else {}))
        self._systems: dict[str, System[Any]] = {
            "lxca": Lxca(scenario.lxca, self.time, plain=self._plain),
            "sdm": Sdm(scenario.sdm, self.time, plain=self._plain),
            "vcenter": Vcenter(scenario.vcenter, self.time, plain=self._plain),
            "prisma_sdwan": PrismaSdwan(scenario.prisma_sdwan, self.time, plain=self._plain),
        }
        self._faults = Faults(self.time)
        for fault in scenario.faults:
            self._put(fault)
        self._log: deque[dict[str, object]] = deque(maxlen=LOG_LENGTH)
        self._logged = 0

    def reset(self, scenario: Scenario | None = None) -> None:
        """Begin anew: no sessions, no faults, an empty log, tasks at their start."""
        with self._lock:
            self._begin(scenario or self.scenario)

    def handle(self, system: str, request: Request) -> Reply:
        """Answer one request to a system and write it down.

        Raises:
            KeyError: when there is no such system.
        """
        with self._lock:
            target = self._systems[system]
            target.catch_up()
            user = target.user_of(request)
            reply = self._reply(target, request)
            self._write_down(target, request, reply, user)
            return reply

    def _reply(self, target: System[Any], request: Request) -> Reply:
        """Return what the first fault that stops the request makes of it, else the system's own answer."""
        call = Call(target, request)
        reply = None
        for fault in self._faults.due(target, request):
            call.kinds.append(fault.kind)
            reply = fault.act(call)
            if reply is not None:
                break
        if reply is None:
            reply = call.answer()
        reply.delay += call.delay + target.options.latency
        if call.kinds:
            reply.fault = call.kinds[-1]
        return reply

    def _write_down(self, target: System[Any], request: Request, reply: Reply, user: str | None) -> None:
        self._logged += 1
        silent = reply.transport is not None and reply.transport.silent
        self._log.append(
            {
                "at": round(self.time.wall(), 3),
                "system": target.name,
                "method": request.method,
                "path": _scrubbed(request.path, target)[:LONGEST_TEXT],
                "query": _scrubbed(request.query, target)[:LONGEST_TEXT],
                "status": None if silent else reply.status,
                "fault": reply.fault,
                "number": self._logged,
                "second": round(self.time.simulated(), 3),
                "user": None if user is None else _scrubbed(user, target)[:LONGEST_TEXT],
                "tasks": target.polled(request)[:MOST_TASKS],
            }
        )

    def port_mode(self, system: str) -> PortMode:
        """Return how a system's port is to be served now."""
        with self._lock:
            target = self._systems[system]
            target.catch_up()
            fault = self._faults.of_port(system)
            wanted = [target.port_mode(), fault.spec.mode() if fault else None]
            return max(filter(None, wanted), key=PORT_MODES.index)

    def holes(self, system: str) -> set[str]:
        """Return the addresses beside the served one at which connections to a system lead nowhere now."""
        with self._lock:
            active = [
                each for each in self._faults.active() if each.spec.system == system and each.armed_at is not None
            ]
            return {each.spec.address for each in active if isinstance(each.spec, BlackHole) and each.spec.address}

    def handshake_cut(self, system: str) -> None:
        """Count a connection that was cut before there was a request."""
        with self._lock:
            fault = self._faults.of_port(system)
            if fault is not None:
                fault.used += 1

    def add_task(self, description: Mapping[str, Any]) -> str:
        """Begin a task described as in a scenario, with its `system`, and return its id.

        Raises:
            KeyError: when there is no such system.
            pydantic.ValidationError: when the description has a fault.
        """
        entry = {name: value for name, value in description.items() if name != "system"}
        with self._lock:
            return self._systems[str(description.get("system"))].add_task(entry)

    def add_fault(self, description: Mapping[str, Any]) -> ActiveFault:
        """Put a fault in force.

        Raises:
            pydantic.ValidationError: when the description has a fault itself.
        """
        spec = fault_of(description)
        with self._lock:
            return self._put(spec)

    def _put(self, spec: Fault) -> ActiveFault:
        fault = self._faults.add(spec)
        if spec.act_at_once(self._systems[spec.system]):
            self._faults.remove(fault)
        return fault

    def faults(self) -> list[dict[str, object]]:
        """Return the faults in force."""
        with self._lock:
            return [each.listing() for each in self._faults.active()]

    def sessions(self) -> dict[str, list[dict[str, object]]]:
        """Return the open sessions of every system."""
        with self._lock:
            for system in self._systems.values():
                system.catch_up()
            return {name: system.sessions.listing() for name, system in self._systems.items()}

    def requests(self) -> list[dict[str, object]]:
        """Return what was asked, in order, without bodies and without secrets."""
        with self._lock:
            return [{name: each[name] for name in LOG_KEYS} for each in self._log]

    def requests_after(self, number: int) -> list[dict[str, object]]:
        """Return what was asked after the request of a number, with its simulated second, its user and its tasks."""
        with self._lock:
            fresh = itertools.takewhile(lambda each: int(str(each["number"])) > number, reversed(self._log))
            return [dict(each) for each in fresh][::-1]

    def set_speed(self, speed: float) -> None:
        """Let simulated time pass at another speed until the next reset; 0 stops it."""
        with self._lock:
            self.time.set_speed(speed)

    def snapshot(self, most_tasks: int | None = None) -> dict[str, Any]:
        """Return all that the rehearsal page shows, but for the requests; of each system at most so many tasks."""
        with self._lock:
            windows = self._faults.windows()
            return {
                "run": self.run,
                "description": self.scenario.description,
                "second": round(self.time.simulated(), 3),
                "wall": round(self.time.wall(), 3),
                "speed": self.time.speed,
                "requests": self._logged,
                "faults": windows,
                "systems": {name: self._seen(name, most_tasks) for name in self._systems},
            }

    def _seen(self, name: str, most_tasks: int | None) -> dict[str, Any]:
        system = self._systems[name]
        system.catch_up()
        states = system.expected_states()
        return {
            "port": self.port_mode(name),
            "sessions": system.sessions.listing(),
            "outages": system.outages(),
            "count": len(states),
            "tasks": [asdict(each) for each in states[:most_tasks]],
        }

    def tasks(self) -> list[dict[str, object]]:
        """Return the true state of every task."""
        with self._lock:
            return [
                {"system": name, **each.listing()}
                for name, system in self._systems.items()
                for each in system.expected_states()
            ]

    def access(self, system: str) -> dict[str, str]:
        """Return the credentials of a system."""
        return self._systems[system].access()

    def secrets(self) -> set[str]:
        """Return every password, and every token that was ever handed out: what must be found nowhere."""
        with self._lock:
            return {secret for system in self._systems.values() for secret in _secrets_of(system)}


def _secrets_of(system: System[Any]) -> set[str]:
    access = system.access()
    given = {access[name] for name in ("password", "client_secret", "auth_token") if name in access}
    return given | system.sessions.issued


def _scrubbed(text: str, system: System[Any]) -> str:
    """Return a text without the credentials and tokens that a careless client may have put into it."""
    for secret in _secrets_of(system):
        if secret in text:
            text = text.replace(secret, "***")
    return text
