# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that no client should send: made from every route of every system, and from good ones that are spoilt."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from taskwatch_simulator.control import Control
from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.page import Stream
from taskwatch_simulator.systems import Lxca, PrismaSdwan, Sdm, Vcenter
from taskwatch_simulator.world import World

from .conftest import basic

ROUTES = {each.name: each.ROUTES.listing for each in (Lxca, Sdm, Vcenter, PrismaSdwan)} | {
    "control": Control.ROUTES.listing
}
SYSTEMS = ("lxca", "sdm", "vcenter", "prisma_sdwan")
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW")
ELEMENT = "16540011223340090"
# What may stand in the place of a path's argument
ARGUMENTS = {
    "session_id": ["0" * 32],
    "job_id": ["371", "501"],
    "job_list": ["51", "51,52", "502"],
    "task_id": ["ID33", "ID501", "ID502"],
    "route_set_id": ["2", "7", "99"],
    "version": ["8.0.3.00400", "8.0.2.00300"],
    "tenant_id": ["1092", "1"],
    "element_id": [ELEMENT, "1"],
}
QUERIES = [
    "",
    "taskid=0",
    "tasktype=EXPORTREPOSITORY&taskid=501",
    "compact=true",
    "action=export&filetypes=all",
    "action=export&filetype=payloads",
    "validationOnly=true",
    "~action=get",
    "source_type=LOCAL",
    *(f"action={each}" for each in ("precheck", "validate", "stage", "install", "stage-and-install")),
    "action=rollback",
    "action=cancel",
    "action=%ff&&=;a=b=c",
]
DEEP = 3000
CSV = b"Type,IP\r\nserver,192.0.2.71\r\nserver,192.0.2.72\r\n"
FORM = (
    b'--AaB03x\r\nContent-Disposition: form-data; name="uploadedfile"; filename="d.csv"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + CSV + b"\r\n--AaB03x--\r\n"
)
OBJECTS: list[Any] = [
    {},
    {"UserId": "USERID", "password": "simulator-password"},
    {"userName": "netops", "password": "simulator-password"},
    {"email": "operator@example.com", "password": "simulator-password"},
    {"fixids": ["fix_1"]},
    {"name": "march", "failureAction": "skip", "routeSets": [{"routeSetId": "2"}]},
    {"type": "Update", "devices": [{"deviceGroupId": "ID21"}]},
    {"type": "Commit"},
    {"type": "Rollback"},
    {"type": "Cancel"},
    {"user_data": {"vmdir.password": "simulator-password"}},
    {"user_data": [{"key": "vmdir.password", "value": "simulator-password"}]},
    {"id": ELEMENT, "_etag": 1, "_schema": 0, "image_id": "17010000000000244", "scheduled_upgrade": None},
    {"id": ELEMENT, "_etag": 2, "_schema": 0, "image_id": "17010000000000044", "interface_ids": ["1"]},
    {"action": "abort_upgrade", "parameters": None},
    {"query_params": {"element_id": {"in": [ELEMENT]}}, "sort_params": {"id": "asc"}, "limit": 10, "dest_page": 1},
    {"query_params": {"or": {"id": {"re": "(1+)+x"}, "download_percent": {"gt": 5}}}, "getDeleted": True},
    {"aggregate": {"field": "download_percent", "operator": "avg"}, "group_by": ["upgrade_state"]},
    {"jsonrpc": "2.0", "method": "invoke", "id": 1, "params": {"serviceId": "com.vmware.cis.session"}},
    {"system": "lxca", "kind": "export", "duration": 5},
    {"system": "vcenter", "operation": "install"},
    {"system": "sdm", "kind": "status", "status": 418, "times": 1},
    {"scenario": "idle"},
]
ANY_TEXTS = [
    b"",
    b"[]",
    b"7",
    b'"x"',
    b"null",
    b"{",
    b"[" * DEEP,
    b'{"x":' * DEEP + b"1" + b"}" * DEEP,
    b"\xff\xfe\x00",
]
# What is special to the bodies that a system takes
TEXTS: dict[str, list[bytes]] = {
    "lxca": [
        FORM,
        FORM[:-8],
        FORM.replace(b"192", b"\xff"),
        FORM.replace(b"server", b'"'),
        FORM.replace(b"AaB03x", b"b"),
        FORM.replace(b"filename", b"file"),
    ],
    "sdm": [
        b"<routeSets><routeSets><routeSetId>7</routeSetId></routeSets></routeSets>",
        b"<routeUpdateAction><type>Commit</type></routeUpdateAction>",
        b'<!DOCTYPE x [<!ENTITY e "e">]><x><routeSetId>&e;</routeSetId></x>',
        b"<a>" * DEEP,
        b"<routeSets>",
        b'{"name": "\\u0000", "routeSets": [{"routeSetId": "2"}]}',
        b'{"notes": "\\ud800", "routeSets": [{"routeSetId": "7"}]}',
    ],
    "vcenter": [b'{"user_data": []}', b'{"user_data": [1]}', b'{"user_data": [{"key": 1, "value": 1}]}'],
    "prisma_sdwan": [
        b'{"query_params":' + b'{"or":' * 700 + b'{"id":{"eq":1}}' + b"}" * 701,
        b'{"limit": NaN}',
        b'{"limit": ' + b"9" * 5000 + b"}",
        b'{"action": "abort_upgrade", "parameters": NaN}',
        b"grant_type=client_credentials&scope=tsg_id%3A1234567890",
    ],
    "control": [b'{"system": "lxca", "kind": "export", "duration": NaN}', b'{"system": "hal"}'],
}
MEDIA = [
    "application/json",
    "application/xml",
    "text/xml; charset=utf-16",
    "multipart/form-data; boundary=AaB03x",
    "multipart/form-data",
    'multipart/form-data; boundary="\xe9"',
    "application/x-www-form-urlencoded",
    "application/json; charset=klingon",
    "",
    ";;=",
]
ACCEPTS = ["", "*/*", "application/json", "application/xml", "text/html", ",,;q=x"]
STRAY_HEADERS: list[dict[str, str]] = [
    {},
    {"Authorization": "Basic ///"},
    {"Authorization": "Basic \xe9\xff"},
    {"Authorization": "Bearer"},
    {"Cookie": 'JSESSIONID="; vmware-api-session-id=\\; \xff=\xe9'},
    {"X-Csrf-Token": "\xe9"},
    {"vmware-api-session-id": ""},
    {"x-auth-token": "0123456789abcdef-region=us"},
    {"vapi-service": "com.vmware.cis.session", "vapi-operation": "create"},
    basic("USERID"),
]
NASTY: list[Any] = [
    *(None, True, 0, -1, 1.5, float("nan"), 10**400),
    *("", "\0", "\ud800", "\u20ac" * 300),
    *([], {}, [[]], [None], {"": {}}),
]
json_values = st.sampled_from(NASTY) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@dataclass(frozen=True)
class Call:
    """One request to a system."""

    system: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def send(self, world: World, session: dict[str, str] | None = None) -> Reply:
        """Send it to a world, with the headers of a session where there is one."""
        request = Request.make(self.method, self.target, {**(session or {}), **self.headers}, self.body)
        return Control(world).handle(request) if self.system == "control" else world.handle(self.system, request)


