# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""HTTP Basic authentication. PRIVATE to the collection."""

from __future__ import annotations

from .._rest.client import RestClient
from .scheme import LoginScheme, RequestAuth


class Basic(LoginScheme):
    """HTTP Basic with every request, so each one counts as a login where accounts lock."""

    opens_session = False
    can_login_again = False
    every_request_logs_in = True

    def __init__(self, username: str, password: str) -> None:
        self._login = (username, password)

    def login(self, client: RestClient, _deadline: float | None = None) -> None:
        client.context.secrets.add_login(*self._login)

    def auth_for_request(self) -> RequestAuth:
        return RequestAuth(login=self._login)

    def logout(self, client: RestClient, _deadline: float | None = None) -> None:
        """Nothing to close."""
