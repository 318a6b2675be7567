# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One small class per login scheme. PRIVATE to the collection.

A scheme knows how to open a session, what every request carries then, and how to close it. When to do so, and how
often, is the business of ``_connection``. No options and no AnsibleModule here.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar
from xml.sax.saxutils import escape

from ._documents import number_of, object_of, read_json, read_xml, text_of
from ._errors import TaskwatchError, bad_response, unusable
from ._rest import Response, RestClient, error_from_response, path_of

JSON = "application/json"
XML = "application/xml"


@dataclass(frozen=True)
class RequestAuth:
    """What a request carries: headers, or a name and password for HTTP Basic."""

    headers: Mapping[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None


class LoginRefused(Exception):
    """The system answered a login with something that is no success."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class LoginScheme(ABC):
    """``lost_session`` are the statuses by which the system says that the session has ended.

    ``holds_session`` tells whether there is something to log out of, be it complete or half open; ``renew_at`` is the
    moment of the client's clock at which to replace it.
    """

    opens_session: ClassVar[bool] = True
    can_login_again: ClassVar[bool] = True
    every_request_logs_in: ClassVar[bool] = False
    lost_session: ClassVar[frozenset[int]] = frozenset({401})
    # Whether ``login`` goes on where one that broke off has stopped.
    resumes_login: ClassVar[bool] = False
    holds_session: bool = False
    renew_at: float | None = None

    @abstractmethod
    def login(self, client: RestClient) -> None:
        """Open a session. Raises LoginRefused with the answer, or the client's errors."""

    @abstractmethod
    def auth_for_request(self) -> RequestAuth:
        """What makes a request part of the session."""

    @abstractmethod
    def logout(self, client: RestClient) -> None:
        """Close the session. Raises a TaskwatchError if the system does not confirm it."""

    def renewal_due(self, client: RestClient) -> bool:
        """Whether the session is about to end by its own account."""
        return self.renew_at is not None and client.clock() >= self.renew_at


class StaticToken(LoginScheme):
    """Prisma SD-WAN legacy: a token made in the user interface. It opens no session, so there is none to close."""

    opens_session = False
    can_login_again = False

    def __init__(self, token: str) -> None:
        self._token = token

    def login(self, client: RestClient) -> None:
        client.secrets.add(self._token)

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth({"x-auth-token": self._token})

    def logout(self, client: RestClient) -> None:
        """Nothing to close: logging out would end the token for everybody who uses it."""


class Basic(LoginScheme):
    """HTTP Basic with every request, so each one counts as a login where accounts lock."""

    opens_session = False
    can_login_again = False
    every_request_logs_in = True

    def __init__(self, username: str, password: str) -> None:
        self._login = (username, password)

    def login(self, client: RestClient) -> None:
        client.secrets.add_login(*self._login)

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth(login=self._login)

    def logout(self, client: RestClient) -> None:
        """Nothing to close."""


class CookieSession(LoginScheme):
    """What LXCA and SDM have in common: a session cookie that travels in the client's jar, bound to its host."""

    COOKIE: ClassVar[str] = "JSESSIONID"

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password

    def login(self, client: RestClient) -> None:
        client.secrets.add_login(self._username, self._password)
        client.session.cookies.clear()
        try:
            self._open(client)
        finally:
            # The cookie comes with the headers, so there may be a session although the body was lost.
            cookie = _cookie(client, self.COOKIE)
            client.secrets.add(cookie)
            self.holds_session = cookie is not None

    @abstractmethod
    def _open(self, client: RestClient) -> None:
        """Ask for a session; afterwards the cookie is in the jar, or nothing was opened."""


class LxcaSession(CookieSession):
    """LXCA ``POST /sessions``: a session cookie, and a CSRF token that must come back in a header."""

    _csrf: str | None = None

    def _open(self, client: RestClient) -> None:
        user = {"UserId": self._username, "password": self._password}
        self._csrf = None
        try:
            response = client.send("POST", "/sessions", json=user, headers={"Accept": JSON})
            if not response.ok:
                client.session.cookies.clear()
                raise LoginRefused(response)
            body = object_of(read_json(response.body, "an LXCA session in JSON", response.charset))
            session = object_of(object_of(body.get("response")).get("session"))
            self._csrf = text_of(session.get("csrf"))
        finally:
            # The cookie and the field are documented to be equal; either will do.
            self._csrf = self._csrf or _cookie(client, "csrf")
            client.secrets.add(self._csrf)
        if not _cookie(client, self.COOKIE):
            raise bad_response("an LXCA login that sets a session cookie", response.body, http_status=response.status)

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth({"X-Csrf-Token": self._csrf} if self._csrf else {})

    def logout(self, client: RestClient) -> None:
        _confirm(client.send("DELETE", "/sessions", headers={"Accept": JSON, **self.auth_for_request().headers}))


class SdmCookie(CookieSession):
    """SDM ``POST /rest/{version}/admin/login``, in XML or JSON: a session cookie."""

    def __init__(self, username: str, password: str, api_version: str, media_type: str) -> None:
        super().__init__(username, password)
        self._version = api_version
        self._media_type = media_type

    def _open(self, client: RestClient) -> None:
        response = client.send(
            "POST",
            path_of("rest", self._version, "admin", "login"),
            body=self._document().encode("utf-8"),
            headers={"Accept": self._media_type, "Content-Type": self._media_type},
        )
        if not response.ok:
            client.session.cookies.clear()
            raise LoginRefused(response)
        if not _cookie(client, self.COOKIE):
            # Some front ends swallow Set-Cookie; the body names the session, too.
            session_id = self._session_id(response)
            client.session.cookies.set(self.COOKIE, session_id, domain=client.endpoint.hostname, path="/rest")

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth()

    def logout(self, client: RestClient) -> None:
        target = path_of("rest", self._version, "admin", "logout")
        _confirm(client.send("POST", target, headers={"Accept": self._media_type}))

    def _document(self) -> str:
        user = {"userName": self._username, "password": self._password}
        if self._media_type == JSON:
            return json.dumps(user)
        fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in user.items())
        return f'<?xml version="1.0" encoding="UTF-8"?><session>{fields}</session>'

    def _session_id(self, response: Response) -> str:
        expected = "an SDM session"
        if response.content_type == JSON:
            body = read_json(response.body, expected, response.charset)
        else:
            body = read_xml(response.body, expected)[1]
        session_id = text_of(object_of(body).get("sessionId"))
        if session_id is None:
            raise bad_response(f"{expected} with a cookie or a sessionId", response.body, http_status=response.status)
        return session_id


