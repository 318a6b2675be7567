# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Login of Lenovo XClarity Administrator (LXCA). PRIVATE to the collection.

Source: Lenovo XClarity Administrator REST API, POST /sessions and DELETE /sessions. That page lists the statuses 200,
400 and 500; a public recording of LXCA 2.0.0 shows a wrong password answered with one of these and
``authenticated: false``.
"""

from __future__ import annotations

import re
from typing import Any

from .._documents import object_of, read_json, text_of
from .._errors import TaskwatchError, bad_response
from .._rest.client import RestClient
from .._rest.response import Response
from .._states import LXCA_ANSWER
from .._status import State
from .basic import Basic
from .cookie import CookieSession
from .scheme import JSON, LoginFailed, LoginOutcome, RequestAuth, confirm, cookie_of

_TOO_MANY_SESSIONS = re.compile(
    r"(maximum|max\.?|limit|too many|exceed)[^.]{0,80}sessions?|sessions?[^.]{0,80}(limit|exceed|maximum)"
)
# assumption: how a message speaks of the login itself; a service that is starting speaks of itself.
_ABOUT_THE_LOGIN = re.compile(
    r"(user ?(name|id)|user account|password|credentials?)[^.]{0,80}"
    r"\b(not valid|invalid|incorrect|wrong|denied|rejected|expired|disabled|locked)\b"
    r"|\b(invalid|incorrect|wrong)\b[^.]{0,40}(user ?(name|id)|password|credentials?)"
)
_LONGEST_WORDS = 10_000


def _is_refusal(response: Response) -> bool:
    """Whether a body denies the login, or a 4xx says that the login went wrong.

    With 5xx, ``result: failure`` counts only beside words about the login: a starting service says it of itself.
    """
    body = _body(response)
    told = object_of(body.get("response")).get("authenticated")
    if told is not None and str(told).strip().lower() == "false":
        return True
    result = body.get("result")
    failed = isinstance(result, str) and LXCA_ANSWER.read(result).state is State.FAILED
    return failed and (response.status < 500 or _ABOUT_THE_LOGIN.search(_words(response)) is not None)


def _words(response: Response) -> str:
    return response.body[:_LONGEST_WORDS].decode("utf-8", "replace").lower()


def _body(response: Response) -> dict[str, Any]:
    try:
        return object_of(read_json(response.body, "an LXCA session in JSON", response.charset))
    except TaskwatchError:
        return {}


class LxcaBasic(Basic):
    """HTTP Basic, with LXCA's own words for a login that it refuses."""

    def is_refusal(self, response: Response) -> bool:
        # Every answer comes here, also large ones about tasks, which say nothing of the login.
        if b'"authenticated"' not in response.body:
            return False
        told = object_of(_body(response).get("response")).get("authenticated")
        return told is not None and _is_refusal(response)


class LxcaSession(CookieSession):
    """``POST /sessions``: a session cookie, and a CSRF token that must come back in a header."""

    _csrf: str | None = None
    _must_change_password = False

    def _open(self, client: RestClient, deadline: float | None = None) -> None:
        user = {"UserId": self._username, "password": self._password}
        self._csrf = None
        try:
            response = client.send("POST", "/sessions", json=user, headers={"Accept": JSON}, deadline=deadline)
            if not response.ok or _is_refusal(response):
                client.session.cookies.clear()
                raise LoginFailed(response)
            body = object_of(read_json(response.body, "an LXCA session in JSON", response.charset))
            told = object_of(body.get("response"))
            self._csrf = text_of(object_of(told.get("session")).get("csrf"))
            self._must_change_password = str(told.get("pwChangeRequired")).lower() == "true"
        finally:
            # The cookie and the field are documented to be equal; either will do.
            self._csrf = self._csrf or cookie_of(client, "csrf")
            client.context.secrets.add(self._csrf)
        if not cookie_of(client, self.COOKIE):
            raise bad_response("an LXCA login that sets a session cookie", response.body, http_status=response.status)

    def is_refusal(self, response: Response) -> bool:
        return _is_refusal(response)

    def classify(self, response: Response) -> LoginOutcome:
        # assumption: Lenovo's pages do not show how LXCA words that a user has too many sessions (3 by default). The
        # login itself was not judged then, and a place becomes free by itself.
        if _TOO_MANY_SESSIONS.search(_words(response)):
            return LoginOutcome.NOT_EVALUATED
        return super().classify(response)

    def forbidden_sentence(self) -> str | None:
        if self._must_change_password:
            return f"the password of {self._username} must be changed first"
        return None

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth({"X-Csrf-Token": self._csrf} if self._csrf else {})

    def logout(self, client: RestClient, deadline: float | None = None) -> None:
        headers = {"Accept": JSON, **self.auth_for_request().headers}
        confirm(client.send("DELETE", "/sessions", headers=headers, deadline=deadline))
