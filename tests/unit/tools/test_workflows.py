# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no schema says of the workflows and hooks: they run what make runs, with no more rights than they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.matrix import CORES

ROOT = Path(__file__).parents[3]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in ROOT.glob(".github/workflows/*.yml")}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# The jobs that write, by workflow: a release, and the site
WRITERS = {"release": ["github"], "pages": ["deploy"]}
MAKE = re.compile(r"\bmake (?:--silent )?([\w-]+)")


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each step with a name for it."""
    for workflow, what in WORKFLOWS.items():
        for job, how in what["jobs"].items():
            yield from ((f"{workflow}-{job}-{number}", step) for number, step in enumerate(how["steps"]))


def targets() -> set[str]:
    """Return what make can be asked for."""
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    lists = re.findall(r"^(?:GATES|EXHAUSTIVE) := ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert len(lists) == 2
    return set(" ".join([phony, *lists]).split())


@pytest.mark.parametrize("step", [pytest.param(step, id=name) for name, step in steps()])
def test_actions_are_pinned_by_their_major_version(step: dict[str, Any]) -> None:
    if "uses" in step:
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
    if step.get("uses", "").startswith("actions/checkout@"):
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", WORKFLOWS)
def test_only_the_job_that_writes_may_write(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    writers = [job for job, how in WORKFLOWS[name]["jobs"].items() if "write" in how.get("permissions", {}).values()]
    assert writers == WRITERS.get(name, [])


def test_every_supported_core_is_tested_each_week() -> None:
    tests = WORKFLOWS["tests"]
    assert tests["jobs"]["matrix"]["strategy"]["matrix"]["core"] == list(CORES)
    # YAML reads the key `on` as a boolean
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", tests[True]["schedule"][0]["cron"])


def test_workflows_and_hooks_call_what_make_has() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    commands = [step.get("run", "") for _name, step in steps()] + [hook["entry"] for hook in hooks]
    called = {target for command in commands for target in MAKE.findall(command)}
    assert called >= {"test", "test-matrix", "demo", "release"}
    assert called - targets() == set()
