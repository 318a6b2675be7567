# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware vCenter Server Appliance: login and update status, on /api, on /rest and by JSON-RPC.

Source: vSphere Automation API, "Appliance Update get", "Session create" and "Session delete"; Broadcom knowledge
base 320077 (the /api paths came with 7.0 Update 2).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ..accounts import Refusal
from ..clock import Timebase, iso
from ..messages import Reply, Request, text_reply
from .base import BODY_LIMIT, ExpectedState, Handler, PortMode, Routes, System, UnknownRoute
from .vcenter_auth import LEGACY_LOGIN, Auth, is_login, session_table
from .vcenter_entry import UpdateEntry
from .vcenter_format import NOT_ALLOWED, NOT_FOUND, TOO_LARGE, UNAUTHENTICATED, Error, Flavour, Refused, Writer
from .vcenter_jsonrpc import CREATE, SESSION, Facade, MalformedCall, is_call, read_call
from .vcenter_options import VcenterOptions
from .vcenter_outage import outage_answer
from .vcenter_pending import Pending
from .vcenter_update import Update
from .vcenter_vapi import SESSION_INFO, UPDATE_INFO, VERSION


def _both(verbs: str, call: str, handler: Handler) -> list[tuple[str, str, Handler]]:
    """Return the routes of a call about updates in both flavours."""
    return [(verbs, f"/{flavour}/appliance/update{call}", handler) for flavour in ("api", "rest")]


class Vcenter(System[VcenterOptions]):
    """One appliance."""

    name: ClassVar[str] = "vcenter"

    def __init__(self, options: VcenterOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(options, time, session_table(options, time), plain=plain)
        self._writer = Writer(options.content_type, options.error_types)
        self.auth = Auth(options, self.sessions, self._writer, time, plain, self.account, self.no_session)
        self._facade = Facade(
            self.auth.objection,
            options.username,
            options.authorized,
            self.sessions,
            {
                (SESSION, "get"): lambda session: SESSION_INFO(self.auth.described(session)),
                ("com.vmware.appliance.update", "get"): lambda _session: UPDATE_INFO(self._update.info()),
                ("com.vmware.appliance.system.version", "get"): lambda _session: VERSION(self._version_info()),
            },
        )
        self.pending = Pending(options, self._writer, time, lambda: self._update, self._replace)
        self._drops_done = 0.0
        self._update = self._begin(options.tasks[0] if options.tasks else UpdateEntry(operation="none"))

    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin another update in place of the present one."""
        self._replace(UpdateEntry.model_validate(dict(entry)))
        return "appliance"

    def _replace(self, entry: UpdateEntry) -> None:
        self._update = self._begin(entry)

    def expected_states(self) -> list[ExpectedState]:
        """Return the true state of the update."""
        return [self._update.expected_state()]

    def _begin(self, entry: UpdateEntry) -> Update:
        self._drops_done = -1.0
        return Update(entry, self.time.simulated(), self.time, self.options.profile == "9.1")

    def catch_up(self) -> None:
        """Drop the tokens that a restart since the last request has made invalid."""
        age = self._update.age()
        due = [each.from_ for each in self._update.entry.outage if each.answer == "tokens_dropped"]
        if any(self._drops_done < second <= age for second in due):
            self.sessions.drop_all()
        self._drops_done = max(self._drops_done, age)

    def port_mode(self) -> PortMode:
        """Return how the port is served."""
        answers = {each.answer for each in self._update.outages()}
        if "refused" in answers:
            return "refused"
        return "tls_cut" if "tls_cut" in answers else "open"

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        if is_call(request):
            return self._called(request)
        flavour: Flavour = "rest" if request.decoded_path.startswith("/rest") else "api"
        login = is_login(request)
        outage = self._outage(lambda error: self._writer.error(flavour, error), login=login)
        if outage is not None:
            return outage
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
            return self._outage(lambda _error: malformed, login=False) or malformed
        return self._outage(call.error, login=call.name == CREATE) or self._facade.answer(call)

    def _outage(self, refuse: Callable[[Error], Reply], *, login: bool) -> Reply | None:
        """Return what the outages of this moment answer, if any concerns this request."""
        for outage in self._update.outages():
            answer = outage_answer(outage.answer, login=login)
            if answer is not None:
                reply = refuse(answer) if isinstance(answer, Error) else answer
                reply.fault = outage.answer
                return reply
        return None

    def _routed(self, request: Request, flavour: Flavour, *, login: bool) -> Reply:
        try:
            handler, arguments = self.ROUTES.find(request)
        except UnknownRoute as unknown:
            reply = self._writer.error(flavour, NOT_ALLOWED if unknown.allowed else NOT_FOUND)
            if unknown.allowed:
                reply.headers.append(("Allow", ", ".join(unknown.allowed)))
            return reply
        refusal = None if login else self.auth.refusal(request, flavour)
        if refusal is not None:
            return refusal
        try:
            return handler(self, request, flavour, **arguments)
        except Refused as refused:
            return self._writer.error(flavour, refused.error)

    POLLS: ClassVar = (r"/(?:api|rest)/appliance/update",)

    def token_of(self, request: Request) -> str | None:
        """Return the session's header or cookie."""
        return self.auth.token(request)

    def outages(self) -> list[dict[str, object]]:
        """Return those of the present update."""
        return self._update.planned_outages()

    def is_login(self, request: Request) -> bool:
        """Tell a login of each of the three ways to ask."""
        if is_call(request):
            with contextlib.suppress(MalformedCall):
                return read_call(request).name == CREATE
        return is_login(request)

    def login_refusal(self, request: Request, reason: Refusal, status: int | None = None) -> Reply:
        """Refuse it in the flavour that it was asked in."""
        if is_call(request):
            return read_call(request).error(UNAUTHENTICATED)
        return self.auth.refused("rest" if request.decoded_path.startswith("/rest") else "api", reason, status)

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

    ROUTES: ClassVar = Routes(
        ("POST", "/api/session", lambda self, request, flavour: self.auth.log_in(request, flavour)),
        ("GET", "/api/session", lambda self, request, flavour: self.auth.who(request, flavour)),
        ("DELETE", "/api/session", lambda self, request, flavour: self.auth.log_out(request, flavour)),
        ("POST DELETE", LEGACY_LOGIN, lambda self, request, flavour: self.auth.legacy(request, flavour)),
        *_both("GET", "", _info),
        *_both("POST", "", lambda self, *call: self.pending.cancel(*call)),
        *_both("GET", "/pending", lambda self, *call: self.pending.listed(*call)),
        # Only the newer flavour has it
        ("POST", "/api/appliance/update/pending", lambda self, *call: self.pending.roll_back(*call)),
        *_both("GET", "/pending/<version>", lambda self, *call, version: self.pending.described(*call, version)),
        *_both("POST", "/pending/<version>", lambda self, *call, version: self.pending.act(*call, version)),
        *_both("GET DELETE", "/staged", lambda self, *call: self.pending.staged(*call)),
        ("GET", "/api/appliance/system/version", _version),
        ("GET", "/rest/appliance/system/version", _version),
    )
