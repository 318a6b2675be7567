# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wire without sockets: prepared requests go to the simulator's core, on a clock that does not move by itself.

Whatever goes wrong is raised, or served, exactly as requests and urllib3 would: what a test's own fault case asks for,
and what the simulator's faults do to a port, a connection or an answer.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.exceptions import SSLError as UrllibSSLError
from werkzeug.datastructures import Headers

from taskwatch_simulator.faults import GARBAGE, HTML
from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.scenario import SYSTEM_NAMES, Scenario
from taskwatch_simulator.transports import BigBody, CutBody
from taskwatch_simulator.world import World

HOST = "127.0.0.1"
# Seconds between two drops of an answer that drips
DRIP = 1.5
_BUILDER = HTTPAdapter()
_POOL = HTTPConnectionPool(HOST)
_CONNECTION = HTTPConnection(HOST)


@dataclass(frozen=True)
class FaultCase:
    """What befalls one request. `label` names a row below; the rest belongs to 429 and 503."""

    label: str
    retry_after: float | None = None
    as_date: bool = False


def _refused(url: str) -> Exception:
    error = NewConnectionError(_CONNECTION, "Failed to establish a new connection: [Errno 111] Connection refused")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return requests.ConnectionError(MaxRetryError(_POOL, url, error))


def _unresolved(url: str) -> Exception:
    cause = socket.gaierror(-2, "Name or service not known")
    error = NameResolutionError(HOST, _CONNECTION, cause)
    error.__cause__ = cause
    return requests.ConnectionError(MaxRetryError(_POOL, url, error))


def _reset(_url: str) -> Exception:
    reason = ConnectionResetError(104, "Connection reset by peer")
    return requests.ConnectionError(ProtocolError("Connection aborted.", reason))


def _tls_cut(url: str) -> Exception:
    cause = ssl.SSLEOFError(8, "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol")
    return requests.exceptions.SSLError(MaxRetryError(_POOL, url, UrllibSSLError(cause)))


def _no_connection(url: str) -> Exception:
    error = ConnectTimeoutError(_CONNECTION, "Connection to 127.0.0.1 timed out.")
    return requests.ConnectTimeout(MaxRetryError(_POOL, url, error))


def _hangs(url: str) -> Exception:
    return requests.ReadTimeout(ReadTimeoutError(_POOL, url, "Read timed out."))


# Nothing of the request arrives. The second member says whether the client waits for as long as it is allowed to.
BEFORE: Mapping[str, tuple[Callable[[str], Exception], bool]] = {
    "refused": (_refused, False),
    "unresolved": (_unresolved, False),
    "reset": (_reset, False),
    "tls-cut": (_tls_cut, False),
    "no-connection": (_no_connection, True),
    "hang": (_hangs, True),
}
# The request arrives and has its effect, its answer does not.
AFTER: Mapping[str, tuple[Callable[[str], Exception], bool]] = {
    "late-reset": (_reset, False),
    "late-hang": (_hangs, True),
}
# What the simulator does to a port or a connection
AT_PORT = {
    "refused": BEFORE["refused"],
    "tls_cut": BEFORE["tls-cut"],
    "black_hole": BEFORE["no-connection"],
}
AT_TRANSPORT = {
    "refused": BEFORE["reset"],
    "reset": BEFORE["reset"],
    "tls_cut": BEFORE["reset"],
    "hang": AFTER["late-hang"],
}
# Something in between answers.
INSTEAD: Mapping[str, tuple[int, bytes, str]] = {
    "408": (408, b"", "text/plain"),
    "429": (429, b"slow down", "text/plain"),
    "500": (500, b'{"error_type": "ERROR", "messages": []}', "application/json"),
    "502": (502, HTML.encode(), "text/html"),
    "503-text": (503, b"no healthy upstream", "text/plain"),
    "503-json": (503, b'{"messages": [{"default_message": "busy", "id": "x", "args": []}]}', "application/json"),
    "504": (504, b"", ""),
    "empty": (200, b"", ""),
    "html": (200, HTML.encode(), "text/html; charset=utf-8"),
    "garbage": (200, GARBAGE, "application/json"),
    "401": (401, b"", ""),
    "403": (403, b"{}", "application/json"),
    "404": (404, b"not here", "text/plain"),
}
# The request has its effect, and its answer arrives unreadable.
SPOILT = ("cut", "encoding", "drip")


class _Drip(io.BytesIO):
    """A body of which a byte arrives now and then."""

    def __init__(self, body: bytes, clock: FakeClock) -> None:
        super().__init__(body)
        self._clock = clock

    def read1(self, _size: int | None = -1, /) -> bytes:
        self._clock.jump(DRIP)
        return super().read1(1)

    def read(self, _size: int | None = -1, /) -> bytes:
        return self.read1()


