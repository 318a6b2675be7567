# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of the simulator's faults into its guide, between the two markers, from their classes.

Usage: python -m tests.tools.write_faults
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from taskwatch_simulator.faults import KINDS, Fault
from tests.tools.write_states import CELL, between

PAGE = Path(__file__).parents[2] / "docs/docsite/rst/simulator_control.rst"
BEGIN = ".. table begin: written by tests/tools/write_faults.py\n"
END = ".. table end\n"
# Keys that every fault has, which stand in a table of their own
COMMON = Fault.model_fields.keys()


def rendered() -> str:
    """Return the table in reStructuredText, in the order of the kinds' names."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", "")
    yield from ("   * - kind", "     - keys of its own", "     - what a client meets")
    for name, kind in sorted(KINDS.items()):
        yield f"   * - ``{name}``"
        keys = [field.alias or key for key, field in kind.model_fields.items() if key not in COMMON]
        yield from CELL.wrap(", ".join(f"``{key}``" for key in sorted(keys)) or "none")
        yield from CELL.wrap(" ".join(str(inspect.getdoc(kind)).split()))
    yield ""


def page_with(table: str, page: str) -> str:
    """Return a page with this table between its markers."""
    return between(BEGIN, table, END, page)


if __name__ == "__main__":
    PAGE.write_text(page_with(rendered(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
