# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who logs in, when, and who logs out: also with many threads and in every end."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.basic import Basic
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.lxca import LxcaSession
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.prisma_sdwan import ClientCredentials, StaticToken
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.scheme import LoginScheme
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.vcenter import VcenterSession
from ansible_collections.taskwatch.infra.plugins.module_utils._connection import Connection
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.contexts import client_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import (
    Reply,
    Request,
    Script,
    ScriptedAdapter,
)

USER = ("netops", "s3cret-password")
LOGIN, LOGOUT = "POST /api/session", "DELETE /api/session"


class Appliance:
    """A vCenter with sessions: ``drop`` forgets them all, ``down`` and ``refuses`` are statuses to answer instead.

    Requests under a session that was dropped wait at ``meet`` for each other, so that all are refused at once.
    """

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.down: int | None = None
        self.refuses: int | None = None
        self.forgets = 0  # so many sessions are forgotten as soon as they were opened
        self.logout_status = 204
        self.meet: threading.Barrier | None = None
        self._lock = threading.Lock()
        self._number = itertools.count(1)

    def __call__(self, request: Request) -> Reply:
        lost = request.method == "GET" and request.headers.get("vmware-api-session-id") not in self.sessions
        if self.meet is not None and lost:
            self.meet.wait(5)
        with self._lock:
            if self.down:
                return Reply(self.down)
            if request.method == "POST":
                return self._open()
            token = request.headers.get("vmware-api-session-id")
            if token not in self.sessions:
                return Reply(401)
            if request.method == "DELETE":
                self.sessions.discard(str(token))
                return Reply(self.logout_status)
            return Reply(200, {"state": "UP_TO_DATE"})

    def _open(self) -> Reply:
        if self.refuses:
            return Reply(self.refuses, {"messages": [{"default_message": "Authentication required."}]})
        token = f"session-token-{next(self._number)}"
        if self.forgets:
            self.forgets -= 1
        else:
            self.sessions.add(token)
        return Reply(201, f'"{token}"')

    def drop(self) -> None:
        self.sessions.clear()


def connection_to(
    script: Script, scheme: LoginScheme | None = None, clock: FakeClock | None = None
) -> tuple[Connection, ScriptedAdapter, FakeClock]:
    client, adapter, clock = client_of(script, clock=clock)
    return (
        Connection(client, scheme or VcenterSession(*USER, "api"), lambda _answer: "the vendor's words"),
        adapter,
        clock,
    )


def ask_many(connection: Connection, count: int = 24) -> list[Any]:
    """The answers, or errors, of many threads that ask at the same time."""
    start = threading.Barrier(8)

    def ask(number: int) -> Any:
        if number < 8:
            start.wait(5)
        try:
            return connection.request("GET", f"/api/{number}").status
        except TaskwatchError as error:
            return error

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(ask, range(count)))


