# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad clients on real connections: what breaks the rules of HTTP gets its answer, and the next client is served."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskwatch_simulator.embedded import Simulator, running
from taskwatch_simulator.systems.base import BODY_LIMIT

from .fuzzing import Call, calls, spoilt, spoilt_bytes
from .test_fuzz import PATIENT, TIMES

HOST = b"Host: x\r\n"
GOOD = b"GET /aicc HTTP/1.1\r\n" + HOST + b"\r\n"
LOGIN = b"POST /sessions HTTP/1.1\r\n" + HOST
CHUNKED = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n"
ACCOUNT = json.dumps({"UserId": "USERID", "password": "simulator-password"}).encode()
UPLOAD = LOGIN + b"Content-Length: %d\r\n" % len(ACCOUNT)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Serve without TLS, where a client can close its half of a connection."""
    with running("idle", plain=True) as served:
        yield served


@pytest.fixture(autouse=True)
def said(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Make sure that nothing is said about what clients do."""
    with caplog.at_level(logging.WARNING):
        yield
    assert caplog.get_records("call") == []


def connect(simulator: Simulator, system: str = "lxca") -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(simulator.systems[system]["port"])), timeout=20)


def answer_to(simulator: Simulator, *pieces: bytes, system: str = "lxca", close: bool = True) -> bytes:
    """Send pieces, with no more to come unless told otherwise, and return what comes back before the server closes."""
    answer = b""
    with connect(simulator, system) as connection:
        # The server closes as soon as it has seen enough
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            if close:
                connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def served(simulator: Simulator) -> bool:
    """Tell whether the next client gets its answer."""
    with connect(simulator) as connection:
        connection.sendall(GOOD)
        return status_of(connection.recv(65536)) == 401


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n", 400, id="size of a chunk"),
        pytest.param(CHUNKED + b"5\r\nhelloXX\r\n0\r\n\r\n", 400, id="end of a chunk"),
        pytest.param(CHUNKED + b"f" * 20 + b"\r\nhello\r\n", 400, id="huge chunk"),
        pytest.param(LOGIN + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, id="two lengths"),
        pytest.param(
            LOGIN + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, id="length and chunks"
        ),
        pytest.param(LOGIN + b"Content-Length: -5\r\n\r\nhello", 400, id="negative length"),
        pytest.param(LOGIN + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", 400, id="no gzip"),
        pytest.param(LOGIN + b"Content-Encoding: deflate\r\nContent-Length: 5\r\n\r\nhello", 400, id="no deflate"),
        pytest.param(LOGIN + b"Expect: tea\r\nContent-Length: 2\r\n\r\n{}", 417, id="expectation"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, id="HTTP/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100, 400, id="TLS"),
        pytest.param(b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="bytes in a path"),
        pytest.param(b"GET /a\0b HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="NUL in a path"),
        pytest.param(b"GET http://[::1/ HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="address"),
        pytest.param(b"GET /aicc HTTP/1.1\r\n\r\n", 400, id="no host"),
        pytest.param(b"GET /aicc HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n", 400, id="no colon"),
        pytest.param(b"GET /aicc HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400, id="NUL in a header"),
        pytest.param(b"GET /aicc HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 100_000 + b"\r\n\r\n", 400, id="long header"),
        pytest.param(
            b"GET /aicc HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % each for each in range(5000)) + b"\r\n",
            400,
            id="many headers",
        ),
    ],
)
def test_what_is_no_http_is_told_so(simulator: Simulator, data: bytes, status: int) -> None:
    assert status_of(answer_to(simulator, data, close=False)) == status
    assert served(simulator)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET //evil.example.com/aicc HTTP/1.1\r\n", 401, id="two slashes"),
        pytest.param(b"GET /%zz%?%=%&&& HTTP/1.1\r\n", 401, id="percent"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\n", 401, id="star"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\n", 401, id="connect"),
        pytest.param(b'GET /aicc HTTP/1.1\r\nCookie: ;;;===;"\\";=\r\n', 401, id="cookies"),
        pytest.param(b"GET /aicc HTTP/1.1\r\nCookie: JSESSIONID=\xff; \xe9\r\n", 401, id="bytes in cookies"),
        pytest.param(b"GET /aicc HTTP/1.1\r\nAuthorization: Basic \xff\xe9\r\n", 401, id="bytes in a login"),
        pytest.param(b"GET /aicc HTTP/1.1\r\nX-Csrf-Token: \xe9\r\nRange: bytes=0-1\r\n", 401, id="stray headers"),
    ],
)
def test_what_is_strange_and_still_http_is_answered_as_anything_else(
    simulator: Simulator, data: bytes, status: int
) -> None:
    assert status_of(answer_to(simulator, data + HOST + b"Connection: close\r\n\r\n", close=False)) == status
    assert served(simulator)


def test_a_compressed_body_is_read_and_an_exploding_one_is_too_large(simulator: Simulator) -> None:
    for body, status in ((ACCOUNT, 200), (b" " * (BODY_LIMIT + 1), 413)):
        packed = gzip.compress(body)
        head = LOGIN + b"Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        assert status_of(answer_to(simulator, head + packed, close=False)) == status
    assert served(simulator)


def test_a_client_that_waits_for_leave_gets_it(simulator: Simulator) -> None:
    with connect(simulator) as connection:
        connection.sendall(UPLOAD + b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(ACCOUNT)
        assert status_of(connection.recv(65536)) == 200


def test_slow_clients_do_not_delay_others_and_are_answered(simulator: Simulator) -> None:
    slow = [connect(simulator) for _time in range(100)]
    for number, connection in enumerate(slow):
        # Half of them are slow with the head, half with the body
        connection.sendall(UPLOAD + (b"X: " if number % 2 else b"\r\n{"))
    for piece in (GOOD[each : each + 5] for each in range(0, 10, 5)):
        assert served(simulator), piece
    for number, connection in enumerate(slow):
        for piece in (b"y\r\n", b"\r\n", ACCOUNT) if number % 2 else (ACCOUNT[1:10], ACCOUNT[10:]):
            connection.sendall(piece)
    assert [status_of(connection.recv(65536)) for connection in slow] == [200] * 100
    for connection in slow:
        connection.close()


HALVES = [GOOD[:10], UPLOAD + b"\r\n{", CHUNKED + b"5\r\nhe", b"", b"\r\n\r\n"]


@pytest.mark.parametrize("data", HALVES, ids=lambda data: str(data[:20]))
def test_a_client_that_leaves_half_a_request_gets_nothing(simulator: Simulator, data: bytes) -> None:
    assert answer_to(simulator, data) == b""
    assert served(simulator)


def test_a_client_that_does_not_listen_any_more_may_miss_its_answer(simulator: Simulator) -> None:
    answer = answer_to(simulator, GOOD)
    assert answer == b"" or status_of(answer) == 401
    assert served(simulator)


@pytest.mark.parametrize("data", [GOOD, UPLOAD + b"\r\n{", CHUNKED + b"5\r\nhe"], ids=["asked", "body", "chunk"])
def test_a_client_that_resets_is_forgotten(simulator: Simulator, data: bytes) -> None:
    with connect(simulator) as connection:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert served(simulator)


def test_a_client_that_speaks_no_tls_where_it_must(caplog: pytest.LogCaptureFixture) -> None:
    del caplog
    with running("idle") as simulator:
        context = ssl.create_default_context(cafile=simulator.ca_path)
        with connect(simulator) as connection:
            connection.sendall(GOOD)
            assert not connection.recv(65536).startswith(b"HTTP")
        with connect(simulator) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            secure.sendall(GOOD)
            assert status_of(secure.recv(65536)) == 401


def raw(call: Call) -> bytes:
    """Return a request as a client would write it."""
    target = call.target.encode(errors="replace").replace(b" ", b"%20")
    lines = [f"{name}: ".encode() + value.encode("latin-1", errors="replace") for name, value in call.headers.items()]
    head = [call.method.encode() + b" " + target + b" HTTP/1.1", b"Host: x", b"Content-Length: %d" % len(call.body)]
    return b"\r\n".join([*head, *lines, b"", b""]) + call.body


@settings(max_examples=int(300 * TIMES), deadline=None, suppress_health_check=[*PATIENT])
@given(st.data())
def _fuzz(simulator: Simulator, data: st.DataObject) -> None:
    call = data.draw(calls() | spoilt())
    text = data.draw(spoilt_bytes(raw(call)))
    at = data.draw(st.integers(0, len(text)))
    system = "lxca" if call.system == "control" else call.system
    answer = answer_to(simulator, text[:at], text[at:], system=system)
    assert answer == b"" or status_of(answer) < 500, answer


def test_no_bytes_break_anything(simulator: Simulator) -> None:
    fuzz: Any = _fuzz
    fuzz(simulator)
    assert served(simulator)
