# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios: reading the YAML, and saying on which line a fault lies."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from .systems.lxca_options import LxcaOptions
from .systems.prisma_options import PrismaOptions
from .systems.sdm_options import SdmOptions
from .systems.vcenter_options import VcenterOptions
from .timeline import Model

FOLDER = Path(__file__).parent / "scenarios"
SUFFIX = ".yml"
Location = tuple[str | int, ...]


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
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ScenarioError(
            f"{name_or_file} is neither shipped ({', '.join(shipped())}) nor a file that can be read: {reason}"
        ) from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Scenario:
    """Return the scenario written in a YAML text; `name` stands in messages.

    Raises:
        ScenarioError: when it has a fault.
    """
    try:
        data, lines = _Reader(text).read()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"{name}:{line}: not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"{name}:1: not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ScenarioError(f"{name}:1: nested too deeply, or an alias stands inside its own anchor") from None
    try:
        return Scenario.model_validate({} if data is None else data)
    except ValidationError as error:
        where, sentence = explain(error)
        line = _line_of(where, lines)
        raise ScenarioError(f"{name}:{line}: {sentence}") from None


def explain(error: ValidationError) -> tuple[Location, str]:
    """Return where the first fault lies, and one sentence that names the key and what was expected."""
    faults = error.errors(include_url=False)
    where = _keys(faults[0])
    # Of the variants that a key may have, the one meant is the one that was read furthest
    first = max((each for each in faults if _keys(each)[: len(where)] == where), key=lambda each: len(_keys(each)))
    where = _keys(first)
    key = ".".join(str(part) for part in where).replace(".[", "[") or "top level"
    message = first["msg"].removeprefix("Value error, ").partition(", unable to")[0]
    message = message[:1].lower() + message[1:]
    if first["type"] == "extra_forbidden":
        return where, f"{key}: this key is not known"
    if first["type"] in {"missing", "value_error"} or isinstance(first["input"], dict | list):
        return where, f"{key}: {message}"
    return where, f"{key}: {message}, not {str(first['input'])[:60]!r}"


def _keys(fault: ErrorDetails) -> Location:
    """Return the location of a fault without the parts that name a variant of a type instead of a key."""
    return tuple(part for part in fault["loc"] if not _is_branch(part))


def _is_branch(part: str | int) -> bool:
    if not isinstance(part, str):
        return False
    return part in {"export", "csv_job", "task", "int", "float", "constrained-int"} or "[" in part


def _line_of(where: Location, lines: dict[Location, int]) -> int:
    """Return the line of a key, or of the nearest thing around it."""
    for end in range(len(where), -1, -1):
        if where[:end] in lines:
            return lines[where[:end]]
    return 1


class _Reader:
    """Makes plain data from YAML and remembers the line of each key."""

    def __init__(self, text: str) -> None:
        self._loader = yaml.SafeLoader(text)
        self._lines: dict[Location, int] = {}

    def read(self) -> tuple[Any, dict[Location, int]]:
        """Return the data and the lines, counted from 1."""
        try:
            node = self._loader.get_single_node()
            data = None if node is None else self._value(node, ())
        finally:
            self._loader.dispose()
        return data, self._lines

    def _value(self, node: yaml.Node, where: Location) -> Any:
        self._lines.setdefault(where, node.start_mark.line + 1)
        if node.tag == "tag:yaml.org,2002:map" and isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if node.tag == "tag:yaml.org,2002:seq" and isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*where, index)) for index, each in enumerate(node.value)]
        return self._loader.construct_object(node, deep=True)

    def _mapping(self, node: yaml.MappingNode, where: Location) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} stands twice", problem_mark=key.start_mark)
            if isinstance(key.value, str):
                seen.add(key.value)
        self._loader.flatten_mapping(node)
        result: dict[Hashable, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            self._lines[*where, name] = key.start_mark.line + 1
            result[name] = self._value(value, (*where, name))
        return result


SYSTEM_NAMES: tuple[str, ...] = tuple(name for name in Scenario.model_fields if name != "description")
