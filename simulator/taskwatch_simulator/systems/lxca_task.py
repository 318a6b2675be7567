# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of the job management, with sub-tasks: the elements of GET /tasks and GET /tasks/{job_list}.

Sources: Lenovo XClarity Administrator REST API reference, "GET /tasks/{job_list}" (both levels have the same fields,
texts may be formatted) and "GET /jobs" (startTime and endTime); the command `tasks` of Lenovo's Python client pylxca
(a list; jobUID, status, complete, children; the parameter compact); Lenovo's Ansible role lxca-config (percentage is
100 at every end); Lenovo's Puppet module for LXCA (the words).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clock import Timebase, iso
from ..timeline import Model, Moment, Movement, Percent, Seconds, StateWord, Text, expected_state, moment, span
from .base import ExpectedState

# The words of Lenovo's pages and clients
KNOWN_WORDS = frozenset(
    {
        "Complete",
        "Cancelled",
        "CancelledWithErrors",
        "CompleteWithErrors",
        "CompleteWithWarnings",
        "Interrupted",
        "Pending",
        "Running",
        "RunningWithErrors",
        "RunningWithWarnings",
        "Skipped",
        "StoppedWithWarnings",
        "Unknown",
        "Uploading",
        "Validating",
    }
)
# Which words an end may have; the first one is taken where a scenario names none
FINAL_WORDS: dict[StateWord, tuple[str, ...]] = {
    "succeeded": ("Complete", "CompleteWithWarnings"),
    "failed": ("CompleteWithErrors", "StoppedWithWarnings", "Interrupted"),
    "cancelled": ("Cancelled", "CancelledWithErrors", "Skipped"),
}
SUMMARIES: dict[StateWord, tuple[str, str]] = {
    "pending": ("The job waits for its turn.", ""),
    "running": ("The job is in progress.", ""),
    "succeeded": ("The job is complete.", ""),
    "failed": ("The job did not complete.", "Correct the errors of its subtasks and start it again."),
    "cancelled": ("The job was cancelled.", ""),
}


class SubTaskEntry(Model):
    """One sub-task; what is not given follows the task."""

    title: Text | None = None
    final_word: Text | None = None
    """The word at its end, also one that no page of Lenovo's names."""
    message: Text | None = None
    """Its summary when it has failed."""


