# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsing untrusted JSON and XML: documents of any kind end in data or in one typed error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils import _documents
from ansible_collections.taskwatch.infra.plugins.module_utils._documents import (
    MAX_DEPTH,
    MAX_DIGITS,
    number_of,
    object_of,
    objects_of,
    percent_of,
    read_json,
    read_xml,
    scalars_of,
    share_of,
    text_of,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import JSON
from hypothesis import example, given
from hypothesis import strategies as st

CHARSETS = [
    None,
    "utf-8",
    "UTF8",
    "us-ascii",
    "iso-8859-1",
    "utf-16",
    "utf-32",
    "windows-1252",
    "hex",
    "nonsense",
    "a\0b",
]


def refusal_of(body: bytes, charset: str | None = None) -> TaskwatchError:
    with pytest.raises(TaskwatchError) as caught:
        read_json(body, "a status", charset)
    return caught.value


def data_or_refusal(read: Callable[[], Any]) -> Any:
    """What was read, None for a bad response; every other error goes through."""
    try:
        return read()
    except TaskwatchError as error:
        if error.kind is not ErrorType.BAD_RESPONSE:
            raise
        return None


# -- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"no healthy upstream",
        b"<html><body>Service Unavailable</body></html>",
        b'{"state": "complete"',
        b'{"state": "complete"} trailing',
        b"{'state': 'complete'}",
        b'{"state": "comp\xffete"}',
        b"{state: 1}",
        b"[1, 2,]",
        b'"\xed\xa0\x80"',
    ],
)
def test_what_is_no_json_is_a_bad_response(body: bytes) -> None:
    error = refusal_of(body)
    assert (error.kind, error.retryability) == (ErrorType.BAD_RESPONSE, Retryability.ALWAYS)
    assert error.message.startswith("expected a status, got ")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_json_does_not_have_are_refused(word: str) -> None:
    refusal_of(f'{{"progress": {word}}}'.encode())


def test_integers_are_bounded_in_length() -> None:
    longest = "9" * MAX_DIGITS
    assert read_json(longest.encode(), "a number") == int(longest)
    refusal_of(longest.encode() + b"9")
    refusal_of(b"9" * 1_000_000)


def test_a_key_given_twice_is_refused_at_any_depth() -> None:
    refusal_of(b'{"state": "error", "state": "complete"}')
    refusal_of(b'[{"a": {"b": 1, "\\u0062": 2}}]')
    assert read_json(b'[{"a": 1}, {"a": 2}]', "objects") == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_bounded(opening: bytes, closing: bytes) -> None:
    deepest = opening * MAX_DEPTH + b"1" + closing * MAX_DEPTH
    assert read_json(deepest, "a tree") is not None
    assert "64 levels" in refusal_of(opening * (MAX_DEPTH + 1) + b"1" + closing * (MAX_DEPTH + 1)).message


@pytest.mark.parametrize("depth", [200, 900, *range(960, 1010, 2), 20_000, 1_000_000])
@pytest.mark.parametrize("leaf", [b"1", b'"\\ud800"'], ids=["plain", "surrogate"])
def test_no_depth_exhausts_the_stack(depth: int, leaf: bytes) -> None:
    refusal_of(b"[" * depth + leaf + b"]" * depth)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"a\\ud800b"', "a?b"),
        (b'"\\udc00\\ud800"', "??"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"line\nbreak\ttab"', "line\nbreak\ttab"),
        (b'"\\u0000"', "\0"),
    ],
)
def test_texts_can_be_written_as_utf_8(body: bytes, text: str) -> None:
    assert read_json(body, "a text") == text


