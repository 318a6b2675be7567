# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Palo Alto Networks Prisma SD-WAN: the image status of elements, and their upgrades.

Source: Prisma SD-WAN API, "Get Image Status of Element (v2.1)", "Get Elements (v3.2)", "Get Software Upgrade
Configuration of Element (v2.0)", "Upgrade an Element (v2.0)"; the operation `abort_upgrade` is what the vendor's tools
ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..accounts import Refusal
from ..clock import Timebase
from ..messages import Reply, Request, json_reply
from ..starts import Starts
from .base import BODY_LIMIT, ExpectedState, Handler, Routes, System, UnknownRoute
from .prisma_auth import TOKEN_PATH, Auth, session_table
from .prisma_element import Element, elements_of
from .prisma_entry import ElementEntry, StartEntry
from .prisma_fields import ELEMENT_FIELDS, NULLS, RECORD_FIELDS, RequestFault, ticks
from .prisma_format import Item, envelope, error, page
from .prisma_images import Images
from .prisma_options import PrismaOptions
from .prisma_order import aborted, order_of, software_state, started
from .prisma_query import Source, run

FIRST_FREE_ID = 16540020000000000
STATUS_KEYS = frozenset({"id", "element_id"})
ELEMENT_KEYS = frozenset({"id", "name"})


def _both(verb: str, version: str, call: str, handler: Handler) -> list[tuple[str, str, Handler]]:
    """Return the routes of a call about a tenant: the unified path and the legacy one."""
    paths = (f"/sdwan/{version}/api{call}", f"/{version}/api/tenants/<tenant_id>{call}")
    return [(verb, path, handler) for path in paths]


