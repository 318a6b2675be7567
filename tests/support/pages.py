# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation read as data: blocks of code, tables and sections of its pages.

A comment above a block tells a test what to do with it: ``.. test: scenario=failures`` in reStructuredText,
``<!-- test: scenario=failures -->`` in Markdown. Values are quoted as in a shell.
"""

from __future__ import annotations

import ast
import functools
import re
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from antsibull_docutils.rst_code_finder import find_code_blocks

from tests.support.ansible import ROOT

GUIDES = ROOT / "docs/docsite/rst"
# What people read, in the form in which it is kept
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "TESTING.md", *sorted(GUIDES.glob("*.rst")))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARKDOWN_COMMENT = re.compile(r"<!-- test: (.*?) -->\s*\Z")
# The comment, the directive and its options stand right above the code
COMMENT = re.compile(r"^\.\. test: (.*)\n\s*\n\.\. code-block:: .*\n(?: +:.*\n)*\s*\Z", re.MULTILINE)
HEADING = re.compile(r"^(\S.*)\n([=*~^-])\2+$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code of a page: its language and text, its first line, what the comment above it asks for."""

    source: Path
    line: int
    language: str
    text: str
    asked: Mapping[str, str]

    @property
    def place(self) -> str:
        """Where it stands, for messages and test ids."""
        return f"{self.source.relative_to(ROOT)}:{self.line}"


def guide(name: str) -> str:
    """Return the text of a guide."""
    return (GUIDES / f"{name}.rst").read_text(encoding="utf-8")


@functools.cache  # several files ask, and docutils takes its time
def blocks_of(source: Path) -> Sequence[Block]:
    """Return the blocks of code of a page in order; the examples of a module are one block of YAML."""
    readers = {".py": _module_blocks, ".md": _markdown_blocks, ".rst": _rst_blocks}
    return tuple(readers[source.suffix](source, source.read_text(encoding="utf-8")))


def _module_blocks(source: Path, text: str) -> Iterator[Block]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            yield Block(source, node.lineno, "yaml", str(ast.literal_eval(node.value)), {})


def _markdown_blocks(source: Path, text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        asked = _asked(MARKDOWN_COMMENT.search(text, 0, found.start()))
        yield Block(source, text.count("\n", 0, found.start()) + 2, found[1], found[2], asked)


def _rst_blocks(source: Path, text: str) -> Iterator[Block]:
    lines = text.splitlines(keepends=True)
    with warnings.catch_warnings():
        # docutils means to change what antsibull-docutils calls
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        blocks = list(find_code_blocks(text, path=source, root_prefix=ROOT))
    for found in blocks:
        asked = _asked(COMMENT.search("".join(lines[: found.row_offset])))
        yield Block(source, found.row_offset + 1, found.language or "", found.content, asked)


def _asked(comment: re.Match[str] | None) -> Mapping[str, str]:
    return dict(part.split("=", 1) for part in shlex.split(comment[1])) if comment else {}


def recording() -> tuple[str, str]:
    """Return scenario and playbook of the recorded wait: the two blocks below its heading."""
    (scenario, playbook) = (block.text for block in blocks_of(GUIDES / "waiting.rst") if "recorded" in block.asked)
    return scenario, playbook


def sections_of(text: str) -> dict[str, str]:
    """Return the text below each heading of a page in reStructuredText, by heading."""
    parts = HEADING.split(text)
    return dict(zip(parts[1::3], parts[3::3], strict=True))


def rows_of(text: str) -> list[list[str]]:
    """Return the rows of all list-tables of a page, each as its cells; rows of headings included."""
    rows: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        if line.startswith("   * -"):
            rows.append([line[6:].strip()])
            inside = True
        elif inside and line.startswith("     -"):
            rows[-1].append(line[6:].strip())
        elif inside and line.startswith("       "):
            rows[-1][-1] = f"{rows[-1][-1]} {line.strip()}"
        elif line.strip():
            inside = False
    return rows
