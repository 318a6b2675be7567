# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of words that the project does not use."""

from __future__ import annotations

import pytest

from tests.tools.check_words import findings


@pytest.mark.parametrize(
    "line",
    [
        "a wait that nobody ends",
        "the first look is at once",
        "class Surroundings:",
        "documents that nobody vouches for",
        "self.begin_look()",
    ],
)
def test_such_words_are_found(line: str) -> None:
    assert list(findings(line))


@pytest.mark.parametrize("line", ["names are looked up", "it looks like 1.2", "a spelling", "the last poll", "body"])
def test_ordinary_words_are_not(line: str) -> None:
    assert not list(findings(line))