class VcenterSession(LoginScheme):
    """vCenter ``POST /api/session`` or, before 7.0 Update 2, ``POST /rest/com/vmware/cis/session``: a token.

    ``flavour`` is ``api`` or ``rest``; with ``auto`` the first login finds out and the choice stays.
    """

    _SESSION: ClassVar[Mapping[str, str]] = {"api": "/api/session", "rest": "/rest/com/vmware/cis/session"}

    def __init__(self, username: str, password: str, flavour: str) -> None:
        self._user = (username, password)
        self._token: str | None = None
        self.flavour = flavour

    def login(self, client: RestClient) -> None:
        client.secrets.add_login(*self._user)
        if self.flavour != "auto":
            self._token = self._open(client, self.flavour)
        else:
            self._token = self._open_either(client)
        client.secrets.add(self._token)
        self.holds_session = True

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth({"vmware-api-session-id": self._token} if self._token else {})

    def logout(self, client: RestClient) -> None:
        _confirm(client.send("DELETE", self._SESSION[self.flavour], headers=self.auth_for_request().headers))

    def _open_either(self, client: RestClient) -> str:
        response = self._ask(client, "api")
        # An appliance without /api says 404 or sends a web page; a refused password must not be tried again on /rest.
        absent = response.status == 404 or (response.ok and response.content_type == "text/html")
        flavour = "rest" if absent else "api"
        token = self._open(client, flavour) if absent else self._token_of(response, flavour)
        self.flavour = flavour
        return token

    def _open(self, client: RestClient, flavour: str) -> str:
        return self._token_of(self._ask(client, flavour), flavour)

    def _ask(self, client: RestClient, flavour: str) -> Response:
        # The header keeps the system from setting a cookie as well.
        headers = {"Accept": JSON, "vmware-use-header-authn": "true"}
        return client.send("POST", self._SESSION[flavour], login=self._user, headers=headers)

    def _token_of(self, response: Response, flavour: str) -> str:
        if not response.ok:
            raise LoginRefused(response)
        body = read_json(response.body, "a vCenter session token in JSON", response.charset)
        token = body if flavour == "api" else object_of(body).get("value")
        if not isinstance(token, str) or not token:
            raise unusable("it confirmed the login without a session token", response.status)
        return token