def test_half_a_surrogate_pair_is_taken_out_of_keys_too() -> None:
    assert read_json(b'{"\\ud800": ["\\udfff"]}', "an object") == {"?": ["?"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_the_encodings_of_json_are_told_apart(encoding: str) -> None:
    assert read_json('{"name": "Zürich"}'.encode(encoding), "an object") == {"name": "Zürich"}


def test_the_charset_of_the_header_counts() -> None:
    assert read_json('"Zürich"'.encode("latin-1"), "a text", "ISO-8859-1") == "Zürich"
    assert read_json('"Zürich"'.encode(), "a text", "no-such-charset") == "Zürich"
    refusal_of('"Zürich"'.encode(), "us-ascii")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("charset", [None, "utf-8", "UTF-8", "ISO-8859-1", "us-ascii", "no-such-charset"])
def test_a_byte_order_mark_knows_better_than_the_header(encoding: str, charset: str | None) -> None:
    assert read_json('{"name": "Zürich"}'.encode(encoding), "an object", charset) == {"name": "Zürich"}


@given(body=st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
@pytest.mark.parametrize("charset", CHARSETS)
def test_no_byte_string_gives_anything_but_data_or_a_typed_error(body: bytes, charset: str | None) -> None:
    document = data_or_refusal(lambda: read_json(body, "anything", charset))
    json.dumps(document, allow_nan=False, ensure_ascii=False).encode("utf-8")


@given(JSON)
def test_what_json_can_say_is_read_as_it_is(document: Any) -> None:
    assert read_json(json.dumps(document).encode(), "anything") == document
    assert read_json(json.dumps(document, ensure_ascii=False).encode("utf-16"), "anything") == document


# -- XML --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lead", ["\n", "\r\n", " \t\r\n\n", "\ufeff", "\ufeff\r\n"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'])
def test_blank_lines_before_xml_do_not_matter(lead: str, declaration: str) -> None:
    body = f"{lead}{declaration}<status>Zürich</status>".encode()
    assert read_xml(body, "a status") == ("status", "Zürich")


BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
BOMBS = {
    "billion laughs": f"<!DOCTYPE a [{BILLION}]><a>&l9;</a>",
    "billion laughs in an attribute": f'<!DOCTYPE a [{BILLION}]><a b="&l9;"/>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 5_000}</a>',
    "external file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external address": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]><a>&x;</a>',
    "external subset": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
    "plain internal entity": '<!DOCTYPE a [<!ENTITY x "Completed">]><a>&x;</a>',
    "default attribute": '<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>',
    "empty document type": "<!DOCTYPE a><a/>",
    "undeclared entity": "<a>&x;</a>",
    "endless depth": "<a>" * 100_000,
    "deep": "<a>" * 200 + "</a>" * 200,
}


@pytest.mark.parametrize("document", BOMBS.values(), ids=BOMBS.keys())
def test_document_types_entities_and_depth_are_refused(document: str) -> None:
    with pytest.raises(TaskwatchError) as caught:
        read_xml(document.encode(), "a status")
    assert (caught.value.kind, caught.value.retryability) == (ErrorType.BAD_RESPONSE, Retryability.ALWAYS)
    assert "root:" not in caught.value.message


@pytest.mark.parametrize(
    "document", ["", " ", "{}", "no healthy upstream", "<a>", "<a/><b/>", "<a></b>", "<a>\0</a>", '<a b="1" b="2"/>']
)
def test_what_is_no_xml_is_a_bad_response(document: str) -> None:
    with pytest.raises(TaskwatchError) as caught:
        read_xml(document.encode(), "a status")
    assert caught.value.message.startswith("expected a status, got ")


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ("<r/>", ("r", "")),
        ("<r>text</r>", ("r", "text")),
        ("<r><a>1</a></r>", ("r", {"a": "1"})),
        ("<r><a>1</a><a>2</a><a>3</a></r>", ("r", {"a": ["1", "2", "3"]})),
        ("<r><a><b>1</b></a><a/></r>", ("r", {"a": [{"b": "1"}, ""]})),
        ('<n:r xmlns:n="urn:x"><n:a z="9">1</n:a></n:r>', ("r", {"a": "1"})),
        ("<r><!-- no --><a>1</a><?no ?></r>", ("r", {"a": "1"})),
        ("<r><a>&lt;&amp;&#65;</a></r>", ("r", {"a": "<&A"})),
        ("<r><a><![CDATA[<b>]]></a></r>", ("r", {"a": "<b>"})),
        ("<r> <a/> mixed <b/> </r>", ("r", {"a": "", "b": ""})),
    ],
)
def test_xml_is_read_into_the_shape_of_json(document: str, data: object) -> None:
    assert read_xml(document.encode(), "anything") == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><a>Z&#252;rich</a>'.encode(encoding)
    assert read_xml(document, "a text") == ("a", "Zürich")


