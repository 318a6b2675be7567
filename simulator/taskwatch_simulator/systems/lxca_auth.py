# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication: sessions with their CSRF token, and Basic authentication.

Source: Lenovo XClarity Administrator REST API reference, "Authorization and authentication", "POST /sessions",
"GET /sessions", "DELETE /sessions".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ..accounts import TEXTS, Account, Refusal
from ..clock import Timebase
from ..messages import Reply, Request
from ..sessions import Session, SessionTable
from .base import NoSession
from .lxca_format import GOOD_MESSAGE, Writer
from .lxca_options import LxcaOptions


def session_table(options: LxcaOptions, time: Timebase) -> SessionTable:
    """Return the table of an appliance's sessions, still empty."""
    return SessionTable(time.wall, lambda: secrets.token_hex(16).upper(), idle=options.session_idle)


# Statuses with which the page of POST /sessions lists a failed login; the body tells of it. A recording of LXCA 2.0.0
# shows one with `authenticated: false`.
TOLD_IN_BODY = frozenset({200, 400, 500})


@dataclass(frozen=True)
class Auth:
    """Logs in and out, and refuses requests without a valid login."""

    options: LxcaOptions
    sessions: SessionTable
    writer: Writer
    time: Timebase
    plain: bool
    account: Account
    no_session: NoSession

    def admit(self, request: Request) -> Reply | None:
        """Return the refusal of a request, or None."""
        session = self._session_of(request)
        if session is None:
            if request.basic is None:
                return self.no_session(self._ended, presented="JSESSIONID" in request.cookies)
            reason = self._objection(*request.basic, opens=False)
            if reason is not None:
                return self.refused(reason)
        # The cookie alone is not enough, Lenovo's own Python client says
        elif request.headers.get("X-Csrf-Token") != session.data["csrf"]:
            return self.writer.error(
                403, "SE0403", "The CSRF token is missing or wrong.", "Send the header X-Csrf-Token."
            )
        logging_out = request.method == "DELETE" and request.decoded_path.startswith("/sessions")
        return None if logging_out else self._no_right()

    def _no_right(self) -> Reply | None:
        if self.options.password_change:
            return self.writer.error(403, "SE0204", "The password has expired.", "Change the password.")
        if not self.options.authorized:
            return self.writer.error(403, "SE0203", "You do not have the privileges for this.", "Ask an administrator.")
        return None

    def _ended(self, status: int) -> Reply:
        return self.writer.error(status, "SE0401", "The session is not valid or has expired.", "Log in.")

    def _objection(self, user: str, password: object, *, opens: bool) -> Refusal | None:
        right = password == self.options.password
        return self.account.refusal(user, known=user == self.options.username, right=right, opens=opens)

    def _session_of(self, request: Request) -> Session | None:
        # Scripts that must not keep a session alive say so by this header
        background = request.headers.get("X-NOT-USER-INPUT") == "checkSession"
        return self.sessions.find(request.cookies.get("JSESSIONID"), touch=not background)

    def refused(self, reason: Refusal, status: int | None = None) -> Reply:
        """Refuse a login."""
        status = status or self.options.refused_status
        # The ids and texts are an assumption
        code = {"password": "SE0101", "locked": "SE0102", "sessions": "SE0103", "unavailable": "SE0104"}[reason]
        body = self.writer.failure(code, TEXTS[reason], "Check the account.")
        if status in TOLD_IN_BODY:
            body["response"] = {"authenticated": False, "reason": "AuthFailed"}
        return self.writer.reply(body, status)

    def log_in(self, request: Request) -> Reply:
        """Answer a login."""
        try:
            sent = request.json()
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not isinstance(sent.get("UserId"), str) or "password" not in sent:
            return self.writer.error(400, "SE0400", "UserId and password are required.", "Send both as JSON.")
        reason = self._objection(sent["UserId"], sent["password"], opens=True)
        if reason is not None:
            return self.refused(reason)
        session = self.sessions.open(sent["UserId"], csrf=secrets.token_hex(16), uuid=secrets.token_hex(16).upper())
        described = self._described(session) | {"csrf": session.data["csrf"]}
        body = {
            "response": {"pwChangeRequired": self.options.password_change, "session": described},
            "result": "success",
            "messages": [GOOD_MESSAGE],
        }
        secure = "" if self.plain else ";Secure"
        return self.writer.reply(
            body,
            headers=[
                ("Set-Cookie", f"JSESSIONID={session.token};Path=/{secure};HttpOnly"),
                ("Set-Cookie", f"csrf={session.data['csrf']};Path=/{secure}"),
                ("Set-Cookie", f"inactivityTimeout={self._idle_minutes()};Path=/{secure}"),
                ("Set-Cookie", f"user={session.user};Path=/{secure}"),
                ("Set-Cookie", f"userAuthenticationMethod=local;Path=/{secure}"),
            ],
        )

    def _idle_minutes(self) -> int:
        return max(int(self.options.session_idle / 60), 1)

    def _described(self, session: Session) -> dict[str, object]:
        opened = self.time.epoch.timestamp() + session.opened
        return {
            "Address": "127.0.0.1",
            "authenticationServer": "local",
            "created": int(opened * 1000),
            "id": session.data["uuid"],
            "inactivityTimeout": self._idle_minutes(),
            "UserId": session.user,
        }

    def list_sessions(self) -> Reply:
        """Answer with the open sessions."""
        listed = [self._described(each) for each in self.sessions.all()]
        return self.writer.reply({"response": listed, "result": "success", "messages": []})

    def log_out(self, request: Request) -> Reply:
        """End the session of a request, if it has one."""
        session = self._session_of(request)
        if session is not None:
            self.sessions.close(session.token)
        return self._logged_out()

    def log_out_other(self, session_id: str) -> Reply:
        """End the session of an id."""
        for session in self.sessions.all():
            if session.data["uuid"] == session_id:
                self.sessions.close(session.token)
                return self._logged_out()
        return self.writer.error(404, "SE0404", "The session does not exist.", "Check the id.")

    def _logged_out(self) -> Reply:
        return self.writer.reply({"result": "success", "messages": [GOOD_MESSAGE]})
