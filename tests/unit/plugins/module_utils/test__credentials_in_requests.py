# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What shows that a login works: the state of a task, and no other success, wherever credentials go with each request.

A success that cannot be read may come from anything in between. Were it taken for a proof of the password, a refusal
after it would be tried again, and accounts lock after a few of those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import RepoExport
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchObserver, WatchSettings, watch
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.contexts import context_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.things import described
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, ScriptedAdapter

TOKEN = {"hostname": "192.0.2.1", "token": "t0ken-of-the-user"}
LEGACY = {"hostname": "192.0.2.1", "auth_token": "0123-static", "tenant_id": "1092"}
UNREADABLE: Mapping[str, Reply] = {
    "nothing": Reply(200, b""),
    "half of it": Reply(200, b'{"state": "Ru'),
    "garbage": Reply(200, b'\x00{"a": \x1f', {"Content-Type": "application/json"}),
    "a page": Reply(200, "<!DOCTYPE html><html><body>Sign in</body></html>", {"Content-Type": "text/html"}),
    "something else": Reply(200, '"up"'),
}


@dataclass(frozen=True)
class Way:
    """A module whose requests carry its credentials: how it polls a task, and two answers about that."""

    system_class: type[System]
    options: Mapping[str, Any]
    poll: str
    busy: Any
    done: Any
    locks: bool = False
    """A refusal counts as a refused login, which locks accounts."""


def thing(**login: Any) -> dict[str, Any]:
    return {"description": {**described(), "login": login}, "task_id": ["7"]}


def element(word: str) -> dict[str, Any]:
    return {"items": [{"id": "91", "element_id": "1", "upgrade_state": word}], "total_count": 1}


def device(state: str, progress: int) -> dict[str, Any]:
    return {"progress": progress, "results": [{"status": {"state": state, "result": "SUCCESS"}, "progress": progress}]}


def export(state: str, progress: int) -> dict[str, Any]:
    return {"state": state, "progress": progress, "current": "repository.zip"}


_THINGS: dict[str, Any] = {"poll": "GET /things/7", "busy": {"phase": "busy"}, "done": {"phase": "made"}}
_BASIC: dict[str, Any] = {**LOGIN, "auth": "basic"}
WAYS: Mapping[str, Way] = {
    "lxca_task_info basic": Way(
        Task,
        {**_BASIC, "task_id": ["51"]},
        "GET /tasks/51",
        [{"jobUID": "51", "status": "Running"}],
        [{"jobUID": "51", "status": "Complete"}],
        locks=True,
    ),
    "lxca_csv_job_info basic": Way(
        CsvJob,
        {**_BASIC, "job_id": ["371"]},
        "GET /csvRequest/jobs/371",
        device("Running", 10),
        device("Complete", 100),
        locks=True,
    ),
    "lxca_repo_export_info basic": Way(
        RepoExport,
        {**_BASIC, "task_id": ["12"]},
        "GET /updateRepositories/firmware/status",
        export("running", 10),
        export("complete", 100),
        locks=True,
    ),
    "element_image_status_info token": Way(
        ElementImageStatus,
        {**LEGACY, "element_id": ["1"]},
        "POST /v2.1/api/tenants/1092/software/current_status/query",
        element("downloading"),
        element("upgrade_complete"),
    ),
    "rest_task_info basic": Way(RestTask, {**LOGIN, **thing(kind="basic")}, locks=True, **_THINGS),
    "rest_task_info bearer": Way(RestTask, {**TOKEN, **thing(kind="bearer")}, **_THINGS),
    "rest_task_info header": Way(
        RestTask, {**TOKEN, **thing(kind="header", send={"headers": {"X-Token": "{token}"}})}, **_THINGS
    ),
}
GARBAGE = UNREADABLE["garbage"]
LOCKING = {name: way for name, way in WAYS.items() if way.locks}
EACH_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
EACH_UNREADABLE = pytest.mark.parametrize("unreadable", UNREADABLE.values(), ids=list(UNREADABLE))
WAIT: dict[str, Any] = {"wait": True, "wait_timeout": 4000, "unreachable_timeout": 2000}
KINDS = {401: "authentication", 403: "authorization"}


