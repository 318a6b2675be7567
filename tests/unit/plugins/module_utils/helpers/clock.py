# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that only moves in sleeps, so that a day of waiting takes a test no time."""

from __future__ import annotations

# Longer than any test waits, in seconds. A wait that no fault ends any more must not take the tests with it.
LONGEST = 3 * 86400.0


class FakeClock:
    """``sleep`` moves ``now``; ``naps`` are the seconds of every sleep, in order."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a sleep of no length is a busy loop"
        self.naps.append(seconds)
        self.now += seconds
        assert self.now < LONGEST, "a wait without an end"

    def jump(self, seconds: float) -> None:
        """Time that passes without a sleep: in a request, for example."""
        self.now += seconds