def error_of(ask: Callable[[], Any]) -> TaskwatchError:
    with pytest.raises(TaskwatchError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_login_that_fails_concerns_all_tasks(status: int) -> None:
    """Whatever the answer, the request for another task would meet the same login."""
    appliance = Appliance()
    appliance.refuses = status
    connection, _adapter, _clock = connection_to(appliance)
    assert error_of(lambda: connection.request("GET", "/api/1")).affects_all_tasks
    connection.begin_poll()
    assert error_of(lambda: connection.request("GET", "/api/1")).affects_all_tasks


def test_many_threads_share_one_login() -> None:
    connection, adapter, _clock = connection_to(Appliance())
    assert ask_many(connection) == [200] * 24
    assert adapter.sent.count(LOGIN) == 1
    assert connection.context.stats.logins == 1
    assert {request.headers.get("vmware-api-session-id") for request in adapter.requests[1:]} == {"session-token-1"}


def test_nobody_logs_in_before_there_is_something_to_ask() -> None:
    connection, adapter, _clock = connection_to(Appliance())
    connection.close()
    assert adapter.sent == []


@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_session_is_replaced_once_for_all_threads(times: int) -> None:
    appliance = Appliance()
    connection, adapter, _clock = connection_to(appliance)
    for _unused in range(times):
        connection.begin_poll()
        assert ask_many(connection) == [200] * 24
        appliance.drop()
    connection.begin_poll()
    assert ask_many(connection) == [200] * 24
    assert adapter.sent.count(LOGIN) == connection.context.stats.logins == times + 1
    connection.close()
    assert appliance.sessions == set()
    assert connection.context.stats.logout_failures == 0, "what the system had forgotten is no session left open"


def test_threads_that_are_refused_at_the_same_time_share_the_second_login() -> None:
    appliance = Appliance()
    connection, adapter, _clock = connection_to(appliance)
    assert connection.request("GET", "/x").ok
    appliance.drop()
    appliance.meet = threading.Barrier(8)
    assert ask_many(connection, 8) == [200] * 8
    assert adapter.sent.count(LOGIN) == 2
    assert connection.context.stats.retries == 8
    assert len(appliance.sessions) == 1


@pytest.mark.parametrize("status", [401, 503])
def test_threads_that_are_refused_at_the_same_time_share_the_failure_of_the_second_login(status: int) -> None:
    appliance = Appliance()
    connection, adapter, _clock = connection_to(appliance)
    assert connection.request("GET", "/x").ok
    appliance.drop()
    appliance.refuses = status
    appliance.meet = threading.Barrier(8)
    errors = ask_many(connection, 8)
    assert {error.retryability for error in errors} == {Retryability.ALWAYS}
    assert {error.http_status for error in errors} == {status}
    assert adapter.sent.count(LOGIN) == 2


def test_sessions_that_are_not_honoured_are_replaced_twice_and_then_once_a_minute() -> None:
    def script(request: Request) -> Reply:
        return Reply(201, '"session-token-1"') if request.method == "POST" else Reply(401)

    connection, adapter, clock = connection_to(script)
    for expected in (2, 3, 3, 3):
        connection.begin_poll()
        errors = ask_many(connection)
        assert {error.kind for error in errors} == {ErrorType.AUTHENTICATION}
        assert {error.retryability for error in errors} == {Retryability.IF_SEEN}
        assert adapter.sent.count(LOGIN) == expected
    for expected in (4, 5):
        clock.jump(60)
        connection.begin_poll()
        ask_many(connection)
        ask_many(connection)
        assert adapter.sent.count(LOGIN) == expected


def test_a_session_lost_again_right_after_its_login_is_replaced_by_the_next_poll() -> None:
    """Two restarts in a row: 401, a login, 401 once more, then well."""
    appliance = Appliance()
    connection, _adapter, _clock = connection_to(appliance)
    assert connection.request("GET", "/x").ok
    appliance.drop()
    appliance.forgets = 1
    connection.begin_poll()
    assert error_of(lambda: connection.request("GET", "/x")).retryability is Retryability.IF_SEEN
    connection.begin_poll()
    assert connection.request("GET", "/x").ok


def test_any_good_answer_allows_one_more_login() -> None:
    appliance = Appliance()
    connection, adapter, _clock = connection_to(appliance)
    for number in range(5):
        appliance.drop()
        assert connection.request("GET", "/x").status == 200
        assert adapter.sent.count(LOGIN) == number + 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_is_tried_once_by_however_many_threads(status: int) -> None:
    appliance = Appliance()
    appliance.refuses = status
    connection, adapter, _clock = connection_to(appliance)
    errors = ask_many(connection)
    assert adapter.sent == [LOGIN]
    assert {(error.kind, error.retryability) for error in errors} == {(ErrorType.AUTHENTICATION, Retryability.NEVER)}
    assert "the vendor's words" in errors[0].message
    assert errors[0].http_status == status
    assert connection.context.stats.logins == 0, "only logins that opened a session count"


@pytest.mark.parametrize("status", [401, 403])
def test_a_later_refusal_is_tried_twice_more_a_minute_apart(status: int) -> None:
    appliance = Appliance()
    connection, adapter, clock = connection_to(appliance)
    connection.request("GET", "/x")
    appliance.drop()
    appliance.refuses = status
    for expected, retryability in ((2, "ALWAYS"), (3, "ALWAYS"), (4, "NEVER")):
        connection.begin_poll()
        errors = ask_many(connection)
        assert {(error.kind.name, error.retryability.name) for error in errors} == {("AUTHENTICATION", retryability)}
        clock.jump(59)
        connection.begin_poll()
        again = error_of(lambda: connection.request("GET", "/x"))
        assert again.retryability.name == retryability
        assert adapter.sent.count(LOGIN) == expected, "not before a minute has passed"
        if retryability == "ALWAYS":
            assert again.retry_after == pytest.approx(1)
        clock.jump(1)
    clock.jump(10**6)
    connection.begin_poll()
    assert ask_many(connection)[0].retryability is Retryability.NEVER
    assert adapter.sent.count(LOGIN) == 4


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_login_answered_5xx_is_a_part_of_the_outage(status: int) -> None:
    appliance = Appliance()
    appliance.down = status
    connection, adapter, _clock = connection_to(appliance)
    for poll in range(3):
        connection.begin_poll()
        errors = ask_many(connection)
        assert {error.retryability for error in errors} == {Retryability.ALWAYS}
        assert adapter.sent == [LOGIN] * (poll + 1), "once for each poll"
    appliance.down = None
    connection.begin_poll()
    assert ask_many(connection) == [200] * 24
    assert connection.context.stats.logins == 1


def test_a_restart_costs_one_login_more_however_long_it_takes() -> None:
    """Good answers, 503, the old session forgotten, 503 again, and back."""
    appliance = Appliance()
    connection, _adapter, _clock = connection_to(appliance)
    assert connection.request("GET", "/x").ok
    for _unused in range(3):
        appliance.down = 503
        assert error_of(lambda: connection.request("GET", "/x")).retryability is Retryability.ALWAYS
        appliance.drop()
    appliance.down = None
    connection.begin_poll()
    assert connection.request("GET", "/x").ok
    assert connection.context.stats.logins == 2


def test_a_status_that_is_no_success_is_an_error_with_the_vendors_words() -> None:
    def script(request: Request) -> Reply:
        return Reply(201, '"session-token-1"') if request.method == "POST" else Reply(404)

    connection, _adapter, _clock = connection_to(script)
    error = error_of(lambda: connection.request("GET", "/x"))
    assert (error.kind, error.retryability) == (ErrorType.NOT_FOUND, Retryability.IF_SEEN)
    assert error.message == "the system does not know it (HTTP 404 Not Found: the vendor's words)"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("scheme", "retryability"), [(Basic(*USER), Retryability.NEVER), (StaticToken("t0ken", "1"), Retryability.IF_SEEN)]
)
def test_what_has_no_session_cannot_log_in_again(scheme: LoginScheme, retryability: Retryability, status: int) -> None:
    """With HTTP Basic every request is a login, so a refusal is final."""
    connection, adapter, _clock = connection_to(lambda _request: Reply(status), scheme)
    assert error_of(lambda: connection.request("GET", "/v2.1/x")).retryability is retryability
    assert len(adapter.requests) == 1


