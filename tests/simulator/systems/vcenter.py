# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware vCenter Server Appliance: login and update status, on /api, on /rest and by JSON-RPC.

Source: vSphere Automation API, "Appliance Update get", "Session create" and "Session delete"; Broadcom knowledge
base 320077 (the /api paths came with 7.0 Update 2).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from ..clock import Timebase, iso
from ..messages import Reply, Request, Transport, TransportKind, text_reply
from ..sessions import Session, SessionTable
from ..timeline import Duration
from .base import BODY_LIMIT, PortMode, Routes, System, SystemOptions, TaskTruth, UnknownRoute
from .vcenter_format import (
    INTERNAL,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAUTHORIZED,
    UNAVAILABLE,
    Error,
    Flavour,
    Writer,
)
from .vcenter_jsonrpc import CREATE, SESSION, Facade, MalformedCall, is_call, read_call
from .vcenter_update import OutageAnswer, Update, UpdateEntry
from .vcenter_vapi import SESSION_INFO, UPDATE_INFO, VERSION

TOKEN = "vmware-api-session-id"
PROXY_TEXT = "no healthy upstream"
TRANSPORTS: dict[OutageAnswer, TransportKind] = {
    "refused": "refused",
    "reset": "reset",
    "hang": "hang",
    "tls_cut": "tls_cut",
}
STRAYS: dict[OutageAnswer, Error] = {
    "stray_401": UNAUTHENTICATED,
    "stray_403": UNAUTHORIZED,
    "stray_404": NOT_FOUND,
    "stray_500": INTERNAL,
}


class VcenterOptions(SystemOptions):
    """The appliance as a scenario describes it."""

    username: str = "administrator@vsphere.local"
    profile: Annotated[Literal["6.7", "8.0", "9.1"], BeforeValidator(str)] = "8.0"
    """6.7 knows no /api; 9.1 tells of automatic rollbacks."""
    session_idle: Duration = 1800
    """Wall seconds without use after which a session ends."""
    content_type: str = "application/json"
    error_types: bool = True
    """Whether /api errors name their type."""
    tasks: Annotated[tuple[UpdateEntry, ...], Field(max_length=1)] = ()


