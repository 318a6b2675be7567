# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions as people copy them from screens, release notes and APIs."""

from __future__ import annotations

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._versions import may_be_hop, same_version, version_of
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # vCenter: its API, its release notes, its management interface
        ("8.0.3.00400", "8.0.3.00400", True),
        ("8.0.3.400", "8.0.3.00400", True),
        (" 8.0.3.00400 ", "8.0.3.00400", True),
        ("8.0.3.00400-24322831", "8.0.3.00400", True),
        ("8.0.3.00400 build 24322831", "8.0.3.00400-24322831", True),
        ("8.0.3.00400 (24322831)", "8.0.3.00400", True),
        ("8.0.3.00400 Build Number: 24322831", "8.0.3.00400.24322831", True),
        ("8.0.3.00400-24322831", "8.0.3.00400-24322832", False),
        ("9.0.1.0.12345", "9.0.1.0", True),
        ("9.0.1.0.12345", "9.0.1", True),
        ("9.0.1.0.12345", "9.0.1.0.12346", False),
        ("9.0.1.0.12345", "9.0.1.0-12345", True),
        ("9.0.1.0.12345", "9.0.1.1", False),
        ("8.0.3.00400", "8.0.3", False),
        ("8.0.3.00000", "8.0.3", True),
        ("8.0.3.00400", "8.0.3.00500", False),
        ("8.0.3.00400", "8.0.30.0400", False),
        ("8.0.3.4000", "8.0.3.400", False),
        ("10.0.0", "1.0.0", False),
        # Prisma SD-WAN
        ("6.5.1-b5", "6.5.1", True),
        ("6.4.1-B3", "6.4.1-b3", True),
        ("6.4.1-b3", "6.4.1-b4", False),
        ("6.4.1-b3", "6.4.10-b3", False),
        ("6.4.1-b3", "6.4.1-b30", False),
        ("v6.4.1-b3", "6.4.1-3", True),
        ("6.4.1-lts-b3", "6.4.1-LTS-b3", True),
        ("6.4.1-lts-b3", "6.4.1-b3", False),
        # What is no version is compared as a text
        ("latest", " LATEST", True),
        ("latest", "6.4.1", False),
        ("", "", True),
        ("", "0", False),
    ],
)
def test_versions_are_compared_by_their_numbers(one: str, other: str, same: bool) -> None:
    assert same_version(one, other) is same
    assert same_version(*reversed((one, other))) is same


NUMBERS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)
BUILDS = st.one_of(st.none(), st.integers(1, 10**9))


def written(numbers: list[int], build: int | None, zeros: int, form: str) -> str:
    release = ".".join(str(number).rjust(zeros, "0") for number in numbers)
    return release if build is None else release + form.format(build)


FORMS = st.sampled_from(["-{}", "-b{}", "-B{}", " build {}", " ({})"])


@given(NUMBERS, NUMBERS, BUILDS, BUILDS, st.integers(1, 8), FORMS, st.sampled_from(["", " ", "\n"]))
def test_only_numbers_and_builds_that_both_name_make_a_difference(
    first: list[int], second: list[int], one: int | None, other: int | None, zeros: int, form: str, blank: str
) -> None:
    padded = [[*numbers, 0, 0, 0][:4] for numbers in (first, second)]
    expected = padded[0] == padded[1] and (one is None or other is None or one == other)
    text, same = written(first, one, 1, "-{}"), written(first, one, zeros, form)
    assert same_version(text, blank + same)
    assert same_version(text, blank + written(second, other, zeros, form)) is expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_raises(one: str, other: str) -> None:
    assert same_version(one, one)
    assert same_version(one, other) is same_version(*reversed((one, other)))
    version_of("9" * 5000 + one)


@pytest.mark.parametrize(
    ("before", "now", "target", "hop"),
    [
        ("5.6.1-b1", "6.1.1-b2", "6.4.1-b3", True),
        ("5.6.1-b1", "6.10.1-b2", "6.9.1-b3", False),
        ("6.4.1-b3", "6.1.1-b2", "5.6.1-b1", True),
        ("5.6.1-b1", "5.6.1-b1", "6.4.1-b3", False),
        ("5.6.1-b1", "6.4.1-b4", "6.4.1-b3", False),
        ("5.6.1-b1", "6.5.1-b1", "6.4.1-b3", False),
        (None, "6.1.1-b2", "6.4.1-b3", True),
        (None, "6.4.1-b4", "6.4.1-b3", False),
        ("5.6.1-b1", "latest", "6.4.1-b3", True),
    ],
)
def test_a_hop_lies_between_what_was_and_what_is_wanted(before: str | None, now: str, target: str, hop: bool) -> None:
    assert may_be_hop(before, now, target) is hop