class ClientCredentials(LoginScheme):
    """Prisma SASE: OAuth 2.0 client credentials, then the profile call that every new token needs.

    Without the profile call the SD-WAN endpoints answer 403, and an expired session may do so, too.
    """

    lost_session = frozenset({401, 403})
    resumes_login = True
    # A token is renewed this many seconds before it ends; it lives about 15 minutes.
    RENEW_BEFORE = 60.0

    def __init__(self, client_id: str, client_secret: str, tsg_id: str, auth_url: str) -> None:
        self._client = (client_id, client_secret)
        self._tsg_id = tsg_id
        self._auth_url = auth_url
        self._token: str | None = None

    def login(self, client: RestClient) -> None:
        client.secrets.add_login(*self._client)
        # A token whose profile call was lost to an outage is still good; asking for another would leave it open.
        if not self.holds_session or self.renewal_due(client):
            self._fetch_token(client)
        profile = client.send("GET", "/sdwan/v2.1/api/profile", headers=self._headers())
        if not profile.ok:
            if profile.status == 401:
                self._discard(client)
            raise LoginRefused(profile)
        # A portal's page with status 200 is no profile call, and the next query would be answered 403.
        if not isinstance(read_json(profile.body, "a profile in JSON", profile.charset), dict):
            raise bad_response("a profile as a JSON object", profile.body)

    def _discard(self, client: RestClient) -> None:
        """Close a session that the system says is none; most likely it is right, and then it says so again."""
        self.holds_session = False
        with suppress(TaskwatchError):
            self.logout(client)

    def _fetch_token(self, client: RestClient) -> None:
        asked_at = client.clock()
        response = client.send(
            "POST",
            self._auth_url,
            login=self._client,
            headers={"Accept": JSON},
            form={"grant_type": "client_credentials", "scope": f"tsg_id:{self._tsg_id} email profile"},
        )
        if not response.ok:
            raise LoginRefused(response)
        body = object_of(read_json(response.body, "an OAuth 2.0 access token in JSON", response.charset))
        token = text_of(body.get("access_token"))
        if token is None:
            raise bad_response("an OAuth 2.0 answer with an access_token", response.body, http_status=response.status)
        client.secrets.add(token)
        self._token = token
        self.holds_session = True
        lifetime = number_of(body.get("expires_in"))
        if lifetime is None:
            self.renew_at = None
        else:
            # Half of a very short life: renewing before every single request would never end.
            self.renew_at = asked_at + lifetime - min(self.RENEW_BEFORE, lifetime / 2)

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth(self._headers())

    def logout(self, client: RestClient) -> None:
        _confirm(client.send("GET", "/sdwan/v2.0/api/logout", headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {"Accept": JSON, "Authorization": f"Bearer {self._token}"}


def _confirm(response: Response) -> None:
    if not response.ok:
        raise error_from_response(response, None)


def _cookie(client: RestClient, name: str) -> str | None:
    # Not ``cookies.get``: it raises when two paths set the same name.
    return next((cookie.value for cookie in client.session.cookies if cookie.name == name), None)
