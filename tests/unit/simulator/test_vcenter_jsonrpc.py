# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter's JSON-RPC calls: who may call what, and what malformed calls get. tests/contract has them read by VMware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench

Make = Callable[[str], Bench]
USER = {
    "schemeId": "com.vmware.vapi.std.security.user_pass",
    "userName": "administrator@vsphere.local",
    "password": "simulator-password",
}
SESSION, UPDATE = "com.vmware.cis.session", "com.vmware.appliance.update"
INPUT: dict[str, Any] = {"STRUCTURE": {"operation-input": {}}}


def invoke(service: str, operation: str, context: object = None, **changes: Any) -> dict[str, Any]:
    """Return the body of a call; `changes` replace members of it."""
    params = {"serviceId": service, "operationId": operation, "input": INPUT, "ctx": {"securityCtx": context}}
    return {"jsonrpc": "2.0", "id": "7", "method": "invoke", "params": params, **changes}


def call(bench: Bench, body: object, headers: dict[str, str] | None = None) -> Reply:
    return bench.call("vcenter", "POST", "/api", headers, body)


def result(reply: Reply) -> dict[str, Any]:
    body = reply.json()
    assert (reply.status, body["jsonrpc"], body["id"]) == (200, "2.0", "7")
    return dict(body["result"])


def error_of(reply: Reply) -> str:
    """Return the name of the API's error, which stands in the body and in a header."""
    (name,) = result(reply)["error"]["ERROR"]
    assert reply.header("vapi-error") == name
    return str(name).removeprefix("com.vmware.vapi.std.errors.")


def log_in(bench: Bench) -> dict[str, str]:
    """Return the security context of a new session."""
    token = result(call(bench, invoke(SESSION, "create", USER)))["output"]["SECRET"]
    return {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": token}


def test_a_session_from_its_login_to_its_logout(bench: Make) -> None:
    run = bench("")
    session = log_in(run)
    (info,) = result(call(run, invoke(SESSION, "get", session)))["output"]["STRUCTURE"].values()
    assert info["user"] == USER["userName"]
    (update,) = result(call(run, invoke(UPDATE, "get", session)))["output"]["STRUCTURE"].values()
    assert (update["state"], update["task"]) == ("UP_TO_DATE", {"OPTIONAL": None})
    assert result(call(run, invoke(SESSION, "delete", session))) == {"output": None}
    assert run.world.sessions()["vcenter"] == []
    assert error_of(call(run, invoke(UPDATE, "get", session))) == "unauthenticated"


def test_a_token_is_good_for_all_three_encodings(bench: Make) -> None:
    run = bench("")
    session = log_in(run)
    header = {"vmware-api-session-id": session["sessionId"]}
    assert run.call("vcenter", "GET", "/api/appliance/update", header).status == 200
    assert run.call("vcenter", "GET", "/rest/appliance/update", header).status == 200
    # The header counts for more than the body, where both are there
    assert "output" in result(call(run, invoke(UPDATE, "get", {**session, "sessionId": "wrong"}), header))


@pytest.mark.parametrize("context", [None, {}, {**USER, "password": "wrong"}, {**USER, "schemeId": "saml"}, "text"])
def test_a_login_needs_an_account(bench: Make, context: object) -> None:
    run = bench("")
    assert error_of(call(run, invoke(SESSION, "create", context))) == "unauthenticated"
    assert run.world.sessions()["vcenter"] == []


def test_what_is_not_there_needs_no_session(bench: Make) -> None:
    run = bench("")
    assert error_of(call(run, invoke(UPDATE, "cancel"))) == "operation_not_found"
    assert error_of(call(run, invoke("com.vmware.vcenter.VM", "list", log_in(run)))) == "operation_not_found"


def test_an_account_without_a_role_may_log_in(bench: Make) -> None:
    run = bench("vcenter: {authorized: false}")
    session = log_in(run)
    assert error_of(call(run, invoke(UPDATE, "get", session))) == "unauthorized"
    assert "output" in result(call(run, invoke(SESSION, "get", session)))


@pytest.mark.parametrize(
    ("body", "headers", "code", "named"),
    [
        (b"{", {}, -32700, None),
        (b"[" * 100_000, {}, -32700, None),
        ([], {}, -32600, None),
        (invoke(UPDATE, "get", method=7), {}, -32600, None),
        (invoke(UPDATE, "get", id={}), {}, -32600, None),
        (invoke(UPDATE, "get", method="list"), {}, -32601, "7"),
        (invoke(UPDATE, "get", params=[]), {}, -32602, "7"),
        (invoke(UPDATE, "get", params={"serviceId": UPDATE, "operationId": "get"}), {}, -32602, "7"),
        (invoke(UPDATE, "get"), {"vapi-service": UPDATE, "vapi-operation": "set"}, -31001, "7"),
        (invoke(UPDATE, "get"), {"vapi-service": UPDATE}, -31001, "7"),
    ],
)
def test_a_malformed_call_is_an_error_of_json_rpc(
    bench: Make, body: object, headers: dict[str, str], code: int, named: object
) -> None:
    reply = call(bench(""), body, headers)
    assert reply.status == 200
    assert (reply.json()["error"]["code"], reply.json()["id"]) == (code, named)


def test_an_outage_concerns_every_encoding(bench: Make) -> None:
    run = bench(
        "vcenter: {tasks: [{duration: 100, outage: [{from: 10, until: 20, answer: text_503},"
        " {from: 20, until: 30, answer: json_503}, {from: 30, until: 40, answer: login_503},"
        " {from: 40, until: 50, answer: stray_404}, {from: 50, until: 60, answer: refused}]}]}"
    )
    session = log_in(run)
    poll = invoke(UPDATE, "get", session)
    outage = call(run.at(12), poll)
    assert (outage.status, outage.body, outage.fault) == (503, b"no healthy upstream", "text_503")
    assert call(run, b"{").status == 503
    assert error_of(call(run.at(22), poll)) == "service_unavailable"
    assert call(run, b"{").json()["error"]["code"] == -32700
    assert "output" in result(call(run.at(32), poll))
    assert error_of(call(run, invoke(SESSION, "create", USER))) == "service_unavailable"
    assert error_of(call(run.at(42), poll)) == "not_found"
    refused = call(run.at(52), poll).transport
    assert refused is not None
    assert refused.kind == "refused"
    assert "output" in result(call(run.at(62), poll))


def test_other_verbs_are_not_calls(bench: Make) -> None:
    assert bench("").call("vcenter", "GET", "/api").status == 404
