# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the JSON Schema of descriptions, and the reference of their keys, from the form that the module reads by.

Usage: write_description_schema.py

`make tree` must have been run before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "extensions/descriptions/description.schema.json"
PAGE = ROOT / "docs/docsite/rst/descriptions.rst"
BEGIN = ".. keys begin: written by tests/tools/write_description_schema.py\n"
END = ".. keys end\n"

sys.path[:0] = [str(ROOT), str(ROOT / ".build/collections")]
from ansible_collections.taskwatch.infra.plugins.module_utils._description import form  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shape import (  # noqa: E402
    DESCRIPTION,
    STEPS,
)

from tests.tools import write_states  # noqa: E402

Schema = dict[str, Any]
_NOT_BLANK = r"\S"


def schema() -> Schema:
    """Return the whole schema. Steps nest, so they are a definition of their own."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A description for taskwatch.infra.rest_task_info",
        **_of(DESCRIPTION),
        "$defs": {"steps": _record(STEPS)},
    }


def _of(node: form.Node) -> Schema:
    if node is STEPS:
        return {"$ref": "#/$defs/steps"}
    written_node: Schema = _WRITERS[type(node)](node)
    return written_node


def _text(node: form.Text) -> Schema:
    return {"type": ["string", "number", "boolean"]} if node.scalar else {"type": "string", "pattern": _NOT_BLANK}


def _flag(node: form.Flag) -> Schema:
    words = [word for word in (True, False) if node.only in (None, word)]
    texts = "|".join(f"[{c[0].upper()}{c[0]}]" + "".join(f"[{x.upper()}{x}]" for x in c[1:]) for c in _names(words))
    return {"anyOf": [{"enum": words}, {"type": "string", "pattern": f"^({texts})$"}]}


def _names(words: list[bool]) -> list[str]:
    return [str(word).lower() for word in words]


def _number(node: form.Number) -> Schema:
    return {"type": "number", "minimum" if node.zero else "exclusiveMinimum": 0, "maximum": form.MAX_NUMBER}


def _status(_node: form.Status) -> Schema:
    number = {"type": "integer", "minimum": 100, "maximum": 599}
    return {"anyOf": [number, {"type": "string", "pattern": "^[1-5][0-9][0-9]$"}]}


def _list(node: form.ListOf) -> Schema:
    return {"type": "array", "items": _of(node.item), "minItems": node.least}


def _map(node: form.MapOf) -> Schema:
    return {"type": "object", "additionalProperties": _of(node.value), "minProperties": node.least}


def _record(node: form.Record) -> Schema:
    properties = {}
    for name, part in node.fields.items():
        described = {"description": part.doc + (f" Default: {part.default}." if part.default else "")}
        # A key without a value is as good as left out
        own = _of(part.get())
        properties[name] = {**described, **(own if part.required else {"anyOf": [{"type": "null"}, own]})}
    required = [name for name, part in node.fields.items() if part.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _one_of(node: form.OneOf) -> Schema:
    return {"anyOf": [_of(option) for option in node.options.values()]}


_WRITERS: dict[type[form.Node], Any] = {
    form.Text: _text,
    form.Choice: lambda node: {"enum": list(node.words)},
    form.Flag: _flag,
    form.Number: _number,
    form.Status: _status,
    form.ListOf: _list,
    form.MapOf: _map,
    form.Anything: lambda _node: {},
    form.OneOf: _one_of,
    form.Record: _record,
}


def written(document: Schema) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# -- the reference ----------------------------------------------------------------------------------------------------


def reference() -> str:
    """Return one table for each part of a description."""
    return "\n".join(line for part in _records("", DESCRIPTION, set()) for line in _table(*part))


def _records(path: str, node: form.Node, seen: set[int]) -> Iterator[tuple[str, form.Record]]:
    if isinstance(node, form.Record):
        if id(node) in seen:
            return
        seen.add(id(node))
        yield path, node
        for name, part in node.fields.items():
            yield from _records(f"{path}.{name}".strip("."), part.get(), seen)
    elif isinstance(node, form.OneOf):
        for option in node.options.values():
            yield from _records(path, option, seen)
    elif isinstance(node, form.ListOf):
        yield from _records(f"{path}[]", node.item, seen)


def _table(path: str, record: form.Record) -> Iterator[str]:
    title = f"{record.title}: ``{path}``" if path else record.title
    yield from (title, "-" * len(title), "", ".. list-table::", "   :header-rows: 1", "   :widths: 18 18 64", "")
    yield from ("   * - key", "     - takes", "     - meaning")
    for name, part in record.fields.items():
        notes = "Required. " if part.required else ""
        default = f" Default: ``{part.default}``." if part.default else ""
        yield from (f"   * - ``{name}``", f"     - {_kind(part.get())}", f"     - {notes}{_marked(part.doc)}{default}")
    yield ""


def _marked(text: str) -> str:
    return text.replace("`", "``")


def _kind(node: form.Node) -> str:
    if isinstance(node, form.Choice):
        return ", ".join(f"``{word}``" for word in node.words)
    if isinstance(node, form.OneOf):
        return " or ".join(_kind(option) for option in node.options.values())
    if isinstance(node, form.ListOf):
        return f"list of {_kind(node.item)}"
    if isinstance(node, form.MapOf):
        return f"mapping of names to {_kind(node.value)}"
    if isinstance(node, form.Flag):
        return "true" if node.only else "true or false"
    return _KINDS[type(node)]


_KINDS: dict[type[form.Node], str] = {
    form.Text: "text",
    form.Number: "number",
    form.Status: "status",
    form.Anything: "any data",
    form.Record: "mapping",
}


def page_with(tables: str, page: str) -> str:
    """Return a page with these tables between its markers."""
    return write_states.between(BEGIN, tables, END, page)


if __name__ == "__main__":
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(written(schema()), encoding="utf-8")
    PAGE.write_text(page_with(reference(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
