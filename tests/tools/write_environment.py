# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of environment variables from the argument specs into its guide, between its two markers.

Usage: write_environment.py

`make tree` must have been run before. The documentation of a module has no place for the variables of its options, so
the page that antsibull-docs makes of them stays empty.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/docsite/rst/environment_variables.rst"
BEGIN = ".. variables begin: written by tests/tools/write_environment.py\n"
END = ".. variables end\n"

sys.path[:0] = [str(ROOT), str(ROOT / ".build/collections")]
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System  # noqa: E402

from tests.tools import write_states  # noqa: E402

# Each variable with its option
Variables = tuple[tuple[str, str], ...]


def variables_of(system: type[System]) -> Variables:
    """Return the environment variables of a module with their options, in the order of its options."""
    spec = system.ARGUMENT_SPEC
    return tuple(
        (name, option) for option, value in spec.items() if "fallback" in value for name in value["fallback"][1]
    )


def rendered() -> str:
    """Return one table for each set of variables that modules share."""
    groups: dict[Variables, str] = {}
    for system in SYSTEMS.values():
        groups.setdefault(variables_of(system), system.NAME)
    return "\n".join(line for variables, module in groups.items() for line in _table(variables, module))


def _table(variables: Variables, module: str) -> Iterator[str]:
    title = f"``{variables[0][0].rpartition('_')[0]}_…``"
    yield from (title, "-" * len(title), "")
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 55 45", "")
    yield from ("   * - variable", "     - option")
    for name, option in variables:
        yield from (f"   * - ``{name}``", f"     - :ansopt:`taskwatch.infra.{module}#module:{option}`")
    yield ""


def page_with(tables: str, page: str) -> str:
    """Return a page with these tables between its markers."""
    return write_states.between(BEGIN, tables, END, page)


if __name__ == "__main__":
    PAGE.write_text(page_with(rendered(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
