# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a wait knows about its tasks. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from .._status import PollResult, TaskStatus
from .track import Track

Ids = Optional[Sequence[str]]


class TaskBoard:
    """The latest status and the pace of each task, in the order asked for.

    ``order`` is None until it is known which tasks there are. ``began`` is the moment at which the wait began.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self.order: list[str] | None = None
        self.statuses: dict[str, TaskStatus] = {}
        self.tracks: dict[str, Track] = {}
        self.warnings: dict[str, None] = {}  # in order, each once
        self.seen_at: float | None = None

    def record(self, result: PollResult, ids: Ids, now: float) -> bool:
        """Take in a poll for these ids. Returns whether an observer should be told of a change."""
        if self.order is None and (ids is not None or result.statuses):
            self.order = list(result.statuses if ids is None else ids)
        changed = False
        for task_id, status in result.statuses.items():
            track = self.tracks.setdefault(task_id, Track(began=self.began, changed_at=now))
            changed = track.note(now, status) or changed
            self.statuses[task_id] = status
            self.warnings.update(dict.fromkeys(status.warnings))
            self.seen_at = now
        return changed

    @property
    def unfinished(self) -> list[str]:
        return [i for i in self.order or [] if i not in self.statuses or not self.statuses[i].done]

    @property
    def all_done(self) -> bool:
        return self.order is not None and not self.unfinished

    @property
    def ordered(self) -> list[TaskStatus]:
        return [self.statuses[i] for i in self.order or [] if i in self.statuses]

    @property
    def complete(self) -> bool:
        """Whether there is a status for every task asked for."""
        return len(self.ordered) == len(self.order or [])

    def has_ended(self, task_id: str) -> bool:
        return task_id in self.statuses and self.statuses[task_id].done

    def last_change(self, ids: Iterable[str]) -> float:
        """The moment of the latest change of any of these tasks."""
        return max((self.tracks[i].changed_at for i in ids if i in self.tracks), default=self.began)

    def skip_outage(self, since: float, now: float) -> None:
        """No task can show movement during an outage, so that time does not count as a standstill."""
        for track in self.tracks.values():
            track.changed_at += now - max(track.changed_at, since)

    def gap(self, ids: Iterable[str], now: float, expected: float | None) -> float | None:
        """Seconds until the next poll is worth its request, for the soonest of these tasks; None if none was seen."""
        return min((self.tracks[i].gap(now, expected) for i in ids if i in self.tracks), default=None)

    def asked_pause(self, ids: Iterable[str], most: float) -> float | None:
        """Seconds that the system asks for before the next poll of these tasks; None unless it asks for each."""
        asked = [self.tracks[i].asked_pause(most) for i in ids if i in self.tracks]
        known = [pause for pause in asked if pause is not None]
        return min(known) if known and len(known) == len(asked) else None

    def estimate(self, now: float) -> None:
        """Give each unfinished task its estimate as of now."""
        for task_id, status in self.statuses.items():
            remaining = None if status.done else self.tracks[task_id].remaining(now)
            status.eta = None if remaining is None else round(remaining)
