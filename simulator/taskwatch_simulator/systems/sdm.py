# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Oracle Communications Session Delivery Manager: login and route update tasks.

Source: Oracle Communications Session Delivery Manager REST API, "Authenticate", "Login", "Logout" and the pages of
the category "route sets management".
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from ..accounts import Refusal
from ..clock import Timebase, iso
from ..messages import Reply, Request
from ..sessions import SessionTable
from ..starts import Starts
from .base import BODY_LIMIT, ExpectedState, Routes, System, UnknownRoute
from .sdm_format import JSON, NESTING, XML, Format, UnsupportedMedia, accepted, read_fields
from .sdm_options import SdmOptions
from .sdm_start import NotThere, push_of
from .sdm_update import RouteUpdate, RouteUpdateEntry

# Route updates over REST came with release 8.2, whose version is v1.3
ROUTE_VERSION = "v1.3"
HEADERS = [("Server", "Apache"), ("X-Frame-Options", "SAMEORIGIN"), ("Vary", "Accept-Encoding")]
REASONS = {
    400: "The user input is invalid.",
    401: "The session ID is invalid.",
    403: "There is no permission to access the resources.",
    404: "The object of your input request cannot be found.",
    405: "The verb is not supported on the resource.",
    406: "None of the accepted media types can be produced.",
    413: "The request is too large.",
    415: "The media type of the request is not supported.",
    500: "An internal error has occurred.",
}


