# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication: tokens that need their profile call, static tokens, and sessions of the older login.

Source: Prisma SASE developer documentation, "Access tokens" and "Prisma SD-WAN API: get started", unified and legacy.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass

from ..accounts import TEXTS, Account, Refusal
from ..clock import Timebase
from ..messages import Reply, Request, json_reply
from ..sessions import Session, SessionTable
from .base import NoSession
from .prisma_format import envelope, error
from .prisma_options import PrismaOptions

TOKEN_PATH = "/auth/v1/oauth2/access_token"


def session_table(time: Timebase) -> SessionTable:
    """Return the table of a tenant's tokens, still empty."""
    return SessionTable(time.wall, _make_token)


@dataclass(frozen=True)
class Auth:
    """Logs in and out, and refuses requests without a valid login."""

    options: PrismaOptions
    sessions: SessionTable
    plain: bool
    account: Account
    no_session: NoSession

    def admit(self, request: Request, tenant_id: str | None, *, legacy: bool, free: bool) -> Reply | None:
        """Return the refusal of a request, or None; a `free` one needs neither the profile call nor a role."""
        if legacy and self._static_token(request) == self.options.auth_token:
            session = None
        else:
            session = self._session_of(request, legacy=legacy)
            if session is None:
                # assumption: code and text; the status is what public clients handle
                presented = bool(self._static_token(request) if legacy else request.bearer)
                return self.no_session(
                    lambda status: error(status, "AUTH_TOKEN_INVALID", "Token is invalid or has expired"),
                    presented=presented,
                )
        if session is not None and session.data["kind"] == "unified" and "profile" not in session.data and not free:
            return error(403, "PROFILE_NOT_CALLED", "Get the profile first")
        if not self.options.authorized and not free:
            return error(403, "FORBIDDEN", "The role does not permit this")
        if tenant_id is not None and tenant_id != self.options.tenant_id:
            return error(403, "FORBIDDEN", "The tenant is not yours")
        return None

    @staticmethod
    def _static_token(request: Request) -> str | None:
        return request.headers.get("X-Auth-Token") or request.cookies.get("AUTH_TOKEN")

    def _session_of(self, request: Request, *, legacy: bool) -> Session | None:
        session = self.sessions.find(self._static_token(request) if legacy else request.bearer)
        if session is None or session.data["kind"] != ("legacy" if legacy else "unified"):
            return None
        return session

    def token(self, request: Request) -> Reply:
        try:
            form = request.form() if request.content_type == "application/x-www-form-urlencoded" else None
        except ValueError:
            form = None
        if form is None or "grant_type" not in form:
            return _oauth_error(400, "invalid_request", "grant_type is missing")
        if form["grant_type"] != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type", "The grant type is not supported")
        user, password = request.basic or ("", "")
        known = user == self.options.client_id
        reason = self.account.refusal(user, known=known, right=password == self.options.client_secret)
        if reason is not None:
            return self.refused(reason, token=True)
        scope = form.get("scope", "")
        if f"tsg_id:{self.options.tsg_id}" not in scope.split():
            return _oauth_error(401, "invalid_scope", "Unknown or invalid scope")
        lifetime = self.options.expires_in
        session = self.sessions.open(self.options.client_id, lifetime, kind="unified")
        return json_reply(
            {"access_token": session.token, "token_type": "Bearer", "expires_in": lifetime, "scope": scope}
        )

    def legacy_login(self, request: Request) -> Reply:
        try:
            sent = request.json()
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not isinstance(sent.get("email"), str) or "password" not in sent:
            return error(400, "INVALID_JSON_INPUT", "email and password are required")
        known = sent["email"] == self.options.username
        right = sent["password"] == self.options.password
        reason = self.account.refusal(sent["email"], known=known, right=right)
        if reason is not None:
            return self.refused(reason, token=False)
        session = self.sessions.open(sent["email"], self.options.legacy_lifetime, kind="legacy")
        secure = "" if self.plain else "; Secure"
        cookie = ("Set-Cookie", f"AUTH_TOKEN={session.token}; Path=/{secure}; HttpOnly")
        return json_reply({"x_auth_token": session.token, **envelope(200)}, headers=[cookie])

    def refused(self, reason: Refusal, status: int | None = None, *, token: bool) -> Reply:
        """Refuse a request for a token, or the older login."""
        status = status or self.options.refused_status
        if token:
            return _oauth_error(status, self.options.refused_code, "Client authentication failed")
        return error(status, "LOGIN_FAILED", TEXTS[reason])

    def profile(self, request: Request, *, legacy: bool) -> Reply:
        if self.options.profile_refused:
            return error(403, "FORBIDDEN", "The account has no role in this tenant")
        session = self._session_of(request, legacy=legacy)
        if session is not None:
            session.data["profile"] = "called"
        user = session.user if session is not None else self.options.username
        return json_reply(
            {
                "id": "15000000000000001",
                "session_id": "15000000000000002",
                "tenant_id": self.options.tenant_id,
                "email": user,
                "roles": [{"name": "tenant_super"}],
                "region": "us",
                **envelope(200),
            }
        )

    def log_out(self, request: Request, *, legacy: bool) -> Reply:
        session = self._session_of(request, legacy=legacy)
        if session is not None:
            self.sessions.close(session.token)
        return json_reply(envelope(200))


def _oauth_error(status: int, error: str, text: str) -> Reply:
    headers = [("Cache-Control", "no-store")]
    if status == 401:
        headers.append(("WWW-Authenticate", 'Basic realm="oauth2"'))
    return json_reply({"error": error, "error_description": text}, status, headers=headers)


def _make_token() -> str:
    """Return a text in the form of a JSON Web Token, with a hyphen, which legacy clients need."""
    parts = [{"alg": "RS256", "typ": "JWT"}, {"jti": secrets.token_hex(8)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, f"{secrets.token_urlsafe(24)}-{secrets.token_urlsafe(8)}"])
