# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Palo Alto Networks Prisma SD-WAN: both logins, and the image status of elements.

Source: Prisma SASE developer documentation, "Access tokens" and "Prisma SD-WAN API: get started", unified and legacy;
"Get Image Status of Element (v2.1)".
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ..clock import Timebase
from ..messages import Reply, Request, json_reply
from ..sessions import Session, SessionTable
from ..timeline import Duration, Text
from .base import BODY_LIMIT, Handler, Routes, System, SystemOptions, TaskTruth, UnknownRoute
from .prisma_element import ELEMENT_FIELDS, RECORD_FIELDS, Element, ElementEntry, elements_of
from .prisma_query import Item, QueryError, Source, run

TOKEN_PATH = "/auth/v1/oauth2/access_token"
FIRST_FREE_ID = 16540020000000000
STATUS_KEYS = frozenset({"id", "element_id"})
ELEMENT_KEYS = frozenset({"id", "name"})


def _both(verb: str, version: str, call: str, handler: Handler) -> list[tuple[str, str, Handler]]:
    """Return the routes of a call about a tenant: the unified path and the legacy one."""
    paths = (f"/sdwan/{version}/api{call}", f"/{version}/api/tenants/<tenant_id>{call}")
    return [(verb, path, handler) for path in paths]


class PrismaOptions(SystemOptions):
    """The tenant as a scenario describes it."""

    username: str = "operator@example.com"
    client_id: Text = "simulator@1234567890.iam.panserviceaccount.com"
    client_secret: Text = "simulator-secret"
    tsg_id: Text = "1234567890"
    # A legacy token is split at its first hyphen by the vendor's own client
    auth_token: Text = "0123456789abcdef-region=us"
    tenant_id: Text = "1092"
    expires_in: Annotated[int, Field(gt=0)] = 899
    """Wall seconds that a token is good for; the vendor's client never ends its login at 60 or less."""
    expired_status: Literal[401, 403] = 401
    default_limit: Annotated[int, Field(ge=1)] = 100
    max_limit: Annotated[int, Field(ge=1)] = 1000
    legacy_lifetime: Duration = 25200
    """Wall seconds of a session opened with email and password; assumption, after scripts that log in every 7 hours."""
    tasks: tuple[ElementEntry, ...] = ()


