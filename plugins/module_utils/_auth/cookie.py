# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What login schemes with a session cookie have in common. PRIVATE to the collection."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from .._rest.client import RestClient
from .scheme import LoginScheme, cookie_of


class CookieSession(LoginScheme):
    """A session cookie that travels in the client's jar, bound to its host.

    ``_session_id`` is set where the cookie did not arrive and the body names the session.
    """

    COOKIE: ClassVar[str] = "JSESSIONID"

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._session_id: str | None = None

    def login(self, client: RestClient, deadline: float | None = None) -> None:
        client.context.secrets.add_login(self._username, self._password)
        client.session.cookies.clear()
        self._session_id = None
        try:
            self._open(client, deadline)
        finally:
            # The cookie comes with the headers, so there may be a session although the body was lost.
            cookie = cookie_of(client, self.COOKIE) or self._session_id
            client.context.secrets.add(cookie)
            self.holds_session = cookie is not None

    @abstractmethod
    def _open(self, client: RestClient, deadline: float | None = None) -> None:
        """Ask for a session; afterwards the cookie is in the jar, the body named it, or nothing was opened."""
