# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When to poll again. PRIVATE to the collection.

Pure arithmetic in seconds.

A poll has a price, and so has each second between a task's end and the poll that notices it. With ``k`` the seconds of
lateness that one poll is worth, and ``h`` the hazard of the end (its probability per second, if it has not come yet),
gaps of sqrt(2k/h) make the sum of both least: the inspection problem of Barlow, Hunter and Proschan (J. SIAM 11, 1963,
1078) and Keller (Management Science 21, 1974, 256). What is known of a task is its hazard:

- its age t alone: durations differ by magnitudes, so h = 1/t, and the gap is sqrt(2kt);
- its pace: the end is where the pace leads, so the next poll comes after ``CLOSING`` of the time that is left; within
  the seconds d by which the pace may be wrong, h = 1/d (see ``track``);
- how long such a task usually takes: before three quarters of that the end is improbable, so h is ``HINT_DOUBT``/t.

A pace can be wrong, as of a task that stands still at 99 %. So no gap is longer than sqrt(2kt), whatever the progress.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# k: one second, which is about what a poll costs the systems (a request of 50 ms to 1 s on an appliance that is busy),
# and what makes a task of two hours cost about 120 polls, noticed within two minutes in the worst case.
PRICE = 1.0
PACED_LEAST = 1.0
QUIET_LEAST = 2.0
# A person waits for a short task, so the price is not all that counts: up to this age (ten minutes, and a tenth more
# for tasks that take about so long) no gap is longer than MOST, and one without a pace no longer than a tenth of the
# age. That costs more than the price is worth; tests/bench/price.py measures how much.
PROMPT_AGE = 660.0
MOST = 30.0
# An expected duration is trusted to this part of it, up to this doubt (the probability of an earlier end), and with no
# gap longer than this.
HINT_SLACK = 0.25
HINT_DOUBT = 0.03
HINT_MOST = 300.0
# The part of the time left by a pace after which the next poll comes, so that polls close in on the end.
CLOSING = 0.65
# Gaps are shortened by chance by up to this part, so that many hosts do not poll at the same moment.
JITTER = 0.02


@dataclass(frozen=True)
class Schedule:
    """The gaps for one price of a poll. With ``prompt_age`` 0 the price alone decides."""

    price: float = PRICE
    prompt_age: float = PROMPT_AGE

    def best_gap(self, hazard: float) -> float:
        """The gap that makes polls and lateness cost least; ``hazard`` is the end's probability per second."""
        return math.sqrt(2 * self.price / hazard)

    def age_gap(self, age: float) -> float:
        """The best gap for a task of which only the age is known."""
        # At the age of 2k the best gap is that long, too; a poll before it is not worth its price.
        least = max(QUIET_LEAST, 2 * self.price)
        return max(least, self.best_gap(1 / age)) if age > 0 else least

    def longest_gap(self, age: float) -> float:
        """The longest gap at this age, whatever is known of the task."""
        return min(self.age_gap(age), MOST) if self.is_prompt(age) else self.age_gap(age)

    def longest_pause(self, age: float) -> float:
        """The longest pause that a system may ask for at this age."""
        return max(MOST, self.longest_gap(age))

    def quiet_gap(self, age: float) -> float:
        """The gap for what shows no movement, a task or an outage, after so many seconds of it."""
        most = self.longest_gap(age)
        return min(most, max(age / 10, QUIET_LEAST)) if self.is_prompt(age) else most

    def hinted_gap(self, age: float, expected: float) -> float:
        """The gap for a task that usually takes ``expected`` seconds."""
        begins, ends = expected * (1 - HINT_SLACK), expected * (1 + HINT_SLACK)
        if age >= ends:
            return self.quiet_gap(age)
        if age >= begins:
            return min(self.quiet_gap(age), HINT_MOST)
        early = self.best_gap(HINT_DOUBT / age) if age > 0 else QUIET_LEAST
        return min(max(early, QUIET_LEAST), max(begins - age, QUIET_LEAST), HINT_MOST)

    def is_prompt(self, age: float) -> bool:
        """Whether a task of this age is to be noticed soon, at whatever price."""
        return age < self.prompt_age


SHIPPED = Schedule()
