# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One element and the record of its image.

Source: Prisma SD-WAN API, "Get Image Status of Element (v2.1)" and "Get Elements (v3.2)".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from ..clock import Timebase
from ..timeline import LAST_RUNNING_PERCENT, Duration, Model, Offset, Percent, Seconds, Text, Truth
from .base import TaskTruth
from .prisma_paths import PATHS, Path, PathName, Stage, truth_of

TICKS_PER_SECOND = 10_000_000
SCHEDULE_FORMAT = "%m-%d-%Y %H:%M:%S"
FIRST_IMAGE = 17010000000000044
# What the record shows when it is not asked to be something else
NULLS = ("_error", "_warning", "_info", "_debug")
_COMMON_FIELDS = {"id", "_etag", "_schema", "_created_on_utc", "_updated_on_utc", *NULLS}
RECORD_FIELDS = frozenset(
    {
        *_COMMON_FIELDS,
        "active_image_id",
        "active_version",
        "download_interval",
        "download_percent",
        "element_id",
        "failure_info",
        "previous_image_id",
        "rollback_version",
        "scheduled_download",
        "scheduled_upgrade",
        "software_version_change_time",
        "upgrade_image_id",
        "upgrade_interval",
        "upgrade_state",
    }
)
ELEMENT_FIELDS = frozenset(
    {
        *_COMMON_FIELDS,
        "connected",
        "description",
        "model_name",
        "name",
        "role",
        "serial_number",
        "site_id",
        "software_version",
        "state",
        "tags",
    }
)


class StateEntry(Model):
    """One word of a road of one's own."""

    state: Text | None
    seconds: Duration
    download_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    connected: bool = True


