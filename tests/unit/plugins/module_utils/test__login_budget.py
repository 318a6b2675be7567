# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins are counted, whatever a system answers to them: in a check, in a wait and in a watch that never ends."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchObserver, WatchSettings, watch
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import (
    Reply,
    Request,
    ScriptedAdapter,
)
from hypothesis import given, settings
from hypothesis import strategies as st

BUSY = {"state": "INSTALL_IN_PROGRESS", "version": "8.0.3.00400"}
DONE = {"state": "UP_TO_DATE", "version": "8.0.3.00400"}
REFUSAL = '{"error_type": "UNAUTHENTICATED", "messages": []}'
OK, REFUSED, ODD, AWAY = "ok", "refused", "odd", "away"
# How a login may be answered, by what it has to count as.
ANSWERS: dict[str, list[Any]] = {
    REFUSED: [Reply(401, REFUSAL), Reply(401), Reply(403), Reply(400, REFUSAL), Reply(500, REFUSAL)],
    ODD: [Reply(200, "<html>log in</html>"), Reply(200, b""), Reply(200, "{}")],
    AWAY: [Reply(503), Reply(502, "bad gateway"), Reply(404), Reply(429), requests.ConnectionError("gone")],
}
LOGINS = st.lists(
    st.one_of(
        st.just((OK, None)),
        *(st.tuples(st.just(kind), st.sampled_from(replies)) for kind, replies in ANSWERS.items()),
    ),
    max_size=12,
)
# Moments at which the session of then ends.
ENDS = st.lists(st.floats(1, 500), max_size=4).map(sorted)
OVER = 600.0


class Appliance:
    """Answers logins as scripted, then well; every session ends at the next of ``ends``. Counts what it is asked."""

    def __init__(self, logins: list[tuple[str, Any]], ends: list[float]) -> None:
        self.clock = FakeClock()
        self._began = self.clock()
        self._answers = list(logins)
        self._ends = ends
        self._opened: dict[str, float] = {}
        self.asked: list[tuple[float, str]] = []

    @property
    def now(self) -> float:
        return self.clock() - self._began

    def __call__(self, request: Request) -> Any:
        if request.method == "POST":
            return self._login()
        if request.method == "DELETE":
            return Reply(204)
        token = str(request.headers.get("vmware-api-session-id"))
        opened = self._opened.get(token)
        if opened is None or any(opened < end <= self.now for end in self._ends):
            return Reply(401, REFUSAL)
        return Reply(200, DONE if self.now >= OVER else BUSY)

    def _login(self) -> Any:
        kind, reply = self._answers.pop(0) if self._answers else (OK, None)
        self.asked.append((self.now, kind))
        if kind != OK:
            return reply
        token = f"token-{len(self.asked)}-0123456789"
        self._opened[token] = self.now
        return Reply(201, f'"{token}"')


def verdict(asked: list[tuple[float, str]]) -> bool:
    """Whether these logins kept within the budget to their end; asserts that none came after it was spent."""
    worked, refused, odd, spent = False, 0, 0, False
    last_refusal: float | None = None
    for moment, kind in asked:
        assert not spent, f"a login after the budget was spent: {asked}"
        assert not (worked and refused and last_refusal is not None) or moment - last_refusal >= 60 - 1e-6, asked
        if kind == OK:
            worked, refused, odd = True, 0, 0
        elif kind == REFUSED:
            refused, last_refusal = refused + 1, moment
            spent = not worked or refused >= 3
        elif kind == ODD:
            odd += 1
            spent = odd >= 3
    return not spent


@settings(max_examples=40)
@given(LOGINS, ENDS)
def test_a_wait_keeps_to_the_budget_and_ends_well_within_it(logins: list[tuple[str, Any]], ends: list[float]) -> None:
    appliance = Appliance(logins, ends)
    limits = {"wait_timeout": 20_000, "unreachable_timeout": 20_000}
    options: dict[str, Any] = {**LOGIN, "api": "api", "wait": True, "wait_sleep": 20, **limits}
    played = play(ApplianceUpdate, appliance, clock=appliance.clock, **options)
    assert (played.result.msg is None) == verdict(appliance.asked), played.result.msg


@settings(max_examples=40)
@given(LOGINS, ENDS)
def test_so_does_a_watch(logins: list[tuple[str, Any]], ends: list[float]) -> None:
    appliance = Appliance(logins, ends)
    clock = appliance.clock
    runtime = Runtime(clock=clock, sleep=clock.sleep, jitter=lambda: 0.5, adapter=ScriptedAdapter(appliance))
    how = WatchSettings(20, True, 0, 20_000)
    params = params_of(ApplianceUpdate, **LOGIN, api="api")
    error = watch(ApplianceUpdate, params, how, observer=WatchObserver(), context=RunContext(runtime))
    assert (error is None) == verdict(appliance.asked), error


@given(LOGINS)
def test_a_check_logs_in_twice_at_most_and_never_after_a_refusal(logins: list[tuple[str, Any]]) -> None:
    appliance = Appliance(logins, [])
    played = play(ApplianceUpdate, appliance, clock=appliance.clock, **LOGIN, api="api")
    verdict(appliance.asked)
    assert len(appliance.asked) <= 2
    assert (played.result.msg is None) == (appliance.asked[-1][1] == OK)


@pytest.mark.parametrize("reply", ANSWERS[AWAY], ids=str)
def test_a_wait_may_begin_while_no_login_is_evaluated(reply: Any) -> None:
    """An appliance that starts answers its logins with 404 and 503 for a while: an outage from the first poll on."""
    appliance = Appliance([(AWAY, reply)] * 8, [])
    played = play(ApplianceUpdate, appliance, clock=appliance.clock, **LOGIN, api="api", wait=True)
    assert played.result.msg is None
    assert played.payload["stats"]["unreachable_seconds"] > 0


# How the end of a session is told, by systems that do not say 401.
SESSION_ENDS = {
    "400 in words": Reply(400, '{"error_type": "INVALID_ARGUMENT", "messages": ["std.errors.unauthenticated"]}'),
    "403": Reply(403, "The session is not valid"),
    "404": Reply(404),
    "500": Reply(500, '{"error_type": "NotAuthenticated"}'),
    "a login page": Reply(200, "<!DOCTYPE html><html>log in</html>", headers={"Content-Type": "text/html"}),
    "a redirect": Reply(302, headers={"Location": "https://sso.example.com/login"}),
}


@pytest.mark.parametrize("told", SESSION_ENDS.values(), ids=SESSION_ENDS)
def test_the_end_of_a_session_is_worth_one_new_login_however_it_is_told(told: Reply) -> None:
    """And a session that ends at once does not make a second login in the same outage."""
    sessions: list[str] = []

    def script(request: Request) -> Reply:
        if request.method == "POST":
            sessions.append(f"token-{len(sessions)}-0123456789")
            return Reply(201, f'"{sessions[-1]}"')
        if request.method == "DELETE":
            return Reply(204)
        gets.append(request.path)
        first = request.headers.get("vmware-api-session-id") == sessions[0]
        return told if first and len(gets) > 2 else Reply(200, BUSY if len(gets) < 6 else DONE)

    gets: list[str] = []
    played = play(ApplianceUpdate, script, **LOGIN, api="api", wait=True, wait_sleep=10)
    assert played.result.msg is None
    assert len(sessions) == 2