def refused_after(unreadable: Reply, way: Way, status: int) -> None:
    """Assert that a wait sends no request after a refusal that followed two answers which cannot be read."""
    script = by_path({way.poll: [unreadable, unreadable, Reply(status)]})
    played = play(way.system_class, script, **way.options, **WAIT)
    assert played.error["type"] == KINDS[status]
    assert len(played.sent) == 3, "two that could not be read, and one refusal"


@EACH_WAY
@pytest.mark.parametrize("status", KINDS)
def test_a_refusal_after_an_answer_that_cannot_be_read_is_final(way: Way, status: int) -> None:
    refused_after(GARBAGE, way, status)


@EACH_UNREADABLE
def test_so_it_is_however_the_answer_is_spoilt(unreadable: Reply) -> None:
    refused_after(unreadable, WAYS["lxca_task_info basic"], 401)


@EACH_WAY
def test_so_it_is_for_the_event_source(way: Way) -> None:
    adapter = ScriptedAdapter(by_path({way.poll: [GARBAGE, Reply(401)]}))
    settings = WatchSettings(interval=None, until_finished=True, stall_timeout=0, unreachable_timeout=300)
    params = params_of(way.system_class, **way.options)
    error = watch(
        way.system_class, params, settings, observer=WatchObserver(), context=context_of(FakeClock(), adapter)
    )
    assert error is not None
    assert (error.kind.value, len(adapter.sent)) == ("authentication", 2)


@EACH_WAY
def test_a_refusal_after_the_state_of_the_task_is_survived(way: Way) -> None:
    script = by_path({way.poll: [Reply(200, way.busy), Reply(401), Reply(401), Reply(200, way.done)]})
    played = play(way.system_class, script, **way.options, **WAIT)
    assert played.payload["state"] == "succeeded", played.result.msg
    assert len(played.sent) == 4
    away = played.payload["stats"]["unreachable_seconds"]
    assert away >= 120 if way.locks else away < 60, "where accounts lock, a minute apart"


@pytest.mark.parametrize("way", LOCKING.values(), ids=list(LOCKING))
def test_only_the_state_of_the_task_starts_the_count_of_refusals_anew(way: Way) -> None:
    polls = [Reply(200, way.busy), Reply(401), GARBAGE, Reply(401), GARBAGE, Reply(401), Reply(200, way.done)]
    played = play(way.system_class, by_path({way.poll: polls}), **way.options, **WAIT)
    assert played.error["type"] == "authentication"
    assert len(played.sent) == 6, "three refusals in all"


def test_the_state_of_one_task_is_enough_for_all_of_them() -> None:
    """The next request of the same poll may already meet a restart."""
    replies = {
        "GET /tasks/51": [Reply(200, [{"jobUID": "51", "status": "Complete"}])],
        "GET /tasks/52": [Reply(401), Reply(200, [{"jobUID": "52", "status": "Complete"}])],
    }
    played = play(Task, by_path(replies), **_BASIC, task_id=["51", "52"], **WAIT)
    assert played.payload["state"] == "succeeded", played.result.msg
    assert played.sent == ["GET /tasks/51", "GET /tasks/52", "GET /tasks/52"]


@EACH_UNREADABLE
@pytest.mark.parametrize("status", [403, 404])
def test_a_session_that_has_told_no_state_is_not_taken_for_one_that_has_ended(unreadable: Reply, status: int) -> None:
    """After a good poll these statuses are worth a new login."""
    replies = {
        "POST /api/session": Reply(201, '"session-token-1"'),
        "DELETE /api/session": Reply(204),
        "GET /api/appliance/update": [unreadable, Reply(status)],
    }
    played = play(ApplianceUpdate, by_path(replies), **LOGIN, api="api", **WAIT)
    assert played.error["http_status"] == status
    assert played.sent.count("POST /api/session") == 1
