# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client against real sockets on 127.0.0.1: cut, slow, huge and untrusted answers, proxies, netrc."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import re
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trustme
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._rest import connections
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.adapter import POOL_SIZE
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import RestClient
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.endpoint import Endpoint
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.interruptible import InterruptibleAdapter
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.proxies import name_of, proxy_for
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.trust import Trust
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import (
    Heard,
    Reply,
    Wire,
    closed_port,
    raw,
    resets,
    says,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]

Connect = Callable[..., RestClient]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", *PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="connect")
def _connect() -> Iterator[Connect]:
    """Clients of servers on 127.0.0.1, closed at the end of the test."""
    clients: list[RestClient] = []

    def connect(
        server: Wire | int, *, max_body: int = 10**7, hostname: str = "127.0.0.1", **endpoint: Any
    ) -> RestClient:
        port = server if isinstance(server, int) else server.port
        known = Trust.__dataclass_fields__.keys() & endpoint.keys()
        trust = Trust(**{name: endpoint.pop(name) for name in known})
        where = Endpoint(hostname, port, **{"use_ssl": False, "timeout": 5.0, "trust": trust, **endpoint})
        clients.append(RestClient(where, RunContext(), max_body=max_body))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def failure_of(client: RestClient, **what: Any) -> TaskwatchError:
    with pytest.raises(TaskwatchError) as caught:
        client.send("GET", "/task", **what)
    return caught.value


def test_a_request_and_its_answer(connect: Connect) -> None:
    with Wire(says("202 Accepted", b'{"a": 1}', Retry_After="3", Content_Type="application/json")) as server:
        got = connect(server).send("POST", "/task", json={"b": 2}, headers={"Accept": "application/json"})
    assert (got.status, got.body, got.retry_after, got.content_type) == (202, b'{"a": 1}', 3.0, "application/json")
    (heard,) = server.heard
    assert (heard.line, heard.body) == ("POST /task HTTP/1.1", b'{"b": 2}')
    assert heard.headers["host"] == f"127.0.0.1:{server.port}"
    assert heard.headers["user-agent"] == "ansible-taskwatch.infra"


# -- away in every way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "said", "retry_once"),
    [
        (resets, "the connection was reset", True),
        (raw(b""), "the connection was reset", True),
        (raw(HEAD + b'Content-Length: 50\r\n\r\n{"state": "com'), "the answer broke off", False),
        (raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"sta'), "the answer broke off", False),
        (raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"sta\r\n'), "the answer broke off", False),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "the answer broke off", False),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "the answer broke off", False),
        (raw(b"\x15\x03\x01\x00\x02\x02\x0a"), "the answer broke off", False),
        (raw(HEAD), "the answer broke off", False),
        (raw(HEAD + b"Content-Le"), "the answer broke off", False),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD), "the answer broke off", False),
        (raw(HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), "the answer broke off", False),
        (says("200 OK", b"nonsense", Content_Encoding="gzip"), "the answer broke off", False),
        (says("200 OK", b"nonsense", Content_Encoding="deflate"), "the answer broke off", False),
    ],
)
def test_an_answer_that_does_not_arrive_is_an_outage(
    connect: Connect, reply: Reply, said: str, retry_once: bool
) -> None:
    with Wire(reply) as server:
        error = failure_of(connect(server))
    assert (error.kind, error.retryability, error.retry_once) == (
        ErrorType.UNREACHABLE,
        Retryability.ALWAYS,
        retry_once,
    )
    assert error.message == f"{said} on port {server.port}"


@pytest.mark.parametrize("status", [b"401 Unauthorized", b"403 Forbidden", b"500 Internal Server Error"])
def test_a_refusal_whose_text_is_lost_is_still_a_refusal(connect: Connect, status: bytes) -> None:
    with Wire(raw(b"HTTP/1.1 " + status + b"\r\nContent-Length: 50\r\n\r\nwrong pass")) as server:
        got = connect(server).send("GET", "/task")
    assert got.status == int(status[:3])


def test_a_refusal_with_half_a_head_is_still_a_refusal(connect: Connect) -> None:
    with Wire(raw(b"HTTP/1.1 401 Unauthorized\r\nContent-")) as server:
        assert connect(server).send("GET", "/task").status == 401


