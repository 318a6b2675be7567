# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Odd documents for property tests: any JSON, and answers of a vendor's shape with odd values in every field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._documents import read_json
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus, walk
from hypothesis import strategies as st

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"

STATES = frozenset({"pending", "running", "succeeded", "failed", "cancelled", "unknown"})

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 50, 99.96, 100, 100.0, 101, -1, "0", "100", "JOB_DONE", "", " ", "nan", "1e999"]),
    TEXTS,
)
# What a decoder of JSON can return, nested a few levels.
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=15,
)


def odd_object(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """An object in which each field is absent, odd, or drawn from what is given for it."""
    return st.fixed_dictionaries({}, optional={name: st.one_of(values, JSON) for name, values in fields.items()})


def one_or_many(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A list, or a list collapsed to its only item."""
    return st.one_of(st.lists(items, max_size=3), items)


def fixture(name: str) -> Any:
    """The example of a vendor's own page."""
    return read_json((FIXTURES / name).read_bytes(), name)


def assert_well_formed(status: TaskStatus) -> None:
    """What must hold of a status whatever it was made of."""
    shown = status.as_dict()
    json.dumps(shown).encode()
    json.dumps(status.raw)
    assert status.done == (status.state.value in {"succeeded", "failed", "cancelled"})
    for step in [status, *walk(status.steps)]:
        assert step.state.value in STATES
        assert step.progress is None or 0 <= step.progress <= 100
        assert isinstance(step.id, str)
        assert all(step.errors), "an error without words"
        for text in (step.name, step.native_state, step.message):
            assert text is None or isinstance(text, str)
        assert not any(isinstance(value, (dict, list)) for value in step.details.values())
    if status.state.value == "failed":
        assert status.errors or status.message, "a failure says why"
    assert len(status.warnings) == len(set(status.warnings)), "no warning twice"
    assert all(warning.isprintable() for warning in status.warnings)
