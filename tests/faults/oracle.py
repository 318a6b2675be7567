# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The oracle of the soak: goes through the polls of a run and says after each whether the wait had to end.

Written from the promises made to users. What the polls brought is taken as it is; `invariants` compares it with what
was so in the simulator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError

from tests.faults.soak import LOGIN, PROFILE, STATUS, Observation, Run

FINISHED = frozenset({"succeeded", "failed", "cancelled"})
AWAY, SEEN_ONLY, FINAL = "away", "seen only", "final"
# Seconds that rounding may cost
NEARLY = 0.01
# Seconds within which two sums of the same figures may differ: such a moment belongs to either side
ROUNDING = 1e-6
# Seconds of the adaptive schedule, jitter included
LEAST_GAP = 0.9


def most_gap(age: float) -> float:
    """The longest gap at this age: the root of twice the age, and half a minute in the first ten."""
    return 30.0 if age < 600 else (2 * age) ** 0.5


EVERY_TASK = ""


# Logins in a row that may be answered with neither a session nor a refusal, and refused ones where one has worked
ODD_LOGINS, REFUSED_LOGINS = 3, 3
# What keeps its type however long it lasts
OWN_TYPE = frozenset({"authentication", "authorization", "not_found", "tls"})


class Logins:
    """What the logins of a run have come to so far."""

    def __init__(self, *, every_request_logs_in: bool) -> None:
        self._roles = {STATUS} if every_request_logs_in else {LOGIN, PROFILE}
        self.worked = False
        self.odd = self.refused = 0
        self._failed = ""

    def take_in(self, poll: Observation) -> None:
        """Count the logins of a poll."""
        self._failed = ""
        unreadable = any(error.kind.value == "bad_response" for error in poll.errors)
        for index, each in enumerate(poll.attempts):
            if each.role not in self._roles:
                continue
            self._failed = ""
            later = {other.role for other in poll.attempts[index + 1 :]}
            # Nothing is asked for without a session, so what comes after a login shows that it has worked
            works = STATUS in later if LOGIN in self._roles else each.good
            if each.status in {401, 403}:
                self.refused += 1
                self._failed = "refused"
            elif works:
                self.worked = True
                self.odd = self.refused = 0
            elif unreadable and LOGIN in self._roles and not self._roles & later:
                self.odd += 1
                self._failed = "odd"

    def nature(self) -> str | None:
        """Return how long a wait may put up with the poll's failed login, None if that was none of these."""
        if self._failed == "refused":
            return AWAY if self.worked and self.refused < REFUSED_LOGINS else FINAL
        if self._failed == "odd":
            return AWAY if self.odd < ODD_LOGINS else FINAL
        return None


def nature(poll: Observation, error: TaskwatchError, logins: Logins) -> str:
    """Return how long a wait may tolerate an error."""
    kind = error.kind.value
    if (failed := logins.nature()) is not None:
        return failed
    if kind in {"authentication", "authorization"}:
        return SEEN_ONLY
    if kind in {"not_found", "tls"}:
        return SEEN_ONLY
    if kind == "unreachable" and any(each.label == "unresolved" for each in poll.attempts):
        return SEEN_ONLY
    return AWAY if kind in {"unreachable", "rate_limited", "server_error", "bad_response"} else FINAL


@dataclass
class Absence:
    """Since when there was no good answer about a task, and the latest reason."""

    since: float
    error: TaskwatchError
    nature: str

    @property
    def end(self) -> str:
        """The type of the error in which it ends."""
        kind = self.error.kind.value
        return "unreachable" if self.nature == AWAY and kind not in OWN_TYPE else kind


