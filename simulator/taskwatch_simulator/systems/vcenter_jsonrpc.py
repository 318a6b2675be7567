# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance's JSON-RPC calls: POST /api, which VMware's own SDK for Python makes by default.

Source: VMware vSphere Automation SDK for Python 9.1.1, modules `vmware.vapi.data.serializers.jsonrpc`,
`vmware.vapi.security`, and of the runtime's own server `vmware.vapi.protocol.server.msg.json_handler` and
`vmware.vapi.provider.aggregator`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import JSON_TYPE, Reply, Request
from ..sessions import Session, SessionTable
from .vcenter_auth import TOKEN
from .vcenter_format import UNAUTHENTICATED, UNAUTHORIZED, Error
from .vcenter_vapi import error_of, secret

PATH = "/api"
SESSION = "com.vmware.cis.session"
CREATE = (SESSION, "create")
PASSWORD_SCHEME = "com.vmware.vapi.std.security.user_pass"
SESSION_SCHEME = "com.vmware.vapi.std.security.session_id"
INVALID_REQUEST = (-32600, "Invalid Request.")
UNKNOWN_METHOD = (-32601, "Method not found.")
INVALID_PARAMS = (-32602, "Invalid params.")
PARSE_ERROR = (-32700, "Parse error.")
MISMATCH = (-31001, "Mismatching operation identifier in HTTP header and payload")
# These two are answered before the call's id is read
NAMELESS = (PARSE_ERROR, INVALID_REQUEST)
# assumption: the text
OPERATION_NOT_FOUND = Error(
    404, "OPERATION_NOT_FOUND", "vapi.method.input.invalid.interface", "The operation is not known."
)


class MalformedCall(Exception):
    """The call is no JSON-RPC, or not one that names an operation; `reply` says so as the vendor's runtime does."""

    def __init__(self, error: tuple[int, str], call_id: object = None) -> None:
        super().__init__(error[1])
        code, text = error
        named = None if error in NAMELESS else call_id
        self.reply = _reply({"jsonrpc": "2.0", "id": named, "error": {"code": code, "message": text}})


@dataclass(frozen=True)
class Call:
    """One call: what is asked for, and its session."""

    id: object
    service: str
    operation: str
    account: tuple[str, str] | None = None
    """User and password, sent with a login only."""
    token: str | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The service and its operation."""
        return self.service, self.operation

    def output(self, value: object) -> Reply:
        """Answer with a value, already written as its kind."""
        return self._result({"output": value})

    def error(self, error: Error) -> Reply:
        """Answer with one of the API's errors. The HTTP status stays 200 whatever happened."""
        reply = self._result({"error": error_of(error)})
        reply.headers.append(("vapi-error", f"com.vmware.vapi.std.errors.{error.name.lower()}"))
        return reply

    def _result(self, result: dict[str, object]) -> Reply:
        return _reply({"jsonrpc": "2.0", "id": self.id, "result": result})


@dataclass(frozen=True)
class Facade:
    """Carries calls out.

    `objection` says why a user and password are refused, `authorized` whether that user may read the appliance, and
    `reads` holds what each operation that only reads returns to a session, by service and operation.
    """

    objection: Callable[[tuple[str, str] | None], object]
    user: str
    authorized: bool
    sessions: SessionTable
    reads: Mapping[tuple[str, str], Callable[[Session], object]]

    def answer(self, call: Call) -> Reply:
        """Answer a call."""
        if call.name == CREATE:
            return self._log_in(call)
        # The runtime finds the service first and checks the session after that
        if call.name not in {(SESSION, "delete"), *self.reads}:
            return call.error(OPERATION_NOT_FOUND)
        session = self.sessions.find(call.token)
        if session is None:
            return call.error(UNAUTHENTICATED)
        if call.name == (SESSION, "delete"):
            self.sessions.close(session.token)
            return call.output(None)
        if not self.authorized and call.service != SESSION:
            return call.error(UNAUTHORIZED)
        return call.output(self.reads[call.name](session))

    def _log_in(self, call: Call) -> Reply:
        if self.objection(call.account) is not None:
            return call.error(UNAUTHENTICATED)
        return call.output(secret(self.sessions.open(self.user).token))


def is_call(request: Request) -> bool:
    """Tell whether a request is a JSON-RPC call rather than one of the two REST flavours."""
    return request.method == "POST" and request.decoded_path == PATH


def read_call(request: Request) -> Call:
    """Return the call that a request makes.

    Raises:
        MalformedCall: when it makes none.
    """
    try:
        body = request.json()
    except ValueError:
        raise MalformedCall(PARSE_ERROR) from None
    if not isinstance(body, dict) or not isinstance(body.get("method"), str):
        raise MalformedCall(INVALID_REQUEST)
    call_id = body.get("id")
    if not isinstance(call_id, str | int | None):
        raise MalformedCall(INVALID_REQUEST)
    if body["method"] != "invoke":
        raise MalformedCall(UNKNOWN_METHOD, call_id)
    params = _object(body.get("params"))
    named = (str(params.get("serviceId", "")), str(params.get("operationId", "")))
    headers = (request.headers.get("vapi-service"), request.headers.get("vapi-operation"))
    if headers not in {(None, None), named}:
        raise MalformedCall(MISMATCH, call_id)
    if not isinstance(params.get("input"), dict):
        raise MalformedCall(INVALID_PARAMS, call_id)
    context = _object(_object(params.get("ctx")).get("securityCtx"))
    scheme = context.get("schemeId")
    account = (str(context.get("userName")), str(context.get("password"))) if scheme == PASSWORD_SCHEME else None
    token = str(context.get("sessionId")) if scheme == SESSION_SCHEME else None
    # The header counts for more than what the body says
    return Call(call_id, *named, account, request.headers.get(TOKEN) or token)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _reply(body: object) -> Reply:
    return Reply(200, [("Content-Type", JSON_TYPE), ("Server", "envoy")], json.dumps(body).encode())
