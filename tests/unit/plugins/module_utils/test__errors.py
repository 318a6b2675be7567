# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Typed errors, and how the first characters of an answer are shown."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import (
    ErrorType,
    Retryability,
    TaskwatchError,
    bad_response,
    excerpt,
    listed,
    one_line,
)
from hypothesis import given
from hypothesis import strategies as st

# Section 5 of the contract.
KINDS = """
task_failed timeout stalled unreachable tls authentication authorization not_found bad_request conflict rate_limited
server_error bad_response missing_library
"""


def test_the_kinds_are_those_of_the_contract() -> None:
    assert sorted(kind.value for kind in ErrorType) == sorted(KINDS.split())


def test_an_error_is_returned_as_the_contract_says() -> None:
    error = TaskwatchError(ErrorType.NOT_FOUND, "gone", http_status=404, task_ids=("7",))
    assert error.as_dict() == {"type": "not_found", "message": "gone", "http_status": 404, "task_ids": ["7"]}


def test_an_error_is_told_of_its_tasks_once_and_shared_by_many() -> None:
    error = TaskwatchError(ErrorType.NOT_FOUND, "gone", http_status=404, retryability=Retryability.IF_SEEN)
    of_seven = error.about("7")
    assert (of_seven.task_ids, of_seven.http_status, of_seven.retryability) == (("7",), 404, Retryability.IF_SEEN)
    assert of_seven.about("8").task_ids == ("7",)
    assert error.about("8").task_ids == ("8",)
    assert error.task_ids == ()


def test_an_answer_that_cannot_be_read_counts_as_an_outage() -> None:
    error = bad_response("a list", b"<html>\n <b>oops</b>")
    assert str(error) == "expected a list, got '<html> <b>oops</b>'"
    assert (error.kind, error.retryability, error.http_status) == (ErrorType.BAD_RESPONSE, Retryability.ALWAYS, 200)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"", "an empty answer"),
        ("  \r\n\t ", "an empty answer"),
        (b"no healthy upstream", "'no healthy upstream'"),
        ("x" * 120, f"'{'x' * 120}'"),
        ("x" * 121, f"'{'x' * 120}…'"),
        (b"\xff\xfe", "'\ufffd\ufffd'"),
        ({"a": 1}, "'{'a': 1}'"),
    ],
)
def test_the_first_characters_stand_on_one_line(value: object, shown: str) -> None:
    assert excerpt(value) == shown


@given(st.one_of(st.binary(max_size=600), st.text(max_size=600)))
def test_whatever_came_the_excerpt_is_short_and_one_line(value: bytes | str) -> None:
    shown = excerpt(value)
    assert len(shown) <= 123
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Disk is full.", "Disk is full."),
        ("  Disk\r\n\tis  full.\n", "Disk is full."),
        ("\x1b[31;1mDisk\x1b[0m is full.", "Disk is full."),
        ("\x1b]0;owned\x07Disk\x1b]8;;https://192.0.2.9\x1b\\ is full.", "Disk is full."),
        ("Disk\x1bc is full.\x1b(B\x1b", "Disk is full."),
        ("Disk\x08\x7f is\x00 full.\x9b31m", "Disk is full.31m"),
        ("Disk \u202eis\u2028full.", "Disk is full."),
        ("Größe \u2713", "Größe \u2713"),
        ("\x1b[2J", ""),
    ],
)
def test_a_vendors_text_cannot_steer_a_terminal(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text(st.characters(codec=None), max_size=60))
def test_one_line_is_printable_whatever_came(text: str) -> None:
    shown = one_line(text)
    assert shown.isprintable()
    assert one_line(shown) == shown


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ([], ""),
        (["1"], "1"),
        (["1", "2", "3"], "1; 2; 3"),
        (["1", "2", "3", "4"], "1; 2; 3 and 1 more"),
        (map(str, range(50)), "0; 1; 2 and 47 more"),
    ],
)
def test_a_list_is_never_cut_in_silence(items: Iterable[str], shown: str) -> None:
    assert listed(items, 3, "; ") == shown
