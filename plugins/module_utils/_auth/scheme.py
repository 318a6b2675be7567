# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What every login scheme offers to a connection. PRIVATE to the collection.

A scheme knows how to open a session, what every request carries then, how to close it, and what the answers to a login
mean. When to log in, and how often, is the business of ``_connection``. No options and no AnsibleModule here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from .._errors import ErrorType
from .._rest.client import RestClient
from .._rest.response import Response, error_from_response

JSON = "application/json"
XML = "application/xml"


@dataclass(frozen=True)
class RequestAuth:
    """What a request carries: headers, or a name and password for HTTP Basic."""

    headers: Mapping[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None


class LoginOutcome(Enum):
    """What a response to a login means that opened no session.

    REFUSED: the system says that it does not accept the login. Some systems lock an account after a few of these.
    NOT_EVALUATED: no part of the system looked at the login: a gateway, or a service that is starting.
    ABSENT: the address of the login does not exist, which an option of the user explains.
    ODD: neither a session nor a refusal, such as a web page.
    """

    REFUSED = "refused"
    NOT_EVALUATED = "not evaluated"
    ABSENT = "absent"
    ODD = "odd"


class LoginFailed(Exception):
    """The system answered a login with something that opened no session."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class LoginScheme(ABC):
    """``lost_session`` are the statuses by which the system says that the session has ended.

    ``holds_session`` tells whether there is something to log out of, be it complete or half open; ``renew_at`` is the
    moment of the run's clock at which to replace it.
    """

    opens_session: ClassVar[bool] = True
    can_login_again: ClassVar[bool] = True
    every_request_logs_in: ClassVar[bool] = False
    lost_session: frozenset[int] = frozenset({401})
    # Whether ``login`` goes on where one that broke off has stopped.
    resumes_login: ClassVar[bool] = False
    holds_session: bool = False
    renew_at: float | None = None

    @abstractmethod
    def login(self, client: RestClient, deadline: float | None = None) -> None:
        """Open a session. Raises LoginFailed with the response, or the client's errors."""

    @abstractmethod
    def auth_for_request(self) -> RequestAuth:
        """What makes a request part of the session."""

    @abstractmethod
    def logout(self, client: RestClient, deadline: float | None = None) -> None:
        """Close the session. Raises a TaskwatchError if the system does not confirm it."""

    def request_path(self, path: str) -> str:
        """The path under which this login reaches a resource of the system."""
        return path

    def classify(self, response: Response) -> LoginOutcome:
        """What a response to a login means that opened no session."""
        if response.status in (401, 403) or self.is_refusal(response):
            return LoginOutcome.REFUSED
        if response.status in (404, 408, 429) or response.status >= 500:
            return LoginOutcome.NOT_EVALUATED
        return LoginOutcome.ODD

    def is_refusal(self, response: Response) -> bool:  # noqa: ARG002 (subclasses read it)
        """Whether a response says in the vendor's own words that the login is not accepted, whatever its status."""
        return False

    def refusal(self, response: Response) -> tuple[ErrorType, str]:  # noqa: ARG002 (subclasses read it)
        """The type of a refused login, and what is refused as the beginning of a sentence."""
        return ErrorType.AUTHENTICATION, "the login is not accepted"

    def absence_sentence(self) -> str:
        """Which option explains that the address of the login does not exist."""
        return "it has no such login"

    def forbidden_sentence(self) -> str | None:
        """Why a request may be forbidden although the login was accepted, None if the login told nothing of it."""
        return None

    def renewal_due(self, now: float) -> bool:
        """Whether the session is about to end by its own account."""
        return self.renew_at is not None and now >= self.renew_at


def confirm(response: Response) -> None:
    """Raise the error of a response without success."""
    if not response.ok:
        raise error_from_response(response, None)


def cookie_of(client: RestClient, name: str) -> str | None:
    # Not ``cookies.get``: it raises when two paths set the same name.
    return next((cookie.value for cookie in client.session.cookies if cookie.name == name), None)
