# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that a person reads while a task is waited for. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.taskwatch.infra.plugins.module_utils._errors import listed, one_line
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot

# Floods break jobs just as silence does: logs rotate, events pile up.
LEAST_BETWEEN_LINES = 1.0
# From this age on, in seconds, a line tells how old the figures are that it repeats.
STALE_AFTER = 2.0


class ProgressReporter(Observer):
    """Turns what a wait sees into lines, at most one a second; what is left out shows in the next line.

    ``say`` prints a line. Each begins with ``host``, the inventory's, and ``module``, and names the ``appliance`` where
    that is another one. ``port`` is where the system is asked.
    """

    def __init__(
        self, say: Callable[[str], None], *, host: str, module: str, appliance: str | None = None, port: int = 443
    ) -> None:
        self._say = say
        self._head = f"[{host}] {module}" + (f" {appliance}:" if appliance else "")
        self._named = appliance is not None
        self._port = port
        self._last: float | None = None
        self._states: list[State] = []

    def changed(self, snapshot: Snapshot) -> None:
        # A percent can wait for the next line, another state cannot.
        another_state = self._states != [status.state for status in snapshot.statuses]
        if another_state or self._last is None or snapshot.elapsed - self._last >= LEAST_BETWEEN_LINES:
            self._line(snapshot, describe(snapshot, self._port))

    def heartbeat(self, snapshot: Snapshot) -> None:
        self._line(snapshot, describe(snapshot, self._port))

    def outage_began(self, snapshot: Snapshot) -> None:
        if snapshot.outage is not None:
            self._line(snapshot, f" {_absence(snapshot, self._port)}, {span(snapshot.elapsed)}; {_outlook(snapshot)}")

    def outage_ended(self, snapshot: Snapshot) -> None:
        self._line(snapshot, f" answers again, was away for {span(snapshot.away_for)}, {span(snapshot.elapsed)}")

    def _line(self, snapshot: Snapshot, text: str) -> None:
        self._last = snapshot.elapsed
        self._states = [status.state for status in snapshot.statuses]
        # After the appliance's colon the text's own is one too many.
        self._say(one_line(self._head + (f" {text.lstrip(': ')}" if self._named else text)))


def describe(snapshot: Snapshot, port: int = 443) -> str:
    """Where a wait stands: one task in full, several in one summary."""
    seen_ago = snapshot.seen_ago or 0.0
    statuses = snapshot.statuses
    parts = [_summary(statuses, seen_ago) if len(statuses) != 1 else _one(statuses[0], seen_ago)]
    parts.append(span(snapshot.elapsed))
    left = [status.eta for status in statuses if status.eta is not None]
    if left:
        parts.append(f"about {span(max(left))} left")
    if snapshot.outage is not None:
        parts += [_absence(snapshot, port), _outlook(snapshot)]
    return ", ".join(parts)


def _absence(snapshot: Snapshot, port: int) -> str:
    reason = snapshot.outage.error.message if snapshot.outage is not None else ""
    if snapshot.seen_ago is not None:
        return f"no answer ({reason})"
    # Where nothing was ever seen, the port is a likely mistake.
    place = f" on port {port}"
    return f"never answered yet{place} ({reason.replace(place, '', 1)})"


def _outlook(snapshot: Snapshot) -> str:
    return "still waiting" if snapshot.gives_up_in is None else f"giving up in {span(max(0.0, snapshot.gives_up_in))}"


def span(seconds: float) -> str:
    """A duration as people write it: 40 s, 3 m 10 s, 2 h 5 m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} m"


def _one(status: TaskStatus, seen_ago: float) -> str:
    word = f" '{status.native_state}'" if status.state is State.UNKNOWN and status.native_state else ""
    percent = "" if status.progress is None else f" {int(status.progress)} %"
    if seen_ago >= STALE_AFTER:
        percent = f", last seen{percent + ',' if percent else ''} {span(seen_ago)} ago"
    message = f" ({status.message})" if status.message else ""
    return f" {status.id}: {status.state.value}{word}{percent}{message}"


def _summary(statuses: list[TaskStatus], seen_ago: float) -> str:
    if not statuses:
        return ": nothing seen yet"
    parts = [f": {sum(status.done for status in statuses)} of {len(statuses)} finished"]
    for state in (State.FAILED, State.CANCELLED, State.UNKNOWN):
        named = [status.id for status in statuses if status.state is state]
        if named:
            parts.append(f"{len(named)} {state.value} ({listed(named, most=3)})")
    moving = [(status.progress, status.id) for status in statuses if not status.done and status.progress is not None]
    if moving:
        progress, slowest = min(moving)
        parts.append(f"slowest {slowest} at {int(progress)} %")
    if seen_ago >= STALE_AFTER:
        parts.append(f"last seen {span(seen_ago)} ago")
    return ", ".join(parts)