class ElementEntry(Model):
    """An element, or `count` of them, as a scenario describes it."""

    id: Annotated[Text, Field(pattern=r"^[0-9]{1,30}$")] | None = None
    name: Text = "branch"
    path: PathName = "upgrade"
    states: tuple[StateEntry, ...] = ()
    """The road of `path: custom`; the last word stays."""
    final_truth: Truth = "succeeded"
    """What the last word of `path: custom` means."""
    begin: Offset = 0
    duration: Duration = 90
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    stagger: Seconds = 0
    """Simulated seconds between the begins of `count` elements."""
    versions: tuple[Text, ...] = ("6.1.11-b2", "6.3.5-b9", "6.4.1-b3")
    """Installed version first, then the hops; one hop takes the next one."""
    failure_info: Text | None = None
    stuck_at: Percent | None = None
    """With `path: stuck`: the download percent, 42 by default."""
    model: Text = "ion 3000"
    deleted: bool = False
    """Listed among the deleted ones and nowhere else."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.path == "custom" and not self.states:
            raise ValueError("path custom needs a list in the key states")
        if self.path != "custom" and self.states:
            raise ValueError("the key states belongs to path custom")
        hops = 2 if self.path == "multi_hop" else 1
        if len(self.versions) <= hops:
            raise ValueError(f"path {self.path} needs at least {hops + 1} entries in the key versions")
        return self

    def road(self) -> Path:
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
        """Return the simulated seconds of the whole road."""
        if self.path == "custom":
            return sum(each.seconds for each in self.states[:-1])
        return self.duration


@dataclass(frozen=True)
class Standing:
    """Where an element stands: its stage, the share of that stage and of the whole road that is over."""

    stage: Stage
    share: float
    whole: float
    final: bool
    since: float
    """Simulated second, from the start of the work, at which the stage began."""


class Element:
    """One element; `born` is the simulated second at which its task was created."""

    def __init__(self, element_id: str, name: str, entry: ElementEntry, born: float, time: Timebase) -> None:
        self.id = element_id
        self.name = name
        self.entry = entry
        self.born = born
        self.time = time
        self.road = entry.road()
        self.record_id = str(int(element_id) + 10**16)[-17:]

    def standing(self) -> Standing:
        """Return where it stands now."""
        elapsed = self.time.simulated() - self.born
        length = self.entry.length()
        total = sum(stage.share for stage in self.road.stages)
        if not self.road.stages or elapsed >= length:
            return Standing(self.road.final, 1.0, 1.0, final=True, since=length if self.road.stages else 0.0)
        second = max(elapsed, 0.0)
        begin = 0.0
        for stage in self.road.stages:
            size = stage.share / total * length
            if second < begin + size:
                return Standing(stage, (second - begin) / size, second / length, final=False, since=begin)
            begin += size
        return Standing(self.road.final, 1.0, 1.0, final=True, since=length)

    def truth(self) -> TaskTruth:
        """Return the truth about it."""
        where = self.standing()
        state: Truth = self.road.truth if where.final else truth_of(where.stage.word)
        percent = 100.0 * where.whole
        if not where.final or self.road.end == "never":
            percent = min(percent, LAST_RUNNING_PERCENT)
        return TaskTruth(self.id, "element", state, round(percent, 3), where.stage.word)

    def connected(self) -> bool:
        """Tell whether the controller reaches it; it does not while it reboots."""
        return self.standing().stage.connected

    def _image(self, hop: int) -> str:
        return str(FIRST_IMAGE + 100 * hop)

    def _hops(self, stage: Stage) -> tuple[int, int]:
        """Return the numbers of the active and of the wanted image."""
        active = stage.hop
        # A hop that has just been completed is still the one that the record tells of
        settled = stage.word in {"upgrade_complete", "complete", "done", None} and active > 0
        wanted = active if settled else active + 1
        return active, min(wanted, len(self.entry.versions) - 1)

    def record(self) -> dict[str, object]:
        """Return the record of its image status, absent values as nulls."""
        where = self.standing()
        active, wanted = self._hops(where.stage)
        changed = self._date(self._changed_at(where)) if active else None
        created, updated = self._ticks(self.born), self._ticks(self._updated_at(where))
        failure = (self.entry.failure_info or self.road.failure_info) if where.final else None
        scheduled = self.entry.path == "scheduled"
        return {
            "id": self.record_id,
            "element_id": self.id,
            "active_image_id": self._image(active),
            "active_version": self.entry.versions[active],
            "upgrade_image_id": self._image(wanted),
            "previous_image_id": self._image(active - 1) if active else None,
            "rollback_version": self.entry.versions[active - 1] if active else None,
            "upgrade_state": where.stage.word,
            "download_percent": self._download(where),
            "failure_info": failure,
            "scheduled_download": self._schedule(0.1) if scheduled else None,
            "scheduled_upgrade": self._schedule(0.6) if scheduled else None,
            "download_interval": 30 if scheduled else None,
            "upgrade_interval": 30 if scheduled else None,
            # assumption: milliseconds; the unit is not given
            "software_version_change_time": None if changed is None else int(changed.timestamp() * 1000),
            "_etag": 1 + int(where.whole * 10),
            "_schema": 1,
            "_created_on_utc": created,
            "_updated_on_utc": updated,
            **dict.fromkeys(NULLS),
        }

    def description(self) -> dict[str, object]:
        """Return the element itself, which has the name that the record lacks."""
        active, _wanted = self._hops(self.standing().stage)
        ticks = self._ticks(self.born)
        return {
            "id": self.id,
            "name": self.name,
            "description": None,
            "serial_number": f"SIM-{self.id[-8:]}",
            "model_name": self.entry.model,
            "software_version": self.entry.versions[active],
            "site_id": str(int(self.id) + 1),
            "role": "SPOKE",
            # Administrative, not a sign of life
            "state": "bound",
            "connected": self.connected(),
            "tags": None,
            "_etag": 1,
            "_schema": 1,
            "_created_on_utc": ticks,
            "_updated_on_utc": ticks,
            **dict.fromkeys(NULLS),
        }

    def _download(self, where: Standing) -> int | None:
        span = where.stage.download
        if span is None:
            return None
        low, high = span
        if self.entry.path == "stuck" and self.entry.stuck_at is not None:
            low, high = (low if low == 0 else int(self.entry.stuck_at)), int(self.entry.stuck_at)
        return int(low + (high - low) * where.share)

    def _changed_at(self, where: Standing) -> float:
        return self.born if self.entry.path == "idle" else self.born + where.since

    def _updated_at(self, where: Standing) -> float:
        # The record is frozen while the element is out of reach
        if where.final or not where.stage.connected:
            return self.born + where.since
        return max(self.time.simulated(), self.born)

    def _schedule(self, share: float) -> str:
        return self._date(self.born + self.entry.length() * share).strftime(SCHEDULE_FORMAT)

    def _date(self, simulated: float) -> datetime:
        return self.time.date(simulated)

    def _ticks(self, simulated: float) -> int:
        return int(self._date(simulated).timestamp() * TICKS_PER_SECOND)


def elements_of(entry: ElementEntry, first_id: int, born: float, time: Timebase) -> list[Element]:
    """Return the elements that an entry stands for."""
    base = int(entry.id) if entry.id else first_id
    several = entry.count > 1
    width = len(str(entry.count))
    return [
        Element(
            entry.id if entry.id and not several else str(base + index),
            f"{entry.name}-{index + 1:0{width}d}" if several else entry.name,
            entry,
            born + entry.begin + index * entry.stagger,
            time,
        )
        for index in range(entry.count)
    ]
