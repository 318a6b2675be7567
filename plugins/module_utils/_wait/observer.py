# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a wait tells while it goes on. PRIVATE to the collection."""

from __future__ import annotations

from dataclasses import dataclass

from .._status import TaskStatus
from .outages import Outage


@dataclass(frozen=True)
class Snapshot:
    """What is known at a moment of a wait. ``elapsed`` is seconds since the wait began.

    ``complete`` tells whether there is a status for every task asked for. ``away_for`` is the length in seconds of the
    outage that has just ended. ``seen_ago`` is seconds since the last good response, None if there was none.
    ``gives_up_in`` is seconds until an outage is too long, None outside an outage or without such an end.
    """

    statuses: list[TaskStatus]
    elapsed: float
    outage: Outage | None = None
    away_for: float = 0.0
    complete: bool = True
    seen_ago: float | None = None
    gives_up_in: float | None = None


class Observer:
    """Told what a wait sees as it sees it. Each method does nothing until a subclass overrides it."""

    def changed(self, snapshot: Snapshot) -> None:
        """A task has another state or another whole percent."""

    def outage_began(self, snapshot: Snapshot) -> None:
        """The system does not answer any more, or not yet."""

    def outage_ended(self, snapshot: Snapshot) -> None:
        """It answers again; ``away_for`` says after how many seconds."""

    def heartbeat(self, snapshot: Snapshot) -> None:
        """Nothing has happened for a while."""
