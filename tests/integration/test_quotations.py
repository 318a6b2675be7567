# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation quotes of the collection's output is what it prints, but for addresses and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.plugins.plugin_utils._progress import ProgressReporter
from lxml import etree

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import parse
from tests.support.modules import BY_NAME
from tests.support.pages import GUIDES, guide, recording, sections_of

SVG = "{http://www.w3.org/2000/svg}"
# What is quoted below a heading; the heading names the type
QUOTES = [
    (heading.strip("`"), quote)
    for heading, section in sections_of(guide("troubleshooting")).items()
    if heading != "See the requests"  # lines of -vvv, no errors
    for block in re.findall(r"^\.\. code-block:: text\n\n((?: +\S.*\n)+)", section, re.MULTILINE)
    for quote in map(str.strip, block.splitlines())
]
# The rows of the recorded wait, as the picture holds them
RECORDED = [
    " ".join(str(row.xpath("string()")).split()) for row in etree.parse(GUIDES / "images/wait.svg").iter(f"{SVG}g")
]
LINES = re.findall(
    r"^ *(\S.*\] (?:appliance_update|lxca_csv_job)_info.*)$", "\n".join([guide("waiting"), *RECORDED]), re.MULTILINE
)
FORBIDDEN = parse("vcenter: {authorized: false}", "forbidden")


def shape_of(sentence: str) -> str:
    """Return a sentence without what differs from run to run."""
    return re.sub(r"\d+(\.\d+)*", "#", sentence)


def line_shape(line: str) -> str:
    """Return a progress line without when it came, whom it is about and what the vendor says."""
    line = re.sub(r"^ *[\d.]+ ", "", line)
    line = re.sub(r"\((.*)\)", "()", re.sub(r"^\[.*?\]", "[]", line))
    return shape_of(re.sub(r"(\d+ h )?(\d+ m )?\d+ s\b", "SPAN", line))


def params_of(simulator: Simulator, system: type[System], **options: Any) -> dict[str, Any]:
    """Return all options of a module for a simulator; an option of None is left out."""
    connection = BY_NAME[system.NAME].connection(simulator)
    given = {name: value for name, value in {**connection, **options}.items() if value is not None}
    checked = ModuleArgumentSpecValidator(system.ARGUMENT_SPEC).validate(given)
    assert not checked.error_messages
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters


def told(simulator: Simulator, system: type[System], **options: Any) -> tuple[str, str]:
    """Ask a system and return type and sentence of the error."""
    result = run(system, params_of(simulator, system, **options))
    return result.payload["error"]["type"], shape_of(str(result.msg))


def narrated(
    simulator: Simulator, system: type[System], *, appliance: str | None = None, **options: Any
) -> Iterator[str]:
    """Wait for tasks and yield the progress lines."""
    lines: list[str] = []
    observer = ProgressReporter(lines.append, host="localhost", module=system.NAME, appliance=appliance)
    run(system, params_of(simulator, system, wait=True, **options), observer=observer)
    yield from lines


def answers() -> Iterator[Mapping[str, Any]]:
    """Yield what an appliance may answer in place of the truth."""
    yield {"kind": "status", "status": 409}
    yield {"kind": "status", "status": 429}
    yield {"kind": "status", "status": 503, "body": "no healthy upstream", "content_type": "text/plain"}
    yield {"kind": "html"}


@pytest.fixture(scope="module")
def sentences() -> set[tuple[str, str]]:
    """Return types and sentences of the errors that can be provoked."""
    found = set()
    with embedded.running("slow") as simulator:
        found.add(told(simulator, RouteUpdate, task_id=["ID33"], wait=True, wait_timeout=1))
        offline = {"element_id": ["16540011223340092"], "wait": True, "stall_timeout": 2, "wait_sleep": 1}
        found.add(told(simulator, ElementImageStatus, **offline))
        found.add(told(simulator, CsvJob, job_id=["999"]))
        found.add(told(simulator, CsvJob, job_id=["371"], password="not-the-password"))
        found.add(told(simulator, ApplianceUpdate, port=1))
        found.add(told(simulator, ApplianceUpdate, port=1, wait=True, unreachable_timeout=1))
        found.add(told(simulator, ApplianceUpdate, ca_path=None))
        found.add(told(simulator, ApplianceUpdate, hostname="vcenter.example.com:443"))
        for answer in answers():
            simulator.add_fault({"system": "vcenter", "path": "/appliance/update", **answer})
            found.add(told(simulator, ApplianceUpdate))
            simulator.reset()
        simulator.reset(FORBIDDEN)
        found.add(told(simulator, ApplianceUpdate))
    with embedded.running("failures", speed=60_000) as simulator:
        found.add(told(simulator, RouteUpdate, task_id=["ID40"], wait=True))
    return found


@pytest.mark.parametrize(("kind", "quote"), QUOTES, ids=[kind for kind, _quote in QUOTES])
def test_quoted_sentences_are_printed(kind: str, quote: str, sentences: set[tuple[str, str]]) -> None:
    assert (kind, shape_of(quote)) in sentences


@pytest.fixture(scope="module")
def progress() -> set[str]:
    """Return the progress lines of two waits: one through the outage of the recording, one for several tasks."""
    with embedded.running(parse(recording()[0], "the recording"), speed=12) as simulator:
        lines = set(narrated(simulator, ApplianceUpdate, wait_sleep=0.3))
    with embedded.running("demo", speed=3) as simulator:
        several: dict[str, Any] = {"job_id": ["371", "372"], "wait_sleep": 1.1, "progress_interval": 1.2}
        lines |= set(narrated(simulator, CsvJob, appliance="lxca1.example.com", **several))
    return {line_shape(line) for line in lines}


@pytest.mark.parametrize("line", LINES)
def test_quoted_progress_lines_are_printed(line: str, progress: set[str]) -> None:
    assert line_shape(line) in progress


def test_there_is_something_to_compare() -> None:
    assert len(QUOTES) >= 12
    assert len(RECORDED) > 10
    assert len(LINES) > 10
