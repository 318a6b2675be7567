# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether two versions are the same, however people and systems write them. PRIVATE to the collection.

Screens, release notes and APIs of one vendor write one version in several ways: with or without its build, with or
without leading zeros, with blanks around it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# So many numbers name a release; what follows them after a dot is the build (vCenter 9: 9.0.1.0.24322831).
NUMBERS = 4
_RELEASE = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)")
# Around a build: build 24322831, (24322831), Build Number: 24322831, -b5.
_BUILD = re.compile(r"[\s\w,+().:#-]*", re.ASCII)
_NO_BUILD = frozenset({"b", "build", "number"})
# No version is longer; what is, is compared as a text.
_LONGEST = 100


class Version(NamedTuple):
    """The numbers of a release without leading or trailing zeros, and the build if there is one."""

    numbers: tuple[str, ...]
    build: str | None


def version_of(text: str) -> Version | None:
    """A version from its text; None for a text that is none."""
    written = text.strip().casefold()
    release = _RELEASE.match(written)
    if release is None or len(written) > _LONGEST:
        return None
    rest = written[release.end() :]
    if not _BUILD.fullmatch(rest):
        return None
    parts = [_plain(part) for part in release[1].split(".")]
    numbers, build = parts[:NUMBERS], parts[NUMBERS:]
    while numbers and numbers[-1] == "0":
        numbers.pop()
    build += [_plain(re.sub(r"\Ab(?=[0-9])", "", word)) for word in re.findall(r"[0-9a-z]+", rest)]
    return Version(tuple(numbers), ".".join(word for word in build if word not in _NO_BUILD) or None)


def same_version(one: str, other: str) -> bool:
    """Whether two texts name the same version. A build counts only if both name one."""
    first, second = version_of(one), version_of(other)
    if first is None or second is None:
        return one.strip().casefold() == other.strip().casefold()
    same_build = first.build is None or second.build is None or first.build == second.build
    return first.numbers == second.numbers and same_build


def _plain(number: str) -> str:
    return number.lstrip("0") or "0" if number.isdigit() else number


def may_be_hop(before: str | None, now: str, target: str) -> bool:
    """Whether an upgrade to ``target`` may go on from ``now``: large ones go by releases in between, one at a time.

    What cannot be compared may be one, too.
    """
    reached, wanted = version_of(now), version_of(target)
    if reached is None or wanted is None:
        return True
    left = version_of(before) if before is not None else None
    if left is None:
        return reached.numbers != wanted.numbers
    first, last = sorted((_order(left), _order(wanted)))
    return first < _order(reached) < last


def _order(version: Version) -> list[tuple[int, str]]:
    """Numbers in an order in which 10 comes after 9, however long they are."""
    return [(len(number), number) for number in version.numbers]
