# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of threats names tests and files that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.pages import guide, rows_of

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "plugins" / "module_utils"
TEST = re.compile(r"``([\w/]+\.py)::(\w+)``")
FILE = re.compile(r"``(_[\w/]+(?:\.py|/))``")


def _rows() -> list[list[str]]:
    return [row for row in rows_of(guide("threats")) if row[0] != "threat"]


@cache
def _tests_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[0][:60])
def test_each_threat_names_what_stops_it_and_a_test_that_exists(row: list[str]) -> None:
    _threat, stopped_by, shown_by = row
    tests = TEST.findall(shown_by)
    assert tests, "no test"
    assert len(tests) == shown_by.count("``") // 2, f"something else than tests: {shown_by}"
    for file, name in tests:
        assert name in _tests_in(ROOT / "tests" / file), f"{file} has no {name}"
    for file in FILE.findall(stopped_by):
        assert (SOURCES / file).exists(), f"there is no {file}"


def test_the_table_is_read() -> None:
    assert len(_rows()) > 25
