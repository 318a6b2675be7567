# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The pieces of which the form of a description is made, and the check against them. PRIVATE to the collection.

A small reader of our own, because a description is also read on managed hosts, and ``jsonschema`` is neither part of
ansible-core nor able to name the nearest key. ``tests/tools/write_description_schema.py`` writes the same form as a
JSON Schema, and a test compares the verdicts of both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._documents import key_text
from .._errors import ErrorType, TaskwatchError, did_you_mean, excerpt, listed

# Ansible compiles the files of a collection in every play, and a data class makes each of its methods then, so classes
# here and in the model have no more of them than are used.
# No description nests deeper, not even one whose steps have steps.
MAX_DEPTH = 24
MAX_NUMBER = 1e9


def form_error(path: str, sentence: str) -> TaskwatchError:
    """The error for one place of a description."""
    return TaskwatchError(ErrorType.BAD_REQUEST, f"{path}: {sentence}")


def below(path: str, key: str) -> str:
    return f"{path}.{key}"


class Node(ABC):
    """What may stand at one place."""

    @abstractmethod
    def read(self, value: Any, path: str, depth: int = 0) -> Any:
        """The value as the rest of the code wants it. Raises for what may not stand there."""

    def places(self, _key: str, _path: str, _depth: int = 0) -> Iterator[str]:
        """Where a key belongs that is not known at the place where it stands."""
        return iter(())


@dataclass(frozen=True, eq=False, repr=False)
class Text(Node):
    """A text that is not blank; with ``scalar`` a number or true and false, too, as JSON writes them."""

    scalar: bool = False

    def read(self, value: Any, path: str, _depth: int = 0) -> str:
        if self.scalar and isinstance(value, (bool, int, float)):
            return key_text(value)
        if not isinstance(value, str):
            raise form_error(path, f"must be text, not {kind_of(value)}")
        if not self.scalar and not value.strip():
            raise form_error(path, "is empty")
        return str(value)


@dataclass(frozen=True, eq=False, repr=False)
class Choice(Node):
    """One of these words."""

    words: tuple[str, ...]

    def read(self, value: Any, path: str, _depth: int = 0) -> str:
        if isinstance(value, str) and value in self.words:
            return str(value)
        shown = f"'{value}'" if isinstance(value, str) else kind_of(value)
        hint = did_you_mean(value, self.words) if isinstance(value, str) else ""
        raise form_error(path, f"must be {listed(self.words, most=9)}, not {shown}{hint}")


@dataclass(frozen=True, eq=False, repr=False)
class Flag(Node):
    """True or false. Only this one word where ``only`` is given."""

    only: bool | None = None

    def read(self, value: Any, path: str, _depth: int = 0) -> bool:
        # Options that pass through a template may arrive as text.
        read = {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, str) else value
        if not isinstance(read, bool) or (self.only is not None and read is not self.only):
            wanted = "true or false" if self.only is None else key_text(self.only)
            raise form_error(path, f"must be {wanted}, not {kind_of(value)}")
        return read


@dataclass(frozen=True, eq=False, repr=False)
class Number(Node):
    """A number greater than 0, or 0 as well."""

    zero: bool = False

    def read(self, value: Any, path: str, _depth: int = 0) -> float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value <= MAX_NUMBER or (value == 0 and not self.zero):
            bound = "of 0 or more" if self.zero else "greater than 0"
            raise form_error(path, f"must be a number {bound}, not {kind_of(value)}")
        return float(value)


@dataclass(frozen=True, eq=False, repr=False)
class Status(Node):
    """An HTTP status."""

    def read(self, value: Any, path: str, _depth: int = 0) -> int:
        text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
        if not (text.isascii() and text.isdigit() and len(text) == 3 and 100 <= int(text) <= 599):
            raise form_error(path, f"must be an HTTP status from 100 to 599, not {kind_of(value)}")
        return int(text)


@dataclass(frozen=True, eq=False, repr=False)
class ListOf(Node):
    item: Node
    least: int = 0

    def read(self, value: Any, path: str, depth: int = 0) -> list[Any]:
        if not isinstance(value, list):
            raise form_error(path, f"must be a list, not {kind_of(value)}")
        if len(value) < self.least:
            raise form_error(path, f"must hold at least {self.least}, not {len(value)}")
        return [self.item.read(part, f"{path}[{place}]", depth + 1) for place, part in enumerate(value)]