JSON = {"Content-Type": "application/json", "Accept": "application/json"}
UPLOADS = {"Content-Type": "multipart/form-data; boundary=AaB03x"}
ONE_ELEMENT = f"/sdwan/v2.0/api/elements/{ELEMENT}"
UPDATE = "/api/appliance/update/pending"
PUSH = b'{"name": "march", "notes": "", "routeSets": [{"routeSetId": "2"}]}'
PASSWORD = b'{"user_data": {"vmdir.password": "simulator-password"}}'


def _order(image: str, etag: int) -> Call:
    body: dict[str, Any] = {"id": ELEMENT, "_schema": 0, "_etag": etag, "image_id": image}
    body |= dict.fromkeys(["scheduled_download", "scheduled_upgrade", "download_interval", "upgrade_interval"])
    return Call("prisma_sdwan", "PUT", f"{ONE_ELEMENT}/software/state", JSON, json.dumps(body).encode())


# Requests that a client with a session may well send
GOOD: dict[str, list[Call]] = {
    "lxca": [
        Call("lxca", "PUT", "/updateRepositories/firmware?action=export&filetypes=all", JSON, b'{"fixids": ["fix_1"]}'),
        Call("lxca", "POST", "/csvRequest", UPLOADS, FORM),
        Call("lxca", "GET", "/updateRepositories/firmware/status?taskid=0", {}, b""),
        Call("lxca", "GET", "/tasks", {}, b""),
    ],
    "sdm": [
        Call("sdm", "POST", "/rest/v1.3/routeSets/devices/action", JSON, PUSH),
        Call("sdm", "POST", "/rest/v1.3/routeSets/routeUpdates/ID501/action", JSON, b'{"type": "Commit"}'),
        Call("sdm", "POST", "/rest/v1.3/routeSets/routeUpdates/ID502/action", JSON, b'{"type": "Cancel"}'),
        Call("sdm", "GET", "/rest/v1.3/routeSets/routeUpdates", {"Accept": "application/xml"}, b""),
    ],
    "vcenter": [
        Call("vcenter", "POST", f"{UPDATE}/8.0.3.00400?action=stage", {}, b""),
        Call("vcenter", "POST", f"{UPDATE}/8.0.3.00400?action=install", JSON, PASSWORD),
        Call("vcenter", "POST", f"{UPDATE}/8.0.3.00500?action=stage-and-install", JSON, PASSWORD),
        Call("vcenter", "POST", f"{UPDATE}?action=rollback", {}, b""),
        Call("vcenter", "DELETE", "/api/appliance/update/staged", {}, b""),
    ],
    "prisma_sdwan": [
        _order("17010000000000244", 1),
        _order("17010000000000044", 2),
        _order("17010000000000144", 3),
        Call("prisma_sdwan", "POST", f"{ONE_ELEMENT}/operations", JSON, b'{"action": "abort_upgrade"}'),
        Call("prisma_sdwan", "POST", "/sdwan/v2.1/api/software/current_status/query", JSON, b'{"limit": 10}'),
    ],
}


