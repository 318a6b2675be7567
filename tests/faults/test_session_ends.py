# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole waits of every login through sessions that end and logins that are refused, in each vendor's way.

On the fake wire: what the simulator has counted at the end is what a system would have counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.fake_wire import FakeSimulator
from tests.faults.rehearsal import Rehearsal, rehearse
from tests.faults.subjects import SUBJECTS, Subject

SESSIONS = [subject for subject in SUBJECTS if subject.opens_session]
LOGGED_IN = pytest.mark.parametrize("subject", SESSIONS, ids=lambda subject: subject.name)
WAIT = {"wait": True, "wait_sleep": 5.0}
# Seconds until the task has ended
COURSE = 150.0


def named(name: str, **profile: Any) -> Subject:
    """Return a subject whose system has these keys."""
    return replace(next(each for each in SUBJECTS if each.name == name), profile=profile)


def waited(subject: Subject, *faults: dict[str, Any], **options: Any) -> Rehearsal:
    """Wait through faults for a task that ends well after a while."""
    simulator = FakeSimulator()

    def finish_in_time() -> None:
        if simulator.clock.now() >= COURSE:
            simulator.add_task({"system": subject.system, **subject.finished})

    return rehearse(simulator, subject, {**WAIT, **options}, faults=faults, between_polls=finish_in_time)


def logins(seen: Rehearsal, subject: Subject) -> Sequence[dict[str, Any]]:
    """Return the logins that the system was asked for."""
    first = subject.login[0]
    return seen.matching(first.method, first.path.strip("^$"))


def check_success(seen: Rehearsal, opened: int) -> None:
    """Assert that a wait ended well, with so many sessions opened and none left."""
    assert (seen.end, seen.result.payload["state"]) == ("ok", "succeeded"), seen.result.msg
    assert seen.result.payload["stats"]["logins"] == opened
    assert seen.sessions_left == 0


def told_ends(subject: Subject) -> list[str]:
    # Only vCenter tells the end of a session by 400
    return [*(["400"] if subject.system == "vcenter" else []), "401", "403", "404", "500", "redirect", "login_page"]


@pytest.mark.parametrize(
    ("subject", "end"), [(subject, end) for subject in SESSIONS for end in told_ends(subject)], ids=str
)
def test_the_end_of_a_session_costs_one_login_however_it_is_told(subject: Subject, end: str) -> None:
    poll = {"path": subject.status.path, "method": subject.status.method}
    expire = {"kind": "expire_sessions", "answer": end, **poll, "times": 1, "after_requests": 2}
    check_success(waited(subject, expire), opened=2)


@LOGGED_IN
def test_sessions_lost_twice_in_a_row_are_replaced_twice(subject: Subject) -> None:
    """A 401, a new login, and once more 401: what comes after it must not wait for the end of unreachable_timeout."""
    poll = {"path": subject.status.path, "method": subject.status.method}
    expire = {"kind": "expire_sessions", **poll, "times": 2, "after_requests": 2}
    seen = waited(subject, expire)
    check_success(seen, opened=3)
    assert seen.result.payload["stats"]["unreachable_seconds"] < 30


@LOGGED_IN
def test_every_new_outage_is_worth_a_login(subject: Subject) -> None:
    poll = {"path": subject.status.path, "method": subject.status.method}
    ends = [
        {"kind": "expire_sessions", **poll, "times": 1, "after_requests": 2},
        {"kind": "expire_sessions", **poll, "times": 1, "after_requests": 6},
        {"kind": "expire_sessions", **poll, "times": 1, "after_requests": 10},
    ]
    check_success(waited(subject, *ends), opened=4)


@LOGGED_IN
def test_a_row_of_sessions_that_came_to_nothing_delays_no_later_login(subject: Subject) -> None:
    poll = {"path": subject.status.path, "method": subject.status.method}
    login = {"path": subject.login[0].path, "method": subject.login[0].method}
    seen = waited(
        subject,
        {"kind": "status", "status": 401, **poll, "times": 4, "after_requests": 2},
        {"kind": "expire_sessions", **poll, "times": 1, "after_requests": 8},
        {"kind": "status", "status": 503, **login, "times": 1, "after_requests": 3},
    )
    check_success(seen, opened=4)
    assert seen.result.payload["stats"]["unreachable_seconds"] < 30


@LOGGED_IN
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_in_the_middle_is_tried_twice_more_a_minute_apart(subject: Subject, status: int) -> None:
    """An authentication service that restarts refuses for a few seconds; no account is locked for that."""
    poll = {"path": subject.status.path, "method": subject.status.method}
    refused = {"kind": "refuse_login", "reason": "unavailable", "status": status, "after_requests": 1, "times": 2}
    seen = waited(
        replace(subject, profile={"lock_after": 3}),
        {"kind": "expire_sessions", **poll, "times": 1, "after_requests": 2},
        refused,
    )
    check_success(seen, opened=2)
    assert len(logins(seen, subject)) == 4
    assert seen.result.payload["stats"]["unreachable_seconds"] >= 120


@LOGGED_IN
def test_a_refusal_that_lasts_ends_the_wait_before_the_account_locks(subject: Subject) -> None:
    poll = {"path": subject.status.path, "method": subject.status.method}
    seen = waited(
        subject,
        {"kind": "expire_sessions", **poll, "times": 1, "after_requests": 2},
        {"kind": "refuse_login", "after_requests": 1},
    )
    assert seen.end == "authentication", seen.result.msg
    assert len(logins(seen, subject)) == 4, "the first, and three that were refused"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize("wait", [False, True])
def test_lenovos_refusals_are_tried_once_whatever_their_status(status: int, wait: bool) -> None:
    subject = named("task-session", refused_status=status, lock_after=2)
    seen = waited(subject, wait=wait, password="not-what-it-should-be")
    assert seen.end == "authentication", seen.result.msg
    assert "The user name or password is not valid." in str(seen.result.msg)
    assert len(logins(seen, subject)) == 1


def test_a_place_among_the_sessions_is_waited_for() -> None:
    full = {"kind": "refuse_login", "reason": "sessions", "seconds": 8}
    check_success(waited(named("task-session"), full), opened=1)


@pytest.mark.parametrize("wait", [False, True])
@pytest.mark.parametrize(
    ("name", "profile", "hint"),
    [
        ("routes-xml", {"login_versions": ["v1.1"]}, "check api_version"),
        ("routes-json", {"login_versions": ["v1.1"]}, "check api_version"),
        ("routes-json", {"json_not_found": "login", "release": "8.2.5"}, "response_format"),
    ],
)
def test_a_login_that_sdm_does_not_have_is_told_by_the_option(
    name: str, profile: dict[str, Any], hint: str, wait: bool
) -> None:
    subject = named(name, **profile)
    seen = waited(subject, wait=wait)
    assert seen.end == "bad_request", seen.result.msg
    assert hint in str(seen.result.msg)
    assert "does not know it" not in str(seen.result.msg)
    assert len(logins(seen, subject)) == 1


def test_sdm_in_json_may_still_be_read_in_xml() -> None:
    check_success(waited(named("routes-xml", json_not_found="login", release="8.2.5")), opened=1)
