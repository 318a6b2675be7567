# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults in force: which one is due, and when it is over."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..clock import Timebase
from ..messages import Request
from ..systems.base import System
from .base import Fault

# Faults that are over and still told of
PAST = 500


@dataclass
class ActiveFault:
    """One fault in force; times are wall seconds of the run."""

    spec: Fault
    number: int
    armed_at: float | None = None
    seen: int = 0
    used: int = 0
    began: float | None = None
    """Simulated second at which it began to act."""
    ended: float | None = None
    """Simulated second at which it was seen to be over."""

    def over(self, time: Timebase) -> bool:
        """Tell whether it has done all that was asked for."""
        spec, limit = self.spec, self.spec.limit()
        if (limit is not None and self.used >= limit) or (spec.until is not None and time.simulated() >= spec.until):
            return True
        return spec.seconds is not None and self.armed_at is not None and time.wall() >= self.armed_at + spec.seconds

    def arm(self, time: Timebase) -> bool:
        """Begin to act if it is time; return whether it acts."""
        ready = self.seen >= self.spec.after_requests and time.simulated() >= self.spec.from_
        if ready and self.armed_at is None:
            self.armed_at = time.wall()
            self.began = time.simulated()
        return ready

    def window(self) -> dict[str, object]:
        """Return when it acts, in simulated seconds of the run, as far as that is known."""
        begins = self.spec.from_ if self.began is None else self.began
        ends = min((each for each in (self.spec.until, self.ended) if each is not None), default=None)
        return {
            "number": self.number,
            "system": self.spec.system,
            "what": self.spec.kind.replace("_", " "),
            "from": begins,
            "until": ends,
            "over": self.ended is not None,
            "used": self.used,
        }

    def listing(self) -> dict[str, object]:
        """Return what the control API shows of it."""
        return {
            "number": self.number,
            "kind": self.spec.kind,
            **self.spec.model_dump(exclude_defaults=True, by_alias=True),
            "armed": self.armed_at is not None,
            "used": self.used,
        }


class Faults:
    """All faults of a run, in the order in which they were added."""

    def __init__(self, time: Timebase) -> None:
        self._time = time
        self._added: list[ActiveFault] = []
        self.past: deque[ActiveFault] = deque(maxlen=PAST)
        """Those that are over."""
        self._count = 0

    def add(self, spec: Fault) -> ActiveFault:
        """Put a fault in force."""
        self._count += 1
        fault = ActiveFault(spec, self._count)
        fault.arm(self._time)
        self._added.append(fault)
        return fault

    def active(self) -> list[ActiveFault]:
        """Return the faults that are not over."""
        over = [each for each in self._added if each.over(self._time)]
        for fault in over:
            self.remove(fault)
        for fault in self._added:
            fault.arm(self._time)
        return list(self._added)

    def windows(self) -> list[dict[str, object]]:
        """Return when each fault acts or has acted, in the order of their numbers."""
        present = self.active()
        return [each.window() for each in sorted([*self.past, *present], key=lambda each: each.number)]

    def remove(self, fault: ActiveFault) -> None:
        """End a fault."""
        fault.ended = self._time.simulated()
        self._added.remove(fault)
        self.past.append(fault)

    def of_port(self, system: str) -> ActiveFault | None:
        """Return the fault that keeps a system's port from being served now."""
        for fault in self.active():
            if fault.spec.system == system and fault.spec.mode() is not None and fault.armed_at is not None:
                return fault
        return None

    def due(self, system: System[Any], request: Request) -> Iterator[Fault]:
        """Yield the faults that concern a request, counting each."""
        for fault in self.active():
            spec = fault.spec
            if spec.system != system.name or not spec.concerns(request, system):
                continue
            if fault.armed_at is not None:
                fault.used += 1
                yield spec
            elif self._time.simulated() >= spec.from_:
                fault.seen += 1
                fault.arm(self._time)
