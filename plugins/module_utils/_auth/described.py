# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Logins that a description tells: a token, or a session opened by a request. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._description.expressions import Answer, Expression
from .._description.model import LoginForm, RequestForm
from .._description.templates import PathTemplate, Template, has_controls, local_target
from .._documents import number_of, read_json, text_of
from .._errors import ErrorType, TaskwatchError, unusable
from .._rest.client import RestClient
from .._rest.response import Response
from .basic import Basic
from .scheme import JSON, LoginFailed, LoginOutcome, LoginScheme, RequestAuth, confirm

# Seconds before its end at which a token is replaced.
_RENEW_BEFORE = 60.0


def described_login(form: LoginForm, params: Mapping[str, Any]) -> LoginScheme:
    """The login of a description for these options, which have been checked."""
    values = {name: str(params[name]) for name in ("username", "password", "token") if params.get(name)}
    values = {**(params.get("variables") or {}), **values}
    if form.kind == "basic":
        return DescribedBasic(form, values["username"], values["password"])
    if form.kind in ("session", "oauth2"):
        return DescribedSession(form, values)
    return DescribedToken(form, values)


class DescribedBasic(Basic):
    """HTTP Basic with every request."""

    def __init__(self, form: LoginForm, username: str, password: str) -> None:
        super().__init__(username, password)
        self.lost_session = form.expired


class DescribedToken(LoginScheme):
    """A token that goes with every request, or nothing at all. It opens no session, so there is none to close."""

    opens_session = False
    can_login_again = False

    def __init__(self, form: LoginForm, values: Mapping[str, str]) -> None:
        headers = (
            {"Authorization": f"Bearer {values['token']}"} if form.kind == "bearer" else _headers(form.send, values)
        )
        self._headers = headers
        self._secrets = [values.get("token"), values.get("password"), *headers.values()]

    def login(self, client: RestClient, _deadline: float | None = None) -> None:
        for secret in self._secrets:
            client.context.secrets.add(secret)

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth(self._headers)

    def logout(self, client: RestClient, _deadline: float | None = None) -> None:
        """Nothing to close."""


