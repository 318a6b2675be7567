# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parse untrusted JSON and XML. PRIVATE to the collection.

Documents come from systems in the middle of a restart, from proxies and from portals in between. Whatever they hold,
reading ends in plain data or in one typed error; it never runs away, resolves an entity or opens a URL.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import traceback
from collections.abc import Iterator
from typing import Any

from ._errors import ErrorType, TaskwatchError, bad_response

LXML_IMPORT_ERROR: str | None
try:
    from lxml import etree
except ImportError:
    LXML_IMPORT_ERROR = traceback.format_exc()
else:
    LXML_IMPORT_ERROR = None

# Deeper than any answer of the four vendors (the deepest nests about ten), shallow enough for any stack.
MAX_DEPTH = 64
# More digits than any id or counter has; beyond a few thousand Python itself takes quadratic time.
MAX_DIGITS = 400

_CODECS = ("utf-8", "utf-16", "utf-32", "iso8859", "ascii", "cp125")
# The byte order marks, the longer ones first: the mark of UTF-16 begins that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
# Seen before an XML declaration, which has to be the first thing in a document.
_LEADING_BLANKS = re.compile(rb"\A(\xef\xbb\xbf)?\s+(?=<)")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(body: bytes, expected: str, charset: str | None = None) -> Any:
    """Decode a JSON document; ``expected`` says in the error what was waited for.

    Refused: what is not JSON, NaN and infinities, numbers of absurd length, a key given twice in one object
    (which of the two counts would be a guess), nesting deeper than MAX_DEPTH.
    """
    try:
        text = _decode(body, charset)
        document = json.loads(
            text,
            strict=False,  # a raw line break inside a text is seen in the wild and does no harm
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_finite_float,
            object_pairs_hook=_unique_keys,
        )
    except (ValueError, RecursionError) as error:
        raise bad_response(expected, body) from error
    if _too_deep(document):
        raise bad_response(f"{expected} that nests at most {MAX_DEPTH} levels", body)
    return _without_surrogates(document) if _SURROGATE.search(text) else document


def read_xml(body: bytes, expected: str) -> tuple[str, Any]:
    """Decode an XML document to ``(name of the root, data)`` in the shape JSON would have.

    A leaf becomes its text, other elements become objects, a name that repeats becomes a list. Namespaces and
    attributes are dropped: none of the vendors uses them. A document type is refused, so no entity of its own can
    exist, be it internal, external or a parameter entity.
    """
    if LXML_IMPORT_ERROR is not None:
        raise TaskwatchError(ErrorType.MISSING_LIBRARY, "the Python library lxml is needed to read this answer")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_LEADING_BLANKS.sub(rb"\1", body, count=1), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise bad_response(expected, body) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise bad_response(f"{expected} without a document type", body)
    try:
        return _local_name(root), _element_data(root, MAX_DEPTH)
    except RecursionError as error:
        raise bad_response(f"{expected} that nests at most {MAX_DEPTH} levels", body) from error


def text_of(value: Any) -> str | None:
    """A scalar as text without blanks around it; None for nothing, for an empty text and for a container."""
    if value is None or isinstance(value, (dict, list)):
        return None
    return str(value).strip() or None


def number_of(value: Any) -> float | None:
    """A number, also one written as text; None for everything else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def percent_of(value: Any) -> float | None:
    """A percentage as 0..100 with one decimal; None for what is no number or lies outside: never invented."""
    number = number_of(value)
    if number is None or not 0 <= number <= 100:
        return None
    # Only the end is 100: 99.96 must not look like it.
    return 100.0 if number == 100 else min(round(number, 1), 99.9)


def share_of(part: Any, whole: Any) -> float | None:
    """How many percent ``part`` is of ``whole``; None when the whole is 0 or either is no number."""
    done, total = number_of(part), number_of(whole)
    return None if done is None or not total else percent_of(done / total * 100)


def object_of(value: Any) -> dict[str, Any]:
    """The value if it is an object, an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, or of a list collapsed to its only object."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def key_text(key: Any) -> str:
    """A key as JSON writes it: YAML reads ``true`` and ``200`` as something else than text."""
    return str(key).lower() if isinstance(key, bool) else str(key)


def scalars_of(value: Any, *but: str) -> dict[str, Any]:
    """The scalar fields of an object under the vendor's names, without those named in ``but``."""
    return {
        key: item for key, item in object_of(value).items() if key not in but and not isinstance(item, (dict, list))
    }


def _decode(body: bytes, charset: str | None) -> str:
    marked = next((codec for mark, codec in _MARKS if body.startswith(mark)), None)
    if marked is not None:
        return body.decode(marked)  # the mark knows better than a header
    try:
        codec = codecs.lookup(charset).name if charset else json.detect_encoding(body)
    except LookupError:
        codec = "utf-8"
    # Python's more exotic codecs can produce what no text may hold; the bytes may still be UTF-8.
    return body.decode(codec if codec.startswith(_CODECS) else "utf-8")


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number of absurd length")
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond every range")
    return number


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key is given twice")
    return document


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value) if isinstance(value, list) else iter(())


def _too_deep(document: Any) -> bool:
    level = [document]
    for _unused in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value) if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _without_surrogates(document: Any) -> Any:
    # Half a surrogate pair is legal in JSON and cannot be written as UTF-8, so printing it would fail.
    return json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))


def _local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _element_data(element: Any, levels: int) -> Any:
    if not len(element):
        return element.text or ""
    if not levels:
        raise RecursionError
    data: dict[str, Any] = {}
    for child in element:
        name, value = _local_name(child), _element_data(child, levels - 1)
        if name not in data:
            data[name] = value
        elif isinstance(data[name], list):
            data[name].append(value)
        else:
            data[name] = [data[name], value]
    return data
