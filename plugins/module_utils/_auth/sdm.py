# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Login of Oracle Communications Session Delivery Manager (SDM). PRIVATE to the collection.

Source: Oracle, REST API for Session Delivery Manager, login and logout. A login at an unknown REST version is 404.
"""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from .._documents import object_of, read_json, read_xml, text_of
from .._errors import bad_response
from .._rest.client import RestClient, path_of
from .._rest.response import Response
from .cookie import CookieSession
from .scheme import JSON, LoginFailed, LoginOutcome, RequestAuth, confirm, cookie_of


class SdmSession(CookieSession):
    """``POST /rest/{version}/admin/login``, in XML or JSON: a session cookie."""

    def __init__(self, username: str, password: str, api_version: str, media_type: str) -> None:
        super().__init__(username, password)
        self._version = api_version
        self._media_type = media_type

    def _open(self, client: RestClient, deadline: float | None = None) -> None:
        response = client.send(
            "POST",
            path_of("rest", self._version, "admin", "login"),
            body=self._document().encode("utf-8"),
            headers={"Accept": self._media_type, "Content-Type": self._media_type},
            deadline=deadline,
        )
        if not response.ok:
            client.session.cookies.clear()
            raise LoginFailed(response)
        if not cookie_of(client, self.COOKIE):
            # Some front ends swallow Set-Cookie; the body names the session, too.
            self._session_id = self._read_session_id(response)

    def classify(self, response: Response) -> LoginOutcome:
        return LoginOutcome.ABSENT if response.status == 404 else super().classify(response)

    def absence_sentence(self) -> str:
        format_hint = ", or response_format: JSON is not offered by every release" if self._media_type == JSON else ""
        return (
            f"it has no login at REST version {self._version}; check api_version "
            f"(SDM 8.0 and 8.1 speak v1.1){format_hint}"
        )

    def auth_for_request(self) -> RequestAuth:
        # Not through the jar: its rules for hosts without a dot would keep the cookie from being sent.
        return RequestAuth({"Cookie": f"{self.COOKIE}={self._session_id}"} if self._session_id else {})

    def logout(self, client: RestClient, deadline: float | None = None) -> None:
        target = path_of("rest", self._version, "admin", "logout")
        headers = {"Accept": self._media_type, **self.auth_for_request().headers}
        confirm(client.send("POST", target, headers=headers, deadline=deadline))

    def _document(self) -> str:
        user = {"userName": self._username, "password": self._password}
        if self._media_type == JSON:
            return json.dumps(user)
        fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in user.items())
        return f'<?xml version="1.0" encoding="UTF-8"?><session>{fields}</session>'

    def _read_session_id(self, response: Response) -> str:
        expected = "an SDM session"
        if "json" in response.content_type:
            body = read_json(response.body, expected, response.charset)
        else:
            body = read_xml(response.body, expected)[1]
        session = object_of(body)
        # Some JSON bindings keep the name of the XML root.
        session_id = text_of(session.get("sessionId")) or text_of(object_of(session.get("session")).get("sessionId"))
        if session_id is None:
            raise bad_response(f"{expected} with a cookie or a sessionId", response.body, http_status=response.status)
        return session_id