class Vcenter(System):
    """One appliance."""

    name: ClassVar[str] = "vcenter"

    def __init__(self, options: VcenterOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(time, plain=plain)
        self.options = options
        self._writer = Writer(options.content_type, options.error_types)
        self._sessions = SessionTable(time.wall, lambda: secrets.token_hex(16), idle=options.session_idle)
        self._routes = Routes(
            ("POST", "/api/session", self._log_in),
            ("GET", "/api/session", self._who),
            ("DELETE", "/api/session", self._log_out),
            ("POST DELETE", "/rest/com/vmware/cis/session", self._legacy_session),
            ("GET", "/api/appliance/update", self._info),
            ("GET", "/rest/appliance/update", self._info),
            ("GET", "/api/appliance/system/version", self._version),
            ("GET", "/rest/appliance/system/version", self._version),
        )
        self._facade = Facade(
            (options.username, options.password),
            options.authorized,
            self._sessions,
            {
                (SESSION, "get"): lambda session: SESSION_INFO(self._session_info(session)),
                ("com.vmware.appliance.update", "get"): lambda _session: UPDATE_INFO(self._update.info()),
                ("com.vmware.appliance.system.version", "get"): lambda _session: VERSION(self._version_info()),
            },
        )
        self._drops_done = 0.0
        self._update = self._begin(options.tasks[0] if options.tasks else UpdateEntry(operation="none"))

    @property
    def settings(self) -> VcenterOptions:
        """The appliance's options."""
        return self.options

    @property
    def sessions(self) -> SessionTable:
        """The open sessions."""
        return self._sessions

    def access(self) -> dict[str, str]:
        """Return user and password."""
        return {"username": self.options.username, "password": self.options.password}

    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin another update in place of the present one."""
        self._update = self._begin(UpdateEntry.model_validate(dict(entry)))
        return "appliance"

    def truths(self) -> list[TaskTruth]:
        """Return the truth about the update."""
        return [self._update.truth()]

    def _begin(self, entry: UpdateEntry) -> Update:
        self._drops_done = -1.0
        return Update(entry, self.time.simulated(), self.time, self.options.profile == "9.1")

    def settle(self) -> None:
        """Drop the tokens that a restart since the last look has made worthless."""
        age = self._update.age()
        due = [each.from_ for each in self._update.entry.outage if each.answer == "tokens_dropped"]
        if any(self._drops_done < second <= age for second in due):
            self._sessions.drop_all()
        self._drops_done = max(self._drops_done, age)

    def port_mode(self) -> PortMode:
        """Return whether the appliance is away altogether."""
        answers = {each.answer for each in self._update.outages()}
        if "refused" in answers:
            return "refused"
        return "tls_cut" if "tls_cut" in answers else "open"

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        if is_call(request):
            return self._called(request)
        flavour: Flavour = "rest" if request.decoded_path.startswith("/rest") else "api"
        login = self._is_login(request)
        away = self._away(lambda error: self._writer.error(flavour, error), login=login)
        if away is not None:
            return away
        if self.options.profile == "6.7" and flavour == "api":
            # assumption: the status; the content type was reported by users
            return text_reply("<html><body><h2>HTTP ERROR 404</h2></body></html>", 404, "text/html;charset=iso-8859-1")
        if len(request.body) > BODY_LIMIT:
            return self._writer.error(flavour, TOO_LARGE)
        return self._routed(request, flavour, login=login)

    def _called(self, request: Request) -> Reply:
        """Answer a JSON-RPC call, which the appliance took before it had /api as it is now."""
        try:
            call = read_call(request)
        except MalformedCall as error:
            malformed = error.reply
            return self._away(lambda _error: malformed, login=False) or malformed
        return self._away(call.error, login=call.name == CREATE) or self._facade.answer(call)

    def _away(self, refuse: Callable[[Error], Reply], *, login: bool) -> Reply | None:
        """Return what the outages of this moment answer, if any concerns this request."""
        for outage in self._update.outages():
            met = self._outage(outage.answer, login=login)
            if met is not None:
                reply = refuse(met) if isinstance(met, Error) else met
                reply.fault = outage.answer
                return reply
        return None

    def _routed(self, request: Request, flavour: Flavour, *, login: bool) -> Reply:
        try:
            handler, _arguments = self._routes.find(request)
        except UnknownRoute as unknown:
            reply = self._writer.error(flavour, NOT_ALLOWED if unknown.allowed else NOT_FOUND)
            if unknown.allowed:
                reply.headers.append(("Allow", ", ".join(unknown.allowed)))
            return reply
        if not login:
            if self._session_of(request) is None:
                return self._writer.error(flavour, UNAUTHENTICATED)
            # Appliance calls follow a group of their own: login works, reading does not
            if not self.options.authorized and "/appliance/" in request.decoded_path:
                return self._writer.error(flavour, UNAUTHORIZED)
        return handler(request, flavour)

    @staticmethod
    def _is_login(request: Request) -> bool:
        if request.method != "POST":
            return False
        path = request.decoded_path
        return path == "/api/session" or (path == "/rest/com/vmware/cis/session" and "~action" not in request.arguments)

    @staticmethod
    def _outage(answer: OutageAnswer, *, login: bool) -> Reply | Error | None:
        """Return what an outage answers, or nothing where it does not concern this request."""
        if answer in TRANSPORTS:
            return Reply(transport=Transport(TRANSPORTS[answer]))
        if answer == "text_503":
            return text_reply(PROXY_TEXT, 503, "text/plain", [("Server", "envoy")])
        if answer == "json_503" or (answer == "login_503" and login):
            return UNAVAILABLE
        if answer == "stray_502":
            return text_reply("upstream connect error or disconnect", 502, "text/plain", [("Server", "envoy")])
        if answer in STRAYS and not login:
            return STRAYS[answer]
        return None

    def _token(self, request: Request) -> str | None:
        return request.headers.get(TOKEN) or request.cookies.get(TOKEN)

    def _session_of(self, request: Request) -> Session | None:
        return self._sessions.find(self._token(request))

    def _log_in(self, request: Request, flavour: Flavour) -> Reply:
        if request.basic != (self.options.username, self.options.password):
            return self._writer.error(flavour, UNAUTHENTICATED)
        session = self._sessions.open(self.options.username)
        reply = self._writer.answer(flavour, session.token, 201 if flavour == "api" else 200)
        if request.headers.get("vmware-use-header-authn", "").lower() != "true":
            secure = "" if self.plain else ";Secure"
            reply.headers.append(("Set-Cookie", f"{TOKEN}={session.token};Path=/{flavour}{secure};HttpOnly"))
        return reply

    def _legacy_session(self, request: Request, flavour: Flavour) -> Reply:
        if request.method == "DELETE":
            return self._log_out(request, flavour)
        action = request.arguments.get("~action")
        if action is None:
            return self._log_in(request, flavour)
        return self._who(request, flavour) if action == "get" else self._writer.error(flavour, NOT_FOUND)

    def _who(self, request: Request, flavour: Flavour) -> Reply:
        session = self._session_of(request)
        if session is None:
            return self._writer.error(flavour, UNAUTHENTICATED)
        return self._writer.answer(flavour, self._session_info(session))

    def _session_info(self, session: Session) -> dict[str, object]:
        epoch = self.time.epoch.timestamp()
        dates = {"created_time": session.opened, "last_accessed_time": session.used}
        written = {
            name: iso(self.time.epoch.fromtimestamp(epoch + each, self.time.epoch.tzinfo))
            for name, each in dates.items()
        }
        return {"user": session.user, **written}

    def _log_out(self, request: Request, flavour: Flavour) -> Reply:
        token = self._token(request)
        if token:
            self._sessions.close(token)
        return Reply(204 if flavour == "api" else 200, [("Server", "envoy")])

    def _info(self, _request: Request, flavour: Flavour) -> Reply:
        return self._writer.answer(flavour, self._update.info())

    def _version(self, _request: Request, flavour: Flavour) -> Reply:
        return self._writer.answer(flavour, self._version_info())

    def _version_info(self) -> dict[str, object]:
        version = self._update.running_version()
        return {
            "version": version,
            "product": "VMware vCenter Server",
            "build": "10000000",
            "type": "vCenter Server with an embedded Platform Services Controller",
            "summary": f"vCenter Server {version}",
            "releasedate": "",
            "install_time": iso(self.time.epoch),
        }