class DescribedSession(LoginScheme):
    """A session, or an OAuth 2.0 token, that one request opens."""

    def __init__(self, form: LoginForm, values: Mapping[str, str]) -> None:
        self.lost_session = form.expired
        self._form = form
        self._values = values
        self._taken: dict[str, str] = {}

    def login(self, client: RestClient, deadline: float | None = None) -> None:
        secrets = client.context.secrets
        secrets.add_login(self._values.get("username", ""), self._values.get("password", ""))
        client.session.cookies.clear()
        self._taken, self.renew_at = {}, None
        asked_at = client.context.runtime.clock()
        try:
            response = self._ask(client, deadline)
        except TaskwatchError:
            self._take_cookies(client)
            raise
        cookies = _cookies_of(client)
        if not response.ok or self.is_refusal(response):
            client.session.cookies.clear()
            raise LoginFailed(response)
        answer = Answer(response.status, response.headers, _body_of(response), cookies)
        self._take(client, answer)
        self._renew_later(answer, asked_at)

    def _ask(self, client: RestClient, deadline: float | None) -> Response:
        request = self._form.request
        if request is None:
            raise AssertionError("a session without a request is refused when the description is read")
        oauth = self._form.kind == "oauth2"
        target, sent = request.render(self._values)
        if oauth:
            sent["form"] = {"grant_type": "client_credentials", **sent.get("form", {})}
        named = {name for template in request.in_message() for name in template.names}
        basic = self._form.basic or (oauth and "password" not in named)
        login = (self._values["username"], self._values["password"]) if basic else None
        headers = {"Accept": JSON, **sent.pop("headers")}
        return client.send(request.method, target, headers=headers, login=login, deadline=deadline, **sent)

    def _take(self, client: RestClient, answer: Answer) -> None:
        missing: list[Expression] = []
        for name, expression in self._form.take.items():
            value = text_of(expression.find(answer))
            if value is None or has_controls(value):
                missing.append(expression)
                continue
            self._taken[name] = value
            if name in self._form.secret_names:
                client.context.secrets.add(value)
        for header in _headers(self._form.send, self._taken_or_not()).values():
            client.context.secrets.add(header)
        # What was opened has to be closed, also where the answer does not hold all that was expected.
        self.holds_session = self._can_log_out()
        if missing:
            sentence = f"it confirmed the login without anything at '{missing[0].text}' ({missing[0].path})"
            raise unusable(sentence, answer.status)

    def _take_cookies(self, client: RestClient) -> None:
        """An answer that broke off has told its cookies already. They may be a session, which has to be closed."""
        answer = Answer(0, {}, None, _cookies_of(client))
        for name, expression in self._form.take.items():
            value = expression.find(answer) if expression.kind == "cookie" else None
            if value is not None and not has_controls(value):
                self._taken[name] = value
        self.holds_session = bool(answer.cookies) and self._can_log_out()

    def _can_log_out(self) -> bool:
        """Whether there is a logout, and all that it needs was taken."""
        needed = {name for template in _parts(self._form.logout) for name in template.names} & self._form.take.keys()
        return self._form.logout is not None and needed <= self._taken.keys()

    def _renew_later(self, answer: Answer, asked_at: float) -> None:
        lifetime = number_of(self._form.expires.find(answer)) if self._form.expires is not None else None
        if lifetime is not None and lifetime > 0:
            # Half of a very short life: renewing before every single request would never end.
            self.renew_at = asked_at + lifetime - min(_RENEW_BEFORE, lifetime / 2)

    def _taken_or_not(self) -> dict[str, str]:
        return {**dict.fromkeys(self._form.take, ""), **self._values, **self._taken}

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth(_headers(self._form.send, {**self._values, **self._taken}))

    def is_refusal(self, response: Response) -> bool:
        if response.status in self._form.refused:
            return True
        if self._form.refused_when is None:
            return False
        found = self._form.refused_when.find(Answer(response.status, response.headers, _body_of(response)))
        return bool(found)

    def classify(self, response: Response) -> LoginOutcome:
        outcome = super().classify(response)
        # RFC 6749, 5.2: a refused client is told with 400.
        oauth_refusal = self._form.kind == "oauth2" and response.status == 400
        return LoginOutcome.REFUSED if oauth_refusal else outcome

    def logout(self, client: RestClient, deadline: float | None = None) -> None:
        logout = self._form.logout
        if logout is None:
            return
        values = {**self._values, **self._taken}
        target = None
        if isinstance(logout.path, Template) and not isinstance(logout.path, PathTemplate):
            address = logout.path.render(values)
            try:
                target = local_target(address, client.endpoint.origin)
            except ValueError as reason:
                sentence = f"the address of the session {reason}"
                raise TaskwatchError(ErrorType.BAD_RESPONSE, sentence) from None
        path, sent = logout.render(values, target)
        known = {name: part for name, part in self._form.send.items() if values.keys() >= set(part.names)}
        headers = {"Accept": JSON, **_headers(known, values), **sent.pop("headers")}
        confirm(client.send(logout.method, path, headers=headers, deadline=deadline, **sent))


def _parts(request: RequestForm | None) -> list[Template]:
    return [] if request is None else [*request.in_address(), *request.in_message()]


def _headers(templates: Mapping[str, Template], values: Mapping[str, str]) -> dict[str, str]:
    return {name: template.render(values) for name, template in templates.items()}


def _cookies_of(client: RestClient) -> dict[str, str]:
    """The cookies that the system has set, which are secrets from now on."""
    cookies = {cookie.name: cookie.value or "" for cookie in client.session.cookies}
    for value in cookies.values():
        client.context.secrets.add(value)
    return cookies


def _body_of(response: Response) -> Any:
    try:
        return read_json(response.body, "an answer in JSON", response.charset)
    except TaskwatchError:
        return None
