# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Prisma SD-WAN: what the record of one element says in the light of what is waited for. PRIVATE to the collection.

Source: Prisma SD-WAN API, Get Image Status of Element (v2.1). It names the words and explains none, so the image that
runs counts for more than a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._documents import percent_of, scalars_of, text_of
from .._errors import bad_response
from .._states import PRISMA_IMAGE
from .._status import State, TaskStatus
from .._versions import may_be_hop, same_version

UPGRADED, DOWNLOADED = "upgraded", "downloaded"
# Seconds for which an upgrade that ended with a release in between may be followed by the next hop.
HOP_GRACE = 600.0

_DOWNLOADING = frozenset({"download", "download_discovery", "download_init", "downloading"})
# Words that come after the download. Those of a failure or a cancellation say what they say.
_IMAGE_IS_THERE = frozenset(
    {
        "download_complete",
        "waiting_install_time",
        *("verify", "verifying", "install", "installing"),
        *("upgrade_init", "upgrade", "upgrading", "upgrade_complete", "complete", "done"),
    }
)
# Beside these words a percentage of 100 is that of an earlier download.
_NOT_BEGUN = frozenset({"pending", "init", "download_scheduled", "waiting_download_time"})
_BEFORE_DOWNLOAD = _NOT_BEGUN | _DOWNLOADING | {"discovery"}
# How a value that is not there is written as a text.
_NOTHING = frozenset({"none", "null", "nil", "n/a", "-"})


@dataclass(frozen=True)
class Goal:
    """What a wait is for."""

    wait_for: str = UPGRADED
    image_id: str | None = None
    version: str | None = None

    @property
    def is_named(self) -> bool:
        return bool(self.image_id or self.version)

    def __str__(self) -> str:
        return " and ".join(filter(None, (self.image_id, self.version)))


@dataclass(frozen=True)
class History:
    """What a wait has seen of an element: an upgrade under way, the version before, and whether no hop is to follow."""

    upgrade_seen: bool = False
    before: str | None = None
    no_more_hops: bool = False


class _Record:
    """The fields of a record that decide; what is written as a text for nothing is nothing."""

    def __init__(self, record: Mapping[str, Any], goal: Goal) -> None:
        word = text_of(record.get("upgrade_state")) if isinstance(record.get("upgrade_state"), str) else None
        self.reading = PRISMA_IMAGE.read(record.get("upgrade_state"))
        self.absent = word is None or word.casefold() in _NOTHING
        self.word = word
        self.active = _value(record, "active_image_id")
        self.upgrade = _value(record, "upgrade_image_id")
        self.version = _value(record, "active_version")
        self.percent = percent_of(record.get("download_percent"))
        self.failure = _value(record, "failure_info")
        # A missing id on either side is not a different id.
        self.same_image = None if not (self.active and self.upgrade) else self.active == self.upgrade
        told = [self.active == goal.image_id if goal.image_id and self.active else None]
        told.append(same_version(self.version, goal.version) if goal.version and self.version else None)
        self.runs_target = False if False in told else (True if True in told else None)
        self.schedules = (_value(record, "scheduled_download"), _value(record, "scheduled_upgrade"))

    @property
    def runs(self) -> str:
        """What the element runs, for a sentence."""
        return self.version or self.active or "an unnamed version"


def _value(record: Mapping[str, Any], name: str) -> str | None:
    if isinstance(record.get(name), (bool, dict, list)):
        raise bad_response(f"the field {name} of an element as a text", record[name])
    value = text_of(record.get(name))
    return None if value is None or value.casefold() in _NOTHING else value


def element_status(
    record: Mapping[str, Any],
    *,
    target_image_id: str | None = None,
    target_version: str | None = None,
    wait_for: str = UPGRADED,
    name: str | None = None,
    history: History | None = None,
) -> TaskStatus:
    """Read one element's record. Ids are compared as exact texts, versions by their numbers."""
    goal = Goal(wait_for, (target_image_id or "").strip() or None, (target_version or "").strip() or None)
    read = _Record(record, goal)
    state, message = _verdict(read, goal, history or History())
    ended_badly = state in (State.FAILED, State.CANCELLED)
    return TaskStatus(
        id=text_of(record.get("element_id")) or text_of(record.get("id")) or "",
        name=name,
        state=state,
        native_state=read.reading.native,
        progress=_progress(read, state, goal),
        message=message
        or read.failure
        or (None if state.done else _schedule(read))
        or (f"version {read.version}" if read.version else None),
        errors=[message or read.failure or f"the upgrade ended as {read.word}"] if ended_badly else [],
        details=scalars_of(record),
        raw=dict(record),
        warnings=list(_warnings(read, state, goal)),
    )


