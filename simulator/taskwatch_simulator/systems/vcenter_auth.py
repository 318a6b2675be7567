# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication: one table of sessions behind the logins of /api and of /rest.

Source: vSphere Automation API, "Session create", "Session get" and "Session delete", of both flavours.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ..accounts import TEXTS, Account, Refusal
from ..clock import Timebase, iso
from ..messages import Reply, Request
from ..sessions import Session, SessionTable
from .base import NoSession
from .vcenter_format import NOT_FOUND, STALE, UNAUTHENTICATED, UNAUTHORIZED, Error, Flavour, Writer
from .vcenter_options import VcenterOptions

TOKEN = "vmware-api-session-id"
LOGIN_FAILED = "com.vmware.vapi.endpoint.cis.loginFailed"
LEGACY_LOGIN = "/rest/com/vmware/cis/session"


def session_table(options: VcenterOptions, time: Timebase) -> SessionTable:
    """Return the table of an appliance's sessions, still empty."""
    return SessionTable(time.wall, lambda: secrets.token_hex(16), idle=options.session_idle)


def is_login(request: Request) -> bool:
    """Tell whether a request is a login of one of the two REST flavours."""
    if request.method != "POST":
        return False
    path = request.decoded_path
    return path == "/api/session" or (path == LEGACY_LOGIN and "~action" not in request.arguments)


@dataclass(frozen=True)
class Auth:
    """Logs in and out, and refuses requests without a valid login."""

    options: VcenterOptions
    sessions: SessionTable
    writer: Writer
    time: Timebase
    plain: bool
    account: Account
    no_session: NoSession

    def refusal(self, request: Request, flavour: Flavour) -> Reply | None:
        """Return the refusal of a request that is no login, or None."""
        if self._session_of(request) is None:
            return self._ended(request, flavour)
        # Appliance calls follow a group of their own: login works, reading does not
        appliance = "/appliance/" in request.decoded_path
        return self.writer.error(flavour, UNAUTHORIZED) if appliance and not self.options.authorized else None

    def _ended(self, request: Request, flavour: Flavour) -> Reply:
        known = {401: UNAUTHENTICATED, 403: UNAUTHORIZED, **STALE}
        return self.no_session(
            lambda status: self.writer.error(flavour, known[status]), presented=bool(self.token(request))
        )

    @staticmethod
    def token(request: Request) -> str | None:
        """Return the session's header or cookie."""
        return request.headers.get(TOKEN) or request.cookies.get(TOKEN)

    def _session_of(self, request: Request) -> Session | None:
        return self.sessions.find(self.token(request))

    def log_in(self, request: Request, flavour: Flavour) -> Reply:
        """Answer a login."""
        reason = self.objection(request.basic)
        if reason is not None:
            return self.refused(flavour, reason)
        session = self.sessions.open(self.options.username)
        reply = self.writer.answer(flavour, session.token, 201 if flavour == "api" else 200)
        if request.headers.get("vmware-use-header-authn", "").lower() != "true":
            secure = "" if self.plain else ";Secure"
            reply.headers.append(("Set-Cookie", f"{TOKEN}={session.token};Path=/{flavour}{secure};HttpOnly"))
        return reply

    def objection(self, sent: tuple[str, str] | None) -> Refusal | None:
        """Return why a login with this user and password is refused, or None."""
        user, password = sent or ("", "")
        known = user == self.options.username
        return self.account.refusal(user, known=known, right=password == self.options.password)

    def refused(self, flavour: Flavour, reason: Refusal, status: int | None = None) -> Reply:
        """Refuse a login. assumption: a wrong password and a locked account get the same answer, as is usual there."""
        status = status or self.options.refused_status
        if reason in {"password", "locked"} and status == 401:
            return self.writer.error(flavour, UNAUTHENTICATED)
        names = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "UNAUTHORIZED", 503: "SERVICE_UNAVAILABLE"}
        kind = "com.vmware.vapi.endpoint.failedToLoginMaxSessionCountReached" if reason == "sessions" else LOGIN_FAILED
        return self.writer.error(flavour, Error(status, names.get(status, "ERROR"), kind, TEXTS[reason]))

    def legacy(self, request: Request, flavour: Flavour) -> Reply:
        """Answer what /rest offers under its one path for sessions."""
        if request.method == "DELETE":
            return self.log_out(request, flavour)
        action = request.arguments.get("~action")
        if action is None:
            return self.log_in(request, flavour)
        return self.who(request, flavour) if action == "get" else self.writer.error(flavour, NOT_FOUND)

    def who(self, request: Request, flavour: Flavour) -> Reply:
        """Answer with the user of the session."""
        session = self._session_of(request)
        if session is None:
            return self._ended(request, flavour)
        return self.writer.answer(flavour, self.described(session))

    def described(self, session: Session) -> dict[str, object]:
        """Return the structure that describes a session."""
        epoch = self.time.epoch.timestamp()
        dates = {"created_time": session.opened, "last_accessed_time": session.used}
        written = {
            name: iso(self.time.epoch.fromtimestamp(epoch + each, self.time.epoch.tzinfo))
            for name, each in dates.items()
        }
        return {"user": session.user, **written}

    def log_out(self, request: Request, flavour: Flavour) -> Reply:
        """End a session."""
        token = self.token(request)
        if token:
            self.sessions.close(token)
        return self.writer.done(flavour)