class _Original:
    """As much of http.client's response as requests needs to find cookies."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg.add_header(name, value)

    def isclosed(self) -> bool:
        """Nothing is open."""
        return True

    def close(self) -> None:
        """Nothing to close."""


class FakeWire(BaseAdapter):
    """Carries requests to one system of a world.

    `fault_case` is asked before each request what befalls it; `latency` gives the seconds that an answer takes.
    """

    def __init__(
        self,
        world: World,
        system: str,
        clock: FakeClock,
        fault_case: Callable[[Request], FaultCase | None] = lambda _request: None,
        latency: Callable[[], float] = lambda: 0.05,
        spoil: Callable[[Request, Reply], Reply] = lambda _request, reply: reply,
    ) -> None:
        super().__init__()
        self._world = world
        self._system = system
        self._clock = clock
        self._trouble = fault_case
        self._latency = latency
        self._spoil = spoil

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Carry one request, through whatever befalls it."""
        del stream, verify, cert, proxies
        plain = _plain(request)
        fault_case = self._trouble(plain)
        self._clock.jump(self._latency())
        label = fault_case.label if fault_case else ""
        if label in BEFORE:
            raise self._failure(BEFORE[label], request, timeout)
        if fault_case is not None and label in INSTEAD:
            return self._response(request, _stand_in(fault_case), label)
        if (mode := self._world.port_mode(self._system)) != "open":
            if mode == "tls_cut":
                self._world.handshake_cut(self._system)
            raise self._failure(AT_PORT[mode], request, timeout)
        reply = self._spoil(plain, self._world.handle(self._system, plain))
        failure = AFTER.get(label) or AT_TRANSPORT.get(reply.transport.kind if reply.transport else "")
        if failure is None and reply.delay >= _seconds(timeout):
            failure = AFTER["late-hang"]
        if failure is not None:
            raise self._failure(failure, request, timeout)
        self._clock.jump(reply.delay)
        return self._response(request, reply, label)

    def close(self) -> None:
        """Nothing to close."""

    def _failure(
        self, row: tuple[Callable[[str], Exception], bool], request: requests.PreparedRequest, timeout: Any
    ) -> Exception:
        make, waits = row
        if waits:
            self._clock.jump(_seconds(timeout))
        return make(request.path_url)

    def _response(self, request: requests.PreparedRequest, reply: Reply, label: str) -> requests.Response:
        headers, body = list(reply.headers), reply.body
        if isinstance(reply.transport, BigBody):
            body = b"".join(reply.transport.chunks())
        stream: io.BytesIO = io.BytesIO(body)
        if label == "encoding":
            stream = io.BytesIO(body[:-1] + b"\xff\xfe")
        elif label == "drip":
            stream = _Drip(body + b" " * 64, self._clock)
        elif label == "cut" or isinstance(reply.transport, CutBody):
            headers.append(("Content-Length", str(len(body) + 1)))
            stream = io.BytesIO(body[: len(body) // 2])
        collected = urllib3.HTTPHeaderDict()
        for name, value in headers:
            collected.add(name, value)
        raw = urllib3.HTTPResponse(
            body=stream,
            headers=collected,
            status=reply.status,
            preload_content=False,
            original_response=_Original(headers),  # type: ignore[arg-type]
        )
        return _BUILDER.build_response(request, raw)


def _seconds(timeout: Any) -> float:
    """Return how long a client waits for an answer; requests takes one figure, or one to connect and one to read."""
    return float(timeout[1] if isinstance(timeout, tuple) else timeout)


def _plain(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(str(request.url))
    body = request.body or b""
    return Request(
        str(request.method),
        parts.path,
        parts.query,
        Headers(list(request.headers.items())),
        body.encode() if isinstance(body, str) else bytes(body),
    )


def _stand_in(fault_case: FaultCase) -> Reply:
    status, body, content_type = INSTEAD[fault_case.label]
    headers = [("Content-Type", content_type)] if content_type else []
    if fault_case.retry_after is not None:
        value = str(int(fault_case.retry_after))
        if fault_case.as_date:
            # Dates are read against the real clock, which stands still in comparison.
            value = format_datetime(datetime.now(UTC) + timedelta(seconds=fault_case.retry_after), usegmt=True)
        headers.append(("Retry-After", value))
    return Reply(status, headers, body)


class FakeSimulator:
    """What `Simulator` offers to tests, without sockets and on a fake clock."""

    ca_path = None

    def __init__(self) -> None:
        self.clock = FakeClock(0.0)
        self._world = World(Scenario(), self.clock)
        self.systems = {name: self._access(name) for name in SYSTEM_NAMES}
        self.reset = self._world.reset
        self.add_fault = self._world.add_fault
        self.add_task = self._world.add_task
        self.faults = self._world.faults
        self.requests = self._world.requests
        self.sessions = self._world.sessions

    def _access(self, system: str) -> dict[str, Any]:
        access = {**self._world.access(system), "hostname": HOST, "port": 443, "use_ssl": True}
        return {**access, "auth_url": f"https://{HOST}{access.get('auth_url', '')}"}

    def wire(self, system: str) -> FakeWire:
        """Return the wire to a system, on which an answer takes a millisecond."""
        return FakeWire(self._world, system, self.clock, latency=lambda: 0.001)


def side_by_side(clock: FakeClock) -> type[Executor]:
    """Return a pool whose work is done one after the other, while the clock tells that it was done at once."""

    class OneByOne(Executor):
        def __init__(self, max_workers: int) -> None:
            del max_workers
            self._began = self._ended = clock.seconds

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            clock.seconds = self._began
            future: Future[Any] = Future()
            future.set_result(fn(*args, **kwargs))
            self._ended = max(self._ended, clock.seconds)
            return future

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            del wait, cancel_futures
            clock.seconds = self._ended

    return OneByOne