class Sdm(System[SdmOptions]):
    """One server."""

    name: ClassVar[str] = "sdm"

    def __init__(self, options: SdmOptions, time: Timebase, *, plain: bool) -> None:
        sessions = SessionTable(
            time.wall, lambda: f"{secrets.token_hex(16).upper()}.tomcat1", idle=options.session_idle
        )
        super().__init__(options, time, sessions, plain=plain)
        self._updates: dict[str, RouteUpdate] = {}
        self._free_ids = (f"ID{number}" for number in itertools.count(501))
        self._starts = Starts(options.starts, RouteUpdateEntry())
        # Version by route set and device group, where an update has been committed
        self._installed: dict[tuple[str, str], str] = {}
        for entry in options.tasks:
            self._begin(entry)

    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin a route update."""
        return self._begin(RouteUpdateEntry.model_validate(dict(entry)))

    def expected_states(self) -> list[ExpectedState]:
        """Return the true state of every pending task."""
        return [each.expected_state() for each in self._updates.values()]

    def _begin(self, entry: RouteUpdateEntry) -> str:
        # An id is never given twice, also when the first task is no longer pending
        task_id = entry.id or next(name for name in self._free_ids if name not in self._updates)
        self._updates[task_id] = RouteUpdate(task_id, entry, self.time.simulated(), self.time)
        return task_id

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        media = accepted(request)
        try:
            handler, arguments = self.ROUTES.find(request)
        except UnknownRoute as unknown:
            extra = [("Allow", ", ".join(unknown.allowed))] if unknown.allowed else []
            return self._error(405 if unknown.allowed else 404, extra)
        login = handler is Sdm._log_in
        route_sets = "/routeSets/" in request.decoded_path
        known = arguments["version"] in self.options.login_versions and (
            not route_sets or arguments["version"] == ROUTE_VERSION
        )
        if login and media == JSON and self.options.json_not_found == "login":
            known = False
        refusal = self._refusal(request, media, known=known, login=login)
        if refusal is not None or media is None:
            return refusal or self._error(406)
        arguments = {name: value for name, value in arguments.items() if name != "version"}
        return handler(self, request, media, **arguments)

    def _refusal(self, request: Request, media: str | None, *, known: bool, login: bool) -> Reply | None:
        """Return the refusal of a request that is not to be carried out."""
        if not known:
            return self._error(404)
        if len(request.body) > BODY_LIMIT:
            return self._error(413)
        if not login:
            token = request.cookies.get("JSESSIONID")
            if self.sessions.find(token) is None:
                return self.no_session(self._error, presented=bool(token))
            if not self.options.authorized and not request.decoded_path.endswith("/logout"):
                return self._error(403)
        # assumption: what an unsupported Accept gets
        return self._error(406) if media is None else None

    POLLS: ClassVar = (r"/rest/[^/]+/routeSets/routeUpdates/([^/]+)", r"/rest/[^/]+/routeSets/routeUpdates")

    def token_of(self, request: Request) -> str | None:
        """Return the session's cookie."""
        return request.cookies.get("JSESSIONID")

    def is_login(self, request: Request) -> bool:
        """Tell a login by its path."""
        return request.method == "POST" and request.decoded_path.endswith("/admin/login")

    def login_refusal(self, request: Request, reason: Refusal, status: int | None = None) -> Reply:
        """Refuse it. assumption: each reason gets the same answer, because the page lists statuses only."""
        del request, reason
        return self._error(status or self.options.refused_status)

    def _error(self, status: int, extra: list[tuple[str, str]] | None = None) -> Reply:
        headers = [*HEADERS, *(extra or [])]
        if status == 401:
            # The error page of release 8.1 says that it must be there; assumption: its value
            headers.append(("WWW-Authenticate", 'Session realm="SDM"'))
        reason = REASONS.get(status, REASONS[400])
        form = self.options.error_body
        if form == "empty":
            return Reply(status, headers)
        # assumption: structure and names of all three bodies
        fields = {"errorCode": str(status), "errorMessage": reason}
        if form == "html":
            page = f"<html><head><title>Error report</title></head><body>HTTP Status {status}: {reason}</body></html>"
            return Reply(status, [("Content-Type", "text/html;charset=utf-8"), *headers], page.encode())
        kind = XML if form == "xml" else JSON
        return Reply(status, [("Content-Type", kind), *headers], self._format(kind).write("error", fields))

    def _format(self, media: str, item: str | None = None) -> Format:
        options = self.options
        return Format(media, NESTING[options.release], item or options.item_name, options.collapse_single)

    def _log_in(self, request: Request, media: str) -> Reply:
        try:
            sent = read_fields(request, "session")
        except UnsupportedMedia:
            # assumption: what an unsupported Content-Type gets
            return self._error(415)
        except ValueError:
            return self._error(400)
        if "userName" not in sent or "password" not in sent:
            return self._error(400)
        user = sent["userName"]
        right = sent["password"] == self.options.password
        reason = self.account.refusal(user, known=user == self.options.username, right=right)
        if reason is not None:
            return self.login_refusal(request, reason)
        session = self.sessions.open(sent["userName"])
        fields = {
            "idleTimeout": "0",
            "serverInfo": "NNC90" if self.options.release.startswith("9") else "NNC82",
            "sessionId": session.token,
            "userGroup": "administrators",
            "userName": session.user,
            # assumption: its format
            "validUntil": iso(self.time.date(self.time.simulated() + 86400)),
        }
        cookie = f"JSESSIONID={session.token}; Path=/rest; HttpOnly"
        return self._reply(media, self._format(media).write("session", fields), [("Set-Cookie", cookie)])

    @staticmethod
    def _reply(media: str, body: bytes, extra: list[tuple[str, str]] | None = None) -> Reply:
        return Reply(200, [("Content-Type", media), *HEADERS, *(extra or [])], body)

    def _log_out(self, request: Request, _media: str) -> Reply:
        self.sessions.close(request.cookies["JSESSIONID"])
        return Reply(self.options.logout_status, list(HEADERS))

    def _list(self, _request: Request, media: str) -> Reply:
        if self.options.release == "8.2.2":
            # The page of release 8.2 says that there is no body at all; the one of 8.2.5 shows it
            return Reply(200, list(HEADERS))
        rows = [each.listed(self.options.username) for each in self._updates.values()]
        # assumption: the name of a task inside the wrapper that some releases have
        written = self._format(media, "routeUpdateTask").write("routeUpdateTasks", {"routeUpdateTaskList": rows})
        return self._reply(media, written)

    def _details(self, _request: Request, media: str, task_id: str) -> Reply:
        update = self._updates.get(task_id)
        if update is None or (media == JSON and self.options.json_not_found):
            return self._error(404)
        return self._reply(media, self._format(media).write("routeUpdateTaskDetails", update.details()))

    def _act(self, request: Request, _media: str, task_id: str) -> Reply:
        update = self._updates.get(task_id)
        if update is None:
            return self._error(404)
        try:
            action = read_fields(request, "routeUpdateAction").get("type")
        except UnsupportedMedia:
            return self._error(415)
        except ValueError:
            return self._error(400)
        ended = update.now().phase == "ended"
        # assumption: commit and rollback need a finished task, cancel one that runs; anything else is invalid input
        if action not in ({"Commit", "Rollback"} if ended else {"Cancel"}):
            return self._error(400)
        # assumption: a task that has left the pending ones cannot be read any more, and a rollback takes no time
        del self._updates[task_id]
        if action == "Commit":
            self._installed |= {(each.route_set, each.group): each.version for each in update.updated()}
        return Reply(200, list(HEADERS))

    def _push(self, request: Request, _media: str, route_set_id: str | None = None) -> Reply:
        try:
            push = push_of(request, self.options.route_sets, route_set_id)
        except UnsupportedMedia:
            return self._error(415)
        except ValueError:
            return self._error(400)
        except NotThere:
            return self._error(404)
        # The guide says that it is refused with an error. assumption: with which of the statuses listed
        if push.locked_by(self._updates.values()):
            return self._error(400)
        self._begin(push.shaped(self._starts.take(), self._installed))
        # assumption: no body, as with the other action; the id is found in the list of pending tasks
        return Reply(200, list(HEADERS))

    ROUTES: ClassVar = Routes(
        ("POST", "/rest/<version>/admin/login", _log_in),
        ("POST", "/rest/<version>/admin/logout", _log_out),
        ("POST", "/rest/<version>/routeSets/devices/action", _push),
        ("POST", "/rest/<version>/routeSets/<route_set_id>/devices/action", _push),
        ("GET", "/rest/<version>/routeSets/routeUpdates", _list),
        ("GET", "/rest/<version>/routeSets/routeUpdates/<task_id>", _details),
        ("POST", "/rest/<version>/routeSets/routeUpdates/<task_id>/action", _act),
    )
