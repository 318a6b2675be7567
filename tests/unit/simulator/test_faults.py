# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: when one is due on a moved clock, and what a client meets over HTTPS."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from taskwatch_simulator.embedded import Simulator, running
from taskwatch_simulator.faults import KINDS
from taskwatch_simulator.messages import Request
from taskwatch_simulator.mistakes import mistakes
from taskwatch_simulator.transports import BigBody, Reset
from tests.tools import write_faults

from .conftest import Bench, Client, basic

Make = Callable[[str], Bench]
MakeClient = Callable[[str], Client]
PAUSE = threading.Event()
STATUS = "/updateRepositories/firmware/status?taskid=12"
USER = basic("USERID")
TASK = "lxca: {tasks: [{kind: export, id: '12'}]}"


def poll(run: Bench) -> int:
    return run.call("lxca", "GET", STATUS, USER).status


def kinds(run: Bench) -> list[object]:
    return [request["fault"] for request in run.world.requests()]


def test_once_and_then_no_more(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "status", "status": 502, "times": 2})
    assert [poll(run) for _time in range(4)] == [502, 502, 200, 200]
    assert kinds(run) == ["status", "status", None, None]
    assert run.world.faults() == []


def test_for_a_while(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "status", "status": 502, "seconds": 10})
    assert [poll(run.at(second)) for second in (0, 9.9, 10)] == [502, 502, 200]


def test_for_good_until_reset(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "status", "status": 502})
    assert poll(run.at(1e6)) == 502
    run.world.reset()
    assert poll(run) == 200


def test_after_some_requests(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "status", "status": 502, "after_requests": 2, "times": 1})
    assert [poll(run) for _time in range(4)] == [200, 200, 502, 200]


def test_seconds_count_from_the_first_bite(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "refuse", "after_requests": 2, "seconds": 5})
    assert [poll(run.at(second)) for second in (0, 20)] == [200, 200]
    assert run.world.port_mode("lxca") == "refused"
    assert run.at(24.9).world.port_mode("lxca") == "refused"
    assert run.at(25).world.port_mode("lxca") == "open"


@pytest.mark.parametrize(
    ("keys", "hit"),
    [({"path": "firmware"}, True), ({"path": "^/csv"}, False), ({"method": "get"}, True), ({"method": "POST"}, False)],
)
def test_only_what_matches(bench: Make, keys: dict[str, str], hit: bool) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "status", "status": 502, **keys})
    assert poll(run) == (502 if hit else 200)


def test_other_systems_are_left_alone(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "sdm", "kind": "status", "status": 502})
    assert poll(run) == 200


def test_latency_adds_up_and_lets_the_answer_through(bench: Make) -> None:
    run = bench("lxca: {latency: 0.5, tasks: [{kind: export, id: '12'}]}")
    run.world.add_fault({"system": "lxca", "kind": "latency", "delay": 2})
    run.world.add_fault({"system": "lxca", "kind": "latency", "delay": 3})
    reply = run.call("lxca", "GET", STATUS, USER)
    assert (reply.status, reply.delay, reply.fault) == (200, 5.5, "latency")


def test_sessions_dropped_now_or_at_a_request(bench: Make) -> None:
    run = bench(TASK)
    body = {"UserId": "USERID", "password": "simulator-password"}
    run.call("lxca", "POST", "/sessions", body=body)
    run.world.add_fault({"system": "lxca", "kind": "expire_sessions"})
    assert run.world.sessions()["lxca"] == []
    assert run.world.faults() == []
    run.world.add_fault({"system": "lxca", "kind": "expire_sessions", "after_requests": 1, "times": 1})
    run.call("lxca", "POST", "/sessions", body=body)
    assert len(run.world.sessions()["lxca"]) == 1
    assert poll(run) == 200
    assert run.world.sessions()["lxca"] == []


def test_a_refused_login_opens_no_session(bench: Make) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "kind": "reset"})
    reply = run.call("lxca", "POST", "/sessions", body={"UserId": "USERID", "password": "simulator-password"})
    assert reply.transport == Reset()
    assert run.world.sessions()["lxca"] == []


