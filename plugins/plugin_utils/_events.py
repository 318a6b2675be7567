# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events that a rulebook is told while tasks are watched. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._payload import summary_of
from ansible_collections.taskwatch.infra.plugins.module_utils._secrets import Secrets
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Snapshot
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchObserver

Event = dict[str, Any]


class Events(WatchObserver):
    """Turns what a watch sees into events, one per change, none of which holds a secret.

    ``put`` takes an event, ``warn`` a sentence; ``clock`` is the one that the watch goes by.
    """

    def __init__(
        self,
        put: Callable[[Event], None],
        *,
        module: str,
        params: Mapping[str, Any],
        secrets: Secrets,
        clock: Callable[[], float],
        warn: Callable[[str], None],
    ) -> None:
        self._put = put
        self._origin = {"module": module, "hostname": params["hostname"]}
        self._with_raw = params["include_raw"]
        self._secrets = secrets
        self._clock = clock
        self._warn = warn
        self._told: dict[str, TaskStatus] = {}

    def changed(self, snapshot: Snapshot) -> None:
        for status in snapshot.statuses:
            before = self._told.get(status.id)
            if before is not None and _status_text(before) == _status_text(status):
                continue
            self._told[status.id] = status
            complete = snapshot.complete and len(self._told) >= len(snapshot.statuses)
            task = status.as_dict()
            if self._with_raw:
                task["raw"] = status.raw
            self._tell(
                {
                    "task": task,
                    "previous_state": None if before is None else before.state.value,
                    # Of what was told so far: of several tasks that end in one poll, the last one ends them all.
                    "overall": summary_of(list(self._told.values()), complete=complete),
                }
            )

    def outage_began(self, snapshot: Snapshot) -> None:
        if snapshot.outage is not None:
            message = snapshot.outage.error.message
            self._tell({"outage": {"since": self._ago(self._clock() - snapshot.outage.since), "message": message}})
            self._warn(f"no good answer: {message}; the watch goes on")

    def outage_ended(self, _snapshot: Snapshot) -> None:
        self._tell({"outage": None})

    def stalled(self, status: TaskStatus, still_for: float) -> None:
        message = f"neither state nor progress of {status.id} has changed for {still_for:.0f} s"
        self._tell({"stall": {"since": self._ago(still_for), "message": message, "task": status.as_dict()}})

    def given_up(self, error: TaskwatchError) -> None:
        self._tell({"error": error.as_dict()})

    def warned(self, sentence: str) -> None:
        self._warn(str(self._secrets.scrub(sentence)))

    def _tell(self, event: Event) -> None:
        self._put(self._secrets.scrub({**event, **self._origin}))

    @staticmethod
    def _ago(seconds: float) -> str:
        """The moment so many seconds ago, in ISO 8601; unlike the watch's clock, people's clocks are set."""
        return (datetime.now(timezone.utc) - timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _status_text(status: TaskStatus) -> tuple[State, int | None]:
    """What has to differ for an event: the state, or the whole percent."""
    return status.state, None if status.progress is None else int(status.progress)
