# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the state tables of the normalizer into the guide of states, between its two markers.

Usage: write_states.py

`make tree` must have been run before. Exits with 1 and a sentence when the page has no markers.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/docsite/rst/states.rst"
BEGIN = ".. tables begin: written by tests/tools/write_states.py\n"
END = ".. tables end\n"
WIDTH = 120
CELL = textwrap.TextWrapper(WIDTH, initial_indent="     - ", subsequent_indent="       ", break_on_hyphens=False)

sys.path.insert(0, str(ROOT / ".build/collections"))
from ansible_collections.taskwatch.infra.plugins.module_utils._states import TABLES, StateTable  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State  # noqa: E402


def rendered() -> str:
    """Return all tables in reStructuredText, in the order of the normalizer."""
    return "\n".join(line for table in TABLES for line in _lines(table))


def _lines(table: StateTable) -> Iterator[str]:
    title = table.endpoint if table.subject == "the state" else f"{table.endpoint}: {table.subject}"
    yield title
    yield "-" * len(title)
    yield ""
    yield from textwrap.wrap(f"Source: {table.source}.", WIDTH)
    yield ""
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield ""
    yield "   * - state"
    yield "     - words"
    for state in State:
        words = [f"``{word}``" for word, meaning in {**table.words, **table.patterns}.items() if meaning is state]
        if state is State.UNKNOWN and table.others is None:
            words.append("every other word, which a warning quotes")
        if words:
            yield f"   * - ``{state.value}``"
            yield from CELL.wrap(", ".join(words))
    yield ""
    if table.others:
        yield from textwrap.wrap(f"Every other word: {table.others}.", WIDTH)
        yield ""
    if table.fold:
        said = "; a warning tells of another spelling" if table.tells_spelling else ""
        yield f"Upper and lower case, underscores, hyphens and blanks do not matter{said}."
        yield ""
    if table.remarks:
        told = [*table.remarks, *table.patterns]
        yield from textwrap.wrap("A warning tells of: " + ", ".join(f"``{word}``" for word in told) + ".", WIDTH)
        yield ""


def page_with(tables: str, page: str) -> str:
    """Return the page with these tables between its markers."""
    return between(BEGIN, tables, END, page)


def between(begin: str, text: str, end: str, page: str) -> str:
    """Return a page with this text between two markers.

    Raises:
        ValueError: when a marker is not there.
    """
    before, begun, rest = page.partition(begin)
    _old, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"the page needs the lines '{begin.strip()}' and '{end.strip()}'")
    return f"{before}{begin}\n{text}\n{end}{after}"


def main() -> int:
    """Write the page and return the exit code."""
    try:
        page = page_with(rendered(), PAGE.read_text(encoding="utf-8"))
    except ValueError as error:
        print(f"{PAGE}: {error}", file=sys.stderr)
        return 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