class PrismaSdwan(System[PrismaOptions]):
    """One tenant's controller and the token service in front of it."""

    name: ClassVar[str] = "prisma_sdwan"

    def __init__(self, options: PrismaOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(options, time, SessionTable(time.wall, _make_token), plain=plain)
        self._elements: dict[str, Element] = {}
        self._deleted: list[Element] = []
        for entry in options.tasks:
            self._begin(entry)

    def access(self) -> dict[str, str]:
        """Return the credentials of every login; `auth_url` is a path here, below the port's address."""
        options = self.options
        return {
            "username": options.username,
            "password": options.password,
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "tsg_id": options.tsg_id,
            "auth_url": TOKEN_PATH,
            "auth_token": options.auth_token,
            "tenant_id": options.tenant_id,
        }

    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin an element's upgrade; of several elements the first one's id is returned."""
        return self._begin(ElementEntry.model_validate(dict(entry)))

    def truths(self) -> list[TaskTruth]:
        """Return the truth about every element."""
        return [each.truth() for each in self._elements.values()]

    def _begin(self, entry: ElementEntry) -> str:
        first = FIRST_FREE_ID
        while str(first) in self._elements:
            first += 1
        made = elements_of(entry, first, self.time.simulated(), self.time)
        if entry.deleted:
            self._deleted += made
        else:
            self._elements |= {each.id: each for each in made}
        return made[0].id

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        try:
            handler, arguments = self.ROUTES.find(request)
        except UnknownRoute as unknown:
            if unknown.allowed:
                reply = self._error(405, "METHOD_NOT_ALLOWED", "Method not allowed")
                reply.headers.append(("Allow", ", ".join(unknown.allowed)))
                return reply
            return self._error(404, "RESOURCE_NOT_FOUND", "Resource not found")
        if len(request.body) > BODY_LIMIT:
            return self._error(413, "REQUEST_TOO_LARGE", "Request too large")
        if handler in OPEN:
            return handler(self, request)
        legacy = not request.decoded_path.startswith("/sdwan/")
        refused = self._admit(request, handler, arguments.get("tenant_id"), legacy=legacy)
        return refused or handler(self, request, legacy=legacy)

    def _admit(self, request: Request, handler: object, tenant_id: str | None, *, legacy: bool) -> Reply | None:
        """Return why a request may not pass, or nothing."""
        if legacy and self._static_token(request) == self.options.auth_token:
            session = None
        else:
            session = self._session_of(request, legacy=legacy)
            if session is None:
                # assumption: code and text; the status is what public clients handle
                return self._error(self.options.expired_status, "AUTH_TOKEN_INVALID", "Token is invalid or has expired")
        # assumption: a token that never had its profile call can be logged out all the same
        free = handler in {PrismaSdwan._profile, PrismaSdwan._log_out}
        if session is not None and session.data["kind"] == "unified" and "profile" not in session.data and not free:
            return self._error(403, "PROFILE_NOT_CALLED", "Get the profile first")
        if not self.options.authorized and not free:
            return self._error(403, "FORBIDDEN", "The role does not permit this")
        if tenant_id is not None and tenant_id != self.options.tenant_id:
            return self._error(403, "FORBIDDEN", "The tenant is not yours")
        return None

    @staticmethod
    def _static_token(request: Request) -> str | None:
        return request.headers.get("X-Auth-Token") or request.cookies.get("AUTH_TOKEN")

    def _session_of(self, request: Request, *, legacy: bool) -> Session | None:
        session = self.sessions.find(self._static_token(request) if legacy else request.bearer)
        if session is None or session.data["kind"] != ("legacy" if legacy else "unified"):
            return None
        return session

    def _envelope(self, status: int) -> Item:
        return {"_etag": 0, "_schema": 0, "_status_code": str(status), "_request_id": str(secrets.randbelow(10**22))}

    def _error(self, status: int, code: str, message: str) -> Reply:
        return json_reply({"_error": [{"code": code, "message": message}], **self._envelope(status)}, status)

    def _token(self, request: Request) -> Reply:
        try:
            form = request.form() if request.content_type == "application/x-www-form-urlencoded" else None
        except ValueError:
            form = None
        if form is None or "grant_type" not in form:
            return _oauth_error(400, "invalid_request", "grant_type is missing")
        if form["grant_type"] != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type", "The grant type is not supported")
        if request.basic != (self.options.client_id, self.options.client_secret):
            return _oauth_error(401, "invalid_client", "Client authentication failed")
        scope = form.get("scope", "")
        if f"tsg_id:{self.options.tsg_id}" not in scope.split():
            return _oauth_error(401, "invalid_scope", "Unknown or invalid scope")
        lifetime = self.options.expires_in
        session = self.sessions.open(self.options.client_id, lifetime, kind="unified")
        return json_reply(
            {"access_token": session.token, "token_type": "Bearer", "expires_in": lifetime, "scope": scope}
        )

    def _legacy_login(self, request: Request) -> Reply:
        try:
            sent = request.json()
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not isinstance(sent.get("email"), str) or "password" not in sent:
            return self._error(400, "INVALID_JSON_INPUT", "email and password are required")
        if (sent["email"], sent["password"]) != (self.options.username, self.options.password):
            return self._error(401, "LOGIN_FAILED", "email or password is wrong")
        session = self.sessions.open(sent["email"], self.options.legacy_lifetime, kind="legacy")
        secure = "" if self.plain else "; Secure"
        cookie = ("Set-Cookie", f"AUTH_TOKEN={session.token}; Path=/{secure}; HttpOnly")
        return json_reply({"x_auth_token": session.token, **self._envelope(200)}, headers=[cookie])

    def _profile(self, request: Request, *, legacy: bool) -> Reply:
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
                **self._envelope(200),
            }
        )

    def _log_out(self, request: Request, *, legacy: bool) -> Reply:
        session = self._session_of(request, legacy=legacy)
        if session is not None:
            self.sessions.close(session.token)
        return json_reply(self._envelope(200))

    def _tenant(self, _request: Request, *, legacy: bool) -> Reply:
        del legacy
        details = {"id": self.options.tenant_id, "name": "Simulated tenant", "is_esp": False}
        return json_reply({**details, "telemetry_region": "us", "address": None, **self._envelope(200)})

    def _status(self, request: Request, *, legacy: bool) -> Reply:
        elements = list(self._elements.values())
        source = Source(
            len(elements),
            STATUS_KEYS,
            lambda index: {"id": elements[index].record_id, "element_id": elements[index].id},
            lambda index: elements[index].record(),
            RECORD_FIELDS,
        )
        return self._query(request, source, legacy=legacy)

    def _element_query(self, request: Request, *, legacy: bool) -> Reply:
        return self._query(request, self._element_source(), legacy=legacy)

    def _element_source(self) -> Source:
        elements = list(self._elements.values())
        return Source(
            len(elements),
            ELEMENT_KEYS,
            lambda index: {"id": elements[index].id, "name": elements[index].name},
            lambda index: elements[index].description(),
            ELEMENT_FIELDS,
        )

    def _element_list(self, _request: Request, *, legacy: bool) -> Reply:
        source = self._element_source()
        items = [source.full(index) for index in range(source.count)]
        return self._page(items, len(items), {}, legacy=legacy)

    def _query(self, request: Request, source: Source, *, legacy: bool) -> Reply:
        try:
            query = request.json()
        except ValueError:
            return self._error(400, "INVALID_JSON", "The body is not JSON")
        if not isinstance(query, dict):
            return self._error(400, "INVALID_JSON_INPUT", "The body must be an object")
        try:
            result = run(query, source, self.options.default_limit, self.options.max_limit)
        except QueryError as error:
            return self._error(400, error.code, error.message)
        extra: Item = {}
        if query.get("getDeleted"):
            extra = {"deleted_ids": [each.id for each in self._deleted], "deleted_count": len(self._deleted)}
        if result.aggregate is not None:
            extra["aggregate"] = result.aggregate
        return self._page(result.items, result.total, extra, legacy=legacy)

    def _page(self, items: list[Item], total: int, extra: Item, *, legacy: bool) -> Reply:
        own = {"tenant_id": self.options.tenant_id} if legacy else {"description": None}
        body = {
            **self._envelope(200),
            "id": None,
            **own,
            "count": len(items),
            "total_count": total,
            "deleted_count": 0,
            "deleted_ids": None,
            "next_query": None,
            "_created_on_utc": 0,
            "_updated_on_utc": 0,
            **extra,
            "items": items,
        }
        body["_content_length"] = str(len(json.dumps(body)))
        return json_reply(body)

    ROUTES: ClassVar = Routes(
        ("POST", TOKEN_PATH, _token),
        ("POST", "/oauth2/access_token", _token),
        ("POST", "/v2.0/api/login", _legacy_login),
        ("POST", "/sdwan/v2.0/api/login", _legacy_login),
        ("GET", "/v2.1/api/profile", _profile),
        ("GET", "/sdwan/v2.1/api/profile", _profile),
        ("GET", "/v2.0/api/profile", _profile),
        ("GET", "/sdwan/v2.0/api/profile", _profile),
        ("GET", "/v2.0/api/logout", _log_out),
        ("GET", "/sdwan/v2.0/api/logout", _log_out),
        *_both("GET", "v2.13", "", _tenant),
        *_both("POST", "v2.1", "/software/current_status/query", _status),
        *_both("POST", "v3.2", "/elements/query", _element_query),
        *_both("GET", "v3.2", "/elements", _element_list),
    )


# What needs no login
OPEN = frozenset({PrismaSdwan._token, PrismaSdwan._legacy_login})


def _oauth_error(status: int, error: str, text: str) -> Reply:
    headers = [("Cache-Control", "no-store")]
    if status == 401:
        headers.append(("WWW-Authenticate", 'Basic realm="oauth2"'))
    return json_reply({"error": error, "error_description": text}, status, headers=headers)


def _make_token() -> str:
    """Return a text that looks like a JSON Web Token, with a hyphen, which legacy clients need."""
    parts = [{"alg": "RS256", "typ": "JWT"}, {"jti": secrets.token_hex(8)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, f"{secrets.token_urlsafe(24)}-{secrets.token_urlsafe(8)}"])
