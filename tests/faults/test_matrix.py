# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix: every module meets every fault, at each request, once, repeatedly and for good.

All cases are played on the fake wire. Over HTTPS, `make test` plays as many as it takes for each pair of properties to
meet, and `make exhaustive` all others in which a real transport can behave otherwise than the fake one: those that
differ in the content of an answer alone do not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS

from taskwatch_simulator.embedded import Simulator
from tests.faults.cases import Case, Duration, Place, cases, pairwise
from tests.faults.expectations import OK, Expected, doubtful, expected
from tests.faults.fake_wire import FakeSimulator
from tests.faults.kinds import AMPLE_TIMEOUT, SHORT_TIMEOUT, Nature
from tests.faults.rehearsal import Rehearsal, rehearse
from tests.support.payload import payload_faults

# Seconds. What a case is promised to take is far below what a busy machine may make of it.
GAP = 0.05
BUDGET = 0.3
# Over HTTPS a busy machine needs more to come to all that a case promises
BUDGET_OVER_HTTPS = 2.0
# About so many polls fit into it
POLLS = 10
AMPLE = 30.0
SLACK = 10.0
CLOSED_FOR = {Duration.ONCE: 0.15, Duration.REPEATED: 0.3}
ALL_CASES = list(cases())
FEW_CASES = pairwise(ALL_CASES)
FEW_NAMES = frozenset(map(str, FEW_CASES))
OVER_HTTPS = [
    pytest.param(case, id=str(case), marks=() if str(case) in FEW_NAMES else pytest.mark.exhaustive)
    for case in ALL_CASES
    if case.kind.of_transport or str(case) in FEW_NAMES
]


def _faults(case: Case, secrets: list[str]) -> list[dict[str, Any]]:
    more: dict[str, Any] = {}
    if case.kind.spec["kind"] == "refuse":
        if case.times is not None:
            more["seconds"] = CLOSED_FOR[case.duration]
    elif case.times is not None:
        more["times"] = case.times
    if not case.kind.whole_port:
        target = case.target()
        more |= {"path": target.path, "method": target.method}
    if before := case.requests_before():
        more["after_requests"] = before
    faults = [case.kind.described(secrets, **more)]
    if case.place is Place.RELOGIN:
        status = case.subject.status
        expiry = {"kind": "expire_sessions", "path": status.path, "method": status.method}
        faults.append({**expiry, "times": 1, "after_requests": 1})
    return faults


def _options(case: Case, end: str, timeout: float, budget: float) -> dict[str, Any]:
    if not case.wait:
        return {"timeout": timeout}
    # Only a case that is to run into a limit gets a short one.
    lasting = case.times is None or (end != OK and case.seen)
    to_deadline = case.duration is Duration.TO_DEADLINE
    return {
        "timeout": timeout,
        "wait": True,
        "wait_sleep": max(GAP, budget / POLLS) if lasting or to_deadline else GAP,
        "wait_timeout": budget if to_deadline else AMPLE,
        "unreachable_timeout": budget if lasting and not to_deadline else AMPLE,
    }


def _play(simulator: Simulator | FakeSimulator, case: Case, end: str, timeout: float, budget: float) -> Rehearsal:
    secrets = case.subject.secrets(simulator.systems[case.subject.system])

    def finish_when_over() -> None:
        if not simulator.faults():
            simulator.add_task({"system": case.subject.system, **case.subject.finished})

    return rehearse(
        simulator,
        case.subject,
        _options(case, end, timeout, budget),
        faults=_faults(case, secrets),
        between_polls=finish_when_over if case.wait else lambda: None,
        longest_sleep=AMPLE if case.wait else GAP,
    )


def test_every_module_is_put_to_the_test() -> None:
    assert {case.subject.system_class for case in ALL_CASES} == set(SYSTEMS.values()), "a subject in subjects.py"


def test_two_descriptions_meet_every_outage() -> None:
    met: dict[str, set[str]] = {}
    for case in ALL_CASES:
        if case.kind.nature is Nature.AWAY:
            met.setdefault(case.subject.name, set()).add(case.kind.name)
    assert met["described-session"] == met["described-basic"] == met["export-session"]
    assert len(met["described-session"]) >= 12
    logins = {
        case.kind.name for case in ALL_CASES if case.subject.name == "described-session" and case.place is Place.LOGIN
    }
    assert len(logins) >= 12


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_every_fault_ends_as_promised(case: Case) -> None:
    # A fake clock has no busy machine behind it, so no request needs ample time
    _check(FakeSimulator(), case, expected(case), SHORT_TIMEOUT, BUDGET)


@pytest.mark.parametrize("case", OVER_HTTPS)
def test_faults_end_as_promised_over_https(simulator: Simulator, case: Case) -> None:
    told = replace(case, duration=Duration.ONCE) if case.drops_used_connection and case.times == 2 else case
    _check(simulator, case, expected(told), AMPLE_TIMEOUT, BUDGET_OVER_HTTPS)


