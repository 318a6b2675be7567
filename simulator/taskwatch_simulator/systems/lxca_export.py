# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export of the firmware repository: the envelope of GET /updateRepositories/firmware/status.

Source: Lenovo XClarity Administrator REST API reference, "GET /updateRepositories/firmware/status".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ..clock import Timebase
from ..timeline import Moment, Movement, Seconds, StateWord, Text, expected_state, moment, span
from .base import ExpectedState

OK_MESSAGE = {"id": "FQXHMUP2500I", "text": "Repository operation completed successfully."}
CANCELED_MESSAGE = {"id": "FQXHMUP4086F", "text": "The task was canceled."}
FINAL_WORDS: dict[StateWord, str] = {"succeeded": "complete", "failed": "error", "cancelled": "canceled"}


class ExportEntry(Movement):
    """An export as a scenario describes it."""

    kind: Literal["export"]
    id: Text | None = None
    current: Text | None = None
    """Name of the ZIP file."""
    packages: Annotated[int, Field(ge=0)] = 8
    size: Annotated[int, Field(ge=0)] = 11534336
    """Bytes of the ZIP file."""
    # assumption: no word for a task that has not ended is documented
    pending_word: Text = "created"
    running_word: Text = "running"
    final_word: Text | None = None
    """The word at the end, if not `complete`, `error` or `canceled`."""
    message: Text | None = None
    """Text of the message when it fails."""
    zero_counts: bool = False
    """Number of packages 0 throughout, as in Lenovo's own finished sample."""
    empty_current: bool = False
    """No ZIP name at all, so that the answer cannot be told from an idle appliance."""
    forget_after: Seconds | None = None
    """Simulated seconds after its end until the appliance has forgotten it."""
    failure_answer: bool = False
    """Answers of HTTP 200 whose body says failure."""


@dataclass(frozen=True)
class Export:
    """One export; `born` is the simulated second at which it was created."""

    id: str
    entry: ExportEntry
    born: float
    time: Timebase

    def now(self) -> Moment:
        """Return where it stands."""
        return moment(self.entry, self.time.simulated() - self.born)

    def forgotten(self) -> bool:
        """Tell whether the appliance knows it no more."""
        if self.entry.forget_after is None or self.now().phase != "ended":
            return False
        age = self.time.simulated() - self.born - self.entry.begin - self.entry.duration
        return age >= self.entry.forget_after

    def zip_name(self) -> str:
        """Return the name of the file that it writes."""
        if self.entry.empty_current:
            return ""
        return self.entry.current or f"repository{self.time.date(self.born):%Y%m%d%H%M%S}.zip"

    def word(self) -> str:
        """Return Lenovo's word for its state."""
        where = self.now()
        if where.phase == "pending":
            return self.entry.pending_word
        if where.phase == "running":
            return self.entry.running_word
        return self.entry.final_word or FINAL_WORDS[expected_state(self.entry, where)]

    def expected_state(self) -> ExpectedState:
        """Return its true state."""
        where = self.now()
        state = expected_state(self.entry, where)
        if self.entry.empty_current and state == "succeeded":
            state = "unknown"
        begins, ends = span(self.entry, self.born)
        return ExpectedState(self.id, "export", state, round(where.percent, 3), self.word(), begins, ends)

    def envelope(self) -> dict[str, object]:
        """Return the body of an answer about this export."""
        where = self.now()
        share = where.percent / 100.0
        packages = 0 if self.entry.zero_counts else self.entry.packages
        state = expected_state(self.entry, where)
        return {
            "current": self.zip_name(),
            "downloadednum": int(packages * share),
            "downloadedsize": int(self.entry.size * share),
            "progress": int(where.percent),
            "state": self.word(),
            # Empty in the finished sample although a task was asked for
            "taskIds": "" if where.phase == "ended" else self.id,
            "total": packages,
            "totalsize": self.entry.size,
            "updates": [],
            "errorMsg": self._message(state),
        }

    def _message(self, state: StateWord) -> dict[str, object]:
        if state == "cancelled":
            return {"result": "warning", "messages": [CANCELED_MESSAGE]}
        if state == "failed":
            # assumption: result and id of a failed export are documented nowhere
            text = self.entry.message or "The repository could not be exported."
            return {"result": "failure", "messages": [{"id": "FQXHMUP0000M", "text": text}]}
        return {"result": "informational", "messages": [OK_MESSAGE]}


def idle_envelope() -> dict[str, object]:
    """Return the body of an appliance that exports nothing, which reads like an instant success."""
    return {
        "current": "",
        "downloadednum": 0,
        "downloadedsize": 1,
        "jobid": -1,
        "progress": 100,
        "state": "complete",
        "taskIds": "",
        "total": 0,
        "totalsize": 1,
        "updates": [],
        "errorMsg": {"result": "informational", "messages": [OK_MESSAGE]},
    }


def merged_envelope(exports: Sequence[Export]) -> dict[str, object]:
    """Return the body for taskid=0: all exports that have not ended.

    assumption: one envelope for all of them, which the plural name of its field `taskIds` suggests.
    """
    running = [each for each in exports if each.now().phase != "ended"]
    if not running:
        return idle_envelope()
    if len(running) == 1:
        return running[0].envelope()
    parts = [each.envelope() for each in running]
    sums = {name: sum(_number(part[name]) for part in parts) for name in ("downloadednum", "downloadedsize")}
    sums |= {name: sum(_number(part[name]) for part in parts) for name in ("total", "totalsize")}
    moving = next((part for each, part in zip(running, parts, strict=True) if each.now().phase == "running"), parts[0])
    return {
        **moving,
        **sums,
        "progress": sum(_number(part["progress"]) for part in parts) // len(parts),
        "taskIds": ",".join(each.id for each in running),
    }


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
