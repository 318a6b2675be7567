# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waiting cannot cure ends a wait at once: a refused login, an unknown name, a stranger's certificate.

Some of these systems lock an account after a few wrong tries, so a refused login is tried exactly once.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.taskwatch.infra.plugins.module_utils._rest import connections

from taskwatch_simulator.embedded import Simulator
from tests.faults.rehearsal import Rehearsal, rehearse
from tests.faults.subjects import SUBJECTS, Subject
from tests.support.payload import payload_faults

AMPLE = 60.0
AT_ONCE = 5.0
SESSIONS = [subject for subject in SUBJECTS if subject.opens_session]
WAIT = {"wait": True, "wait_sleep": 0.05, "wait_timeout": AMPLE, "unreachable_timeout": AMPLE}
CHECK = {"wait": False}
EACH_SUBJECT = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
LOGGED_IN = pytest.mark.parametrize("subject", SESSIONS, ids=lambda subject: subject.name)
BOTH = pytest.mark.parametrize("options", [CHECK, WAIT], ids=["check", "wait"])


def _by_name(name: str) -> Subject:
    return next(subject for subject in SUBJECTS if subject.name == name)


def _check(seen: Rehearsal, end: str) -> None:
    assert seen.end == end, seen.result.msg
    assert seen.seconds < AT_ONCE
    assert seen.sessions_left == 0
    assert seen.result.payload["tasks"] == []
    assert "outage began" not in seen.recorder.events
    assert not seen.leaks
    extras = {"envelope", "samples"} & seen.result.payload.keys()
    assert not payload_faults(seen.result.payload, extras)


@EACH_SUBJECT
@BOTH
def test_a_refused_login_is_tried_exactly_once(simulator: Simulator, subject: Subject, options: dict[str, Any]) -> None:
    wrong = dict.fromkeys(subject.secret, "not-what-it-should-be")
    seen = rehearse(simulator, subject, {**options, **wrong})
    _check(seen, "authentication")
    assert [each["status"] for each in seen.requests] == [401]
    assert "not-what-it-should-be" not in str(seen.result)


@pytest.mark.parametrize("name", ["csv-session", "csv-basic", "export-basic", "routes-xml", "elements-token"])
@BOTH
def test_many_tasks_do_not_make_many_tries(simulator: Simulator, name: str, options: dict[str, Any]) -> None:
    subject = _by_name(name)
    wrong = dict.fromkeys(subject.secret, "not-what-it-should-be")
    ids = {str(subject.system_class.ID_OPTION): [str(number) for number in range(500, 520)]}
    seen = rehearse(simulator, subject, {**options, **wrong, **ids})
    _check(seen, "authentication")
    assert len(seen.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("subject", [s for s in SESSIONS if s.system == "lxca"], ids=lambda subject: subject.name)
@BOTH
def test_some_systems_refuse_by_403(
    simulator: Simulator, subject: Subject, status: int, options: dict[str, Any]
) -> None:
    login = subject.login[0]
    fault = {"kind": "status", "status": status, "path": login.path, "method": login.method}
    seen = rehearse(simulator, subject, options, faults=[fault])
    _check(seen, "authentication")
    assert len(seen.requests) == 1


@LOGGED_IN
def test_a_refusal_whose_text_is_lost_is_still_a_refusal(simulator: Simulator, subject: Subject) -> None:
    wrong = dict.fromkeys(subject.secret, "not-what-it-should-be")
    login = subject.login[0]
    fault = {"kind": "cut_body", "path": login.path, "method": login.method}
    seen = rehearse(simulator, subject, {**WAIT, **wrong}, faults=[{**fault, "body": "x" * 100}])
    _check(seen, "authentication")
    assert len(seen.requests) == 1


@EACH_SUBJECT
@BOTH
def test_a_name_that_does_not_resolve_fails_at_once(
    simulator: Simulator, subject: Subject, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo

    def unknown(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "unknown.example.com":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(connections, "getaddrinfo", unknown)
    elsewhere = {"hostname": "unknown.example.com"}
    if "auth_url" in subject.credentials:
        elsewhere["auth_url"] = "https://unknown.example.com/token"
    seen = rehearse(simulator, subject, {**options, **elsewhere})
    _check(seen, "unreachable")
    assert "does not resolve" in str(seen.result.msg)
    assert seen.requests == []


@EACH_SUBJECT
@BOTH
def test_a_certificate_that_is_not_trusted_fails_at_once(
    simulator: Simulator, subject: Subject, options: dict[str, Any], tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    seen = rehearse(simulator, subject, {**options, "ca_path": str(stranger)})
    _check(seen, "tls")
    assert "ca_path" in str(seen.result.msg)
    assert seen.requests == []


@EACH_SUBJECT
def test_a_name_that_resolves_no_more_is_an_outage_once_the_task_was_seen(
    simulator: Simulator, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = 0

    def lose_the_name() -> None:
        nonlocal polls
        polls += 1
        if polls == 1:
            simulator.add_fault({"system": subject.system, "kind": "reset", "times": 1})
            monkeypatch.setattr(connections, "getaddrinfo", _never)
        elif polls == 4:
            monkeypatch.undo()
            simulator.add_task({"system": subject.system, **subject.finished})

    seen = rehearse(simulator, subject, WAIT, between_polls=lose_the_name)
    assert (seen.end, seen.result.payload["state"]) == ("ok", "succeeded"), seen.result.msg
    assert any("does not resolve" in warning for warning in seen.result.warnings), seen.result.warnings
    assert seen.sessions_left == 0


def _never(*_args: Any, **_kwargs: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@LOGGED_IN
def test_a_second_restart_within_one_outage_is_survived(simulator: Simulator, subject: Subject) -> None:
    """Sessions are lost, a login is accepted, the system goes away again, and sessions are lost once more."""
    call = {"path": subject.status.path, "method": subject.status.method}
    faults = [
        {"kind": "expire_sessions", **call, "times": 1, "after_requests": 1},
        {"kind": "status", "status": 503, **call, "times": 2, "after_requests": 2},
        {"kind": "expire_sessions", **call, "times": 1, "after_requests": 4},
    ]

    def finish_when_over() -> None:
        if not simulator.faults():
            simulator.add_task({"system": subject.system, **subject.finished})

    seen = rehearse(simulator, subject, WAIT, faults=faults, between_polls=finish_when_over)
    assert (seen.end, seen.result.payload["state"]) == ("ok", "succeeded"), seen.result.msg
    assert seen.result.payload["stats"]["logins"] == 3
    assert seen.sessions_left == 0