# -- renewal ----------------------------------------------------------------------------------------------------------


class Controller:
    """Prisma SASE: every token lives 899 s, an old one is answered 401."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.tokens: dict[str, float] = {}
        self.down = False

    def __call__(self, request: Request) -> Reply:
        if self.down:
            return Reply(503)
        if request.path.endswith("/token"):
            token = f"bearer-token-{len(self.tokens) + 1}"
            self.tokens[token] = self._clock() + 899
            return Reply(200, {"access_token": token, "expires_in": 899})
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return Reply(200, {}) if self.tokens[token] > self._clock() else Reply(401)


def test_a_token_is_renewed_before_it_ends_and_the_old_one_logged_out() -> None:
    scheme = ClientCredentials("client", "cl1ent-secret", "1", "https://auth.example.com/token")
    clock = FakeClock()
    connection, adapter, _clock = connection_to(Controller(clock), scheme, clock)
    for _unused in range(60):
        assert connection.request("GET", "/v2.1/x").status == 200
        clock.jump(60)
    connection.close()
    # An hour at 839 s for each token.
    assert connection.context.stats.logins == 5
    assert adapter.sent.count("POST /token") == adapter.sent.count("GET /sdwan/v2.1/api/profile") == 5
    assert adapter.sent.count("GET /sdwan/v2.0/api/logout") == 5
    assert connection.context.stats.retries == 0, "no request was ever answered 401"


def test_a_renewal_that_is_answered_503_is_tried_again_by_the_next_poll() -> None:
    scheme = ClientCredentials("client", "cl1ent-secret", "1", "https://auth.example.com/token")
    clock = FakeClock()
    controller = Controller(clock)
    connection, _adapter, _clock = connection_to(controller, scheme, clock)
    assert connection.request("GET", "/v2.1/x").ok
    clock.jump(850)
    controller.down = True
    connection.begin_poll()
    assert error_of(lambda: connection.request("GET", "/v2.1/x")).retryability is Retryability.ALWAYS
    controller.down = False
    connection.begin_poll()
    assert connection.request("GET", "/v2.1/x").ok
    assert connection.context.stats.logins == 2


# -- the end ----------------------------------------------------------------------------------------------------------


def test_a_session_is_closed_once() -> None:
    appliance = Appliance()
    connection, adapter, _clock = connection_to(appliance)
    connection.request("GET", "/x")
    connection.close()
    connection.close()
    assert adapter.sent == [LOGIN, "GET /api/x", LOGOUT]
    assert appliance.sessions == set()


@pytest.mark.parametrize("trouble", [500, 503, "reset"])
def test_a_logout_that_fails_is_counted_and_hides_nothing(trouble: Any) -> None:
    def script(request: Request) -> Reply | Exception:
        if request.method != "DELETE":
            return Reply(201, '"session-token-1"')
        return requests.ConnectionError("reset") if trouble == "reset" else Reply(trouble)

    connection, _adapter, _clock = connection_to(script)
    connection.request("GET", "/x")
    connection.close()
    assert connection.context.stats.logout_failures == 1


def test_after_the_end_nobody_logs_in() -> None:
    connection, adapter, _clock = connection_to(Appliance())
    connection.close()
    for error in ask_many(connection):
        assert error.kind is ErrorType.UNREACHABLE
    assert adapter.sent == []


def test_a_login_under_way_is_waited_for_and_closed() -> None:
    """An interrupted look leaves threads behind; one of them may be about to open a session."""
    entered, go_on = threading.Event(), threading.Event()
    appliance = Appliance()

    def script(request: Request) -> Reply:
        if request.method == "POST":
            entered.set()
            assert go_on.wait(5)
        return appliance(request)

    connection, adapter, _clock = connection_to(script)
    with ThreadPoolExecutor(max_workers=2) as pool:
        asking = pool.submit(ask_many, connection, 8)
        assert entered.wait(5)
        closing = pool.submit(connection.close)
        go_on.set()
        closing.result(5)
        asking.result(5)
    assert appliance.sessions == set()
    assert adapter.sent.count(LOGIN) == adapter.sent.count(LOGOUT) == 1


def test_half_a_login_is_closed_before_the_next_one() -> None:
    """A cookie came, the body did not: there is a session that is not used."""
    logins = [
        Reply(200, b"{", {"Set-Cookie": "JSESSIONID=c1; Path=/"}),
        Reply(200, {}, {"Set-Cookie": "JSESSIONID=c2; Path=/"}),
    ]

    def script(request: Request) -> Reply:
        return logins.pop(0) if request.method == "POST" else Reply(200, {})

    connection, adapter, _clock = connection_to(script, LxcaSession(*USER))
    assert error_of(lambda: connection.request("GET", "/x")).retryability is Retryability.ALWAYS
    connection.begin_poll()
    assert connection.request("GET", "/x").ok
    connection.close()
    assert adapter.sent == ["POST /sessions", "DELETE /sessions", "POST /sessions", "GET /x", "DELETE /sessions"]
    assert [request.headers.get("Cookie") for request in adapter.requests if request.method == "DELETE"] == [
        "JSESSIONID=c1",
        "JSESSIONID=c2",
    ]
