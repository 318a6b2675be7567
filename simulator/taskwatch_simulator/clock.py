# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wall time and simulated time of one run, on a clock that is handed in."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that counts seconds upwards."""

    def now(self) -> float:
        """Return seconds since an arbitrary moment."""


class SystemClock:
    """The machine's own monotonic clock."""

    def now(self) -> float:
        """Return seconds since an arbitrary moment."""
        return time.monotonic()


@dataclass
class ManualClock:
    """A clock that moves only when told to, for tests without sockets."""

    seconds: float = 0.0

    def now(self) -> float:
        """Return the seconds it has been moved to."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: on negative seconds.
        """
        if seconds < 0:
            raise ValueError(f"a clock cannot go back by {-seconds} s")
        self.seconds += seconds


@dataclass
class Timebase:
    """Where a run stands in time.

    Sessions, faults and latency live in wall seconds, because the client counts those; tasks live in simulated
    seconds, which pass faster or slower by the speed. Dates in answers are the simulated system's own.
    """

    clock: Clock
    speed: float = 1.0
    epoch: datetime = field(default_factory=lambda: datetime.now(UTC))
    origin: float = field(init=False)
    _since: tuple[float, float] = field(default=(0.0, 0.0), init=False)
    """Wall and simulated second at which the speed was set."""

    def __post_init__(self) -> None:
        self.origin = self.clock.now()

    def wall(self) -> float:
        """Return wall seconds since the run began."""
        return self.clock.now() - self.origin

    def simulated(self) -> float:
        """Return simulated seconds since the run began."""
        wall, simulated = self._since
        return simulated + (self.wall() - wall) * self.speed

    def set_speed(self, speed: float) -> None:
        """Let simulated time go on at another speed; 0 stops it."""
        self._since = (self.wall(), self.simulated())
        self.speed = speed

    def date(self, simulated: float | None = None) -> datetime:
        """Return the simulated system's date at a simulated second (now, if not given), in UTC."""
        return self.epoch + timedelta(seconds=self.simulated() if simulated is None else simulated)


def iso(moment: datetime) -> str:
    """Return a date as `2026-01-31T08:15:00.000Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
