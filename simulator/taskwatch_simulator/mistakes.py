# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a scenario or a request to the control API, as sentences for a person."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .yaml_lines import Location

CLOSE = 0.7
# What a key should have held, by pydantic's names for mistakes; {…} stands for what it knows of one
EXPECTED = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": "text that matches the pattern {pattern}",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number from {ge} on",
    "less_than_equal": "a number up to {le}",
    "literal_error": "{expected}",
    "union_tag_not_found": "a key {discriminator}",
    "union_tag_invalid": "{expected_tags}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
}


def mistakes(error: ValidationError, data: object, model: type[BaseModel] | None = None) -> list[tuple[Location, str]]:
    """Return where each mistake in the data lies, and one sentence that names the key and what was expected.

    `model` is what the data should have been; its keys are the ones that a mistyped key may have meant.
    """
    found: dict[Location, list[ErrorDetails]] = {}
    for each in error.errors(include_url=False):
        found.setdefault(_place(each, data), []).append(each)
    names = keys_of(model) if model else set()
    return [(where, _sentence(where, there, names)) for where, there in found.items() if not _branch(where, found)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names the nearest known word, or nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=CLOSE)
    return f"; did you mean {close[0]}?" if close and close[0] != word else ""


def _place(fault: ErrorDetails, data: object) -> Location:
    """Return the keys that lead to a mistake, without the parts that name a variant of a type instead of a key."""
    place: list[str | int] = []
    parts = fault["loc"]
    for number, part in enumerate(parts):
        inside = _has(data, part)
        if inside:
            data = data[part]  # type: ignore[index]
        if inside or (number == len(parts) - 1 and fault["type"] == "missing"):
            place.append(part)
    if fault["type"] == "union_tag_invalid":
        place.append(_discriminator(fault))
    return tuple(place)


def _has(data: object, key: str | int) -> bool:
    if isinstance(data, Mapping):
        return key in data
    return isinstance(data, Sequence) and isinstance(key, int) and key < len(data)


def _discriminator(fault: ErrorDetails) -> str:
    return str(fault["ctx"]["discriminator"]).strip("'")


def _branch(where: Location, found: Mapping[Location, list[ErrorDetails]]) -> bool:
    """Tell whether these mistakes are of variants that were not meant: another one was read further."""
    deeper = any(len(other) > len(where) and other[: len(where)] == where for other in found)
    return deeper and all(len(each["loc"]) > len(where) for each in found[where])


def _sentence(where: Location, there: list[ErrorDetails], names: set[str]) -> str:
    key = ".".join(str(part) for part in where) or "top level"
    first = there[0]
    if first["type"] == "extra_forbidden":
        return f"{key}: this key is not known here{did_you_mean(str(where[-1]), names)}"
    if first["type"] == "missing":
        return f"{key}: this key is missing"
    if first["type"] == "value_error":
        return f"{key}: {first['msg'].removeprefix('Value error, ')}"
    value = first["input"]
    if first["type"] == "union_tag_invalid":
        value = first["ctx"]["tag"]
    expected = " or ".join(dict.fromkeys(_expected(each) for each in there))
    words = re.findall(r"'(\w+)'", expected) if isinstance(value, str) else []
    return f"{key}: expected {expected}, not {_shown(value)}{did_you_mean(str(value), words)}"


def _expected(fault: ErrorDetails) -> str:
    text = EXPECTED.get(fault["type"])
    if text is None:
        text = fault["msg"].removeprefix("Input should be ").removeprefix("Value should ")
        return text[:1].lower() + text[1:]
    return text.format(**fault.get("ctx", {}))


def _shown(found: object) -> str:
    """Return what was found, as far as a person wants to see it."""
    kinds = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return kinds.get(type(found)) or repr(str(found)[:60])


def keys_of(model: type[BaseModel]) -> set[str]:
    """Return the keys of a model and of all models inside it."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    for field in model.model_fields.values():
        for inner in _inner(field.annotation):
            names |= keys_of(inner)
    return names


def _inner(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _inner(part)
