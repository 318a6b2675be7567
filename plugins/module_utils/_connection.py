# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A session with one system: when to log in, how often, and the logout. PRIVATE to the collection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping
from typing import Any

from ._auth.scheme import LoginFailed, LoginOutcome, LoginScheme
from ._errors import ErrorType, Retryability, TaskwatchError
from ._login_budget import LoginBudget
from ._rest.client import RestClient
from ._rest.response import Response, error_from_response, reason_of

# Statuses that may mean, after a good response, that the session has ended.
_DOUBTFUL = frozenset({403, 404, 500})


class Connection:
    """A client that logs in at its first request, again when the session has ended, and out at the end.

    ``explain`` finds the vendor's own text in a response without success. The first login happens with the first
    request and not before, so that a system which is away is treated alike with and without a session.
    """

    def __init__(self, client: RestClient, scheme: LoginScheme, explain: Callable[[Response], str | None]) -> None:
        self.client = client
        self.scheme = scheme
        self.context = client.context
        self._explain = explain
        self._budget = LoginBudget(client.context.runtime.clock)
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._epoch = 0  # counts logins, so that of many threads told 401 only the first logs in again
        self._logged_in = False
        self._answered = False  # a response of this run was read as the state of a task
        self._answered_before = False  # the same, in an earlier poll: only a session that has lasted can have ended
        self._renewed = False  # in this poll, and no request was answered since
        self._doubt_spent = False  # a login was spent on a response that may mean the end of the session
        self._doubted = False  # such a response came in this poll
        self._failure: TaskwatchError | None = None  # of a login in this poll, so that no other request repeats it

    def begin_poll(self, deadline: float | None = None) -> None:
        """A new poll may try again what failed in the one before. Its responses are of use until ``deadline``."""
        self._deadline = deadline
        self._failure = None
        self._renewed = False
        self._answered_before = self._answered
        self._doubt_spent = self._doubt_spent and self._doubted
        self._doubted = False

    def state_read(self) -> None:
        """A response was read as the state of a task, which shows that the system itself accepts the login.

        A success that cannot be read shows nothing: it may come from anything between here and the system.
        """
        self._answered = True
        if self.scheme.every_request_logs_in:
            with self._lock:
                self._budget.succeeded()

    @property
    def deadline(self) -> float | None:
        """Until when a response of this poll is of use."""
        return self._deadline

    def close(self, deadline: float | None = None) -> None:
        """Close what was opened, and open nothing more."""
        self._failure = TaskwatchError(ErrorType.UNREACHABLE, "the connection is closed")
        self._deadline = deadline
        try:
            with self._lock:
                self._leave()
        finally:
            self.client.close()

    def request(self, method: str, path: str, accepted: Container[int] = (), **what: Any) -> Response:
        """Send a request under the login and return its response, or raise the TaskwatchError of one without success.

        A response whose status is among ``accepted`` is an answer, too.
        """
        try:
            response = self._request(method, path, accepted, **what)
        except TaskwatchError as error:
            # A successful login followed by an outage means a second restart, so one more login is allowed. A session
            # that is refused as soon as it was opened stays paid for.
            if error.retryability is Retryability.ALWAYS and self._failure is None:
                self._renewed = False
                self._budget.session_honoured()
            raise
        self._renewed = False
        self._budget.session_honoured()
        return response

    def ensure_login(self) -> None:
        with self._lock:
            if self._logged_in and self.scheme.renewal_due(self.context.runtime.clock()):
                self._leave()
            if not self._logged_in:
                self._login()

    # -- one request ----------------------------------------------------------------------------------------------

    def _request(self, method: str, path: str, accepted: Container[int], **what: Any) -> Response:
        self.ensure_login()
        epoch = self._epoch
        try:
            response = self._send(method, path, **what)
        except TaskwatchError as error:
            # A front end may send a request whose session has ended to a login page elsewhere.
            if not (self._answered_before and _is_redirect(error) and self._renew(epoch, doubtful=True)):
                raise
            response = self._send(method, path, **what)
        else:
            doubtful = response.status not in accepted and self._is_doubtful(response)
            lost = response.status in self.scheme.lost_session
            if (lost or doubtful) and self._renew(epoch, doubtful=doubtful, counted=response.status != 401):
                response = self._send(method, path, **what)
        if self.scheme.every_request_logs_in:
            self._check_refusal(response)
        if response.ok or response.status in accepted:
            return response
        raise self._error(response)

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **what: Any) -> Response:
        auth = self.scheme.auth_for_request()
        return self.client.send(
            method,
            self.scheme.request_path(path),
            headers={**(headers or {}), **auth.headers},
            login=auth.login,
            deadline=self._deadline,
            **what,
        )

    def _error(self, response: Response) -> TaskwatchError:
        explanation = self._explain(response)
        error = error_from_response(response, explanation)
        reason = self.scheme.forbidden_sentence() if response.status in (401, 403) else None
        return error.with_(message=f"{reason} ({reason_of(response, explanation)})") if reason else error

    def _check_refusal(self, response: Response) -> None:
        """Pay for a request that was a login, too, and that the system refuses."""
        if response.status not in (401, 403) and not self.scheme.is_refusal(response):
            return
        kind = ErrorType.AUTHORIZATION if response.status == 403 else ErrorType.AUTHENTICATION
        error = self._error(response).with_(kind=kind)
        with self._lock:
            self._failure = self._budget.spend(LoginOutcome.REFUSED, error)
            self._logged_in = False
            raise self._failure

    # -- sessions that end ----------------------------------------------------------------------------------------

    def _is_doubtful(self, response: Response) -> bool:
        """Whether a response may mean the end of a session that has worked: systems tell it in many ways."""
        if not self._answered_before or response.status in self.scheme.lost_session:
            return False
        if response.ok:
            return response.is_web_page
        told_in_words = response.status == 400 and b"unauthenticated" in response.body[:10_000].lower()
        return response.status in _DOUBTFUL or response.is_redirect or told_in_words

    def _renew(self, epoch: int, *, doubtful: bool, counted: bool = True) -> bool:
        """Log in again where that may help. Returns whether the request is worth repeating.

        ``counted`` tells whether a logout that fails is counted: after a 401 there is most likely nothing left to log
        out of; a restarting system may only say so.
        """
        with self._lock:
            self._doubted = self._doubted or doubtful
            if self._epoch == epoch:
                if self._failure is not None and not doubtful:
                    raise self._failure  # of the login that another thread has tried
                spent = self._renewed or (doubtful and self._doubt_spent)
                if not self.scheme.can_login_again or spent or not self._budget.may_renew():
                    return False
                self._renewed = True
                self._doubt_spent = self._doubt_spent or doubtful
                self._leave(counted=counted)
                self._login()
            # Otherwise another thread has logged in again.
        self.context.stats.retries += 1
        return True

    def _leave(self, *, counted: bool = True) -> None:
        """Log out. A logout that fails is counted and hides nothing that went before."""
        self._logged_in = False
        if not self.scheme.holds_session:
            return
        self.scheme.holds_session = False
        try:
            self.scheme.logout(self.client, self._deadline)
        except TaskwatchError:
            self.context.stats.logout_failures += counted

    # -- logins ---------------------------------------------------------------------------------------------------

    def _login(self) -> None:
        self._failure = self._failure or self._budget.obstacle()
        if self._failure is not None:
            raise self._failure
        if self.scheme.holds_session and not self.scheme.resumes_login:
            self._leave()  # half of a login that broke off
        try:
            self.scheme.login(self.client, self._deadline)
        except LoginFailed as failed:
            outcome, error = self._judge(failed.response)
            self._failure = self._budget.spend(outcome, error)
            raise self._failure from None
        except TaskwatchError as error:
            outcome = LoginOutcome.ODD if error.kind is ErrorType.BAD_RESPONSE else LoginOutcome.NOT_EVALUATED
            self._failure = self._budget.spend(outcome, error)
            raise self._failure from None
        if self.scheme.opens_session:
            self.context.stats.logins += 1
        if not self.scheme.every_request_logs_in:
            self._budget.succeeded()
        self._logged_in = True
        self._epoch += 1

    def _judge(self, response: Response) -> tuple[LoginOutcome, TaskwatchError]:
        """What a response to a login means that opened no session, and its error."""
        outcome, explanation = self.scheme.classify(response), self._explain(response)
        reason = reason_of(response, explanation)
        if outcome is LoginOutcome.REFUSED:
            kind, sentence = self.scheme.refusal(response)
            return outcome, TaskwatchError(kind, f"{sentence} ({reason})", http_status=response.status)
        if outcome is LoginOutcome.ABSENT:
            return outcome, TaskwatchError(
                ErrorType.BAD_REQUEST,
                f"{self.scheme.absence_sentence()} ({reason})",
                retryability=Retryability.IF_SEEN,
                http_status=response.status,
            )
        error = error_from_response(response, explanation)
        if response.ok or response.is_redirect:
            sentence = f"its answer to the login is neither a session nor a refusal ({reason})"
            error = error.with_(kind=ErrorType.BAD_RESPONSE, message=sentence)
        if response.status == 404:
            sentence = f"it has no login at this address, or not yet ({reason})"
            error = error.with_(message=sentence)
        if outcome is LoginOutcome.NOT_EVALUATED:
            error = error.with_(retryability=Retryability.ALWAYS)
        return outcome, error


def _is_redirect(error: TaskwatchError) -> bool:
    return error.http_status is not None and 300 <= error.http_status < 400
