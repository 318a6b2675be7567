# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements and their work as a scenario describes them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ..timeline import Duration, Model, Offset, Percent, Seconds, StateWord, Text
from .prisma_paths import PATHS, Path, PathName, Stage

# Paths that no single request for an upgrade can lead to
UNSTARTED: frozenset[PathName] = frozenset({"scheduled", "multi_hop", "idle"})


class StateEntry(Model):
    """One word of a path of the scenario's own."""

    state: Text | None
    seconds: Duration
    download_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    connected: bool = True


class WorkEntry(Model):
    """What an element does."""

    path: PathName = "upgrade"
    states: tuple[StateEntry, ...] = ()
    """The words of `path: custom`; the last one stays."""
    final_truth: StateWord = "succeeded"
    """What the last word of `path: custom` means."""
    begin: Offset = 0
    duration: Duration = 90
    failure_info: Text | None = None
    stuck_at: Percent | None = None
    """With `path: stuck`: the download percent, 42 by default."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.path == "custom" and not self.states:
            raise ValueError("path custom needs a list in the key states")
        if self.path != "custom" and self.states:
            raise ValueError("the key states belongs to path custom")
        return self

    def sequence(self) -> Path:
        """Return the stages of this element."""
        if self.path != "custom":
            return PATHS[self.path]
        stages = [
            Stage(
                each.state,
                each.seconds,
                None if each.download_percent is None else (each.download_percent, each.download_percent),
                each.connected,
            )
            for each in self.states
        ]
        last = stages[-1]
        won = self.final_truth == "succeeded"
        final = Stage(last.word, 0, last.download, last.connected, hop=1 if won else 0)
        ends = self.final_truth in {"succeeded", "failed", "cancelled"}
        return Path(tuple(stages[:-1]), final, "succeeded" if ends else "never", self.final_truth)

    def length(self) -> float:
        """Return the simulated seconds of the whole sequence."""
        if self.path == "custom":
            return sum(each.seconds for each in self.states[:-1])
        return self.duration


class StartEntry(WorkEntry):
    """What becomes of an upgrade that a client starts."""

    @model_validator(mode="after")
    def _startable(self) -> Self:
        if self.path in UNSTARTED:
            raise ValueError(f"path {self.path} does not belong here, because a request starts one upgrade")
        return self


class ElementEntry(WorkEntry):
    """An element, or `count` of them, as a scenario describes it."""

    id: Annotated[Text, Field(pattern=r"^[0-9]{1,30}$")] | None = None
    name: Text = "branch"
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    stagger: Seconds = 0
    """Simulated seconds between the begins of `count` elements."""
    versions: tuple[Text, ...] = ("6.1.11-b2", "6.3.5-b9", "6.4.1-b3")
    """Installed version first, then the hops; one hop takes the next one."""
    model: Text = "ion 3000"
    deleted: bool = False
    """Listed among the deleted ones and nowhere else."""

    @model_validator(mode="after")
    def _enough_versions(self) -> Self:
        hops = 2 if self.path == "multi_hop" else 1
        if len(self.versions) <= hops:
            raise ValueError(f"path {self.path} needs at least {hops + 1} entries in the key versions")
        return self