@pytest.mark.parametrize("keys", [{"kind": "hang"}, {"kind": "status", "status": 504}])
def test_an_answer_may_be_lost_after_the_request_had_its_effect(bench: Make, keys: dict[str, Any]) -> None:
    run = bench(TASK)
    run.world.add_fault({"system": "lxca", "executed": True, **keys})
    run.call("lxca", "POST", "/sessions", body={"UserId": "USERID", "password": "simulator-password"})
    assert len(run.world.sessions()["lxca"]) == 1


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kind": "tls_cut", "executed": True}, "executed"),
        ({"kind": "status"}, "status: this key is missing"),
        ({"kind": "status", "status": 99}, "from 200 on"),
        ({"kind": "latency"}, "delay: this key is missing"),
        ({"kind": "big_body"}, "bytes: this key is missing"),
        ({"kind": "reset", "delay": 1}, "delay: this key is not known here"),
        ({"kind": "reset", "from": 5, "until": 5}, "until must be later"),
        ({"kind": "refuse", "path": "x"}, "whole port"),
        ({"kind": "tls_cut", "method": "GET"}, "whole port"),
        ({"kind": "refuse", "times": 1}, "seconds"),
        ({"kind": "black_hole", "times": 1}, "seconds"),
        ({"kind": "reset", "times": 0}, "from 1 on"),
        ({"kind": "reset", "seconds": -1}, "greater"),
        ({"kind": "reset", "path": "("}, "regular expression"),
        ({"kind": "wrong_encoding", "encoding": "klingon"}, "encoding"),
        ({"kind": "html", "headers": {"X": "a\r\nb"}}, "line breaks"),
        ({"kind": "explode"}, "reset"),
        ({"kind": "rest"}, "did you mean reset?"),
        ({"kind": "reset", "system": "hal"}, "lxca"),
        ({"kind": "reset", "nonsense": 1}, "nonsense"),
        ({}, "kind"),
    ],
)
def test_faults_that_make_no_sense(bench: Make, keys: dict[str, Any], said: str) -> None:
    asked = {"system": "lxca"} | keys
    with pytest.raises(ValidationError) as caught:
        bench("").world.add_fault(asked)
    ((_where, sentence),) = mistakes(caught.value, asked)
    assert said in sentence


@pytest.mark.parametrize("size", [0, 5, 13, 14, 65536, 200_000])
def test_a_big_body_has_the_size_that_was_asked_for(size: int) -> None:
    assert sum(len(piece) for piece in BigBody(size).chunks()) == size


def test_the_guide_has_every_kind_as_its_class_tells() -> None:
    page = write_faults.PAGE.read_text(encoding="utf-8")
    assert page == write_faults.page_with(write_faults.rendered(), page), "run python -m tests.tools.write_faults"
    assert len(KINDS) > 14


def test_a_stretch_of_the_run(bench: Make) -> None:
    run = bench(f"{TASK}\nfaults: [{{system: lxca, kind: status, status: 503, from: 10, until: 20}}]")
    assert [poll(run.at(second)) for second in (0, 9.9, 10, 19.9, 20)] == [200, 200, 503, 503, 200]
    assert run.world.faults() == []


def test_a_closed_port_for_a_stretch_of_the_run(bench: Make) -> None:
    run = bench("faults: [{system: sdm, kind: refuse, from: 10, until: 20}]")
    modes = [run.at(second).world.port_mode("sdm") for second in (9.9, 10, 19.9, 20)]
    assert modes == ["open", "refused", "refused", "open"]


def test_sessions_dropped_once_at_a_moment_of_the_run(bench: Make) -> None:
    run = bench(f"{TASK}\nfaults: [{{system: lxca, kind: expire_sessions, from: 10}}]")
    body = {"UserId": "USERID", "password": "simulator-password"}
    run.call("lxca", "POST", "/sessions", body=body)
    poll(run.at(9))
    assert len(run.world.sessions()["lxca"]) == 1
    poll(run.at(11))
    assert run.world.sessions()["lxca"] == []
    run.call("lxca", "POST", "/sessions", body=body)
    poll(run.at(12))
    assert len(run.world.sessions()["lxca"]) == 1


def get(client: Client, **options: Any) -> requests.Response:
    return client.send("GET", STATUS, headers=USER, **options)


