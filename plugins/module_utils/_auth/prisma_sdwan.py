# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Logins of Palo Alto Networks Prisma SD-WAN: OAuth 2.0 and a static token. PRIVATE to the collection.

Sources: Prisma SASE API, access tokens and the profile call that has to follow; Prisma SD-WAN legacy API, static
tokens with the tenant in the path.
"""

from __future__ import annotations

from contextlib import suppress

from .._documents import number_of, object_of, read_json, text_of
from .._errors import ErrorType, TaskwatchError, bad_response
from .._rest.client import RestClient, path_of
from .._rest.response import Response
from .scheme import JSON, LoginFailed, LoginScheme, RequestAuth, confirm

# Errors of OAuth 2.0 (RFC 6749, 5.2) that are about the account; the others are about the request or the server.
_OAUTH_REFUSALS = frozenset(
    {"invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "access_denied"}
)


class StaticToken(LoginScheme):
    """A token made in the user interface. It opens no session, so there is none to close."""

    opens_session = False
    can_login_again = False

    def __init__(self, token: str, tenant_id: str | None = None) -> None:
        self._token = token
        self._tenant_id = tenant_id

    def login(self, client: RestClient, deadline: float | None = None) -> None:
        client.context.secrets.add(self._token)
        if self._tenant_id is None:
            headers = {"Accept": JSON, **self.auth_for_request().headers}
            self._tenant_id = _tenant_of(client.send("GET", "/v2.1/api/profile", headers=headers, deadline=deadline))

    def request_path(self, path: str) -> str:
        _unused, version, resource = path.split("/", 2)
        return f"{path_of(version, 'api', 'tenants', str(self._tenant_id))}/{resource}"

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth({"x-auth-token": self._token})

    def logout(self, client: RestClient, _deadline: float | None = None) -> None:
        """Nothing to close: logging out would end the token for everybody who uses it."""


def _tenant_of(response: Response) -> str:
    if not response.ok:
        raise LoginFailed(response)
    profile = object_of(read_json(response.body, "a profile in JSON", response.charset))
    tenant_id = text_of(profile.get("tenant_id"))
    if tenant_id is None:
        raise bad_response("a profile with a 'tenant_id'", response.body)
    return tenant_id


class ClientCredentials(LoginScheme):
    """OAuth 2.0 client credentials, then the profile call that every new token needs.

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

    def login(self, client: RestClient, deadline: float | None = None) -> None:
        client.context.secrets.add_login(*self._client)
        # A token whose profile call was lost to an outage is still good; asking for another would leave it open.
        if not self.holds_session or self.renewal_due(client.context.runtime.clock()):
            self._fetch_token(client, deadline)
        profile = client.send("GET", "/sdwan/v2.1/api/profile", headers=self._headers(), deadline=deadline)
        if not profile.ok:
            if profile.status == 401:
                self._discard(client, deadline)
            raise LoginFailed(profile)
        # A portal's page with status 200 is no profile call, and the next query would be answered 403.
        if not isinstance(read_json(profile.body, "a profile in JSON", profile.charset), dict):
            raise bad_response("a profile as a JSON object", profile.body)

    def request_path(self, path: str) -> str:
        _unused, version, resource = path.split("/", 2)
        return f"/sdwan/{version}/api/{resource}"

    def is_refusal(self, response: Response) -> bool:
        return response.status < 500 and _oauth_error(response) in _OAUTH_REFUSALS

    def refusal(self, response: Response) -> tuple[ErrorType, str]:
        if self.holds_session and _oauth_error(response) is None:
            sentence = f"logged in, but without a role in the tenant service group {self._tsg_id}"
            return ErrorType.AUTHORIZATION, sentence
        return ErrorType.AUTHENTICATION, f"the login for the tenant service group {self._tsg_id} is not accepted"

    def _discard(self, client: RestClient, deadline: float | None = None) -> None:
        """Close a session that the system says is none; most likely it is right, and then it says so again."""
        self.holds_session = False
        with suppress(TaskwatchError):
            self.logout(client, deadline)

    def _fetch_token(self, client: RestClient, deadline: float | None = None) -> None:
        asked_at = client.context.runtime.clock()
        response = client.send(
            "POST",
            self._auth_url,
            login=self._client,
            headers={"Accept": JSON},
            form={"grant_type": "client_credentials", "scope": f"tsg_id:{self._tsg_id} email profile"},
            deadline=deadline,
        )
        if not response.ok:
            raise LoginFailed(response)
        body = object_of(read_json(response.body, "an OAuth 2.0 access token in JSON", response.charset))
        token = text_of(body.get("access_token"))
        if token is None:
            raise bad_response("an OAuth 2.0 answer with an access_token", response.body, http_status=response.status)
        client.context.secrets.add(token)
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

    def logout(self, client: RestClient, deadline: float | None = None) -> None:
        confirm(client.send("GET", "/sdwan/v2.0/api/logout", headers=self._headers(), deadline=deadline))

    def _headers(self) -> dict[str, str]:
        return {"Accept": JSON, "Authorization": f"Bearer {self._token}"}


def _oauth_error(response: Response) -> str | None:
    try:
        return text_of(object_of(read_json(response.body, "an error in JSON", response.charset)).get("error"))
    except TaskwatchError:
        return None