class TaskEntry(Movement):
    """A task as a scenario describes it."""

    kind: Literal["task"]
    id: Text | None = None
    title: Text = "Firmware update"
    created_by: Text = "USERID"
    sub_tasks: Annotated[int, Field(ge=0, le=10000)] | list[SubTaskEntry] = 3
    """How many there are, or what is special about each; they run one after the other."""
    running_word: Text = "Running"
    warnings_from: Percent | None = None
    """Percent from which it is `RunningWithWarnings`."""
    errors_from: Percent | None = None
    """Percent from which it is `RunningWithErrors`."""
    final_word: Text | None = None
    """The word at the end: one of Lenovo's that fits `end`, or one that no page of Lenovo's names."""
    message: Text | None = None
    """Its summary when it has failed."""
    formatted: bool = False
    """Texts of the summary as objects with formats."""
    forget_after: Seconds | None = None
    """Simulated seconds after its end until it has been deleted."""
    failure_answer: bool = False
    """Answers of HTTP 200 whose body says failure."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        fitting = FINAL_WORDS.get(self.end, ()) if self.end != "never" else ()
        if self.final_word in KNOWN_WORDS and self.final_word not in fitting:
            raise ValueError(f"final_word {self.final_word} does not fit the end {self.end}")
        return self


def job_around(work: Movement, title: str) -> TaskEntry:
    """Return the job that a client finds around work that it has started, which moves and ends as the work does."""
    moves = {name: getattr(work, name) for name in Movement.model_fields}
    return TaskEntry(kind="task", title=title, sub_tasks=1, **moves)


@dataclass(frozen=True)
class Task:
    """One task; `born` is the simulated second at which it was created."""

    id: str
    entry: TaskEntry
    born: float
    time: Timebase

    def now(self) -> Moment:
        """Return where it stands."""
        return moment(self.entry, self.time.simulated() - self.born)

    def forgotten(self) -> bool:
        """Tell whether it has been deleted."""
        if self.entry.forget_after is None or self.now().phase != "ended":
            return False
        age = self.time.simulated() - self.born - self.entry.begin - self.entry.duration
        return age >= self.entry.forget_after

    def expected_state(self) -> ExpectedState:
        """Return its true state: a failed sub-task makes the task failed, whatever its own word says."""
        where = self.now()
        state = expected_state(self.entry, where)
        if state == "succeeded" and any(each.final_word in FINAL_WORDS["failed"] for each in self._listed()):
            state = "failed"
        begins, ends = span(self.entry, self.born)
        return ExpectedState(self.id, "task", state, self._percentage(where), self._word(where), begins, ends)

    def body(self, *, compact: bool = False) -> dict[str, object]:
        """Return the element of a list of tasks; a compact one leaves its sub-tasks out."""
        where = self.now()
        whole = self._fields(self.id, self.entry.title, self._word(where), self._percentage(where))
        began, ended = self.born + self.entry.begin, self.born + self.entry.begin + self.entry.duration
        whole |= {
            "summary": self._summary(expected_state(self.entry, where), self.entry.message),
            "startTime": "" if where.phase == "pending" else iso(self.time.date(began)),
            "endTime": iso(self.time.date(ended)) if where.phase == "ended" else "",
        }
        return whole if compact else {**whole, "children": self._children(where)}

    def _fields(self, task_id: str, title: str, word: str, percentage: float) -> dict[str, object]:
        return {
            "jobUID": task_id,
            # assumption: the names of title and summary; Lenovo's page describes both without a name
            "title": title,
            "status": word,
            "percentage": percentage,
            "complete": word in {ending for words in FINAL_WORDS.values() for ending in words},
            "createdBy": self.entry.created_by,
        }

    def _summary(self, state: StateWord, message: str | None) -> list[dict[str, object]]:
        description, advice = SUMMARIES[state]
        if state == "failed":
            description = message or description
        return [{"description": self._text(description), "userAction": self._text(advice)}]

    def _text(self, text: str) -> object:
        return [{"text": text, "format": ["paragraph"]}] if self.entry.formatted and text else text

    @staticmethod
    def _percentage(where: Moment) -> float:
        return 100.0 if where.phase == "ended" else round(where.percent, 3)

    def _word(self, where: Moment) -> str:
        entry = self.entry
        if where.phase == "pending":
            return "Pending"
        if where.phase == "ended":
            return entry.final_word or FINAL_WORDS[expected_state(entry, where)][0]
        if entry.errors_from is not None and where.percent >= entry.errors_from:
            return "RunningWithErrors"
        warned = entry.warnings_from is not None and where.percent >= entry.warnings_from
        return "RunningWithWarnings" if warned else entry.running_word

    def _listed(self) -> list[SubTaskEntry]:
        listed = self.entry.sub_tasks
        return [SubTaskEntry()] * listed if isinstance(listed, int) else listed

    def _children(self, where: Moment) -> list[dict[str, object]]:
        listed = self._listed()
        # How many of them are over, with the share of the one under way behind the point
        over = len(listed) * where.percent / 100.0
        return [self._child(place, each, where, over - place) for place, each in enumerate(listed)]

    def _child(self, place: int, each: SubTaskEntry, where: Moment, share: float) -> dict[str, object]:
        state: StateWord = "succeeded" if share >= 1 else "running" if share > 0 else "pending"
        word: str = "Pending" if state == "pending" else "Running"
        if where.phase == "ended" and state != "succeeded":
            # assumption: the one under way shares the task's end, those after it were never begun
            word = "Skipped" if state == "pending" else "Interrupted" if self.entry.end == "failed" else "Cancelled"
            state = "failed" if word == "Interrupted" else "cancelled"
        elif state == "succeeded":
            word = each.final_word or "Complete"
            state = "failed" if word in FINAL_WORDS["failed"] else state
        title = each.title or f"Step {place + 1}"
        percentage = round(min(max(share, 0.0), 1.0) * 100.0, 3)
        fields = self._fields(f"{self.id}{place + 1:02d}", title, word, percentage)
        return {**fields, "summary": self._summary(state, each.message), "children": []}
