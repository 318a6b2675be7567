# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every simulated system has: options, sessions, routes and tasks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from ..clock import Timebase
from ..messages import Reply, Request
from ..sessions import SessionTable
from ..timeline import Model, Seconds, StateWord

BODY_LIMIT = 8 * 1024 * 1024
SECURITY_HEADERS = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]


class SystemOptions(Model):
    """Keys that every system of a scenario shares."""

    username: str = "simulator"
    password: str = "simulator-password"
    latency: Seconds = 0
    """Wall seconds before each answer."""
    authorized: bool = True
    """False: the account logs in but may not read."""


@dataclass(frozen=True)
class ExpectedState:
    """What a perfect observer would report of one task; `percent` is None where the vendor shows none."""

    id: str
    kind: str
    state: StateWord
    percent: float | None
    native_state: str | None

    def listing(self) -> dict[str, object]:
        """Return it as the control API shows it."""
        return asdict(self)


class UnknownRoute(Exception):
    """No call of this system has this path, or none with this verb (`allowed` then names the verbs)."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__("unknown route")
        self.allowed = allowed


# How a port is served: open, cut in the middle of the TLS handshake, or not at all. Of several the last one holds.
PortMode = Literal["open", "tls_cut", "refused"]
PORT_MODES: tuple[PortMode, ...] = get_args(PortMode)
Handler = Callable[..., Reply]
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

    def __init__(self, options: Options, time: Timebase, sessions: SessionTable, *, plain: bool) -> None:
        self.options = options
        self.time = time
        self.sessions = sessions
        self.plain = plain

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

    def access(self) -> dict[str, str]:
        """Return the credentials that a client needs."""
        return {"username": self.options.username, "password": self.options.password}

    def catch_up(self) -> None:
        """Apply what happened since the last request: here, the end of sessions."""
        self.sessions.all()

    def port_mode(self) -> PortMode:
        """Return how the scenario wants the port to be served now."""
        return "open"
