# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A session with one system: who logs in, when, and who logs out. PRIVATE to the collection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ._auth import LoginRefused, LoginScheme
from ._errors import ErrorType, Retryability, TaskwatchError
from ._rest import Response, RestClient, error_from_response, reason_of


class Connection:
    """A client that logs in at its first request, once more per outage, and out at the end.

    ``explain`` finds the vendor's own text in an answer that is no success. The first login happens with the first
    request and not before, so that a system which is away is treated alike whether or not anybody was logged in.
    """

    def __init__(self, client: RestClient, scheme: LoginScheme, explain: Callable[[Response], str | None]) -> None:
        self.client = client
        self.scheme = scheme
        self._explain = explain
        self._lock = threading.Lock()
        self._epoch = 0  # counts logins, so that of many threads told 401 only the first logs in again
        self._logged_in = False
        self._again_spent = False
        self._failure: TaskwatchError | None = None  # of a login in this look, so that no other request repeats it

    def begin_poll(self) -> None:
        """A new look may try again what failed in the one before."""
        self._failure = None

    def close(self) -> None:
        """Close what was opened, and let nobody open anything after."""
        self._failure = TaskwatchError(ErrorType.UNREACHABLE, "the connection is closed")
        try:
            with self._lock:
                self._leave()
        finally:
            self.client.close()

    def _leave(self, *, counted: bool = True) -> None:
        """Log out. A logout that fails is counted and hides nothing that went before."""
        self._logged_in = False
        if not self.scheme.holds_session:
            return
        self.scheme.holds_session = False
        try:
            self.scheme.logout(self.client)
        except TaskwatchError:
            self.client.stats.logout_failures += counted

    def request(self, method: str, target: str, **what: Any) -> Response:
        """Send a request under the login and return its answer, which is a success or a TaskwatchError."""
        try:
            response = self._ask(method, target, **what)
        except TaskwatchError as error:
            # Whoever was let in again and then went away again is in another restart, with another login to come.
            # What stays spent is the login whose fresh session was not accepted, either.
            if error.retryability is Retryability.ALWAYS:
                self._again_spent = False
            raise
        self._again_spent = False
        return response

    def _ask(self, method: str, target: str, **what: Any) -> Response:
        self.ensure_login()
        epoch = self._epoch
        response = self._send(method, target, **what)
        if response.status in self.scheme.lost_session and self._login_again(epoch, response.status):
            self.client.stats.retries += 1
            response = self._send(method, target, **what)
        if response.ok:
            return response
        error = error_from_response(response, self._explain(response))
        if self.scheme.every_request_logs_in and response.status in (401, 403):
            error.retryability, error.affects_all_tasks = Retryability.NEVER, True
        raise error

    def _send(self, method: str, target: str, headers: Mapping[str, str] | None = None, **what: Any) -> Response:
        request_auth = self.scheme.auth_for_request()
        return self.client.send(
            method, target, headers={**(headers or {}), **request_auth.headers}, login=request_auth.login, **what
        )

    def ensure_login(self) -> LoginScheme:
        """The scheme, logged in."""
        with self._lock:
            if self._logged_in and self.scheme.renewal_due(self.client):
                self._leave()
            if not self._logged_in:
                self._login()
            return self.scheme

    def _login_again(self, epoch: int, status: int) -> bool:
        """Whether the request is worth repeating: somebody has a fresh session, once per outage."""
        with self._lock:
            if self._epoch != epoch:
                return True
            if self._again_spent or not self.scheme.can_login_again:
                return False
            # After a 401 there is most likely nothing left to log out of; a restarting system may only say so.
            self._leave(counted=status != 401)
            self._again_spent = True
            self._login()
            return True

    def _login(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self.scheme.holds_session and not self.scheme.resumes_login:
            self._leave()  # half of a login that broke off
        try:
            self._log_in()
        except TaskwatchError as error:
            error.affects_all_tasks = True
            self._failure = error
            raise
        if self.scheme.opens_session:
            self.client.stats.logins += 1
        self._logged_in = True
        self._epoch += 1

    def _log_in(self) -> None:
        try:
            self.scheme.login(self.client)
        except LoginRefused as refused:
            raise self._login_error(refused.response) from None

    def _login_error(self, response: Response) -> TaskwatchError:
        explanation = self._explain(response)
        if response.status not in (401, 403):
            return error_from_response(response, explanation)
        # Final at once and never retried: some of these systems lock an account after a few wrong tries.
        return TaskwatchError(
            ErrorType.AUTHENTICATION,
            f"the login is not accepted ({reason_of(response, explanation)})",
            http_status=response.status,
        )
