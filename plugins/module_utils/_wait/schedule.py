# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When to look again. PRIVATE to the collection.

Pure arithmetic on moments of a monotonic clock, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._status import State, TaskStatus

# A task whose progress moves is looked at again after half of the time that its pace leaves, so the looks close in on
# the end by halving. One without a pace is looked at after a tenth of the time it has run, so the number of looks grows
# with the logarithm of the duration; one that is overdue by its own pace after a fifth of the delay, if that is sooner.
PACED_LEAST = 1.0
QUIET_LEAST = 2.0
MOST = 30.0
JITTER = 0.1


@dataclass
class Track:
    """What the looks so far tell about the pace of one task.

    ``first`` and ``moved`` are the first look and the last one that showed more progress than before, as moment and
    percent. Between two whole percents a task only seems to stand still, so its pace counts until it is used up.
    """

    began: float
    first: tuple[float, float] | None = None
    moved: tuple[float, float] | None = None
    state: State | None = None
    progress: float | None = None
    changed_at: float = 0.0
    poll_after: float | None = None

    def note(self, now: float, status: TaskStatus) -> bool:
        """Take in a look; whether it shows another state or another whole percent than the one before."""
        another_state = self.state is not status.state
        is_reportable = another_state or _whole(self.progress) != _whole(status.progress)
        if another_state or self.progress != status.progress:
            self.changed_at = now
        if status.progress is None:
            self.first = self.moved = None
        elif self.first is None or self.progress is None or status.progress < self.progress:
            self.first = self.moved = (now, status.progress)
        elif status.progress > self.progress:
            self.moved = (now, status.progress)
        self.state, self.progress = status.state, status.progress
        self.poll_after = status.poll_after
        return is_reportable

    def _left(self, now: float) -> float | None:
        """Seconds left by the pace so far, negative when overdue; None without a pace."""
        if self.first is None or self.moved is None:
            return None
        ran, gained = self.moved[0] - self.first[0], self.moved[1] - self.first[1]
        if ran <= 0 or gained <= 0:
            return None
        return (100 - self.moved[1]) * ran / gained - (now - self.moved[0])

    def remaining(self, now: float) -> float | None:
        """An honest estimate of the seconds left; None without a pace, and when the pace has proved wrong."""
        left = self._left(now)
        return None if left is None or left < 0 else left

    def asked_pause(self, most: float) -> float | None:
        """Seconds that the system asks for between two polls of this task, within reason; None if it does not ask."""
        return None if self.poll_after is None else min(max(self.poll_after, PACED_LEAST), most)

    def gap(self, now: float) -> float:
        """Seconds until the next look is worth its request."""
        asked = self.asked_pause(MOST)
        if asked is not None:
            return asked
        left, ran = self._left(now), now - self.began
        if left is None:
            return quiet_gap(ran)
        soon = left / 2 if left > 0 else min(abs(left) / 5, ran / 10)
        return min(max(soon, PACED_LEAST), MOST)


def quiet_gap(elapsed: float) -> float:
    """The gap for what shows no movement, a task or an outage, after so many seconds of it."""
    return min(max(elapsed / 10, QUIET_LEAST), MOST)


def _whole(progress: float | None) -> int | None:
    return None if progress is None else int(progress)