class Oracle:
    """What is known after each poll, and what follows from it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._logins = Logins(every_request_logs_in=run.plan.subject.final_refusals)
        options = run.plan.options
        self.deadline = float(options["wait_timeout"])
        self.unreachable_timeout = float(options["unreachable_timeout"])
        self.stall = float(options.get("stall_timeout", 0))
        self.fixed: float | None = options.get("wait_sleep")
        id_option = run.plan.subject.system_class.ID_OPTION
        asked = run.plan.options.get(id_option) if id_option else ["update"]
        self.order: list[str] | None = list(asked) if asked else None
        self.known: dict[str, tuple[str, float | None]] = {}
        self.changed_at: dict[str, float] = {}
        self.away: dict[str, Absence] = {}
        self.outage_since: float | None = None
        self.unreachable = 0.0
        self.outages = 0
        self.arguable: set[str] = set()
        """Ends whose moment has come so exactly that the wait may take either side."""

    def unfinished(self) -> list[str]:
        """Return the tasks that a poll still has to ask for."""
        return [i for i in self.order or [] if i not in self.known or self.known[i][0] not in FINISHED]

    def complaints(self) -> Iterator[str]:
        """Yield whatever was wrong with the polls and with the end."""
        polls = self._run.polls
        if not polls:
            yield "there was no poll"
            return
        for index, poll in enumerate(polls):
            wanted = None if self.order is None else tuple(self.order if index == 0 else self.unfinished())
            if poll.asked != wanted:
                yield f"poll {index} asked for {poll.asked}, not {wanted}"
            ends = self._ends_after(poll)
            if index + 1 < len(polls):
                if ends:
                    yield f"the wait went on after poll {index}, which ended it as {ends}"
                yield from self._gap_complaints(index, poll, polls[index + 1])
            else:
                yield from self._end_complaints(ends)

    def _end_complaints(self, ends: set[str]) -> Iterator[str]:
        error = self._run.result.payload["error"]
        end = "ok" if error is None else error["type"]
        if end not in ends | self.arguable:
            yield f"the wait ended as {end}, when it had to {'end as ' + ' or '.join(ends) if ends else 'go on'}"

    def _ends_after(self, poll: Observation) -> set[str]:
        """Take in a poll; return how the wait may end now, nothing if it has to go on."""
        self.arguable = set()
        self._logins.take_in(poll)
        if self.order is None and poll.statuses:
            self.order = list(poll.statuses)
        for name, shown in poll.statuses.items():
            if self.known.get(name) != shown:
                self.changed_at[name] = poll.ended
            self.known[name] = shown
            self.away.pop(name, None)
        fatal = {
            error.kind.value for error in poll.errors if not self._tolerable(nature(poll, error, self._logins), error)
        }
        if fatal:
            return fatal
        self._note_absences(poll)
        if self.order is not None and not self.unfinished():
            return {"ok" if all(state == "succeeded" for state, _unused in self.known.values()) else "task_failed"}
        ends = {
            each.end for each in self.away.values() if self._come(poll, each.since + self.unreachable_timeout, each.end)
        }
        if self.stall and self.outage_since is None and self._come(poll, self._last_movement() + self.stall, "stalled"):
            ends.add("stalled")
        if self._come(poll, self.deadline, "timeout") and not ends:
            ends.add("timeout")
        return ends

    def _come(self, poll: Observation, moment: float, end: str) -> bool:
        """Whether the moment of an end has come beyond any doubt."""
        if abs(poll.ended - moment) <= ROUNDING:
            self.arguable.add(end)
            return False
        return poll.ended > moment

    def _tolerable(self, how: str, error: TaskwatchError) -> bool:
        if how == SEEN_ONLY:
            concerned = error.task_ids if error.kind.value == "not_found" else ()
            return bool(self.known) and all(name in self.known for name in concerned)
        return how == AWAY

    def _note_absences(self, poll: Observation) -> None:
        for error in poll.errors:
            for name in error.task_ids or self.order or (EVERY_TASK,):
                if name not in poll.statuses and (name == EVERY_TASK or name in self.unfinished()):
                    absence = self.away.setdefault(name, Absence(poll.began, error, AWAY))
                    absence.error, absence.nature = error, nature(poll, error, self._logins)
        if poll.errors and self.outage_since is None:
            self.outage_since = poll.began
            self.outages += 1
        elif not poll.errors:
            self.away.clear()
            if self.outage_since is not None:
                self.unreachable += poll.ended - self.outage_since
                for name, moment in self.changed_at.items():
                    # No movement can be seen during an outage.
                    self.changed_at[name] = moment + poll.ended - max(moment, self.outage_since)
                self.outage_since = None

    def _last_movement(self) -> float:
        moved = [self.changed_at[name] for name in self.unfinished() if name in self.changed_at]
        return max(moved, default=0.0)

    def _gap_complaints(self, index: int, poll: Observation, following: Observation) -> Iterator[str]:
        gap = following.began - poll.ended
        pauses = [each.error.retry_after for each in self.away.values() if each.error.retry_after is not None]
        least, most = LEAST_GAP, most_gap(poll.ended)
        if pauses:
            least = most = max(*pauses, 1.0)
            least -= 1.0  # dates have whole seconds
        elif self.fixed is not None:
            least = most = float(self.fixed)
        bounds = [self.deadline, *(each.since + self.unreachable_timeout for each in self.away.values())]
        if self.stall and self.outage_since is None:
            bounds.append(self._last_movement() + self.stall)
        left = min([bound - poll.ended for bound in bounds if bound > poll.ended - ROUNDING], default=most)
        if gap > min(most, left) + NEARLY and gap > least + NEARLY:
            yield f"{gap:.2f} s passed after poll {index}, when {min(most, left):.2f} s were the most"
        if gap < min(least, left) - NEARLY:
            yield f"only {gap:.2f} s passed after poll {index}, when {min(least, left):.2f} s were the least"
        if following.began > self.deadline + NEARLY:
            yield f"poll {index + 1} began {following.began - self.deadline:.2f} s after the deadline"
