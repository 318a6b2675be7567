# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Very many tasks in one job: their result is within what AWX stores of an event, their artifact far below."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from taskwatch_simulator import embedded
from taskwatch_simulator.scenario import Scenario

from .engine import MAX_EVENT_RES, Events, events_of, finish, lay_out, looked_after

# AWX keeps artifacts in its database and writes them into the variables of every later job of a workflow
MOST_OF_AN_ARTIFACT = 64_000
PATHS = ("upgrade", "multi_hop", "abort", "upgrade_abort", "cancelled", "download_failed", "install_failed", "idle")
ELEMENTS = [{"name": f"branch-{path}", "count": 125, "path": path, "duration": 60, "begin": -600} for path in PATHS]
ENDS = ("succeeded", "failed", "cancelled")
JOBS = [
    {"kind": "csv_job", "id": str(1000 + number), "duration": 60, "begin": -600, "end": ENDS[number % 3]}
    for number in range(300)
]
# Template, what its survey is answered, the task that waits, and how many things it waits for
CASES = {
    "1,000 elements": (
        "wait_element_image",
        {"prisma_element_ids": ""},
        "Wait for software upgrades of elements",
        1000,
    ),
    "300 jobs": (
        "wait_lxca_csv_job",
        {"lxca_csv_job_ids": " ".join(str(each["id"]) for each in JOBS)},
        "Wait for bulk-import jobs",
        300,
    ),
}
each_case = pytest.mark.parametrize("case", CASES)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Events]:
    """The events of each job; they run side by side."""
    folder = tmp_path_factory.mktemp("sizes")
    data = {"lxca": {"tasks": JOBS}, "prisma_sdwan": {"tasks": ELEMENTS}}
    with embedded.running(Scenario.model_validate(data)) as simulator, looked_after() as begun:
        laid_out = {}
        for number, (case, (template, answers, _task, _count)) in enumerate(CASES.items()):
            laid_out[case] = lay_out(folder / f"job{number}", template, simulator, answers)
            begun[case] = laid_out[case].run()
        for process in begun.values():
            finish(process)
    return {case: events_of(job.room) for case, job in laid_out.items()}


@each_case
def test_result_is_stored(jobs: Mapping[str, Events], case: str) -> None:
    """The engine empties a result that is too long; every verdict is still in ours."""
    _template, _answers, task, count = CASES[case]
    (event,) = jobs[case].of("runner_on_ok", task)
    result = event["event_data"]["res"]
    assert len(str(result)) <= MAX_EVENT_RES
    assert len(result["tasks"]) == count
    assert len(result["counts"]) >= 3
    assert len(json.dumps(event)) < 2 * MAX_EVENT_RES


@each_case
def test_artifact_is_small(jobs: Mapping[str, Events], case: str) -> None:
    """It names every task once, and tells of some of those that did not end well why."""
    (outcome,) = jobs[case].artifacts().values()
    assert len(json.dumps(outcome)) < MOST_OF_AN_ARTIFACT
    known = [*outcome["succeeded_ids"], *outcome["failed_ids"], *outcome["unfinished_ids"]]
    assert len(known) == len(set(known)) == CASES[case][3]
    assert outcome["tasks"]
    assert all(task["errors"] or task["message"] for task in outcome["tasks"])
    assert not any("details" in task or "steps" in task or "raw" in task for task in outcome["tasks"])


@each_case
def test_failure_is_one_sentence(jobs: Mapping[str, Events], case: str) -> None:
    """The event of the failure does not repeat the whole result, as that of a failed module would."""
    (event,) = jobs[case].of("runner_on_failed")
    assert jobs[case].status == "failed"
    assert len(json.dumps(event)) < 4_000
    assert event["event_data"]["res"]["msg"].startswith(("Prisma SD-WAN element", "LXCA CSV job"))