def _verdict(read: _Record, goal: Goal, history: History) -> tuple[State, str | None]:
    """The state, and the sentence that explains it where the word alone would mislead."""
    if read.runs_target:
        return State.SUCCEEDED, None
    if goal.wait_for == DOWNLOADED and (verdict := _downloaded(read, goal)):
        return verdict
    if read.absent or read.reading.state is State.UNKNOWN:
        return _without_word(read, goal, history)
    if read.reading.state is not State.SUCCEEDED:
        return read.reading.state, None
    if read.same_image is False:
        # After a rollback, or on the record of an older upgrade, the success is not that of the image asked for.
        return State.UNKNOWN, (
            f"'{read.word}', but the active image {read.active} is not the upgrade image {read.upgrade}"
        )
    return _other_end(read, goal, history) if goal.is_named else (State.SUCCEEDED, None)


def _without_word(read: _Record, goal: Goal, history: History) -> tuple[State, str | None]:
    """The word goes away after an upgrade, or an odd one stays behind: the image decides then."""
    if not read.same_image or (goal.is_named and not read.absent):
        return State.UNKNOWN, None
    return _other_end(read, goal, history) if goal.is_named else (State.SUCCEEDED, None)


def _other_end(read: _Record, goal: Goal, history: History) -> tuple[State, str | None]:
    """An upgrade that has ended with something else than what was wanted, or with what cannot be compared."""
    if read.runs_target is None:
        return State.UNKNOWN, f"the element does not tell whether it runs {goal}"
    hop = goal.version is None or read.version is None or may_be_hop(history.before, read.version, goal.version)
    if history.upgrade_seen and (history.no_more_hops or not hop):
        return State.FAILED, f"the upgrade has ended, and the element runs {read.runs}, not {goal}"
    # Large upgrades go in hops, each with a success of its own; the next one has not begun.
    return State.PENDING, f"the element runs {read.runs}, not yet {goal}"


def _downloaded(read: _Record, goal: Goal) -> tuple[State, str | None] | None:
    """The verdict of a wait for the image to be on the element, None where the word decides."""
    if not (read.absent or read.reading.known) or read.reading.state in (State.FAILED, State.CANCELLED):
        return None
    there = read.word in _IMAGE_IS_THERE or (read.percent == 100 and read.word not in _NOT_BEGUN)
    if not there or read.reading.native == "invalid":
        return None
    if goal.image_id and read.upgrade and read.upgrade != goal.image_id:
        return State.PENDING, f"the image on the element is {read.upgrade}, not yet {goal.image_id}"
    return State.SUCCEEDED, "the image is downloaded; the installation is still to come"


def _progress(read: _Record, state: State, goal: Goal) -> float | None:
    # The percentage is that of the download alone; an install that runs on must not look like the end.
    of_download = read.word in _DOWNLOADING and not state.done
    ended = state.done and (read.reading.state.done or goal.wait_for == DOWNLOADED)
    return read.percent if of_download or ended else None


def _schedule(read: _Record) -> str | None:
    """When the work begins; the times are in UTC, the month first."""
    download, upgrade = read.schedules
    if read.reading.state is not State.PENDING and read.word != "download_complete":
        return None
    if read.word in _BEFORE_DOWNLOAD and download:
        return f"download scheduled for {download} UTC"
    return f"upgrade scheduled for {upgrade} UTC" if upgrade else None


def _warnings(read: _Record, state: State, goal: Goal) -> Iterator[str]:
    """Words that no table knows, and words that do not fit to what runs."""
    said = f"{PRISMA_IMAGE.endpoint} reports {PRISMA_IMAGE.subject} '{read.word}'"
    by_image = state is State.SUCCEEDED and (bool(read.runs_target) or goal.wait_for == UPGRADED)
    if read.absent:
        if read.word is not None:
            yield f"{said}; it is read as no state"
    elif by_image and read.reading.state is not State.SUCCEEDED:
        yield f"{said} although the wanted image runs; it counts as a success"
    elif warning := PRISMA_IMAGE.warning(read.reading):
        yield warning
    elif by_image and not read.runs_target and read.same_image is None:
        yield f"{said} without both image ids, so the word alone decides"


class Histories:
    """What one wait has seen of each element, until its upgrade has ended."""

    def __init__(self) -> None:
        self._before: dict[str, str | None] = {}
        self._under_way: set[str] = set()
        self._ended_at: dict[str, float] = {}

    def note(self, element_id: str, record: Mapping[str, Any], now: float) -> History:
        """Take in a record at a moment of the clock."""
        reading = PRISMA_IMAGE.read(record.get("upgrade_state"))
        self._before.setdefault(element_id, _value(record, "active_version"))
        if reading.state in (State.PENDING, State.RUNNING):
            self._under_way.add(element_id)
            self._ended_at.pop(element_id, None)
        elif element_id in self._under_way:
            self._ended_at.setdefault(element_id, now)
        waited = now - self._ended_at.get(element_id, now)
        return History(element_id in self._under_way, self._before[element_id], waited >= HOP_GRACE)

    def judged(self, element_id: str, state: State) -> None:
        """Forget what led to an end, so that an upgrade which begins later is judged by itself."""
        if state.done:
            self._before.pop(element_id, None)
            self._under_way.discard(element_id)
            self._ended_at.pop(element_id, None)