@pytest.mark.parametrize("encoding", ["utf-16", "no-such-encoding", "utf-7"])
def test_a_wrong_declaration_ends_in_data_or_a_typed_error(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><a>1</a>'.encode()
    assert data_or_refusal(lambda: read_xml(document, "a text")) in (("a", "1"), None)


NAMES = st.sampled_from(["a", "status", "deviceStatusList", "x-y", "_"])
LEAVES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


TREES = st.recursive(
    st.tuples(NAMES, LEAVES.map(_escaped)).map(lambda leaf: f"<{leaf[0]}>{leaf[1]}</{leaf[0]}>"),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=4)).map(
        lambda node: f"<{node[0]}>{''.join(node[1])}</{node[0]}>"
    ),
    max_leaves=12,
)


@given(st.one_of(st.binary(max_size=200), TREES.map(str.encode), st.text(max_size=50).map(str.encode)))
@example(b'<?xml version="1.0" encoding="UTF-16"?><a/>')
def test_no_byte_string_is_read_as_xml_without_data_or_a_typed_error(body: bytes) -> None:
    document = data_or_refusal(lambda: read_xml(body, "anything"))
    json.dumps(document, ensure_ascii=False).encode("utf-8")


@given(TREES)
def test_every_tree_is_read(document: str) -> None:
    assert isinstance(read_xml(document.encode(), "anything"), tuple)


def test_without_lxml_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_documents, "LXML_IMPORT_ERROR", "ImportError")
    with pytest.raises(TaskwatchError, match="lxml") as caught:
        read_xml(b"<a/>", "anything")
    assert caught.value.kind is ErrorType.MISSING_LIBRARY


# -- pieces of documents ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        (" \n", None),
        (" a ", "a"),
        (0, "0"),
        (1.5, "1.5"),
        ({}, None),
        ([], None),
        (["a"], None),
    ],
)
def test_text_of(value: object, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(("value", "number"), [(1, 1.0), ("1", 1.0), (" 2.5 ", 2.5), (-3, -3.0), (0, 0.0)])
def test_number_of(value: object, number: float) -> None:
    assert number_of(value) == number


@pytest.mark.parametrize("odd", [True, None, "", "nan", "inf", "1e999", 10**400, "JOB_DONE", [1], {}])
def test_number_of_what_is_none(odd: object) -> None:
    assert number_of(odd) is None


@pytest.mark.parametrize(
    ("value", "percent"),
    [(0, 0.0), (100, 100.0), ("17.647058823529413", 17.6), (-0.1, None), (100.1, None), (True, None), ("50", 50.0)],
)
def test_percent_of_is_never_invented(value: object, percent: float | None) -> None:
    assert percent_of(value) == percent


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (42, 100, 42.0),
        ("9", "20", 45.0),
        (0, 0, None),
        (1, 0, None),
        (None, 5, None),
        (5, None, None),
        (6, 5, None),
        (-1, 5, None),
        (1, 3, 33.3),
        (10**18, 10**18, 100.0),
        (1e308, 1e-308, None),
    ],
)
def test_share_of_guards_its_whole(part: object, whole: object, percent: float | None) -> None:
    assert share_of(part, whole) == percent


@given(JSON, JSON)
def test_pieces_of_any_document_are_of_their_type(value: Any, other: Any) -> None:
    text, number, percent, share = text_of(value), number_of(value), percent_of(value), share_of(value, other)
    assert text is None or text == text.strip() != ""
    assert number is None or isinstance(number, float)
    assert percent is None or 0 <= percent <= 100
    assert share is None or 0 <= share <= 100
    assert isinstance(object_of(value), dict)
    assert all(isinstance(item, dict) for item in objects_of(value))
    assert not any(isinstance(item, (dict, list)) for item in scalars_of(value).values())


def test_a_list_collapsed_to_its_only_object_is_read_as_a_list() -> None:
    assert objects_of({"a": 1}) == objects_of([{"a": 1}, "no object", None]) == [{"a": 1}]
    assert objects_of("text") == objects_of(None) == []


def test_scalars_keep_the_vendors_names_without_those_excluded() -> None:
    assert scalars_of({"a": 1, "b": None, "c": [1], "d": {}, "e": "x"}, "e") == {"a": 1, "b": None}