class PrismaSdwan(System[PrismaOptions]):
    """One tenant's controller and the token service in front of it."""

    name: ClassVar[str] = "prisma_sdwan"

    def __init__(self, options: PrismaOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(options, time, session_table(time), plain=plain)
        self.auth = Auth(options, self.sessions, plain, self.account, self.no_session)
        if options.session_end == "401" and options.expired_status == 403:
            self.session_end = "403"
        self._images = Images(options.images)
        self._elements: dict[str, Element] = {}
        self._deleted: list[Element] = []
        self._starts = Starts(options.starts, StartEntry())
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

    def expected_states(self) -> list[ExpectedState]:
        """Return the true state of every element."""
        return [each.expected_state() for each in self._elements.values()]

    def _begin(self, entry: ElementEntry) -> str:
        first = FIRST_FREE_ID
        while str(first) in self._elements:
            first += 1
        made = elements_of(entry, first, self.time.simulated(), self.time, self._images)
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
                reply = error(405, "METHOD_NOT_ALLOWED", "Method not allowed")
                reply.headers.append(("Allow", ", ".join(unknown.allowed)))
                return reply
            return error(404, "RESOURCE_NOT_FOUND", "Resource not found")
        if len(request.body) > BODY_LIMIT:
            return error(413, "REQUEST_TOO_LARGE", "Request too large")
        if handler in OPEN:
            return handler(self, request)
        legacy = not request.decoded_path.startswith("/sdwan/")
        named = dict(arguments)
        refused = self.auth.admit(request, named.pop("tenant_id", None), legacy=legacy, free=handler in FREE)
        try:
            return refused or handler(self, request, legacy=legacy, **named)
        except RequestFault as fault:
            return error(400, fault.code, fault.message)

    POLLS: ClassVar = (r".*/software/current_status/query",)

    def token_of(self, request: Request) -> str | None:
        """Return the bearer token, or the one of the older login."""
        return request.bearer or request.headers.get("X-Auth-Token")

    def is_login(self, request: Request) -> bool:
        """Tell a login by what answers it."""
        try:
            return self.ROUTES.find(request)[0] in OPEN
        except UnknownRoute:
            return False

    def login_refusal(self, request: Request, reason: Refusal, status: int | None = None) -> Reply:
        """Refuse it in the form of the login that it is."""
        token = self.ROUTES.find(request)[0] is PrismaSdwan._token
        return self.auth.refused(reason, status, token=token)

    def _token(self, request: Request) -> Reply:
        return self.auth.token(request)

    def _legacy_login(self, request: Request) -> Reply:
        return self.auth.legacy_login(request)

    def _profile(self, request: Request, *, legacy: bool) -> Reply:
        return self.auth.profile(request, legacy=legacy)

    def _log_out(self, request: Request, *, legacy: bool) -> Reply:
        return self.auth.log_out(request, legacy=legacy)

    def _tenant(self, _request: Request, *, legacy: bool) -> Reply:
        del legacy
        details = {"id": self.options.tenant_id, "name": "Simulated tenant", "is_esp": False}
        return json_reply({**details, "telemetry_region": "us", "address": None, **envelope(200)})

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
        return self._page([source.full(index) for index in range(source.count)], source.count, legacy=legacy)

    def _image_list(self, _request: Request, *, legacy: bool) -> Reply:
        listed = self._images.listing(ticks(self.time.epoch))
        return self._page(listed, len(listed), legacy=legacy)

    def _query(self, request: Request, source: Source, *, legacy: bool) -> Reply:
        query = _object(request)
        result = run(query, source, self.options.default_limit, self.options.max_limit)
        extra: Item = {}
        if query.get("getDeleted"):
            extra = {"deleted_ids": [each.id for each in self._deleted], "deleted_count": len(self._deleted)}
        if result.aggregate is not None:
            extra["aggregate"] = result.aggregate
        return self._page(result.items, result.total, extra, legacy=legacy)

    def _page(self, items: list[Item], total: int, extra: Item | None = None, *, legacy: bool) -> Reply:
        own = {"tenant_id": self.options.tenant_id} if legacy else {"description": None}
        return page(items, total, own, extra)

    def _software_state(self, _request: Request, element_id: str, *, legacy: bool) -> Reply:
        del legacy
        element = self._elements.get(element_id)
        return _unknown_element() if element is None else json_reply(_state_of(element))

    def _order(self, request: Request, element_id: str, *, legacy: bool) -> Reply:
        del legacy
        element = self._elements.get(element_id)
        if element is None:
            return _unknown_element()
        known = frozenset({*_state_of(element), *NULLS, "_created_on_utc", "_updated_on_utc", "_content_length"})
        order = order_of(_object(request), element, known, self.time.date())
        element.orders += 1
        # assumption: a new order takes the place of one under way, and one for the active image has nothing to do
        if order.version != element.versions()[0]:
            element.work = started(order, element, self._starts.take(), self.time.simulated())
        return json_reply(_state_of(element))

    def _operate(self, request: Request, element_id: str, *, legacy: bool) -> Reply:
        del legacy
        element = self._elements.get(element_id)
        if element is None:
            return _unknown_element()
        sent = _object(request)
        unknown = sorted(set(sent) - {"action", "parameters"})
        if unknown:
            raise RequestFault("INVALID_JSON_EXTRA_ATTRIBUTE", f"Unknown attribute {unknown[0]}")
        if sent.get("action") != "abort_upgrade":
            raise RequestFault("COMMAND_NOT_SUPPORTED", "The command is not supported")
        element.work = aborted(element, self.time.simulated())
        # assumption: the body of the answer
        return json_reply({**sent, **envelope(200)})

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
        *_both("GET", "v2.3", "/element_images", _image_list),
        *_both("GET", "v2.4", "/element_images", _image_list),
        *_both("GET", "v2.0", "/elements/<element_id>/software/state", _software_state),
        *_both("PUT", "v2.0", "/elements/<element_id>/software/state", _order),
        *_both("POST", "v2.0", "/elements/<element_id>/operations", _operate),
    )


# What needs no login
OPEN = frozenset({PrismaSdwan._token, PrismaSdwan._legacy_login})
# assumption: a token that never had its profile call can be logged out all the same
FREE = frozenset({PrismaSdwan._profile, PrismaSdwan._log_out})


def _object(request: Request) -> dict[str, Any]:
    try:
        data = request.json()
    except ValueError:
        raise RequestFault("INVALID_JSON", "The body is not JSON") from None
    if not isinstance(data, dict):
        raise RequestFault("INVALID_JSON_INPUT", "The body must be an object")
    return data


def _state_of(element: Element) -> Item:
    return {**envelope(200), **software_state(element)}


def _unknown_element() -> Reply:
    return error(404, "ELEMENT_NOT_FOUND", "Element not found")
