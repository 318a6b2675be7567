# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that only moves in sleeps, so that a day of waiting takes a test no time."""

from __future__ import annotations

# Longer than any test waits, in seconds. A wait that no fault ends any more must not take the tests with it.
LONGEST = 3 * 86400.0


class FakeClock:
    """Reading it takes no time: ``sleep`` and ``jump`` move ``seconds``; ``naps`` are those of every sleep, in order.

    The collection calls its clock, the simulator calls ``now``, so that both can have the same one.
    """

    def __init__(self, seconds: float = 1000.0) -> None:
        self.seconds = seconds
        self.naps: list[float] = []

    def now(self) -> float:
        return self.seconds

    __call__ = now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a sleep of no length is a busy loop"
        self.naps.append(seconds)
        self.seconds += seconds
        assert self.seconds < LONGEST, "a wait without an end"

    def jump(self, seconds: float) -> None:
        """Time that passes without a sleep: in a request, for example."""
        self.seconds += seconds
