# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every simulated system has: options, sessions, routes and tasks."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from ..accounts import Account, Refusal
from ..clock import Timebase
from ..messages import Reply, Request, text_reply
from ..sessions import SessionTable
from ..timeline import Duration, Model, Seconds, StateWord

BODY_LIMIT = 8 * 1024 * 1024
SECURITY_HEADERS = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]


LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Log in</form></body></html>"


def _word(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


# A status, or a page for people
SessionEnd = Annotated[
    Literal["400", "401", "403", "404", "500", "redirect", "login_page"],
    BeforeValidator(_word),
    WithJsonSchema({"enum": [400, 401, 403, 404, 500, "redirect", "login_page"]}),
]


class SystemOptions(Model):
    """Keys that every system of a scenario shares."""

    username: str = "simulator"
    password: str = "simulator-password"
    latency: Seconds = 0
    """Wall seconds before each answer."""
    authorized: bool = True
    """False: the account logs in but may not read."""
    session_end: SessionEnd = "401"
    """How a request with a session that has ended is answered."""
    lock_after: Annotated[int, Field(ge=0)] = 0
    """Refused logins in a row after which the account is locked; 0: never."""
    lock_seconds: Duration = 3600
    """Wall seconds that it stays locked."""
    max_sessions: Annotated[int, Field(ge=1)] | None = None
    """Open sessions of the account after which another login is refused."""


@dataclass(frozen=True)
class ExpectedState:
    """What a perfect observer would report of one task; `percent` is None where the vendor shows none."""

    id: str
    kind: str
    state: StateWord
    percent: float | None
    native_state: str | None
    begins: float = 0.0
    """Simulated second at which its work begins."""
    ends: float | None = None
    """Simulated second at which it ends, None if never."""

    def listing(self) -> dict[str, object]:
        """Return it as the control API shows it."""
        return {name: value for name, value in asdict(self).items() if name not in {"begins", "ends"}}


class UnknownRoute(Exception):
    """No call of this system has this path, or none with this verb (`allowed` then names the verbs)."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__("unknown route")
        self.allowed = allowed


# How a port is served: open, cut in the middle of the TLS handshake, by dropping what arrives, or not at all. Where
# several apply, the last one holds.
PortMode = Literal["open", "tls_cut", "black_hole", "refused"]
PORT_MODES: tuple[PortMode, ...] = get_args(PortMode)
Handler = Callable[..., Reply]


class NoSession(Protocol):
    """`System.no_session`, for the parts of a system that authenticate."""

    def __call__(self, error: Callable[[int], Reply], *, presented: bool) -> Reply:
        """Return the answer to a request without an open session."""


Options = TypeVar("Options", bound=SystemOptions)


class Routes:
    """Paths and verbs of one kind of system, and the function that answers each, which takes the system first.

    Made once per class: compiling the rules takes longer than everything else in the making of a world.
    """

    def __init__(self, *routes: tuple[str, str, Handler]) -> None:
        self.listing = tuple((verbs, path) for verbs, path, _handler in routes)
        """Verbs and path of each route, as they were given."""
        rules = [Rule(path, methods=verbs.split(), endpoint=handler) for verbs, path, handler in routes]
        self._map = Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)

    def find(self, request: Request) -> tuple[Handler, Mapping[str, Any]]:
        """Return what answers a request, with the path's arguments.

        Raises:
            UnknownRoute: when nothing does.
        """
        try:
            return self._map.bind("127.0.0.1").match(request.decoded_path, method=request.method)
        except MethodNotAllowed as error:
            raise UnknownRoute(sorted(error.valid_methods or [])) from None
        except (NotFound, RequestRedirect):
            raise UnknownRoute([]) from None


class System(ABC, Generic[Options]):
    """One simulated system. It knows nothing of sockets: a request comes in, a reply goes out."""

    name: ClassVar[str]
    POLLS: ClassVar[tuple[str, ...]] = ()
    """Paths of requests about tasks, whose ids are the pattern's group."""

    def __init__(self, options: Options, time: Timebase, sessions: SessionTable, *, plain: bool) -> None:
        self.options = options
        self.time = time
        self.sessions = sessions
        self.plain = plain
        self.session_end: SessionEnd = options.session_end
        self.account = Account(sessions, time.wall, options.lock_after, options.lock_seconds, options.max_sessions)

    @abstractmethod
    def handle(self, request: Request) -> Reply:
        """Answer a request."""

    @abstractmethod
    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin a task described as in a scenario and return its id.

        Raises:
            pydantic.ValidationError: when the description has a fault.
        """

    @abstractmethod
    def expected_states(self) -> list[ExpectedState]:
        """Return the true state of every task."""

    def no_session(self, error: Callable[[int], Reply], *, presented: bool) -> Reply:
        """Return the answer to a request without an open session; `error` writes one in the vendor's form.

        `presented` says that the request came with a session, which has ended.
        """
        if not presented:
            return error(401)
        if self.session_end == "login_page":
            return text_reply(LOGIN_PAGE, 200, "text/html; charset=utf-8")
        if self.session_end == "redirect":
            return Reply(302, [("Location", "/login.html")])
        return error(int(self.session_end))

    @abstractmethod
    def is_login(self, request: Request) -> bool:
        """Tell whether a request is a login."""

    @abstractmethod
    def login_refusal(self, request: Request, reason: Refusal, status: int | None = None) -> Reply:
        """Return the refusal of a login, in the vendor's form; without a status, with the scenario's."""

    def access(self) -> dict[str, str]:
        """Return the credentials that a client needs."""
        return {"username": self.options.username, "password": self.options.password}

    def catch_up(self) -> None:
        """Apply what happened since the last request: here, the end of sessions."""
        self.sessions.all()

    def user_of(self, request: Request) -> str | None:
        """Return the user that a request comes from, as far as it shows."""
        session = self.sessions.find(self.token_of(request), touch=False)
        if session is not None:
            return session.user
        return request.basic[0] if request.basic else None

    @abstractmethod
    def token_of(self, request: Request) -> str | None:
        """Return the token of the session that a request names."""

    def polled(self, request: Request) -> list[str]:
        """Return the ids of the tasks that a request asks about; `*` stands for all of the system."""
        for pattern in self.POLLS:
            found = re.fullmatch(pattern, request.decoded_path)
            if found:
                return [each.strip() for each in found[1].split(",")] if found.groups() else ["*"]
        return []

    def outages(self) -> list[dict[str, object]]:
        """Return the outages that the scenario has for it: `from`, `until` (None: a moment) and `what`."""
        return []

    def port_mode(self) -> PortMode:
        """Return how the scenario wants the port to be served now."""
        return "open"