@pytest.mark.parametrize(
    ("keys", "status", "media"),
    [
        ({"kind": "status", "status": 503}, 503, None),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "7"}, "body": "slow down"}, 429, "text/plain"),
        ({"kind": "status", "status": 500, "body": "{}", "content_type": "application/json"}, 500, "application/json"),
        ({"kind": "html"}, 200, "text/html; charset=utf-8"),
        ({"kind": "html", "status": 502, "body": "<p>"}, 502, "text/html; charset=utf-8"),
        ({"kind": "garbage"}, 200, "application/json"),
        ({"kind": "empty"}, 200, None),
        ({"kind": "empty", "content_type": "application/json"}, 200, "application/json"),
        ({"kind": "redirect"}, 307, None),
        ({"kind": "redirect", "status": 302, "location": "http://127.0.0.1/x"}, 302, None),
    ],
)
def test_answers_of_faults(
    simulator: Simulator, client: MakeClient, keys: dict[str, Any], status: int, media: str | None
) -> None:
    lxca = client("lxca")
    simulator.add_fault({"system": "lxca", "times": 1, **keys})
    reply = get(lxca)
    assert (reply.status_code, reply.headers.get("Content-Type")) == (status, media)
    if "body" in keys:
        assert reply.text == keys["body"]
    if keys["kind"] == "empty":
        assert reply.content == b""
    if keys["kind"] == "redirect":
        assert reply.headers["Location"] == keys.get("location", "https://elsewhere.example.com/")
    if keys["kind"] == "garbage":
        with pytest.raises(ValueError, match=r"."):
            reply.json()
    for name, value in keys.get("headers", {}).items():
        assert reply.headers[name] == value
    assert get(lxca).json()["state"] == "running"


def test_a_wrong_encoding(simulator: Simulator, client: MakeClient) -> None:
    simulator.add_fault({"system": "lxca", "kind": "wrong_encoding", "times": 1})
    reply = get(client("lxca"))
    assert reply.headers["Content-Type"] == "application/com.lenovo.lxca-v2.0.0+json; charset=UTF-8"
    with pytest.raises(UnicodeDecodeError):
        reply.content.decode("utf-8")
    assert '"state": "running"' in reply.content.decode("utf-16")


@pytest.mark.parametrize(
    ("kind", "error", "text"),
    [
        ("reset", requests.ConnectionError, "Connection aborted"),
        ("hang", requests.ReadTimeout, "timed out"),
        ("cut_body", requests.exceptions.ChunkedEncodingError, "IncompleteRead"),
        ("tls_cut", requests.exceptions.SSLError, "EOF"),
    ],
)
def test_faults_on_the_wire(
    simulator: Simulator, client: MakeClient, kind: str, error: type[Exception], text: str
) -> None:
    lxca = client("lxca")
    assert get(lxca).status_code == 200
    simulator.add_fault({"system": "lxca", "kind": kind, "times": 1})
    with pytest.raises(error, match=text):
        get(lxca, timeout=0.3 if kind == "hang" else 20)
    deadline = time.monotonic() + 30
    # The port of a handshake cut is served again a moment after the last cut was counted
    while simulator.faults() and time.monotonic() < deadline:
        PAUSE.wait(0.01)
    simulator.reset()
    assert get(lxca).status_code == 200


def test_a_reset_is_a_reset() -> None:
    with running("slow", plain=True) as simulator:
        simulator.add_fault({"system": "lxca", "kind": "reset"})
        address = simulator.systems["lxca"]
        with socket.create_connection((str(address["hostname"]), int(address["port"])), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                connection.recv(1)


def test_a_closed_port_opens_again_by_itself(simulator: Simulator, client: MakeClient) -> None:
    lxca = client("lxca")
    assert get(lxca).status_code == 200
    simulator.add_fault({"system": "lxca", "kind": "refuse", "seconds": 1})
    began = time.monotonic()
    refusals = []
    answers: list[int] = []
    while not answers and time.monotonic() - began < 30:
        try:
            answers.append(get(lxca).status_code)
        except requests.ConnectionError as error:
            refusals.append(str(error))
            PAUSE.wait(0.02)
    assert answers == [200]
    assert time.monotonic() - began > 0.9
    assert refusals
    assert all("refused" in refusal for refusal in refusals)


def test_a_port_that_drops_connections(simulator: Simulator, client: MakeClient) -> None:
    lxca = client("lxca")
    assert get(lxca).status_code == 200
    simulator.add_fault({"system": "lxca", "kind": "black_hole"})
    address = (str(simulator.systems["lxca"]["hostname"]), int(simulator.systems["lxca"]["port"]))
    with pytest.raises(TimeoutError):
        socket.create_connection(address, timeout=0.3)
    simulator.reset()
    assert get(lxca).status_code == 200


def test_one_of_two_addresses_leads_nowhere(simulator: Simulator, client: MakeClient) -> None:
    simulator.add_fault({"system": "lxca", "kind": "black_hole", "address": "::1"})
    number = int(simulator.systems["lxca"]["port"])
    try:
        with pytest.raises(TimeoutError):
            socket.create_connection(("::1", number), timeout=0.3)
    except OSError:
        pytest.skip("this machine has no ::1")
    assert get(client("lxca")).status_code == 200
    simulator.reset()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("::1", number), timeout=5)