@dataclass(frozen=True, eq=False, repr=False)
class MapOf(Node):
    """Names of the author's own, each with a value of one kind."""

    value: Node
    least: int = 0

    def read(self, value: Any, path: str, depth: int = 0) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise form_error(path, f"must be a mapping, not {kind_of(value)}")
        if len(value) < self.least:
            raise form_error(path, "is empty")
        return {
            key_text(key): self.value.read(part, below(path, key_text(key)), depth + 1) for key, part in value.items()
        }


@dataclass(frozen=True, eq=False, repr=False)
class Anything(Node):
    """Plain JSON data."""

    def read(self, value: Any, path: str, depth: int = 0) -> Any:
        if depth > MAX_DEPTH * 2:
            raise form_error(path, "nests too deep")
        if isinstance(value, dict):
            return {
                key_text(key): self.read(part, below(path, key_text(key)), depth + 1) for key, part in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.read(part, f"{path}[{place}]", depth + 1) for place, part in enumerate(value)]
        if value is None or isinstance(value, (str, bool, int, float)):
            return value
        # A date of YAML, such as 2024-05-06.
        return str(value)


@dataclass(frozen=True, eq=False, repr=False)
class OneOf(Node):
    """Alternatives told apart by their kind: a text, a list, a mapping, true."""

    options: Mapping[type, Node]

    def read(self, value: Any, path: str, depth: int = 0) -> Any:
        for kind, node in self.options.items():
            if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
                return node.read(value, path, depth)
        wanted = " or ".join(_KINDS[kind] for kind in self.options)
        raise form_error(path, f"must be {wanted}, not {kind_of(value)}")


@dataclass(frozen=True, eq=False, repr=False)
class Field:
    """A key of a record: what stands there, and what it is for. ``doc`` becomes the reference and the schema."""

    node: Node | Callable[[], Node]
    doc: str
    required: bool = False
    default: str = ""

    def get(self) -> Node:
        return self.node if isinstance(self.node, Node) else self.node()


@dataclass(frozen=True, eq=False, repr=False)
class Record(Node):
    """Keys that the form knows, and no others. ``title`` is what the reference calls it."""

    title: str
    fields: Mapping[str, Field] = field(default_factory=dict)

    def read(self, value: Any, path: str, depth: int = 0) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise form_error(path, f"must be a mapping, not {kind_of(value)}")
        if depth > MAX_DEPTH:
            raise form_error(path, "nests too deep")
        given = {key_text(key): part for key, part in value.items()}
        for key in given:
            if key not in self.fields:
                raise form_error(
                    below(path, key), f"is not known{did_you_mean(key, self.fields) or self._elsewhere(key)}"
                )
        for key, part in self.fields.items():
            if part.required and given.get(key) is None:
                raise form_error(below(path, key), f"is missing ({part.doc})")
        # A key without a value is as good as left out: a template may have nothing to put there.
        return {
            key: self.fields[key].get().read(part, below(path, key), depth + 1)
            for key, part in given.items()
            if part is not None
        }

    def _elsewhere(self, key: str) -> str:
        known = listed(self.fields, most=12)
        return f"; known here: {known}" if not self._home(key) else f"; it belongs into {self._home(key)}"

    def _home(self, key: str) -> str:
        return next(self.places(key, ""), "")

    def places(self, key: str, path: str, depth: int = 0) -> Iterator[str]:
        if depth > 3:
            return
        for name, part in self.fields.items():
            node, here = part.get(), f"{path}.{name}".strip(".")
            if isinstance(node, Record) and key in node.fields:
                yield here
            yield from node.places(key, here, depth + 1)


def kind_of(value: Any) -> str:
    """A value as a sentence names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the word {key_text(value)}"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return excerpt(value, 60) if str(value).strip() else "an empty text"


_KINDS: Mapping[type, str] = {str: "text", int: "a number", bool: "true", list: "a list", dict: "a mapping"}
