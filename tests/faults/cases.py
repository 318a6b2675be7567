# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases of the matrix: every subject, every fault, where it strikes and how often, in a check and in a wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

from tests.faults.kinds import KINDS, Kind, Nature
from tests.faults.subjects import SUBJECTS, Call, Subject


class Place(Enum):
    """The request that meets the fault."""

    LOGIN = "login"
    PROFILE = "profile"
    """The second request of a login that has two."""
    FIRST = "first poll"
    LATER = "second poll"
    """Waits only: the task has been seen."""
    RELOGIN = "second login"
    """Waits only: the task has been seen, and the session has expired."""


class Duration(Enum):
    """How long the fault lasts."""

    ONCE = "once"
    REPEATED = "repeated"
    """Twice in a check, three times in a wait."""
    FOR_GOOD = "for good"
    TO_DEADLINE = "to the deadline"
    """Waits only: for good, and the time of the whole wait ends before `unreachable_timeout` does."""


# What is played with a subject whose login and requests are those of others
POLLS = frozenset({Place.FIRST, Place.LATER})
ENDS = frozenset({Duration.ONCE, Duration.FOR_GOOD})


@dataclass(frozen=True)
class Case:
    """One cell of the matrix."""

    subject: Subject
    kind: Kind
    place: Place
    duration: Duration
    wait: bool

    def __str__(self) -> str:
        mode = "wait" if self.wait else "check"
        return f"{self.subject.name}-{self.kind.name}-{self.place.value}-{self.duration.value}-{mode}".replace(" ", "_")

    @property
    def seen(self) -> bool:
        """Whether the task was seen before the fault strikes."""
        return self.place in {Place.LATER, Place.RELOGIN}

    @property
    def times(self) -> int | None:
        """How many requests meet the fault, None for all from then on."""
        if self.duration in {Duration.FOR_GOOD, Duration.TO_DEADLINE}:
            return None
        return 1 if self.duration is Duration.ONCE else 3 if self.wait else 2

    def target(self) -> Call:
        """Return the request that meets the fault."""
        if self.place in {Place.FIRST, Place.LATER}:
            return self.subject.status
        return self.subject.login[1 if self.place is Place.PROFILE else 0]

    def requests_before(self) -> int:
        """Return how many such requests (for a whole port: requests of any kind) pass before the fault strikes."""
        if not self.kind.whole_port:
            return 1 if self.seen else 0
        return len(self.subject.login) + 1 if self.seen else 0

    @property
    def drops_used_connection(self) -> bool:
        """Whether over HTTPS, the first fault drops a connection that has served before.

        Systems close idle connections, so a GET is sent once more then, and no poll tells of that fault.
        """
        used = self.place is Place.LATER or (self.place is Place.FIRST and self.subject.opens_session)
        return self.kind.name == "reset" and used and self.target().method == "GET"

    def pairs(self) -> frozenset[tuple[object, object]]:
        """Return every two properties that meet in this case; of a subject and a fault, the system and the fault."""
        properties = (self.subject.name, self.kind.name, self.place, self.duration, f"wait {self.wait}")
        met = set(combinations(properties, 2)) - {(self.subject.name, self.kind.name)}
        return frozenset({*met, (self.subject.system, self.kind.name)})


def pairwise(every: Iterable[Case]) -> list[Case]:
    """Return a few of the cases in which all pairs occur that occur in any of them."""
    left = [(case, case.pairs()) for case in every]
    missing = frozenset().union(*(pairs for _case, pairs in left))
    chosen = []
    while missing:
        case, pairs = max(left, key=lambda each: len(each[1] & missing))
        missing -= pairs
        chosen.append(case)
    return chosen


def cases() -> Iterator[Case]:
    """Yield every case that makes sense."""
    for subject in SUBJECTS:
        for kind in KINDS:
            for wait in (False, True):
                for place in Place:
                    yield from _durations(subject, kind, place, wait=wait)


def _durations(subject: Subject, kind: Kind, place: Place, *, wait: bool) -> Iterator[Case]:
    if not _possible(subject, kind, place, wait=wait):
        return
    durations = [Duration.ONCE, Duration.REPEATED, Duration.FOR_GOOD]
    if wait and place is Place.LATER and kind.nature is Nature.AWAY:
        durations.append(Duration.TO_DEADLINE)
    for duration in durations:
        # A profile and a second login differ from a first login in how they fail, not in for how long.
        if place in {Place.PROFILE, Place.RELOGIN} and duration is Duration.REPEATED:
            continue
        if subject.logs_in_like_others and not (place in POLLS and duration in ENDS):
            continue
        yield Case(subject, kind, place, duration, wait)


def _possible(subject: Subject, kind: Kind, place: Place, *, wait: bool) -> bool:
    if place in {Place.LATER, Place.RELOGIN} and not wait:
        return False
    if place in {Place.LOGIN, Place.RELOGIN} and not subject.opens_session:
        return False
    if place is Place.PROFILE and len(subject.login) < 2:
        return False
    if kind.whole_port:
        # A port goes away before the first connection or in the middle of a wait.
        return place in {Place.LATER, Place.LOGIN if subject.opens_session else Place.FIRST}
    if kind.name == "expired":
        return subject.opens_session and place in {Place.FIRST, Place.LATER}
    # A fault that harms nothing is played once, to see that it harms nothing.
    return not harmless(subject, kind, place) or (place is Place.FIRST and not wait)


def harmless(subject: Subject, kind: Kind, place: Place) -> bool:
    """Whether a fault leaves everything as it is for a subject."""
    del subject, place
    # XML says itself how it is encoded, JSON begins with a mark of its encoding, the session of SDM stands in a header.
    return kind.name == "wrong-encoding"
