# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pipeline from options to payload: every end is a result, every session is closed, no secret is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from ansible_collections.taskwatch.infra.plugins.module_utils._payload import BUDGET
from ansible_collections.taskwatch.infra.plugins.module_utils._run import wait_settings
from ansible_collections.taskwatch.infra.plugins.module_utils._secrets import MASK
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import RepoExport
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import (
    LOGIN,
    Played,
    by_path,
    play,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Request
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import Recorder

TOKEN = "b00db39a2b9a4a0d8b7a6b1b3a3a9c11"
OPEN = {"POST /api/session": Reply(201, f'"{TOKEN}"'), "DELETE /api/session": Reply(204)}
READ = "GET /api/appliance/update"
BUSY = {"state": "INSTALL_IN_PROGRESS", "version": "8.0.3.00400"}
DONE = {"state": "UP_TO_DATE", "version": "8.0.3.00400"}
FAILED = {"state": "INSTALL_FAILED", "version": "8.0.3.00400"}
KEYS = {
    "changed",
    "state",
    "done",
    "succeeded",
    "progress",
    "counts",
    "timed_out",
    "elapsed",
    "tasks",
    "stats",
    "error",
}


def run(responses: Any, **options: Any) -> Played:
    """One appliance that answers these in turn."""
    return play(ApplianceUpdate, by_path({**OPEN, READ: responses}), **LOGIN, **options)


# name: what the appliance says in turn, options, the kind of the error.
ENDS: dict[str, tuple[Any, dict[str, Any], str | None]] = {
    "a poll": (BUSY, {}, None),
    "a poll at a failure": (FAILED, {}, None),
    "success": ([BUSY, DONE], {"wait": True}, None),
    "failure": ([BUSY, FAILED], {"wait": True}, "task_failed"),
    "timeout": (BUSY, {"wait": True, "wait_timeout": 60}, "timeout"),
    "stall": (BUSY, {"wait": True, "stall_timeout": 60}, "stalled"),
    "outage": ([Reply(200, BUSY), Reply(503)], {"wait": True, "unreachable_timeout": 60}, "unreachable"),
    "a gateway's answer": (Reply(503, "no healthy upstream"), {}, "server_error"),
    "no answer": (requests.ReadTimeout("slow"), {}, "unreachable"),
    "a forbidden look": (Reply(403), {}, "authorization"),
    "an unknown path": (Reply(404), {}, "not_found"),
    "a page of a proxy": (Reply(200, "<html>maintenance</html>"), {}, "bad_response"),
    "an empty answer": (Reply(200, b""), {}, "bad_response"),
}


@pytest.mark.parametrize(("responses", "options", "kind"), ENDS.values(), ids=ENDS.keys())
def test_every_end_closes_its_session_and_has_the_same_keys(responses: Any, options: Any, kind: str | None) -> None:
    played = run(responses, **options)
    assert played.sent.count("POST /api/session") == 1
    assert played.sent.count("DELETE /api/session") == 1
    assert played.sent[-1] == "DELETE /api/session"
    assert set(played.payload) == KEYS
    assert (played.payload["error"] or {"type": None})["type"] == kind
    assert (played.result.msg is None) == (kind is None)
    stats = played.payload["stats"]
    assert (stats["requests"], stats["logins"], stats["logout_failures"]) == (len(played.sent), 1, 0)


def test_a_message_says_what_where_and_why() -> None:
    assert run(Reply(503, "no healthy upstream")).result.msg == (
        "vCenter appliance on 192.0.2.1: it reports an error of its own "
        "(HTTP 503 Service Unavailable: 'no healthy upstream')"
    )
    played = play(CsvJob, by_path({}, Reply(400)), **LOGIN, auth="basic", job_id=list("abcdefg"))
    assert str(played.result.msg).startswith(
        "LXCA CSV job a, b, c, d, e and 2 more on 192.0.2.1: it refuses the request"
    )
    assert played.error["message"] == played.result.msg


def test_a_failure_carries_the_last_known_state() -> None:
    played = run([Reply(200, BUSY), requests.ConnectionError("gone")], wait=True, unreachable_timeout=100)
    assert (played.task["state"], played.task["native_state"]) == ("running", "INSTALL_IN_PROGRESS")
    assert played.payload["stats"]["unreachable_seconds"] == 100
    assert played.payload["elapsed"] == round(played.clock() - 1000, 1)


def test_a_survived_outage_is_a_warning_that_names_the_host() -> None:
    played = run([Reply(200, BUSY), Reply(503), Reply(503), Reply(200, DONE)], wait=True, wait_sleep=10)
    (warning,) = played.result.warnings
    assert warning.startswith("192.0.2.1: no good answer for 20 s while waiting; last: it reports an error of its own")


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_whoever_interrupts_a_run_leaves_no_session(leaving: type[BaseException]) -> None:
    sent = []

    def script(request: Request) -> Reply:
        sent.append(str(request))
        if request.method == "GET":
            raise leaving
        return Reply(201, f'"{TOKEN}"')

    with pytest.raises(leaving):
        play(ApplianceUpdate, script, **LOGIN)
    assert sent[-1] == "DELETE /api/session"


def test_a_defect_of_ours_is_one_sentence_and_closes_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    def poll(system: ApplianceUpdate, _ids: object) -> PollResult:
        system.connection.ensure_login()
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(ApplianceUpdate, "poll", poll)
    played = run(DONE, wait=True)
    assert played.error["type"] == "bad_response"
    assert "defect in this collection (ZeroDivisionError: division by zero, test__run.py:" in str(played.result.msg)
    assert "Traceback" not in str(played.result.msg)
    assert played.sent[-1] == "DELETE /api/session"


def test_options_that_cannot_be_used_send_nothing_and_are_a_result() -> None:
    played = run(DONE, timeout=-1)
    assert (played.sent, set(played.payload)) == ([], KEYS)
    assert played.result.msg == "timeout must be more than 0 seconds and at most 31 days, not -1"


def test_the_wait_options_are_handed_on() -> None:
    options = {"wait_timeout": 1, "wait_sleep": 2, "unreachable_timeout": 3, "stall_timeout": 4, "progress_interval": 5}
    settings = wait_settings(params_of(ApplianceUpdate, **LOGIN, **options))
    assert {name: getattr(settings, name) for name in options} == options


def test_the_raw_answer_is_returned_when_asked_for() -> None:
    assert "raw" not in run(DONE).task
    assert run(DONE, include_raw=True).task["raw"] == DONE


def test_an_observer_is_told_while_the_wait_goes_on() -> None:
    recorder = Recorder()
    replies = {**OPEN, READ: [Reply(200, BUSY), Reply(503), Reply(200, DONE)]}
    play(ApplianceUpdate, by_path(replies), observer=recorder, **LOGIN, wait=True, wait_sleep=10)
    assert [event for _moment, event, _about in recorder.events] == ["changed", "outage", "back", "changed"]


# -- secrets ----------------------------------------------------------------------------------------------------------


def echoing(request: Request) -> Reply:
    """Everything that was sent comes back in the answer, and the session in every field."""
    if request.method == "POST":
        return Reply(201, f'"{TOKEN}"')
    echo = json.dumps(dict(request.headers))
    if request.method == "DELETE":
        return Reply(500, echo)
    return Reply(
        200, {"state": f"ODD {TOKEN}", "version": echo, "task": {"error": f"{LOGIN['password']} {echo}", TOKEN: 1}}
    )


@pytest.mark.parametrize("wait", [False, True])
def test_no_secret_is_in_anything_that_is_told(wait: bool) -> None:
    recorder = Recorder()
    options: dict[str, Any] = {"wait": wait, "wait_timeout": 30, "include_raw": True}
    played = play(ApplianceUpdate, echoing, observer=recorder, **LOGIN, **options)
    told = json.dumps([played.payload, played.result.msg, played.result.warnings])
    seen = [status for snapshot in recorder.snapshots for status in snapshot.statuses]
    shown = json.dumps([[status.name, status.native_state, status.message, status.errors] for status in seen])
    for secret in (TOKEN, LOGIN["password"], "bmV0b3BzOnMzY3JldC1wYXNzd29yZA=="):
        assert secret not in told
        assert secret not in shown
    assert MASK in told
    assert wait == (MASK in shown)


@pytest.mark.parametrize("system", [RepoExport, RouteUpdate])
def test_a_login_page_that_echoes_the_password_does_not_tell_it(system: Any) -> None:
    def script(request: Request) -> Reply:
        return Reply(400, f"<html>bad request: {request.body}</html>", {"Content-Type": "text/html"})

    played = play(system, script, **{**LOGIN, "password": 'p&"<>\\word'}, task_id=["1"])
    assert MASK in str(played.result.msg)
    assert "word<" not in str(played.result.msg)
    assert "word" not in str(played.result.msg).replace("password", "")


def test_an_outage_that_echoes_the_password_does_not_tell_observers() -> None:
    recorder = Recorder()
    replies = {**OPEN, READ: [Reply(200, BUSY), Reply(503, f"at {LOGIN['password']} we stopped"), Reply(200, DONE)]}
    played = play(ApplianceUpdate, by_path(replies), observer=recorder, **LOGIN, wait=True, wait_sleep=10)
    outage = next(about for _moment, event, about in recorder.events if event == "outage")
    assert f"at {MASK} we stopped" in outage
    assert f"at {MASK} we stopped" in played.result.warnings[0]


@pytest.mark.parametrize("everything", [False, True])
def test_a_result_too_large_for_awx_is_made_lighter_unless_everything_was_asked_for(everything: bool) -> None:
    response = {**BUSY, "notes": "x" * (BUDGET + 1)}
    played = run(response, include_raw=everything)
    assert ("notes" in played.task["details"]) is everything
    assert any("left out" in warning for warning in played.result.warnings) is not everything
