# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the appliance's two REST flavours write maps, answers and errors.

Source: vSphere Automation API, "Appliance Update get" and "Session create"; Broadcom knowledge base 320077.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..messages import JSON_TYPE, Reply

Flavour = Literal["api", "rest"]


class MapValue(dict[str, object]):
    """A map of the interface definition: an object on /api, a list of keys and values on /rest."""


@dataclass(frozen=True)
class Error:
    """One error of the API; `name` is the type in capitals, `id` and `text` make up its message."""

    status: int
    name: str
    id: str
    text: str


UNAUTHENTICATED = Error(
    401, "UNAUTHENTICATED", "com.vmware.vapi.endpoint.method.authentication.required", "Authentication required."
)
# A session that has ended, told with other statuses than 401; reported by users of the API, texts shortened
STALE = {
    400: Error(
        400,
        "INVALID_ARGUMENT",
        "com.vmware.vapi.endpoint.invalidSession",
        "Provider failed with 'com.vmware.vapi.std.errors.unauthenticated'.",
    ),
    404: Error(404, "NOT_FOUND", "com.vmware.vapi.endpoint.invalidSession", "NotAuthenticated: unknown session."),
    500: Error(500, "ERROR", "com.vmware.vapi.endpoint.invalidSession", "NotAuthenticated: unknown session."),
}
UNAUTHORIZED = Error(
    403,
    "UNAUTHORIZED",
    "com.vmware.vapi.endpoint.method.authorization.denied",
    "The user is not authorized to perform this operation.",
)
NOT_FOUND = Error(404, "NOT_FOUND", "com.vmware.vapi.rest.httpNotFound", "Not found.")
# assumption: what a known path gets for a verb that it does not have
NOT_ALLOWED = Error(405, "UNSUPPORTED", "com.vmware.vapi.rest.httpMethodNotAllowed", "Method not allowed.")
TOO_LARGE = Error(413, "INVALID_REQUEST", "com.vmware.vapi.rest.requestTooLarge", "The request is too large.")
INTERNAL = Error(500, "INTERNAL_SERVER_ERROR", "com.vmware.vapi.endpoint.internal", "Internal server error.")
UNAVAILABLE = Error(
    503, "SERVICE_UNAVAILABLE", "com.vmware.vapi.endpoint.cis.ServiceUnavailable", "Service unavailable."
)


class Refused(Exception):
    """A call cannot be carried out."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.text)
        self.error = error


def message(message_id: str, text: str) -> dict[str, object]:
    """Return a localizable message without arguments."""
    return {"id": message_id, "default_message": text, "args": []}


def encode(value: object, flavour: Flavour) -> object:
    """Return a value as a flavour writes it; members that are None are left out."""
    if isinstance(value, MapValue) and flavour == "rest":
        return [{"key": key, "value": encode(each, flavour)} for key, each in value.items()]
    if isinstance(value, Mapping):
        return {key: encode(each, flavour) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [encode(each, flavour) for each in value]
    return value


@dataclass(frozen=True)
class Writer:
    """Writes replies; `content_type` is exact, because some clients compare it for equality."""

    content_type: str = JSON_TYPE
    error_types: bool = True

    def answer(self, flavour: Flavour, value: object, status: int = 200) -> Reply:
        """Return a reply that holds a value."""
        body = encode(value, flavour)
        return self._reply(body if flavour == "api" else {"value": body}, status)

    def done(self, flavour: Flavour) -> Reply:
        """Return a reply to what has no result."""
        return Reply(204 if flavour == "api" else 200, [("Server", "envoy")])

    def error(self, flavour: Flavour, error: Error) -> Reply:
        """Return an error in a flavour's structure."""
        messages = [{"args": [], "default_message": error.text, "id": error.id}]
        if flavour == "rest":
            kind = f"com.vmware.vapi.std.errors.{error.name.lower()}"
            return self._reply({"type": kind, "value": {"messages": messages}}, error.status)
        body: dict[str, object] = {"messages": messages}
        if self.error_types:
            body["error_type"] = error.name
        reply = self._reply(body, error.status)
        if error is UNAUTHENTICATED:
            reply.headers.append(("WWW-Authenticate", 'Basic realm="VMware vCenter"'))
        return reply

    def _reply(self, body: object, status: int) -> Reply:
        headers = [("Content-Type", self.content_type), ("Server", "envoy")]
        return Reply(status, headers, json.dumps(body).encode())
