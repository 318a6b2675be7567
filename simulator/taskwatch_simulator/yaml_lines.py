# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading YAML as plain data, with the line of each key, so that a fault in it can be shown where it lies."""

from __future__ import annotations

from typing import Any

import yaml

Location = tuple[str | int, ...]
MAPPING, SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
# What YAML takes a word for, by the last part of the tag
KINDS = {"int": "a whole number", "float": "a number", "timestamp": "a date", "bool": "true or false"}
# Aliases of aliases make a short text endless
MOST_VALUES = 200_000


class NotReadable(Exception):
    """The text cannot be read; the message is one sentence, and `line` counts from 1."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(sentence)
        self.line = line


def read_with_lines(text: str) -> tuple[Any, dict[Location, int]]:
    """Return the data and the line of each key.

    Raises:
        NotReadable: when it is no YAML, or none that can be a scenario.
    """
    try:
        return _Reader(text).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sentence = ", ".join(part for part in (error.context, error.problem) if part)
        raise NotReadable(f"expected YAML, but {sentence}", mark.line + 1 if mark else 1) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise NotReadable(f"expected YAML, but the character U+{code:04X} is not allowed", line) from None
    except RecursionError:
        raise NotReadable("nested too deeply, or an alias stands inside its own anchor", 1) from None


def line_of(where: Location, lines: dict[Location, int]) -> int:
    """Return the line of a key, or of the nearest thing around it."""
    for end in range(len(where), -1, -1):
        if where[:end] in lines:
            return lines[where[:end]]
    return 1


class _Reader:
    def __init__(self, text: str) -> None:
        self._loader = yaml.SafeLoader(text)
        self._lines: dict[Location, int] = {}
        self._values = 0

    def read(self) -> tuple[Any, dict[Location, int]]:
        try:
            node = self._loader.get_single_node()
            data = None if node is None else self._value(node, ())
        finally:
            self._loader.dispose()
        return data, self._lines

    def _value(self, node: yaml.Node, where: Location) -> Any:
        line = node.start_mark.line + 1
        self._lines.setdefault(where, line)
        self._values += 1
        if self._values > MOST_VALUES:
            raise NotReadable("expected fewer values; aliases may stand inside aliases", line)
        if node.tag == MAPPING and isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if node.tag == SEQUENCE and isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*where, index)) for index, each in enumerate(node.value)]
        try:
            return self._loader.construct_object(node, deep=True)
        except (ValueError, TypeError, OverflowError):
            kind = KINDS.get(node.tag.rpartition(":")[2], "another value")
            raise NotReadable(f"expected {kind}, not {_text(node)!r}", line) from None

    def _mapping(self, node: yaml.MappingNode, where: Location) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise NotReadable("expected a word as key, not a list or a mapping", line)
            if key.value in seen:
                raise NotReadable(f"the key {key.value} stands twice", line)
            seen.add(key.value)
        self._loader.flatten_mapping(node)
        result: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            place = (*where, name)
            self._lines[place] = key.start_mark.line + 1
            result[name] = self._value(value, place)
        return result


def _text(node: yaml.Node) -> str:
    return str(node.value)[:60] if isinstance(node, yaml.ScalarNode) else "…"