def test_a_refused_connection(connect: Connect) -> None:
    port = closed_port()
    error = failure_of(connect(port))
    assert (error.kind, error.retryability, error.retry_once) == (ErrorType.UNREACHABLE, Retryability.ALWAYS, False)
    assert error.message == f"the connection was refused on port {port}"


def test_a_name_that_does_not_resolve(connect: Connect) -> None:
    error = failure_of(connect(443, hostname="no-such-host.invalid"))
    assert (error.kind, error.retryability) == (ErrorType.UNREACHABLE, Retryability.IF_SEEN)
    assert error.message == "its name does not resolve"


def seconds_until_failure(client: RestClient) -> tuple[float, TaskwatchError]:
    began = time.monotonic()
    error = failure_of(client)
    return time.monotonic() - began, error


def test_a_server_that_says_nothing_is_given_up_after_the_timeout(connect: Connect) -> None:
    with Wire(resets) as server:
        server.reply = server.hangs
        seconds, error = seconds_until_failure(connect(server, timeout=0.4))
    assert (error.kind, error.message) == (ErrorType.UNREACHABLE, f"no answer within 0.4 s on port {server.port}")
    assert 0.3 < seconds < 2
    assert error.retry_once is False


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b""),
    ],
    ids=["length", "until closed", "chunked", "nothing"],
)
def test_a_body_that_drips_is_given_up_after_the_timeout(connect: Connect, head: bytes, drop: bytes) -> None:
    with Wire(resets) as server:
        server.reply = server.drips(head, drop, 0.05)
        seconds, error = seconds_until_failure(connect(server, timeout=0.5))
    assert (error.kind, error.retryability) == (ErrorType.UNREACHABLE, Retryability.ALWAYS)
    assert error.message == f"no answer within 0.5 s on port {server.port}"
    assert seconds < 2.5


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (HEAD + b"\r\n", b"x" * 65536),
        (HEAD + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"0" * 10**6)),
    ],
    ids=["until closed", "length", "chunked", "gzip bomb"],
)
def test_a_body_beyond_the_limit_is_not_read_to_its_end(connect: Connect, head: bytes, piece: bytes) -> None:
    with Wire(resets) as server:
        server.reply = server.drips(head, piece, 0.0001, drops=40)
        seconds, error = seconds_until_failure(connect(server, max_body=2 * 1024**2))
    assert (error.kind, error.retryability) == (ErrorType.BAD_RESPONSE, Retryability.ALWAYS)
    assert error.message == "its answer is larger than 2 MiB"
    assert seconds < 3


def test_a_body_up_to_the_limit_is_read(connect: Connect) -> None:
    with Wire(says(body=b"x" * 2048)) as server:
        assert len(connect(server, max_body=2048).send("GET", "/task").body) == 2048
        assert failure_of(connect(server, max_body=2047)).kind is ErrorType.BAD_RESPONSE


