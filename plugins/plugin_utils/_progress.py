# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that a person reads while a task is waited for. PRIVATE to the collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot

# Floods break jobs just as silence does: logs rotate, events pile up.
LEAST_BETWEEN_LINES = 1.0


class ProgressReporter(Observer):
    """Turns what a wait sees into lines, at most one a second; what is left out shows in the next line.

    ``say`` prints a line, ``host`` and ``module`` begin each of them.
    """

    def __init__(self, say: Callable[[str], None], *, host: str, module: str) -> None:
        self._say = say
        self._head = f"[{host}] {module}"
        self._last: float | None = None
        self._states: list[State] = []

    def changed(self, snapshot: Snapshot) -> None:
        # A percent can wait for the next line, another state cannot.
        another_state = self._states != [status.state for status in snapshot.statuses]
        if another_state or self._last is None or snapshot.elapsed - self._last >= LEAST_BETWEEN_LINES:
            self._line(snapshot, describe(snapshot))

    def heartbeat(self, snapshot: Snapshot) -> None:
        self._line(snapshot, describe(snapshot))

    def outage_began(self, snapshot: Snapshot) -> None:
        if snapshot.outage is not None:
            self._line(
                snapshot, f" no answer ({snapshot.outage.error.message}), {span(snapshot.elapsed)}; still waiting"
            )

    def outage_ended(self, snapshot: Snapshot) -> None:
        self._line(snapshot, f" answers again, was away for {span(snapshot.away_for)}, {span(snapshot.elapsed)}")

    def _line(self, snapshot: Snapshot, text: str) -> None:
        self._last = snapshot.elapsed
        self._states = [status.state for status in snapshot.statuses]
        self._say(self._head + text)


def describe(snapshot: Snapshot) -> str:
    """Where a wait stands: one task in full, several in one summary."""
    parts = [_summary(snapshot.statuses) if len(snapshot.statuses) != 1 else _one(snapshot.statuses[0])]
    parts.append(span(snapshot.elapsed))
    left = [status.eta for status in snapshot.statuses if status.eta is not None]
    if left:
        parts.append(f"about {span(max(left))} left")
    if snapshot.outage is not None:
        parts.append(f"no answer at the moment ({snapshot.outage.error.message})")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """A duration as people write it: 40 s, 3 m 10 s, 2 h 5 m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} m"


def _one(status: TaskStatus) -> str:
    word = f" '{status.native_state}'" if status.state is State.UNKNOWN and status.native_state else ""
    percent = "" if status.progress is None else f" {int(status.progress)} %"
    message = f" ({status.message})" if status.message else ""
    return f" {status.id}: {status.state.value}{word}{percent}{message}"


def _summary(statuses: list[TaskStatus]) -> str:
    if not statuses:
        return ": nothing seen yet"
    states = Counter(status.state for status in statuses)
    parts = [f": {sum(status.done for status in statuses)} of {len(statuses)} finished"]
    parts += [
        f"{states[state]} {state.value}" for state in (State.FAILED, State.CANCELLED, State.UNKNOWN) if states[state]
    ]
    moving = [status.progress for status in statuses if not status.done and status.progress is not None]
    if moving:
        parts.append(f"slowest {int(min(moving))} %")
    return ", ".join(parts)
