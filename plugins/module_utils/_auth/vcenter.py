# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Login of VMware vCenter Server Appliance. PRIVATE to the collection.

Sources: vSphere Automation API, Session (POST /api/session); before 7.0 Update 2, POST /rest/com/vmware/cis/session.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .._documents import object_of, read_json, text_of
from .._errors import TaskwatchError, unusable
from .._rest.client import RestClient
from .._rest.response import Response
from .scheme import JSON, LoginFailed, LoginScheme, RequestAuth, confirm


class VcenterSession(LoginScheme):
    """A token in a header.

    ``flavour`` is ``api`` or ``rest``; with ``auto`` the first login finds out and the choice stays.
    """

    _SESSION: ClassVar[Mapping[str, str]] = {"api": "/api/session", "rest": "/rest/com/vmware/cis/session"}

    def __init__(self, username: str, password: str, flavour: str) -> None:
        self._user = (username, password)
        self._token: str | None = None
        self.flavour = flavour

    def login(self, client: RestClient, deadline: float | None = None) -> None:
        client.context.secrets.add_login(*self._user)
        if self.flavour != "auto":
            self._token = self._open(client, self.flavour, deadline)
        else:
            self._token = self._open_either(client, deadline)
        client.context.secrets.add(self._token)
        self.holds_session = True

    def request_path(self, path: str) -> str:
        return f"/{self.flavour}{path}"

    def is_refusal(self, response: Response) -> bool:
        """The structure of an error names its type: at the top under /api, in ``type`` under /rest."""
        try:
            body = object_of(read_json(response.body, "an error in JSON", response.charset))
        except TaskwatchError:
            return False
        told = f"{text_of(body.get('error_type'))} {text_of(body.get('type'))}".lower()
        return "unauthenticated" in told or "unauthorized" in told

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth({"vmware-api-session-id": self._token} if self._token else {})

    def logout(self, client: RestClient, deadline: float | None = None) -> None:
        headers = self.auth_for_request().headers
        confirm(client.send("DELETE", self._SESSION[self.flavour], headers=headers, deadline=deadline))

    def _open_either(self, client: RestClient, deadline: float | None = None) -> str:
        response = self._ask(client, "api", deadline)
        # An appliance without /api says 404 or sends a web page; a refused password must not be tried again on /rest.
        absent = response.status == 404 or (response.ok and response.content_type == "text/html")
        flavour = "rest" if absent else "api"
        token = self._open(client, flavour, deadline) if absent else self._token_of(response, flavour)
        self.flavour = flavour
        return token

    def _open(self, client: RestClient, flavour: str, deadline: float | None = None) -> str:
        return self._token_of(self._ask(client, flavour, deadline), flavour)

    def _ask(self, client: RestClient, flavour: str, deadline: float | None = None) -> Response:
        # The header keeps the system from setting a cookie as well.
        headers = {"Accept": JSON, "vmware-use-header-authn": "true"}
        return client.send("POST", self._SESSION[flavour], login=self._user, headers=headers, deadline=deadline)

    def _token_of(self, response: Response, flavour: str) -> str:
        if not response.ok:
            raise LoginFailed(response)
        body = read_json(response.body, "a vCenter session token in JSON", response.charset)
        token = body if flavour == "api" else object_of(body).get("value")
        if not isinstance(token, str) or not token:
            raise unusable("it confirmed the login without a session token", response.status)
        return token
