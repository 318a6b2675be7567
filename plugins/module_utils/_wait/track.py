# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The pace of one task, and when to poll it again. PRIVATE to the collection."""

from __future__ import annotations

from dataclasses import dataclass

from .._status import State, TaskStatus
from .schedule import CLOSING, PACED_LEAST, SHIPPED, Schedule


@dataclass
class Track:
    """What the polls so far tell about the pace of one task.

    ``first`` and ``moved`` are the first poll and the last one that showed more progress than before, as moment and
    percent. Between two whole percents a task only seems to stand still, so its pace counts until it is used up.
    ``projected`` is the moment of the end by the pace before the last movement. ``grain`` is how many seconds before
    ``moved`` the movement may have come, and ``whole`` tells that only whole percents were shown so far.
    """

    began: float
    first: tuple[float, float] | None = None
    moved: tuple[float, float] | None = None
    state: State | None = None
    progress: float | None = None
    changed_at: float = 0.0
    projected: float | None = None
    whole: bool = False
    grain: float = 0.0
    polled_at: float | None = None
    poll_after: float | None = None
    expected: float | None = None
    schedule: Schedule = SHIPPED

    def note(self, now: float, status: TaskStatus) -> bool:
        """Take in a poll; whether it shows another state or another whole percent than the one before."""
        another_state = self.state is not status.state
        is_reportable = another_state or _whole(self.progress) != _whole(status.progress)
        if another_state or self.progress != status.progress:
            self.changed_at = now
        if status.progress is None:
            self.first = self.moved = self.projected = None
        else:
            self._note_progress(now, status.progress)
        self.state, self.progress = status.state, status.progress
        self.poll_after = status.poll_after
        self.expected = status.expected_seconds
        self.polled_at = now
        return is_reportable

    def _note_progress(self, now: float, progress: float) -> None:
        if self.first is None or self.progress is None or progress < self.progress:
            self.first = self.moved = (now, progress)
            self.projected = None
            self.whole = _whole(progress) == progress
        elif progress > self.progress:
            left = self._left(now)
            self.projected = None if left is None else now + left
            self.moved = (now, progress)
            self.whole = self.whole and _whole(progress) == progress
            self.grain = now - (self.began if self.polled_at is None else self.polled_at)

    def _left(self, now: float) -> float | None:
        """Seconds left by the pace so far, negative when overdue; None without a pace."""
        one_percent = self._seconds_of_percent()
        if one_percent is None or self.moved is None:
            return None
        return (100 - self.moved[1]) * one_percent - (now - self.moved[0])

    def _seconds_of_percent(self) -> float | None:
        if self.first is None or self.moved is None:
            return None
        ran, gained = self.moved[0] - self.first[0], self.moved[1] - self.first[1]
        return ran / gained if ran > 0 and gained > 0 else None

    def remaining(self, now: float) -> float | None:
        """An honest estimate of the seconds left; None without a pace, and when the pace has proved wrong."""
        left = self._left(now)
        return None if left is None or left < 0 else left

    def asked_pause(self, most: float) -> float | None:
        """Seconds that the system asks for between two polls of this task, within reason; None if it does not ask."""
        return None if self.poll_after is None else min(max(self.poll_after, PACED_LEAST), most)

    def gap(self, now: float, expected: float | None = None) -> float:
        """Seconds until the next poll is worth its price; ``expected`` is how long such a task usually takes.

        Without it, what the system itself says of that counts.
        """
        age, schedule = now - self.began, self.schedule
        expected = self.expected if expected is None else expected
        asked = self.asked_pause(schedule.longest_pause(age))
        if asked is not None:
            return asked
        left = self._left(now)
        if expected is not None:
            most = schedule.hinted_gap(age, expected)
        elif left is None and self.progress != 0:
            most = schedule.quiet_gap(age)
        else:
            # At 0 % since the wait began, a task is far from its end by any pace, and need not be noticed soon.
            most = schedule.longest_gap(age)
        return most if left is None else min(max(self._paced_gap(left, now), PACED_LEAST), most)

    def _paced_gap(self, left: float, now: float) -> float:
        """The gap by the pace alone, by which the end is ``left`` seconds away."""
        age = now - self.began
        # Many tasks stand still just before their end, at 99 %, and the pace seems to have fallen.
        latest = left if self.projected is None else min(left, self.projected - now)
        doubt = self._doubt()
        within_doubt = self.schedule.best_gap(1 / doubt) if doubt and not self.schedule.is_prompt(age) else 0.0
        if latest <= 0:
            return max(min(-latest / 5, age / 10), within_doubt)
        return max(min(left - doubt, latest) * CLOSING, min(within_doubt, latest))

    def _doubt(self) -> float:
        """Seconds by which the end may come sooner than the pace says.

        A whole percent shows up to one percent less than there is, and was reached after the poll before it.
        """
        return min(self._seconds_of_percent() or 0.0, self.grain) if self.whole else 0.0


def _whole(progress: float | None) -> int | None:
    return None if progress is None else int(progress)
