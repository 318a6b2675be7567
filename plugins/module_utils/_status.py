# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a task is, what a poll returns and what it costs, for every system. PRIVATE to the collection.

Plain data: nothing here asks a system, knows a vendor or keeps time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from ._errors import TaskwatchError, one_line


class State(str, Enum):
    """The one vocabulary that every vendor's word is read into."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def done(self) -> bool:
        """Whether the task has ended, well or badly. An unknown word has not."""
        return self in _DONE


_DONE = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})

# The state of a group is the first of these that any member has: bad news first.
PRECEDENCE = (
    State.FAILED,
    State.CANCELLED,
    State.UNKNOWN,
    State.RUNNING,
    State.PENDING,
    State.SUCCEEDED,
)


def overall(states: Iterable[State]) -> State:
    """The state of a group of tasks; unknown for an empty group."""
    present = set(states)
    return next((state for state in PRECEDENCE if state in present), State.UNKNOWN)


def mean_progress(values: Iterable[float | None]) -> float | None:
    """The mean of the percentages that are known, None if none is."""
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 1) if known else None


@dataclass
class Step:
    """One step of a task; steps nest.

    ``progress`` is 0..100 or None, ``details`` holds the vendor's scalar fields under the vendor's names.
    """

    id: str
    name: str | None = None
    state: State = State.UNKNOWN
    native_state: str | None = None
    progress: float | None = None
    message: str | None = None
    errors: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A vendor's text reaches terminals, through messages and progress lines.
        self.id = one_line(self.id)
        self.name = _shown(self.name)
        self.native_state = _shown(self.native_state)
        self.message = _shown(self.message)
        self.errors = [text for text in map(one_line, self.errors) if text]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state.value,
            "native_state": self.native_state,
            "progress": self.progress,
            "message": self.message,
            "errors": list(self.errors),
            "details": dict(self.details),
            "steps": [step.as_dict() for step in self.steps],
        }


def _shown(text: str | None) -> str | None:
    return None if text is None else one_line(text) or None


@dataclass
class TaskStatus(Step):
    """What one poll said about one task.

    ``started_at`` and ``finished_at`` are ISO 8601 text as the system gives it; ``eta`` is seconds, an estimate
    that only a wait can make; ``raw`` is the answer as decoded; ``warnings`` are sentences for the person who
    runs the playbook, such as a word that no table knows. ``poll_after`` is how many seconds the system asks to be left
    alone, ``expected_seconds`` how long it says that such a task takes, both None where it says nothing.
    """

    started_at: str | None = None
    finished_at: str | None = None
    eta: float | None = None
    raw: Any = None
    warnings: list[str] = field(default_factory=list)
    poll_after: float | None = None
    expected_seconds: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.started_at = _shown(self.started_at)
        self.finished_at = _shown(self.finished_at)
        self.warnings = list(dict.fromkeys(map(one_line, self.warnings)))

    @property
    def done(self) -> bool:
        return self.state.done

    @property
    def succeeded(self) -> bool:
        return self.state is State.SUCCEEDED

    def as_step(self) -> Step:
        """The same as part of a larger task."""
        return Step(**{part.name: getattr(self, part.name) for part in fields(Step)})

    def as_dict(self) -> dict[str, Any]:
        common = super().as_dict()
        common.update(
            done=self.done,
            succeeded=self.succeeded,
            started_at=self.started_at,
            finished_at=self.finished_at,
            eta=self.eta,
        )
        return common


def walk(steps: Sequence[Step]) -> Iterable[Step]:
    """Every step of a tree, parents before their children."""
    pending = list(reversed(steps))
    while pending:
        step = pending.pop()
        yield step
        pending.extend(reversed(step.steps))


@dataclass
class PollResult:
    """What one poll of a system returned: a status per task that answered, an error per task that did not.

    The order of ``statuses`` is the order in which the tasks were asked for.
    """

    statuses: dict[str, TaskStatus] = field(default_factory=dict)
    errors: list[TaskwatchError] = field(default_factory=list)


@dataclass
class Stats:
    """What a run cost. ``logout_failures`` are sessions that may live until the system forgets them."""

    polls: int = 0
    requests: int = 0
    logins: int = 0
    retries: int = 0
    unreachable_seconds: float = 0.0
    logout_failures: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {**self.__dict__, "unreachable_seconds": round(self.unreachable_seconds, 1)}