def test_other_ports_stay_open_meanwhile(simulator: Simulator, client: MakeClient) -> None:
    simulator.add_fault({"system": "lxca", "kind": "refuse"})
    assert client("vcenter").send("GET", "/api/appliance/update").status_code == 401
    with pytest.raises(requests.ConnectionError, match="refused"):
        get(client("lxca"))
    simulator.reset()
    assert get(client("lxca")).status_code == 200


def test_handshakes_are_cut_as_often_as_asked(simulator: Simulator, client: MakeClient) -> None:
    simulator.add_fault({"system": "lxca", "kind": "tls_cut", "times": 3})
    results = []
    for _time in range(60):
        try:
            results.append(get(client("lxca")).status_code)
        except requests.ConnectionError:
            results.append(0)
        if results[-1] == 200:
            break
    # A connection may still meet the cut between the last one counted and the port's change
    assert results.count(0) >= 3
    assert results[-1] == 200


def test_latency_is_felt(simulator: Simulator, client: MakeClient) -> None:
    lxca = client("lxca")
    get(lxca)
    simulator.add_fault({"system": "lxca", "kind": "latency", "delay": 0.3, "times": 1})
    began = time.monotonic()
    assert get(lxca).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_a_big_body_is_streamed(simulator: Simulator, client: MakeClient) -> None:
    size = 30_000_000
    simulator.add_fault({"system": "lxca", "kind": "big_body", "bytes": size, "times": 1})
    reply = get(client("lxca"), stream=True, timeout=10)
    assert reply.headers["Transfer-Encoding"] == "chunked"
    assert sum(len(piece) for piece in reply.iter_content(1 << 20)) == size


def test_a_client_may_leave_a_big_body(simulator: Simulator, client: MakeClient) -> None:
    simulator.add_fault({"system": "lxca", "kind": "big_body", "bytes": 1 << 33, "times": 1})
    reply = get(client("lxca"), stream=True, timeout=10)
    next(reply.iter_content(1 << 20))
    reply.close()
    assert get(client("lxca")).status_code == 200


def test_a_reused_connection_dies_without_a_byte(simulator: Simulator, client: MakeClient) -> None:
    lxca = client("lxca")
    simulator.add_fault({"system": "lxca", "kind": "close_reused", "times": 1})
    assert get(lxca).status_code == 200
    with pytest.raises(requests.ConnectionError, match="without response"):
        get(lxca)
    assert get(lxca).status_code == 200
    assert simulator.requests()[-2]["status"] is None


def test_an_answer_in_drops(simulator: Simulator, client: MakeClient) -> None:
    lxca = client("lxca")
    simulator.add_fault({"system": "lxca", "kind": "drip", "body": "[1]", "delay": 0.1, "times": 1})
    began = time.monotonic()
    reply = get(lxca)
    assert (reply.json(), time.monotonic() - began > 0.3) == ([1], True)


def test_expired_sessions_over_the_wire(simulator: Simulator, client: MakeClient) -> None:
    vcenter = client("vcenter")
    token = vcenter.send("POST", "/api/session", headers=basic("administrator@vsphere.local")).json()
    headers = {"vmware-api-session-id": token}
    assert vcenter.send("GET", "/api/appliance/update", headers=headers).status_code == 200
    simulator.add_fault({"system": "vcenter", "kind": "expire_sessions"})
    assert vcenter.send("GET", "/api/appliance/update", headers=headers).status_code == 401


def test_a_fault_knows_its_requests() -> None:
    request = Request.make("GET", "/a%2Fb?x=1")
    assert (request.decoded_path, request.arguments["x"]) == ("/a/b", "1")