def test_every_pair_is_played_over_https() -> None:
    assert {pair for case in FEW_CASES for pair in case.pairs()} == {pair for c in ALL_CASES for pair in c.pairs()}
    assert len(FEW_CASES) < 200


def _check(simulator: Simulator | FakeSimulator, case: Case, wanted: Expected, timeout: float, budget: float) -> None:
    seen = _play(simulator, case, wanted.end, timeout, budget)
    complaints = [
        *_complaints_about_end(case, wanted, seen),
        *_complaints_about_tasks(case, seen, over_https=isinstance(simulator, Simulator)),
        *_complaints_about_logins(case, wanted, seen),
        *seen.leaks,
        *payload_faults(seen.result.payload, case.subject.system_class.EXTRAS),
    ]
    assert not complaints, "\n".join([*complaints, f"msg: {seen.result.msg}", *map(str, seen.requests)])


def _complaints_about_end(case: Case, wanted: Expected, seen: Rehearsal) -> list[str]:
    payload, msg = seen.result.payload, seen.result.msg
    found = []
    if seen.end != wanted.end:
        found.append(f"it ended as {seen.end}, not {wanted.end}")
    if payload["timed_out"] is not wanted.timed_out:
        found.append(f"timed_out is {payload['timed_out']}")
    if (msg is None) is not (seen.end == OK):
        found.append("a failure has a sentence, and nothing else has")
    if msg is not None and ("\n" in msg or "Traceback" in msg or "defect" in msg):
        found.append("the sentence is not one that a person can act on")
    status = case.kind.status
    if status is not None and wanted.end not in {OK, "timeout"}:
        if payload["error"]["http_status"] != status:
            found.append(f"http_status is {payload['error']['http_status']}, not {status}")
        if f"HTTP {status}" not in (msg or ""):
            found.append(f"the sentence does not tell of HTTP {status}")
    longest = SLACK + (case.times or 1) * case.kind.pause * 2
    if case.kind.slow:
        longest += 2 * SHORT_TIMEOUT * (case.times or 1)
    if seen.seconds > longest:
        found.append(f"it took {seen.seconds:.1f} s")
    return found


def _complaints_about_tasks(case: Case, seen: Rehearsal, *, over_https: bool) -> list[str]:
    payload = seen.result.payload
    ok = seen.end == OK
    if not ok and not case.seen:
        return [f"a task that was never seen is shown as {payload['tasks']}"] if payload["tasks"] else []
    if [task["id"] for task in payload["tasks"]] != [case.subject.task_id]:
        return [f"the task is not shown: {payload['tasks']}"]
    found = []
    state = "succeeded" if ok and case.wait else "running"
    if payload["tasks"][0]["state"] != state or payload["state"] != state:
        found.append(f"the task is shown as {payload['tasks'][0]['state']}, not {state}")
    if state == "running" and payload["progress"] not in {40.0, 42.0}:
        found.append(f"the progress is {payload['progress']}")
    struck = any(each["fault"] == case.kind.spec["kind"] for each in seen.requests)
    # By a new login, or by the same request sent once more, before there was an outage
    cured = case.times == 1 and (doubtful(case) or (over_https and case.drops_used_connection))
    if case.wait and case.kind.nature is Nature.AWAY and case.seen and struck and not cured:
        if "outage began" not in seen.recorder.events:
            found.append("the outage was not told")
        if ok and not any("no good answer for" in warning for warning in seen.result.warnings):
            found.append("no warning tells of the outage")
        if seen.end == "unreachable" and payload["stats"]["unreachable_seconds"] < BUDGET - 0.1:
            found.append("the outage is missing in the statistics")
    return found


def _complaints_about_logins(case: Case, wanted: Expected, seen: Rehearsal) -> list[str]:
    login = case.subject.login[0] if case.subject.login else None
    tried = [
        each
        for each in seen.requests
        if login is not None and each["method"] == login.method and re.search(login.path, each["path"])
    ]
    accepted = [each for each in tried if each["fault"] is None and each["status"] in {200, 201}]
    found = []
    if len(accepted) != wanted.logins:
        found.append(f"{len(accepted)} logins were accepted, not {wanted.logins}")
    if wanted.attempts is not None and len(tried) != wanted.attempts:
        found.append(f"{len(tried)} logins were tried, not {wanted.attempts}")
    if seen.sessions_left > wanted.sessions_left:
        found.append(f"{seen.sessions_left} sessions were left open")
    if case.kind.pause and seen.end == OK and case.wait:
        moments = [each["at"] for each in seen.requests]
        struck = next(index for index, each in enumerate(seen.requests) if each["fault"] == case.kind.spec["kind"])
        if moments[struck + 1] - moments[struck] < case.kind.pause:
            found.append("the pause that the system asked for was not kept")
    return found
