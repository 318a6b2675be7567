# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What one wait has seen of an appliance beyond what its last answer says. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._documents import object_of, text_of
from .._states import VCENTER_ROLLBACK, VCENTER_TASK, VCENTER_UPDATE
from .._status import State

# Seconds of a wait for which a task that had ended before is taken for an old one. The appliance starts work
# asynchronously: for a moment after the request it still shows the task before.
GRACE = 60.0
_ROLLBACK = "ROLLBACK_IN_PROGRESS"
_INSTALL = "INSTALL_IN_PROGRESS"


class Work(NamedTuple):
    """The times by which one task is told from another."""

    began: str | None
    ended: str | None

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Work:
        task = object_of(info.get("task"))
        return cls(text_of(task.get("start_time")), text_of(task.get("end_time")))


def is_busy(info: Mapping[str, Any]) -> bool:
    return VCENTER_UPDATE.read(info.get("state")).state is State.RUNNING


def has_ended(info: Mapping[str, Any]) -> bool:
    """Whether nothing is in progress and the task that is shown has ended, well or badly."""
    return not is_busy(info) and VCENTER_TASK.read(object_of(info.get("task")).get("status")).state.done


def shows_rollback(info: Mapping[str, Any]) -> bool:
    """Whether the appliance is taking the update back, or says in a known word that it did or tried to."""
    told = VCENTER_ROLLBACK.read(object_of(info.get("task")).get("auto_rollback_state"))
    return text_of(info.get("state")) == _ROLLBACK or (told.known and told.state is not State.PENDING)


class Memory:
    """Remembers a rollback and an installation until that update has ended and another one begins.

    ``began`` is the moment at which a wait began, None for a check without a wait.
    """

    def __init__(self, began: float | None) -> None:
        self.rolled_back = False
        self.install_seen = False
        self._grace_ends = None if began is None else began + GRACE
        self._old: Work | None = None  # the task that had ended at the first poll of a wait
        self._polled = False
        # When the work began that had ended at the last poll; no wait polls again after such an end, a watch may
        self._ended: tuple[str | None] | None = None

    def note(self, info: Mapping[str, Any], now: float) -> bool:
        """Take in an answer. Returns whether its task is an old one, which says nothing about what is waited for."""
        if not self._polled and self._grace_ends is not None and has_ended(info):
            self._old = Work.of(info)
        self._polled = True
        if is_busy(info) or self._old != Work.of(info) or self._grace_ends is None or now >= self._grace_ends:
            self._old = None
        if self._is_other_work(info):
            self.rolled_back = self.install_seen = False
        if self._old is None:
            self.rolled_back = self.rolled_back or shows_rollback(info)
        self.install_seen = self.install_seen or text_of(info.get("state")) == _INSTALL
        return self._old is not None

    def judged(self, info: Mapping[str, Any], state: State) -> None:
        """Remember an end, so that work which begins later is judged by itself."""
        self._ended = (Work.of(info).began,) if state.done else None

    def _is_other_work(self, info: Mapping[str, Any]) -> bool:
        """Whether another update has begun since the one that had ended; a watch that goes on asks about that one."""
        if self._ended is None:
            return False
        began = Work.of(info).began
        return is_busy(info) or (began is not None and (began,) != self._ended)