def test_a_compressed_body_is_unpacked(connect: Connect) -> None:
    with Wire(says(body=gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")) as server:
        assert connect(server).send("GET", "/task").body == b'{"a": 1}'


def test_one_client_serves_many_threads(connect: Connect) -> None:
    with Wire(says()) as server:
        client = connect(server)
        with ThreadPoolExecutor(max_workers=3 * POOL_SIZE) as pool:
            responses = list(pool.map(lambda number: client.send("GET", f"/{number}"), range(60)))
    assert [response.status for response in responses] == [200] * 60
    assert sorted(heard.line for heard in server.heard) == sorted(f"GET /{number} HTTP/1.1" for number in range(60))
    assert client.context.stats.requests == 60


# -- redirects --------------------------------------------------------------------------------------------------------


def test_credentials_never_reach_another_port(connect: Connect) -> None:
    with Wire(says()) as other, Wire(says("302 Found", Location=f"http://127.0.0.1:{other.port}/task")) as server:
        error = failure_of(connect(server), login=("netops", "s3cret"), headers={"x-auth-token": "t0ken"})
    assert error.kind is ErrorType.BAD_RESPONSE
    assert (len(server.heard), other.heard) == (1, [])


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other"])
def test_a_post_is_not_repeated_at_another_address(connect: Connect, status: str) -> None:
    with Wire(says(status, Location="/elsewhere")) as server:
        with pytest.raises(TaskwatchError) as caught:
            connect(server).send("POST", "/task")
        assert len(server.heard) == 1
    assert "a POST is not repeated at another address" in caught.value.message
    assert "credentials" not in caught.value.message


# -- TLS --------------------------------------------------------------------------------------------------------------


class Authority:
    """A certificate authority of the test's own, as a file and as contexts of servers."""

    def __init__(self, folder: Path, name: str) -> None:
        self._ca = trustme.CA()
        self.path = str(folder / f"{name}.pem")
        self._ca.cert_pem.write_to_path(self.path)

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(name="ours")
def _ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


def test_a_certificate_of_our_own_authority_is_trusted_by_ca_path(connect: Connect, ours: Authority) -> None:
    with Wire(says(), ours.context("127.0.0.1")) as server:
        assert connect(server, use_ssl=True, ca_path=ours.path).send("GET", "/task").status == 200


def test_an_untrusted_certificate_ends_in_a_sentence_about_ca_path(connect: Connect, ours: Authority) -> None:
    with Wire(says(), ours.context("127.0.0.1")) as server:
        error = failure_of(connect(server, use_ssl=True))
    assert (error.kind, error.retryability) == (ErrorType.TLS, Retryability.IF_SEEN)
    assert "is not trusted" in error.message
    assert "ca_path" in error.message
    assert server.heard == [], "not a byte of the request was sent"


def test_a_certificate_for_another_name_is_not_trusted(connect: Connect, ours: Authority) -> None:
    with Wire(says(), ours.context("vcenter.example.com")) as server:
        error = failure_of(connect(server, use_ssl=True, ca_path=ours.path))
    assert (error.kind, error.retryability) == (ErrorType.TLS, Retryability.IF_SEEN)
    assert server.heard == []


def test_validate_certs_false_takes_any_certificate(connect: Connect, ours: Authority) -> None:
    with Wire(says(), ours.context("vcenter.example.com")) as server:
        assert connect(server, use_ssl=True, validate_certs=False).send("GET", "/task").status == 200


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_no_variable_overrules_the_users_trust(
    connect: Connect, ours: Authority, tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path, "other")
    with Wire(says(), ours.context("127.0.0.1")) as server:
        monkeypatch.setenv(variable, ours.path)
        assert connect(server, use_ssl=True).send("GET", "/task").status == 200
        assert failure_of(connect(server, use_ssl=True, ca_path=other.path)).kind is ErrorType.TLS
        monkeypatch.setenv(variable, other.path)
        assert connect(server, use_ssl=True, ca_path=ours.path).send("GET", "/task").status == 200
        assert connect(server, use_ssl=True, validate_certs=False).send("GET", "/task").status == 200
        assert failure_of(connect(server, use_ssl=True)).kind is ErrorType.TLS


def test_a_ca_file_without_a_certificate_is_named_and_final(connect: Connect, ours: Authority, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate", encoding="utf-8")
    with Wire(says(), ours.context("127.0.0.1")) as server:
        error = failure_of(connect(server, use_ssl=True, ca_path=str(nothing)))
    assert (error.kind, error.retryability) == (ErrorType.TLS, Retryability.NEVER)
    assert str(nothing) in error.message


def test_a_handshake_that_hangs_is_given_up_after_the_timeout(connect: Connect) -> None:
    with Wire(resets, unasked=True) as server:
        server.reply = server.hangs
        seconds, error = seconds_until_failure(connect(server, use_ssl=True, timeout=0.4))
    assert error.message == f"no answer within 0.4 s on port {server.port}"
    assert seconds < 2


# -- what the environment may and may not do --------------------------------------------------------------------------


def test_netrc_gives_no_credentials(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password from-netrc\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Wire(says()) as server:
        client = connect(server)
        client.send("GET", "/task", headers={"x-auth-token": "t0ken"})
        client.send("GET", "/task", login=("netops", "s3cret"))
    assert "authorization" not in server.heard[0].headers
    assert server.heard[1].headers["authorization"] == "Basic bmV0b3BzOnMzY3JldA=="


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_is_honoured(connect: Connect, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(says(body=b"by proxy")) as proxy:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        assert connect(80, hostname="system.example.com").send("GET", "/task").body == b"by proxy"
        assert proxy.heard[0].line == "GET http://system.example.com:80/task HTTP/1.1"


def test_no_proxy_is_honoured_too(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(says()) as server, Wire(says()) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        connect(server).send("GET", "/task")
        assert (len(server.heard), proxy.heard) == (1, [])


def test_https_goes_through_the_proxys_tunnel_and_keeps_its_trust(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(says("502 Bad Gateway")) as proxy:
        monkeypatch.setenv("https_proxy", f"http://user:proxy-pass@127.0.0.1:{proxy.port}")
        error = failure_of(connect(443, hostname="system.example.com", use_ssl=True), headers={"x-auth-token": "t0ken"})
    (heard,) = proxy.heard
    assert heard.line.startswith("CONNECT system.example.com:443 ")
    assert "x-auth-token" not in heard.headers, "the proxy sees no credentials of the system"
    assert (error.kind, error.retryability) == (ErrorType.UNREACHABLE, Retryability.ALWAYS)
    assert "proxy" in error.message
    assert "proxy-pass" not in error.message


def test_a_proxy_that_is_away_is_an_outage_and_named(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = closed_port()
    monkeypatch.setenv("http_proxy", f"http://user:proxy-pass@127.0.0.1:{proxy}")
    error = failure_of(connect(80, hostname="system.example.com"))
    assert (error.kind, error.retryability) == (ErrorType.UNREACHABLE, Retryability.ALWAYS)
    assert error.message == f"the proxy 127.0.0.1:{proxy} cannot be reached (the connection was refused)"


@pytest.mark.parametrize("use_ssl", [True, False])
def test_a_proxy_that_wants_a_login_is_final(connect: Connect, monkeypatch: pytest.MonkeyPatch, use_ssl: bool) -> None:
    with Wire(says("407 Proxy Authentication Required")) as proxy:
        for variable in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(variable, f"http://user:proxy-pass@127.0.0.1:{proxy.port}")
        error = failure_of(connect(443, hostname="system.example.com", use_ssl=use_ssl))
        assert len(proxy.heard) == 1
    assert (error.kind, error.retryability, error.http_status) == (
        ErrorType.AUTHENTICATION,
        Retryability.NEVER,
        407,
    )
    assert error.message.startswith(f"the proxy 127.0.0.1:{proxy.port} wants a login (407)")
    assert "proxy-pass" not in error.message


@pytest.mark.parametrize(
    ("status", "said", "retryability"),
    [
        ("502 Bad Gateway", "cannot reach it (HTTP 502)", Retryability.ALWAYS),
        ("504 Gateway Timeout", "cannot reach it (HTTP 504)", Retryability.ALWAYS),
        ("403 Forbidden", "does not let it through (HTTP 403)", Retryability.IF_SEEN),
    ],
)
def test_a_proxys_own_troubles_are_told_with_its_status(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, status: str, said: str, retryability: Retryability
) -> None:
    with Wire(says(status)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        error = failure_of(connect(443, hostname="system.example.com", use_ssl=True))
    assert (error.kind, error.retryability) == (ErrorType.UNREACHABLE, retryability)
    assert f"the proxy 127.0.0.1:{proxy.port} {said}" in error.message


def test_use_proxy_false_goes_straight(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(says()) as server, Wire(says()) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        connect(server, use_proxy=False).send("GET", "/task")
        assert (len(server.heard), proxy.heard) == (1, [])


@pytest.mark.parametrize(
    ("no_proxy", "url", "proxied"),
    [
        ("192.0.2.0/24", "https://192.0.2.7:8443/a", False),
        ("192.0.2.0/24", "https://192.0.3.7/a", True),
        ("2001:db8::/32", "https://[2001:db8::7]:443/a", False),
        ("::1", "https://[::1]:443/a", False),
        (".example.com", "https://vcenter.example.com:443/a", False),
        ("vcenter.example.com:8443", "https://vcenter.example.com:443/a", True),
        ("vcenter.example.com:443", "https://vcenter.example.com:443/a", False),
        ("*", "https://vcenter.example.com:443/a", False),
        ("", "https://vcenter.example.com:443/a", True),
    ],
)
def test_no_proxy_takes_names_domains_and_networks(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str, proxied: bool
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", no_proxy)
    assert proxy_for(url) == ("http://proxy.example.com:3128" if proxied else None)


def test_the_settings_of_macos_are_never_asked(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, where asking for them in a forked worker ends it."""

    def asked(*_unused: object) -> Any:
        raise AssertionError("the system's settings were asked")

    monkeypatch.setattr(sys, "platform", "darwin")
    stand_in = ModuleType("_scproxy")
    stand_in.__dict__.update(_get_proxy_settings=asked, _get_proxies=asked)
    monkeypatch.setitem(sys.modules, "_scproxy", stand_in)
    spec = importlib.util.find_spec("urllib.request")
    assert spec is not None
    assert spec.loader is not None
    on_macos = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(on_macos)
    with pytest.raises(AssertionError, match="were asked"):
        on_macos.getproxies()
    for module in ("urllib.request", "requests.utils", "requests.compat"):
        for name in ("getproxies", "proxy_bypass"):
            monkeypatch.setattr(f"{module}.{name}", getattr(on_macos, name), raising=False)
    with Wire(says()) as server:
        assert connect(server).send("GET", "/task").status == 200


@pytest.mark.parametrize("proxy", ["http://u:p@proxy:3128/", "u:p@proxy:3128", "proxy:3128", "socks5h://proxy:3128"])
def test_a_proxy_is_named_without_its_login(proxy: str) -> None:
    assert name_of(proxy) == "proxy:3128"


# -- addresses, and connections that end while they are idle ----------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "retryability"),
    [(socket.EAI_AGAIN, Retryability.ALWAYS), (socket.EAI_NONAME, Retryability.IF_SEEN)],
)
def test_a_name_server_that_is_away_is_an_outage(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, number: int, retryability: Retryability
) -> None:
    def fails(*_unused: object, **_more: object) -> Any:
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(connections, "getaddrinfo", fails)
    error = failure_of(connect(443, hostname="system.example.com"))
    assert (error.kind, error.retryability) == (ErrorType.UNREACHABLE, retryability)
    assert "its name does not resolve" in error.message


@pytest.fixture(name="black_hole")
def _black_hole() -> Iterator[Callable[[int], str]]:
    """An address of this machine whose port takes no connection and refuses none."""
    sockets: list[socket.socket] = []

    def make(port: int) -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.9", port))
        listener.listen(0)
        sockets.append(listener)
        for _unused in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(("127.0.0.9", port))
            sockets.append(filler)
        return "127.0.0.9"

    yield make
    for each in sockets:
        each.close()


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, black_hole: Callable[[int], str]
) -> None:
    with Wire(says()) as server:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, server.port))
            for address in (black_hole(server.port), "127.0.0.1")
        ]
        monkeypatch.setattr(connections, "getaddrinfo", lambda *_unused, **_more: found)
        client = connect(server, hostname="two.example.com", timeout=2.0)
        assert client.send("GET", "/task").status == 200
        assert server.heard[0].headers["host"] == f"two.example.com:{server.port}"
        # The address that answered comes first from now on, so this is in time although it has no time for two.
        monkeypatch.setattr(client, "_timeout", lambda _deadline: 1.0)
        assert client.send("POST", "/task").status == 200


def test_an_answer_that_has_arrived_is_used_however_late(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be that of a login, whose session nothing could close."""
    with Wire(says(body=b'"token"')) as server:
        client = connect(server)
        moments = chain([0.0], repeat(1000.0))
        monkeypatch.setattr(client, "_clock", lambda: next(moments))
        assert client.send("POST", "/login").body == b'"token"'


def test_a_connect_without_an_answer_can_be_ended(black_hole: Callable[[int], str]) -> None:
    adapter = InterruptibleAdapter()
    port = closed_port()
    where = Endpoint(black_hole(port), port, use_ssl=False, timeout=60.0)
    client = RestClient(where, RunContext(Runtime(adapter=adapter)))
    with ThreadPoolExecutor() as pool:
        under_way = pool.submit(failure_of, client)
        while not adapter._connections or next(iter(adapter._connections)).sock is None:
            assert not under_way.done()
        adapter.stop_new()
        while not under_way.done():
            adapter.abort()
        assert under_way.result().kind is ErrorType.UNREACHABLE


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable"])
def test_each_request_is_traced_in_one_line_without_a_secret(status: str) -> None:
    lines: list[str] = []
    with Wire(says(status)) as server:
        where = Endpoint("127.0.0.1", server.port, use_ssl=False)
        context = RunContext(Runtime(trace=lines.append))
        client = RestClient(where, context)
        context.secrets.add("s3cret-value")
        client.send("POST", "/sessions/s3cret-value", login=("user", "s3cret-value"), query={"q": "other-secret"})
        client.close()
    (line,) = lines
    assert re.fullmatch(rf"POST /sessions/\*{{8}}: {status[:3]}, \d+ ms", line)


def test_a_request_without_an_answer_is_traced_too() -> None:
    lines: list[str] = []
    client = RestClient(Endpoint("127.0.0.1", closed_port(), use_ssl=False), RunContext(Runtime(trace=lines.append)))
    failure_of(client)
    assert re.fullmatch(r"GET /task: no answer, \d+ ms", lines[0])


class Drops:
    """Answers one request on each connection, and ends the connection when the next one comes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, heard: Heard, line: socket.socket) -> None:
        self.lines.append(heard.line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        if unanswered := line.recv(65536):
            self.lines.append(unanswered.decode().partition("\r\n")[0])


def test_a_get_on_a_connection_that_was_closed_meanwhile_is_sent_again(connect: Connect) -> None:
    drops = Drops()
    with Wire(drops) as server:
        client = connect(server)
        client.send("GET", "/first")
        assert client.send("GET", "/second").status == 200
    assert drops.lines == ["GET /first HTTP/1.1", *["GET /second HTTP/1.1"] * 2]
    assert (client.context.stats.requests, client.context.stats.retries) == (3, 1)


def test_a_get_that_was_ended_is_not_sent_again() -> None:
    """A source that is told to end would wait for the second answer as long as for a logout."""
    adapter, lines = InterruptibleAdapter(), []

    def ends_it(heard: Heard, line: socket.socket) -> None:
        lines.append(heard.line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        if unanswered := line.recv(65536):
            lines.append(unanswered.decode().partition("\r\n")[0])
            adapter.stop_new()
            adapter.abort()

    with Wire(ends_it) as server:
        where = Endpoint("127.0.0.1", server.port, use_ssl=False, timeout=30.0)
        client = RestClient(where, RunContext(Runtime(adapter=adapter)))
        client.send("GET", "/first")
        with pytest.raises(TaskwatchError, match="the connection was reset"):
            client.send("GET", "/second")
        client.close()
    assert lines == ["GET /first HTTP/1.1", "GET /second HTTP/1.1"]


def test_a_post_is_never_sent_again(connect: Connect) -> None:
    drops = Drops()
    with Wire(drops) as server:
        client = connect(server)
        client.send("GET", "/first")
        with pytest.raises(TaskwatchError, match="the connection was reset"):
            client.send("POST", "/second")
    assert drops.lines == ["GET /first HTTP/1.1", "POST /second HTTP/1.1"]


def test_a_new_connection_that_is_dropped_is_an_outage_at_once(connect: Connect) -> None:
    with Wire(raw(b"")) as server:
        failure_of(connect(server))
        assert len(server.heard) == 1


@pytest.mark.parametrize("value", ["tok→n-value", "tok→n-value\n", "to\0ken-value\n"])
def test_a_header_that_http_cannot_carry_is_not_quoted(connect: Connect, value: str) -> None:
    """Whether requests sees it, as from 2.33 on, or only the layer below."""
    with Wire(says()) as server:
        error = failure_of(connect(server), headers={"x-auth-token": value})
    assert server.heard == []
    assert error.kind is ErrorType.BAD_REQUEST
    assert "value" not in error.message
