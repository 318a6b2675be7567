# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only one system has: its other logins, formats and paths, its older releases, its targets and filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.checks import Checks, classes_of, only
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import Case, Outcome

RUNNING = {"state": "running", "tasks.0.state": "running"}
SUCCEEDED = {"state": "succeeded", "done": True}
QUICK = {"wait": True, "wait_sleep": 0.2}
STATIC = {"client_id": None, "client_secret": None, "tsg_id": None}
ELEMENTS = ["16540011223340090", "16540011223340091"]
# What the simulator's tasks advise wherever something failed
ADVICE = "Correct the errors of its subtasks and start it again."
TOKEN = "0123456789abcdef-region=us"


def _export() -> list[Case]:
    idle = {"state": "unknown", "done": False, "tasks.0.id": "0"}
    return [
        Case("basic", {"task_id": "12", "auth": "basic"}, expected={**RUNNING, "stats.logins": 0}, logins=0),
        Case("all that run", {}, expected={**RUNNING, "tasks.0.id": "0"}),
        Case("none that runs", {}, "ended_well", expected=idle),
        Case(
            "no file named", {"task_id": ["12", "13"]}, "oddities", expected={"counts": {"succeeded": 1, "unknown": 1}}
        ),
        Case("ids in one text", {"task_ids": "12,,13 ,"}, expected={"tasks.1.id": "13", **RUNNING}),
    ]


def _job() -> list[Case]:
    return [
        Case("basic", {"job_id": "371", "auth": "basic"}, expected={**RUNNING, "stats.logins": 0}, logins=0),
        Case("plural", {"job_ids": ["372", "", "371"]}, expected={"tasks.0.id": "372", "tasks.1.id": "371"}),
        Case("JOB_DONE", {"job_id": "371"}, "oddities", expected={**SUCCEEDED, "progress": 100.0}),
        Case(
            "odd id", {"job_id": "3/7 1?#é"}, expected={"failed": True, "error.type": "not_found"}, says=("3/7 1?#é",)
        ),
        Case("several devices", {"job_id": "372"}, expected={**RUNNING, "tasks.0.name": None}),
    ]


def _task() -> list[Case]:
    warned = ["127.0.0.1: The LXCA task reports the state 'CompleteWithWarnings'; it counts as a success"]
    spoilt = {"state": "failed", "error": None, "tasks.0.native_state": "Complete"}
    absent = {"failed": True, "error.type": "not_found"}
    return [
        Case("basic", {"task_id": "51", "auth": "basic"}, expected={**RUNNING, "stats.logins": 0}, logins=0),
        Case("plural", {"task_ids": ["52", " ", "51"]}, expected={"tasks.0.id": "52", "tasks.1.id": "51"}),
        Case("with warnings", {"task_id": "51"}, "oddities", expected={**SUCCEEDED, "warnings": warned}),
        Case(
            "success beside a failure",
            {"task_id": "52"},
            "oddities",
            expected={**spoilt, "tasks.0.errors": [f"Step 2: It hangs. {ADVICE}"]},
        ),
        Case("left out", {"task_id": "999"}, "oddities", expected=absent, says=("holds no such task",)),
        Case("two ids in one", {"task_id": [" 51,/tasks/52,"]}, expected={"tasks.1.id": "52", **RUNNING}),
        Case("the other name", {"job_id": "51"}, expected=RUNNING),
    ]


def _route() -> list[Case]:
    ask, json = {"task_id": "ID33"}, {"response_format": "json"}
    return [
        Case("JSON", {**ask, **json}, expected={**RUNNING, "tasks.0.progress": 40.0}),
        Case("XML of 8.2.2", ask, "oddities", expected={**SUCCEEDED, "tasks.0.steps.1.state": "succeeded"}),
        Case(
            "JSON of 8.2.2", {**ask, **json}, "oddities", expected={**SUCCEEDED, "tasks.0.steps.1.state": "succeeded"}
        ),
        Case("no devices", {"task_id": "ID40"}, "oddities", expected={**SUCCEEDED, "tasks.0.steps": []}),
        Case(
            "web page for an error",
            {"task_id": "ID999"},
            "oddities",
            expected={"failed": True, "error.type": "not_found"},
        ),
        Case(
            "unknown API",
            {**ask, "api_version": "v9.9"},
            expected={"failed": True, "error.type": "bad_request"},
            says=("it has no login at REST version v9.9; check api_version",),
            logins=None,
        ),
        Case("plural", {"task_ids": ["ID40", "ID33", ""]}, expected={"tasks.0.id": "ID40", "tasks.1.id": "ID33"}),
    ]


