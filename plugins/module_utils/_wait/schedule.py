# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When to poll again. PRIVATE to the collection.

Pure arithmetic on moments of a monotonic clock, in seconds.

A poll has a price, and so has each second between a task's end and the poll that notices it. With ``k`` the seconds of
lateness that one poll is worth, and ``h`` the hazard of the end (its probability per second, if it has not come yet),
gaps of sqrt(2k/h) make the sum of both least: the inspection problem of Barlow, Hunter and Proschan (J. SIAM 11, 1963,
1078) and Keller (Management Science 21, 1974, 256). What is known of a task is its hazard:

- its age t alone: durations differ by magnitudes, so h = 1/t, and the gap is sqrt(2kt);
- its pace: the end is where the pace leads, so the next poll comes after ``CLOSING`` of the time that is left;
- how long such a task usually takes: before three quarters of that the end is improbable, so h is ``HINT_DOUBT``/t.

A pace can be wrong, as of a task that stands still at 99 %. So no gap is longer than sqrt(2kt), whatever the progress.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .._status import State, TaskStatus

# k: one second, which is about what a poll costs the systems (a request of 50 ms to 1 s on an appliance that is busy),
# and what makes a task of two hours cost about 120 polls, noticed within two minutes in the worst case.
PRICE = 1.0
PACED_LEAST = 1.0
QUIET_LEAST = 2.0
# The part of the time left by a pace after which the next poll comes, so that polls close in on the end.
CLOSING = 0.6
# A person waits for a short task, so the price is not all that counts: up to this age no gap is longer than MOST, and
# one without a pace no longer than a tenth of the age.
PROMPT_AGE = 600.0
MOST = 30.0
# An expected duration is trusted to this part of it, up to this doubt (the probability of an earlier end), and with no
# gap longer than this.
HINT_SLACK = 0.25
HINT_DOUBT = 0.03
HINT_MOST = 300.0
# Gaps are shortened by chance by up to this part, so that many hosts do not poll at the same moment.
JITTER = 0.03


@dataclass
class Track:
    """What the polls so far tell about the pace of one task.

    ``first`` and ``moved`` are the first poll and the last one that showed more progress than before, as moment and
    percent. Between two whole percents a task only seems to stand still, so its pace counts until it is used up.
    ``projected`` is the moment of the end by the pace before the last movement.
    """

    began: float
    first: tuple[float, float] | None = None
    moved: tuple[float, float] | None = None
    state: State | None = None
    progress: float | None = None
    changed_at: float = 0.0
    projected: float | None = None
    poll_after: float | None = None
    expected: float | None = None

    def note(self, now: float, status: TaskStatus) -> bool:
        """Take in a poll; whether it shows another state or another whole percent than the one before."""
        another_state = self.state is not status.state
        is_reportable = another_state or _whole(self.progress) != _whole(status.progress)
        if another_state or self.progress != status.progress:
            self.changed_at = now
        if status.progress is None:
            self.first = self.moved = self.projected = None
        elif self.first is None or self.progress is None or status.progress < self.progress:
            self.first = self.moved = (now, status.progress)
            self.projected = None
        elif status.progress > self.progress:
            left = self._left(now)
            self.projected = None if left is None else now + left
            self.moved = (now, status.progress)
        self.state, self.progress = status.state, status.progress
        self.poll_after = status.poll_after
        self.expected = status.expected_seconds
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

    def gap(self, now: float, expected: float | None = None) -> float:
        """Seconds until the next poll is worth its price; ``expected`` is how long such a task usually takes.

        Without it, what the system itself says of that counts.
        """
        age = now - self.began
        expected = self.expected if expected is None else expected
        asked = self.asked_pause(longest_pause(age))
        if asked is not None:
            return asked
        left = self._left(now)
        if left is not None and self.projected is not None:
            # Many tasks stand still just before their end, at 99 %, and the pace seems to have fallen.
            left = min(left, self.projected - now)
        if left is None:
            return quiet_gap(age) if expected is None else hinted_gap(age, expected)
        soon = left * CLOSING if left > 0 else min(abs(left) / 5, age / 10)
        most = longest_gap(age) if expected is None else hinted_gap(age, expected)
        return min(max(soon, PACED_LEAST), most)


def best_gap(hazard: float, price: float = PRICE) -> float:
    """The gap that makes polls and lateness cost least; ``hazard`` is the end's probability per second."""
    return math.sqrt(2 * price / hazard)


def age_gap(age: float, price: float = PRICE) -> float:
    """The best gap for a task of which only the age is known."""
    return max(QUIET_LEAST, best_gap(1 / age, price)) if age > 0 else QUIET_LEAST


def longest_pause(age: float) -> float:
    """The longest pause that a system may ask for at this age."""
    return max(MOST, longest_gap(age))


def longest_gap(age: float) -> float:
    """The longest gap at this age, whatever is known of the task."""
    return min(age_gap(age), MOST) if age < PROMPT_AGE else age_gap(age)


def quiet_gap(age: float) -> float:
    """The gap for what shows no movement, a task or an outage, after so many seconds of it."""
    most = longest_gap(age)
    return min(most, max(age / 10, QUIET_LEAST)) if age < PROMPT_AGE else most


def hinted_gap(age: float, expected: float) -> float:
    """The gap for a task that usually takes ``expected`` seconds."""
    begins, ends = expected * (1 - HINT_SLACK), expected * (1 + HINT_SLACK)
    if age >= ends:
        return quiet_gap(age)
    if age >= begins:
        return min(quiet_gap(age), HINT_MOST)
    early = best_gap(HINT_DOUBT / age) if age > 0 else QUIET_LEAST
    return min(max(early, QUIET_LEAST), max(begins - age, QUIET_LEAST), HINT_MOST)


def _whole(progress: float | None) -> int | None:
    return None if progress is None else int(progress)
