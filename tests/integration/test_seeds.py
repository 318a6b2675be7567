# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The samples that the vendors print in their own references, served to the modules, and what a person would expect.

They are the fixtures of the unit tests, repaired where a page breaks them, and go here through HTTPS and a playbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.ansible import ROOT
from tests.support.checks import Checks, classes_of, only
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import IN_PROCESS, Case, Outcome

FIXTURES = ROOT / "tests/unit/plugins/module_utils/fixtures"


def served(module: Module, sample: str) -> Mapping[str, Any]:
    """Return the fault that answers each poll of a module with a sample."""
    return {
        "system": module.system,
        "kind": "status",
        "status": 200,
        "path": f"{module.poll_path(module.ids[0])}$",
        "body": (FIXTURES / sample).read_text(encoding="utf-8"),
        "content_type": "application/xml" if sample.endswith(".xml") else "application/json",
    }


def cases(module: Module) -> list[Case]:
    """Return a check of each sample of a module, and a wait for what it shows."""

    def both(sample: str, task: Mapping[str, Any], *, task_id: str, **options: Any) -> list[Case]:
        told = {f"tasks.0.{name}": value for name, value in task.items()}
        over = task["state"] in ("succeeded", "failed")
        asked = {**module.ask(task_id), **options}
        wait = {**asked, "wait": True, "wait_timeout": 0.3, "wait_sleep": 0.1}
        ends = {"succeeded": None, "failed": "task_failed"}
        kind = ends.get(task["state"], "timeout")
        end: dict[str, Any] = {"error": None} if kind is None else {"error.type": kind, "failed": True}
        fault = served(module, sample)
        return [
            Case(f"check {sample}", asked, faults=(fault,), expected={**told, "done": over, "error": None}),
            Case(f"wait for {sample}", wait, faults=(fault,), expected={**told, **end, "timed_out": not over}),
        ]

    samples: dict[str, list[Case]] = {
        "lxca_repo_export_info": both(
            "lxca_repo_export.json",
            {
                "state": "succeeded",
                "native_state": "complete",
                "progress": 100.0,
                "name": "repository20181112011742.zip",
                "message": "Repository operation completed successfully.",
                "errors": [],
                "details.totalsize": 8298,
            },
            task_id="12",
        ),
        "lxca_csv_job_info": both(
            "lxca_csv_job.json",
            {
                "state": "running",
                "native_state": "Running",
                "progress": 17.6,
                "name": "10.243.3.55",
                "message": "Collecting device inventory",
                "details.taskid": 371,
            },
            task_id="371",
        ),
        "route_update_info": [
            *both(
                "sdm_route_update.xml",
                {"state": "failed", "native_state": "Failed", "details.errorHandling": "abort", "steps": []},
                task_id="ID33",
            ),
            *both(
                "sdm_route_update.json",
                {
                    "state": "succeeded",
                    "native_state": "Completed",
                    "progress": 100.0,
                    "steps.0.id": "ID34",
                    "steps.0.state": "succeeded",
                },
                task_id="ID33",
                response_format="json",
            ),
        ],
        # This page says "string" where a state would stand: a word that no table knows, and never a success
        "appliance_update_info": both(
            "vcenter_update_info.json", {"state": "unknown", "native_state": "string"}, task_id="update"
        ),
        "element_image_status_info": both(
            "prisma_current_status.json", {"state": "pending", "native_state": "pending"}, task_id="string"
        ),
    }
    # Of the answer about a task Lenovo shows no sample that could be read. The unit tests read the same ones, so that
    # make test plays one check.
    first = module.name == "lxca_csv_job_info"
    return [
        case if first and index == 0 else replace(case, modes=(), more_modes=(IN_PROCESS,))
        for index, case in enumerate(samples.get(module.name, []))
    ]


class Seeds(Checks):
    """What holds for every case, and what is special about these."""

    def test_unknown_word_is_told(self, outcome: Outcome) -> None:
        """A state that no table knows is reported verbatim, with a warning; a known one without."""
        warned = any("string" in warning for warning in outcome.result.get("warnings", []))
        assert warned == (outcome.result["state"] == "unknown")

    @only(lambda module, _mode, _case: module.name == "lxca_csv_job_info")
    def test_steps_are_those_of_the_page(self, outcome: Outcome) -> None:
        """The job of the LXCA sample stands in the middle of the inventory, three chassis parts at once."""
        steps = {step["id"]: step for step in outcome.result["tasks"][0]["steps"]}
        assert len(steps) == 9
        assert [name for name, step in steps.items() if step["state"] == "running"] == ["INVENTORY"]
        assert [step["id"] for step in steps["INVENTORY"]["steps"]] == ["INV_CHASSIS", "INV_NODES", "INV_IOMS"]
        assert {step["state"] for step in steps["CONFIGURATION"]["steps"]} == {"pending"}


globals().update(classes_of(Seeds, [module for module in MODULES if cases(module)]))


@pytest.mark.parametrize("sample", sorted(path.name for path in FIXTURES.iterdir() if path.suffix in (".json", ".xml")))
def test_every_sample_of_a_page_is_served(sample: str) -> None:
    """The table of upgrade words is no answer of a system, all others are."""
    names = str([case.name for module in MODULES for case in cases(module)])
    assert (sample in names) == (sample != "prisma_upgrade_states.json")
