# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tests on sources with a fault planted: a mutant is made from the syntax tree when Python imports the file.

Usage: python -m tests.faults.mutation NAME (soak SCENARIOS | pytest ARGUMENT ...)

Exits with 1 and a line on standard output if the mutant is found, with 0 if it is not, and with 2 if it cannot be made:
the source has changed, and the mutant has to follow.
"""

from __future__ import annotations

import ast
import copy
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.faults.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
PACKAGE = "ansible_collections.taskwatch.infra.plugins"
FOUND, MISSED, STALE = 1, 0, 2


class Stale(Exception):
    """The text of a mutant is not in the source, or not once."""


def source_of(mutant: Mutant) -> Path:
    """Return the file that a mutant changes."""
    return ROOT / "plugins" / mutant.source


def mutated(mutant: Mutant) -> ast.Module:
    """Return the syntax tree of a source with the mutant's changes.

    Raises:
        Stale: when a text is not there exactly once.
    """
    tree = ast.parse(source_of(mutant).read_text(encoding="utf-8"))
    for before, after in mutant.changes:
        replacing = _Replace(before, after)
        replacing.visit(_scope(tree, mutant.where) if mutant.where else tree)
        if replacing.count != 1:
            raise Stale(f"{mutant.source} holds {before!r} {replacing.count} times in {mutant.where or 'all of it'}")
    return ast.fix_missing_locations(tree)


def _scope(tree: ast.Module, where: str) -> ast.AST:
    scope: Any = tree
    for name in where.split("."):
        found = [each for each in scope.body if getattr(each, "name", None) == name]
        if len(found) != 1:
            raise Stale(f"there is no {where}")
        (scope,) = found
    result: ast.AST = scope
    return result


class _Replace(ast.NodeTransformer):
    """Replaces a fragment: an expression, a statement, or the condition of an `if` (written as ``if condition``)."""

    def __init__(self, before: str, after: str) -> None:
        self._condition = before.startswith("if ")
        before, after = (text.removeprefix("if ") if self._condition else text for text in (before, after))
        old, new = (_parsed(text) for text in (before, after))
        if not self._condition and isinstance(old, ast.expr) != isinstance(new, ast.expr):
            old, new = (ast.Expr(node) if isinstance(node, ast.expr) else node for node in (old, new))
        self._before, self._after = ast.dump(old), new
        self.count = 0

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the node if it is the one."""
        if self._condition:
            if isinstance(node, ast.If) and ast.dump(node.test) == self._before:
                self.count += 1
                node.test = copy.deepcopy(self._after)  # type: ignore[assignment]
        elif ast.dump(node) == self._before:
            self.count += 1
            return copy.deepcopy(self._after)
        return self.generic_visit(node)


def _parsed(text: str) -> ast.AST:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        # Control statements are only valid inside something
        (statement,) = ast.parse(f"def f():\n while True:\n  {text}\n").body[0].body[0].body  # type: ignore[attr-defined]
        node: ast.AST = statement
        return node


class _Finder(MetaPathFinder):
    """Finds the one module that is to be changed, before any other finder does."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = f"{PACKAGE}.{mutant.source.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the changed module's spec."""
        if fullname != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert spec is not None
        spec.loader = _Loader(fullname, str(spec.origin), self._mutant)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        super().__init__(fullname, path)
        self._mutant = mutant

    def get_code(self, _fullname: str) -> Any:
        """Compile the changed source, past any cache."""
        return compile(mutated(self._mutant), str(source_of(self._mutant)), "exec")


def install(mutant: Mutant) -> None:
    """Let every later import of the source get the mutant."""
    sys.meta_path.insert(0, _Finder(mutant))


class _FirstFailure:
    """Notes which test failed first, and whether one could not even be collected."""

    def __init__(self) -> None:
        self.name = ""
        self.broken = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken = str(report.longrepr)


def by_pytest(arguments: Sequence[str]) -> str:
    """Run tests until one fails and return its name, nothing if all pass.

    Raises:
        Stale: when they cannot be collected: a mutant must not break an import.
    """
    first = _FirstFailure()
    quiet = ["-x", "-q", "-p", "no:xdist", "--no-header", "--tb=no", "-W", "ignore"]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        shown, sys.stdout = sys.stdout, nowhere
        try:
            code = pytest.main([*quiet, *arguments], [first])
        finally:
            sys.stdout = shown
    if first.broken or code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise Stale(first.broken or f"pytest ended with {code}")
    return first.name


def by_soak(mutant: Mutant, scenarios: int) -> str:
    """Play scenarios of the soak until one is judged wrong and return the complaint, nothing if none is."""
    # Only now, so that they import the mutant
    from tests.faults.invariants import complaints  # noqa: PLC0415
    from tests.faults.plans import make_plan  # noqa: PLC0415
    from tests.faults.soak import play  # noqa: PLC0415

    for name in list(os.environ):
        if name not in {"PATH", "PYTHONPATH"}:
            del os.environ[name]
    for plan in map(make_plan, range(scenarios)):
        if mutant.such(plan) and (found := complaints(play(plan))):
            return f"seed {plan.seed}: {found[0]}"
    return ""


def hunt(name: str, how: str, *arguments: str) -> tuple[int, str]:
    """Hunt one mutant in this process, which must not have imported the plugins; return exit code and line."""
    (mutant,) = [each for each in MUTANTS if each.name == name]
    try:
        install(mutant)
        mutated(mutant)
        found = by_soak(mutant, int(arguments[0])) if how == "soak" else by_pytest(arguments)
    except Stale as reason:
        return STALE, str(reason)
    return (FOUND if found else MISSED), found or "not found"


def main() -> int:
    """Hunt one mutant and return the exit code."""
    code, line = hunt(*sys.argv[1:])
    print(line)
    return code


if __name__ == "__main__":
    sys.exit(main())
