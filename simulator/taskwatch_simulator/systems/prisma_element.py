# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One element and the record of its image.

Source: Prisma SD-WAN API, "Get Image Status of Element (v2.1)" and "Get Elements (v3.2)".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..clock import Timebase
from ..timeline import LAST_RUNNING_PERCENT, StateWord
from .base import ExpectedState
from .prisma_entry import ElementEntry
from .prisma_fields import SCHEDULE_FORMAT, common, ticks
from .prisma_images import Images
from .prisma_paths import Path, Stage, truth_of


@dataclass(frozen=True)
class Schedule:
    """When an element is to download and to upgrade, as the request says it."""

    download: str | None = None
    upgrade: str | None = None
    download_interval: int | None = None
    upgrade_interval: int | None = None


@dataclass(frozen=True)
class Work:
    """What an element does: a path of so many simulated seconds, begun at the simulated second `born`."""

    sequence: Path
    seconds: float
    born: float
    versions: tuple[str, ...]
    """The version that is active when it begins, then those that its hops bring."""
    before: str | None = None
    """The version that was active before the first of these."""
    schedule: Schedule = Schedule()
    failure_info: str | None = None
    stuck_at: float | None = None


@dataclass(frozen=True)
class Standing:
    """Where an element stands: its stage, the share of that stage and of the whole path that is over."""

    stage: Stage
    share: float
    whole: float
    final: bool
    since: float
    """Simulated second, from the start of the work, at which the stage began."""


@dataclass
class Element:
    """One element, with the work that it does now or has done last."""

    id: str
    name: str
    model: str
    work: Work
    time: Timebase
    images: Images
    orders: int = 0
    """How often an upgrade was ordered."""

    @property
    def record_id(self) -> str:
        """The id of its record, which is not its own."""
        return str(int(self.id) + 10**16)[-17:]

    def standing(self) -> Standing:
        """Return where it stands now."""
        sequence, length = self.work.sequence, self.work.seconds
        elapsed = self.time.simulated() - self.work.born
        total = sum(stage.share for stage in sequence.stages)
        if not sequence.stages or elapsed >= length:
            return Standing(sequence.final, 1.0, 1.0, final=True, since=length if sequence.stages else 0.0)
        second = max(elapsed, 0.0)
        begin = 0.0
        for stage in sequence.stages:
            size = stage.share / total * length
            if second < begin + size:
                return Standing(stage, (second - begin) / size, second / length, final=False, since=begin)
            begin += size
        return Standing(sequence.final, 1.0, 1.0, final=True, since=length)

    def expected_state(self) -> ExpectedState:
        """Return its true state."""
        where = self.standing()
        sequence = self.work.sequence
        state: StateWord = sequence.truth if where.final else truth_of(where.stage.word)
        percent = 100.0 * where.whole
        if not where.final or sequence.end == "never":
            percent = min(percent, LAST_RUNNING_PERCENT)
        ends = None if sequence.end == "never" else self.work.born + self.work.seconds
        return ExpectedState(self.id, "element", state, round(percent, 3), where.stage.word, self.work.born, ends)

    def connected(self) -> bool:
        """Tell whether the controller reaches it; it does not while it reboots."""
        return self.standing().stage.connected

    def versions(self) -> tuple[str, str, str | None]:
        """Return the active version, the wanted one and the one before."""
        stage, known = self.standing().stage, self.work.versions
        active = stage.hop
        # The record still describes a hop that has just been completed
        final = stage.word in {"upgrade_complete", "complete", "done", None} and active > 0
        wanted = active if final else min(active + 1, len(known) - 1)
        return known[active], known[wanted], known[active - 1] if active else self.work.before

    def record(self) -> dict[str, object]:
        """Return the record of its image status, absent values as nulls."""
        where = self.standing()
        active, wanted, before = self.versions()
        changed = self.time.date(self.work.born + where.since) if where.stage.hop else None
        failure = (self.work.failure_info or self.work.sequence.failure_info) if where.final else None
        schedule = self.work.schedule
        return {
            "id": self.record_id,
            "element_id": self.id,
            "active_image_id": self.images.id_of(active),
            "active_version": active,
            "upgrade_image_id": self.images.id_of(wanted),
            "previous_image_id": None if before is None else self.images.id_of(before),
            "rollback_version": before,
            "upgrade_state": where.stage.word,
            "download_percent": self.download(where),
            "failure_info": failure,
            "scheduled_download": schedule.download,
            "scheduled_upgrade": schedule.upgrade,
            "download_interval": schedule.download_interval,
            "upgrade_interval": schedule.upgrade_interval,
            # assumption: milliseconds; the unit is not given
            "software_version_change_time": None if changed is None else int(changed.timestamp() * 1000),
            **common(1 + int(where.whole * 10), self._ticks(self.work.born), self._ticks(self._updated_at(where))),
        }

    def description(self) -> dict[str, object]:
        """Return the element itself, which has the name that the record lacks."""
        ticks = self._ticks(self.work.born)
        return {
            "id": self.id,
            "name": self.name,
            "description": None,
            "serial_number": f"SIM-{self.id[-8:]}",
            "model_name": self.model,
            "software_version": self.versions()[0],
            "site_id": str(int(self.id) + 1),
            "role": "SPOKE",
            # Administrative, not a sign of life
            "state": "bound",
            "connected": self.connected(),
            "tags": None,
            **common(1, ticks, ticks),
        }

    def download(self, where: Standing) -> int | None:
        """Return the percent of its download, where one is shown."""
        span = where.stage.download
        if span is None:
            return None
        low, high = span
        if self.work.stuck_at is not None:
            low, high = (low if low == 0 else int(self.work.stuck_at)), int(self.work.stuck_at)
        return int(low + (high - low) * where.share)

    def _updated_at(self, where: Standing) -> float:
        # The record is frozen while the element is out of reach
        if where.final or not where.stage.connected:
            return self.work.born + where.since
        return max(self.time.simulated(), self.work.born)

    def _ticks(self, simulated: float) -> int:
        return ticks(self.time.date(simulated))


def elements_of(entry: ElementEntry, first_id: int, born: float, time: Timebase, images: Images) -> list[Element]:
    """Return the elements that an entry stands for."""
    base = int(entry.id) if entry.id else first_id
    several = entry.count > 1
    width = len(str(entry.count))
    return [
        Element(
            entry.id if entry.id and not several else str(base + index),
            f"{entry.name}-{index + 1:0{width}d}" if several else entry.name,
            entry.model,
            _work(entry, born + entry.begin + index * entry.stagger, time),
            time,
            images,
        )
        for index in range(entry.count)
    ]


def _work(entry: ElementEntry, born: float, time: Timebase) -> Work:
    schedule = Schedule()
    if entry.path == "scheduled":

        def date(share: float) -> str:
            return written(time.date(born + entry.length() * share))

        schedule = Schedule(date(0.1), date(0.6), 30, 30)
    return Work(
        entry.sequence(),
        entry.length(),
        born,
        entry.versions,
        schedule=schedule,
        failure_info=entry.failure_info,
        stuck_at=entry.stuck_at if entry.path == "stuck" else None,
    )


def written(moment: datetime) -> str:
    """Return a date as schedules have it, in UTC."""
    return moment.strftime(SCHEDULE_FORMAT)
