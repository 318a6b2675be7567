# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When to look again. PRIVATE to the collection.

Pure arithmetic on moments of a monotonic clock, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._status import State, TaskStatus

# A task that moves is looked at again after half of the time its pace leaves, one that shows no movement after a
# tenth of the time it has run; both between these bounds.
MOVING_LEAST = 1.0
QUIET_LEAST = 2.0
MOST = 30.0
JITTER = 0.1


@dataclass
class Track:
    """What the looks so far tell about the pace of one task."""

    began: float
    first: tuple[float, float] | None = None
    latest: tuple[float, float] | None = None
    state: State | None = None
    changed_at: float = 0.0
    moving: bool = False

    def note(self, now: float, status: TaskStatus) -> bool:
        """Take in a look; whether it shows another state or another whole percent than the one before."""
        before = self.latest[1] if self.latest else None
        changed = self.state is not status.state or _whole(before) != _whole(status.progress)
        self.moving = before is not None and status.progress is not None and status.progress > before
        if self.state is not status.state or before != status.progress:
            self.changed_at = now
        self.state = status.state
        if status.progress is None:
            self.first = self.latest = None
        else:
            self.latest = (now, status.progress)
            if self.first is None or status.progress < self.first[1]:
                self.first = self.latest
        return changed

    def remaining(self, now: float) -> float | None:
        """Seconds left if the pace since the first look holds; None without a pace."""
        if self.first is None or self.latest is None:
            return None
        if self.latest[1] <= self.first[1] or self.latest[0] <= self.first[0]:
            return None
        pace = (self.latest[1] - self.first[1]) / (self.latest[0] - self.first[0])
        return max(0.0, (100 - self.latest[1]) / pace - (now - self.latest[0]))

    def gap(self, now: float) -> float:
        """Seconds until the next look is worth its request."""
        remaining = self.remaining(now) if self.moving else None
        if remaining is not None:
            return min(max(remaining / 2, MOVING_LEAST), MOST)
        return quiet_gap(now - self.began)


def quiet_gap(elapsed: float) -> float:
    """The gap for what shows no movement, a task or an outage, after so many seconds of it."""
    return min(max(elapsed / 10, QUIET_LEAST), MOST)


def _whole(progress: float | None) -> int | None:
    return None if progress is None else int(progress)
