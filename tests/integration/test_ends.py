# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks and waits of every module: the ends that the contract of the collection promises.

They are played in-process; test_execution_modes.py shows that modules end in the same way.
"""

from __future__ import annotations

from tests.support.checks import Checks, classes_of, only
from tests.support.modules import APPLIANCE, Module
from tests.support.rehearsal import Case, Outcome

RUNNING = {"state": "running", "done": False, "succeeded": False, "timed_out": False, "tasks.0.state": "running"}
SUCCEEDED = {"state": "succeeded", "done": True, "succeeded": True, "timed_out": False, "error": None}
FAILED = {"state": "failed", "done": True, "succeeded": False, "timed_out": False}


def cases(module: Module) -> list[Case]:
    """Return the checks and waits of a module."""
    first, many = module.ask(module.ids[0]), module.ask(list(module.ids))
    return [*polls(first, many), *waits(first, many, module), *(unknown(module) if module.option else ())]


def polls(first: dict[str, object], many: dict[str, object]) -> list[Case]:
    """Return checks, which a task that failed does not fail."""
    return [
        Case("check", first, expected=RUNNING),
        Case("check in check mode", first, keywords={"check_mode": True}, expected=RUNNING),
        Case("check at success", many, "ended_well", expected=SUCCEEDED),
        Case("check at failure", many, "ended_badly", expected={**FAILED, "error": None}),
        Case("check with the raw answer", {**many, "include_raw": True}, expected=RUNNING),
    ]


def waits(first: dict[str, object], many: dict[str, object], module: Module) -> list[Case]:
    """Return waits to every end."""
    late = {"failed": True, "error.type": "timeout", "timed_out": True, "done": False, "state": "running"}
    bad = {**FAILED, "failed": True, "error.type": "task_failed", "error.task_ids": list(module.ids)}
    still = {"failed": True, "error.type": "stalled", "timed_out": False, "state": "running"}
    quick = {"wait": True, "wait_sleep": 0.2}
    return [
        Case("wait to success", {**first, **quick}, "all_succeed", expected=SUCCEEDED),
        Case("wait at its own pace", {**many, "wait": True}, "all_succeed", expected=SUCCEEDED),
        Case("wait in check mode", {**many, **quick}, "ended_well", keywords={"check_mode": True}, expected=SUCCEEDED),
        Case("wait for what has ended", {**many, "wait": True}, "ended_well", expected={"stats.polls": 1, **SUCCEEDED}),
        Case("wait to failure", {**many, **quick}, "failures", expected=bad, says=module.ids if module.option else ()),
        Case("wait for what has failed", {**many, "wait": True}, "ended_badly", expected={**bad, "stats.polls": 1}),
        Case("wait too short", {**many, **quick, "wait_timeout": 0.7}, expected=late, says=("not finished within",)),
        Case(
            "wait for no time at all", {**first, "wait": True, "wait_timeout": 0}, expected={**late, "stats.polls": 1}
        ),
        Case("wait for a stall", {**many, **quick, "stall_timeout": 0.5}, expected=still, says=("neither state nor",)),
    ]


def unknown(module: Module) -> list[Case]:
    """Return checks and waits that name a task which does not exist."""
    gone = {"failed": True, "error.type": module.unknown_error, "error.task_ids": [module.unknown]}
    several = module.ask([module.ids[1], module.unknown, module.ids[0]])
    known = {**gone, "tasks.0.id": module.ids[1], "tasks.1.id": module.ids[0]}
    return [
        Case(
            "check at the unknown", module.ask(module.unknown), expected={**gone, "tasks": []}, says=(module.unknown,)
        ),
        Case(
            "wait for the unknown",
            {**module.ask(module.unknown), "wait": True},
            expected={**gone, "tasks": []},
            says=(module.unknown,),
        ),
        Case("check at an unknown among others", several, expected=known, says=(module.unknown,)),
    ]


class Ends(Checks):
    """What holds for every case, and what is special about these."""

    def test_tasks_are_in_the_order_asked_for(self, outcome: Outcome, module: Module, case: Case) -> None:
        """Each id once, those that were seen."""
        asked = case.options.get(module.option or "", "update")
        wanted = [asked] if isinstance(asked, str) else asked
        assert [task["id"] for task in outcome.result["tasks"]] == [each for each in wanted if each != module.unknown]

    @only(lambda _module, _mode, case: case.expected.get("tasks") != [])
    def test_raw_answer_is_there_when_asked_for(self, outcome: Outcome, case: Case) -> None:
        """And only then."""
        assert outcome.result["tasks"]
        for task in outcome.result["tasks"]:
            assert ("raw" in task) == bool(case.options.get("include_raw"))
            assert task.get("raw") != {}

    @only(lambda _module, _mode, case: case.scenario == "halfway" and case.expected.get("tasks") != [])
    def test_last_state_is_kept(self, outcome: Outcome) -> None:
        """What was known when a wait gave up is part of its failure."""
        assert {task["progress"] for task in outcome.result["tasks"]} <= {40.0, 42.0}

    @only(lambda _module, _mode, case: case.scenario in ("all_succeed", "failures"))
    def test_wait_polls_more_than_once(self, outcome: Outcome) -> None:
        """A wait that began while the task was running has seen it move."""
        assert outcome.result["stats"]["polls"] > 1

    def test_requests_are_counted(self, outcome: Outcome) -> None:
        """What the result says of its cost is what the simulator has seen."""
        assert outcome.result["stats"]["requests"] == len(outcome.requests)
        assert outcome.result["stats"]["logins"] == 1
        assert outcome.result["stats"]["logout_failures"] == 0

    @only(lambda _module, _mode, case: case.scenario == "failures")
    def test_failure_tells_why(self, outcome: Outcome, module: Module) -> None:
        """Each task that failed has its reason, and the message tells it."""
        for task in outcome.result["tasks"]:
            assert task["state"] in ("failed", "cancelled")
            assert task["message"] or task["errors"]
            assert (task["errors"] or [task["message"]])[0] in outcome.result["msg"]
        assert module is APPLIANCE or len(outcome.result["tasks"]) == len(module.ids)


globals().update(classes_of(Ends))