# What can be wrong with a request; bodies are where most of the code is
WAYS = ["nothing", "verb", "query", "path", "headers", "bytes", "key", *["text", "value"] * 3]


@st.composite
def spoilt(draw: st.DrawFn, system: str | None = None) -> Call:
    """Return a good request, or one of which a single thing is not good."""
    listed = GOOD[system] if system else [each for listed in GOOD.values() for each in listed]
    call: Call = draw(st.sampled_from(listed))
    path, _mark, query = call.target.partition("?")
    sent = json.loads(call.body) if call.body.startswith(b"{") else {}
    what = draw(st.sampled_from(WAYS))
    changed: dict[str, Any] = {}
    if what == "verb":
        changed = {"method": draw(st.sampled_from(VERBS))}
    elif what == "query":
        changed = {"target": f"{path}?{draw(st.sampled_from(QUERIES) | st.text(max_size=12))}"}
    elif what == "path":
        at = draw(st.integers(1, len(path)))
        changed = {"target": f"{path[:at]}{draw(st.text(max_size=2))}{path[at:]}?{query}"}
    elif what == "headers":
        stray = draw(st.sampled_from([{"Content-Type": each} for each in MEDIA] + STRAY_HEADERS))
        changed = {"headers": call.headers | stray}
    elif what == "text":
        changed = {"body": draw(st.sampled_from(ANY_TEXTS + TEXTS[call.system] * 2))}
    elif what == "bytes":
        changed = {"body": draw(spoilt_bytes(call.body))}
    elif sent:
        name = draw(st.sampled_from(sorted(sent)) if what == "value" else st.text(max_size=6))
        changed = {"body": json.dumps(sent | {name: draw(json_values)}).encode()}
    return replace(call, **changed)


@st.composite
def spoilt_bytes(draw: st.DrawFn, text: bytes) -> bytes:
    """Return a text of which a few bytes are gone, or others."""
    cut = draw(st.integers(0, len(text)))
    put = bytes(draw(st.binary(max_size=3)))
    return text[:cut] + put + text[cut + draw(st.integers(0, 3)) :]