def _appliance() -> list[Case]:
    version = {"target_version": "8.0.3.00400"}
    other = {"target_version": "8.0.3.00500"}
    back = {"failed": True, "state": "failed", "error.type": "task_failed"}
    return [
        Case("api", {"api": "api"}, expected=RUNNING),
        Case("rest", {"api": "rest"}, expected=RUNNING, logins=None),
        Case("auto on 6.7", {}, "oddities", expected=SUCCEEDED, logins=None),
        Case("api on 6.7", {"api": "api"}, "oddities", expected={"failed": True}, logins=None),
        Case("the version wanted", version, "ended_well", expected=SUCCEEDED),
        Case("another version", {**other, "wait_for": "installed"}, "ended_well", expected={"state": "pending"}),
        Case("idle while staged", {}, "staged", expected=SUCCEEDED),
        Case("staged", {"wait_for": "staged"}, "staged", expected=SUCCEEDED),
        Case("staged and not installed", {"wait_for": "installed"}, "staged", expected={"state": "pending"}),
        Case("rolled back", QUICK, "rolled_back", expected=back, says=("rolled back",)),
        Case(
            "user and host", {"username": None, "user": "{{ login.username }}", "hostname": None, "host": "127.0.0.1"}
        ),
    ]


def _element() -> list[Case]:
    static = {**STATIC, "auth_token": TOKEN, "element_id": ELEMENTS[0]}
    target = {"element_id": ELEMENTS[0], "target_version": "6.3.5-b9"}
    named = {"tasks.0.name": "branch-1", "tasks.1.name": "branch-2"}
    filtered = {"query_params": {"element_id": {"in": [ELEMENTS[1]]}}}
    return [
        Case("static token", static, expected={**RUNNING, "stats.logins": 0}, logins=0),
        Case("static token and tenant", {**static, "tenant_id": "1092"}, expected=RUNNING, logins=0),
        Case("every element", {}, expected={"counts": {"running": 2}}),
        Case("page by page", {"page_size": 1}, expected={"counts": {"running": 2}}),
        Case("names", {"resolve_names": True}, expected=named),
        Case("filter", filtered, expected={"counts": {"running": 1}, "tasks.0.id": ELEMENTS[1]}),
        Case("order", {"sort_params": {"element_id": "desc"}}, expected={"tasks.0.id": ELEMENTS[1]}),
        Case("the version wanted", target, "ended_well", expected=SUCCEEDED),
        Case("another version", {**target, "target_version": "9"}, "ended_well", expected={"state": "pending"}),
        Case("no word and another image", {"element_ids": ELEMENTS}, "oddities", expected={"state": "unknown"}),
        Case("plural", {"element_ids": ["", *ELEMENTS[::-1]]}, expected={"tasks.0.id": ELEMENTS[1]}),
    ]


CASES: Mapping[str, Any] = {
    "lxca_repo_export_info": _export,
    "lxca_csv_job_info": _job,
    "lxca_task_info": _task,
    "route_update_info": _route,
    "appliance_update_info": _appliance,
    "element_image_status_info": _element,
}


def cases(module: Module) -> list[Case]:
    """Return what only this module has."""
    found: list[Case] = CASES[module.name]()
    return found


class Variants(Checks):
    """What holds for every case, and what is special about these."""

    @only(lambda _module, _mode, case: case.name == "odd id")
    def test_ids_stay_inside_their_path_segment(self, outcome: Outcome) -> None:
        """Whatever an id holds, it is quoted and becomes no other URL."""
        (path,) = (path for method, path in outcome.asked() if method == "GET")
        assert path == "/csvRequest/jobs/3%2F7%201%3F%23%C3%A9"


# What rest_task_info can do is played by test_rest_task.py
globals().update(classes_of(Variants, [module for module in MODULES if module.name in CASES]))
