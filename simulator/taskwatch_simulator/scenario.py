# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios: reading the YAML, and saying on which line a fault lies."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from .systems.lxca_options import LxcaOptions
from .systems.prisma_options import PrismaOptions
from .systems.sdm_options import SdmOptions
from .systems.vcenter_options import VcenterOptions
from .timeline import Model
from .yaml_lines import Location, NotReadable, line_of, read_with_lines

FOLDER = Path(__file__).parent / "scenarios"
SUFFIX = ".yml"
# What a key should have held, by pydantic's names for faults; {…} stands for what it knows of the fault
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
    "union_tag_invalid": "in {discriminator} one of {expected_tags}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
}


class Scenario(Model):
    """What is simulated; a system left out is served without tasks."""

    description: str = ""
    lxca: LxcaOptions = Field(default_factory=LxcaOptions)
    sdm: SdmOptions = Field(default_factory=SdmOptions)
    vcenter: VcenterOptions = Field(default_factory=VcenterOptions)
    prisma_sdwan: PrismaOptions = Field(default_factory=PrismaOptions)


class ScenarioError(Exception):
    """A scenario cannot be used; the text is one line for a person."""


def shipped() -> list[str]:
    """Return the names of the scenarios that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}"))


def load(name_or_file: str) -> Scenario:
    """Return the scenario of a shipped name or of a file.

    Raises:
        ScenarioError: when there is none, or when it has a fault.
    """
    path = FOLDER / f"{name_or_file}{SUFFIX}" if name_or_file in shipped() else Path(name_or_file)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have this name"
        raise ScenarioError(
            f"{name_or_file} is neither shipped ({', '.join(shipped())}) nor a file that can be read: {reason}"
        ) from None
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScenarioError(f"{path}:{line}: expected UTF-8 text, and this is none") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Scenario:
    """Return the scenario written in a YAML text; `name` stands in messages.

    Raises:
        ScenarioError: when it has a fault.
    """
    try:
        data, lines = read_with_lines(text)
    except NotReadable as fault:
        raise ScenarioError(f"{name}:{fault.line}: {fault}") from None
    try:
        return Scenario.model_validate({} if data is None else data)
    except ValidationError as error:
        where, sentence = explain(error)
        raise ScenarioError(f"{name}:{line_of(where, lines)}: {sentence}") from None


def explain(error: ValidationError) -> tuple[Location, str]:
    """Return where the first fault lies, and one sentence that names the key and what was expected."""
    faults = error.errors(include_url=False)
    first = _keys(faults[0])
    # Of the variants that a key may have, the one meant is the one that was read furthest
    where = max((_keys(each) for each in faults if _keys(each)[: len(first)] == first), key=len)
    there = [each for each in faults if _keys(each) == where]
    key = ".".join(str(part) for part in where) or "top level"
    kind = there[0]["type"]
    if kind == "extra_forbidden":
        return where, f"{key}: this key is not known here{_suggested(str(where[-1]))}"
    if kind == "missing":
        return where, f"{key}: this key is missing"
    if kind == "value_error":
        return where, f"{key}: {there[0]['msg'].removeprefix('Value error, ')}"
    expected = " or ".join(dict.fromkeys(_expected(each) for each in there))
    return where, f"{key}: expected {expected}, not {_shown(there[0]['input'])}"


def _keys(fault: ErrorDetails) -> Location:
    """Return the location of a fault without the parts that name a variant of a type instead of a key."""
    return tuple(part for part in fault["loc"] if not _is_branch(part))


def _is_branch(part: str | int) -> bool:
    if not isinstance(part, str):
        return False
    return part in {"export", "csv_job", "task", "int", "float", "constrained-int"} or "[" in part


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


def _suggested(key: str) -> str:
    names = keys_of(Scenario)
    close = difflib.get_close_matches(key, sorted(names), n=1, cutoff=0.75)
    return f"; did you mean {close[0]}?" if close and key not in names else ""


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


SYSTEM_NAMES: tuple[str, ...] = tuple(name for name in Scenario.model_fields if name != "description")