@st.composite
def calls(draw: st.DrawFn, system: str | None = None) -> Call:
    """Return a request to a known path, or nearly so."""
    chosen = system or draw(st.sampled_from(sorted(ROUTES)))
    verbs, path = draw(st.sampled_from(ROUTES[chosen]))
    path = path.replace("/rest/<version>", "/rest/v1.3")
    method = draw(st.sampled_from([*verbs.split() * 3 * len(VERBS), *VERBS]))
    for name, known in ARGUMENTS.items():
        if f"<{name}>" in path:
            filled = draw(st.sampled_from(known) | st.sampled_from(known) | st.text(max_size=8))
            path = path.replace(f"<{name}>", filled)
    if draw(st.integers(0, 19)) == 0:
        path = draw(st.text(max_size=20)).replace("?", "")
    query = draw(st.sampled_from(QUERIES) | st.text(max_size=12))
    headers = {
        "Content-Type": draw(st.sampled_from(MEDIA)),
        "Accept": draw(st.sampled_from(ACCEPTS)),
        **draw(st.sampled_from([{}] * 9 + STRAY_HEADERS)),
    }
    return Call(chosen, method, f"/{path.lstrip('/')}?{query}", headers, draw(bodies(chosen)))


@st.composite
def bodies(draw: st.DrawFn, system: str) -> bytes:
    """Return a body: a good one, one with a key too many, too few or of the wrong kind, or no such thing at all."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return bytes(draw(st.sampled_from(ANY_TEXTS + TEXTS[system]) | st.binary(max_size=30)))
    if kind == 1:
        return bytes(draw(spoilt_bytes(draw(st.sampled_from(TEXTS[system])))))
    if kind == 2:
        return json.dumps(draw(json_values)).encode()
    value = dict(draw(st.sampled_from(OBJECTS)))
    if value and kind in {3, 4}:
        value[draw(st.sampled_from(sorted(value)))] = draw(json_values)
    elif value and kind == 5:
        del value[draw(st.sampled_from(sorted(value)))]
    elif kind == 6:
        value[draw(st.text(max_size=6))] = draw(json_values)
    return json.dumps(value).encode()


def check(reply: Reply) -> None:
    """Assert that an answer is one: no error of the simulator's own, and a body that is what its headers say."""
    # The stream of the rehearsal page is the one answer that never ends
    assert reply.transport is None or isinstance(reply.transport, Stream)
    assert 200 <= reply.status < 500 or reply.fault is not None, (reply.status, reply.body)
    for name, value in reply.headers:
        assert not set(name + value) & {"\r", "\n", "\0"}
    media = (reply.header("Content-Type") or "").partition(";")[0]
    if reply.status == 204:
        assert reply.body == b""
    if media.endswith("json"):
        json.loads(reply.body, parse_constant=_not_json)
    elif media.endswith("xml"):
        etree.fromstring(reply.body)


def _not_json(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def log_in(world: World, system: str) -> dict[str, str]:
    """Log in to a system as its clients do, and return the headers of the session."""
    access = world.access(system)
    pair = basic(access["username"], access["password"])
    if system == "lxca":
        body = {"UserId": access["username"], "password": access["password"]}
        login = Call(system, "POST", "/sessions", {}, json.dumps(body).encode()).send(world)
        cookies = [value.partition(";")[0] for name, value in login.headers if name == "Set-Cookie"]
        return {"Cookie": "; ".join(cookies), "X-Csrf-Token": login.json()["response"]["session"]["csrf"]}
    if system == "sdm":
        body = {"userName": access["username"], "password": access["password"]}
        headers = {"Content-Type": "application/json"}
        login = Call(system, "POST", "/rest/v1.3/admin/login", headers, json.dumps(body).encode()).send(world)
        return {"Cookie": str(login.header("Set-Cookie")).partition(";")[0]}
    if system == "vcenter":
        return {"vmware-api-session-id": Call(system, "POST", "/api/session", pair, b"").send(world).json()}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        **basic(access["client_id"], access["client_secret"]),
    }
    grant = f"grant_type=client_credentials&scope=tsg_id:{access['tsg_id']}".encode()
    token = Call(system, "POST", access["auth_url"], headers, grant).send(world).json()["access_token"]
    session = {"Authorization": f"Bearer {token}"}
    Call(system, "GET", "/sdwan/v2.1/api/profile", session, b"").send(world)
    # Legacy paths take this, unified ones the other
    return {**session, "x-auth-token": access["auth_token"]}
