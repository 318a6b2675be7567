# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page "Proven on" says of each description what the description says, and what tests there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shipped import FOLDER

from tests.support.ansible import ROOT
from tests.support.pages import guide, rows_of

LIVE = ROOT / "tests/live"
RECORDINGS = ROOT / "tests/unit/plugins/module_utils/_description/test_recordings.py"
PROVEN = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["proven"] for path in sorted(FOLDER.glob("*.yml"))
}
ROWS = {row[0].strip("`"): row[1:] for row in rows_of(guide("proven_on")) if len(row) == 4}


def services_of(text: str) -> set[str]:
    """Return the descriptions that a file of tests/live/services is about."""
    return set(re.findall(r'api="(\w+)"', text))


def test_the_page_has_a_row_for_each_description() -> None:
    assert [name for name in ROWS if name != "description"] == list(PROVEN)


@pytest.mark.parametrize("name", PROVEN)
def test_a_row_says_what_the_description_says(name: str) -> None:
    proven, service, seen = ROWS[name]
    assert proven == f"``{PROVEN[name]}``"
    nothing = PROVEN[name] in ("documents", "assumption")
    assert (service == r"\-") is nothing
    assert (seen == r"\-") is nothing
    assert nothing or re.search(r"\d+\.\d+\.\d+", service), "a version is named"


def test_what_a_service_has_proven_is_tested_on_it() -> None:
    tested: set[str] = set()
    for file in sorted((LIVE / "services").glob("*.py")):
        apis = services_of(file.read_text(encoding="utf-8"))
        if apis:
            assert (LIVE / f"test_{file.name}").is_file()
            assert (LIVE / "requirements" / file.with_suffix(".txt").name).is_file()
        tested |= apis
    assert tested == {name for name, proven in PROVEN.items() if proven == "service"}


def test_what_recordings_have_proven_is_replayed() -> None:
    replayed = set(re.findall(r'api="(\w+)"', RECORDINGS.read_text(encoding="utf-8")))
    assert replayed == {name for name, proven in PROVEN.items() if proven == "recordings"}


def test_each_service_has_its_recipe() -> None:
    recipe = (LIVE / "README.md").read_text(encoding="utf-8")
    for path in sorted((LIVE / "requirements").glob("*.txt")):
        assert f"`requirements/{Path(path).name}`" in recipe
