# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether to let the system hold the next request, and for how long. PRIVATE to the collection.

Knows moments and statuses, and neither HTTP nor a vendor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .._description.model import MAX_HOLD
from .._status import TaskStatus

# What a request may take beside the time for which it is held, in seconds: the way there and back, and a new login.
ROUND_TRIP = 5.0
# Less is not worth a request of another kind.
MIN_HOLD = 2.0
# A system that has answered at once so often, with nothing new, does not hold requests.
MAX_VAIN = 2


class LongPoll:
    """The long polls of one wait."""

    def __init__(self, most: float, params: Mapping[str, Any]) -> None:
        self._enabled = bool(params["wait"]) and params["wait_sleep"] is None
        # Nothing is told and nothing is judged while a request is held.
        limits = [most, MAX_HOLD, params["timeout"] - ROUND_TRIP]
        limits += [limit for limit in (params["progress_interval"], params["stall_timeout"]) if limit]
        self._most = min(limits)
        self._vain = 0
        self._last: TaskStatus | None = None

    def seconds(self, task_id: str, now: float, deadline: float | None) -> int | None:
        """For how long the next request for this task may be held; None where it has to be a plain one.

        The first one is plain, and the one after an error: what the system says has to be known at once.
        """
        last = self._last
        known = last is not None and last.id == task_id and not last.done
        left = math.inf if deadline is None else deadline - now - ROUND_TRIP
        seconds = min(self._most, left)
        return int(seconds) if self._enabled and known and seconds >= MIN_HOLD else None

    def answered(self, status: TaskStatus) -> None:
        """A plain request was answered."""
        self._last = status

    def failed(self) -> None:
        """The system could not be asked."""
        self._last = None

    def was_held(self, status: TaskStatus, held_for: float, asked_for: float) -> bool:
        """Whether the system has held a request of ``asked_for`` seconds, to which this is the answer."""
        is_news = self._last is None or status.done or _shown(status) != _shown(self._last)
        self._last = status
        if is_news or held_for >= asked_for / 2:
            self._vain = 0
            return True
        self._vain += 1
        self._enabled = self._enabled and self._vain < MAX_VAIN
        return False

    def unknown(self) -> None:
        """The system knows no such request."""
        self._enabled = False


def _shown(status: TaskStatus) -> tuple[Any, ...]:
    return status.state, status.native_state, status.progress, status.message
