# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trust between the client and real TLS servers on 127.0.0.1: each reason has its sentence, each option its effect."""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._rest import trust as trust_module
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import RestClient
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.endpoint import Endpoint
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.trust import Trust
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.certificates import (
    DAY,
    NOW,
    Issued,
    issue,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import Wire, raw, resets, says
from urllib3.util.ssl_ import create_urllib3_context

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy", "HTTPS_PROXY")

Sends = Callable[..., Any]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="sends")
def _sends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sends]:
    """One request to a server with this trust, in a process that trusts nothing else."""
    monkeypatch.setattr(trust_module, "_CONTEXTS", {})
    clients: list[RestClient] = []

    def send(server: Wire, hostname: str = "127.0.0.1", **trust: Any) -> Any:
        where = Endpoint(hostname, server.port, timeout=5.0, trust=Trust(**trust))
        clients.append(RestClient(where, RunContext()))
        return clients[-1].send("GET", "/task", headers={"x-auth-token": "t0ken"})

    yield send
    for client in clients:
        client.close()


@pytest.fixture(name="ca")
def _ca(tmp_path: Path) -> Issued:
    return issue(tmp_path, "ca", is_ca=True)


def failure_of(sends: Sends, server: Wire, hostname: str = "127.0.0.1", **trust: Any) -> str:
    """The sentence of a request that TLS has kept from being sent."""
    before = len(server.heard)
    with pytest.raises(TaskwatchError) as caught:
        sends(server, hostname, **trust)
    error = caught.value
    assert (error.kind, error.retryability) == (ErrorType.TLS, Retryability.IF_SEEN)
    assert error.affects_all_tasks
    assert f"on port {server.port}" in error.message or f"port {server.port} does not" in error.message
    assert all("x-auth-token" not in heard.headers for heard in server.heard[before:])
    return error.message


# -- reasons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "reason", "advice"),
    [
        ({"host": "vcenter.example.com"}, "mismatch", "set hostname to a name in the certificate"),
        ({"ends": NOW - DAY / 2}, "certificate has expired", "renew it"),
        ({"begins": NOW + DAY / 2}, "certificate is not yet valid", "check the clock"),
        ({"bits": 1024}, "too weak", "renew it with a longer key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_of_a_certificate_has_its_own_advice(
    sends: Sends, ca: Issued, tmp_path: Path, how: dict[str, Any], reason: str, advice: str
) -> None:
    with Wire(says(), issue(tmp_path, "server", ca, **how).server()) as server:
        said = failure_of(sends, server, ca_path=str(ca.path))
    assert reason in said
    assert advice in said
    assert "CA that signed it" not in said


@pytest.mark.parametrize("self_signed", [True, False])
def test_an_unknown_issuer_is_told_with_both_ways_out(
    sends: Sends, ca: Issued, tmp_path: Path, self_signed: bool
) -> None:
    with Wire(says(), issue(tmp_path, "server", None if self_signed else ca).server()) as server:
        said = failure_of(sends, server)
    assert "is not trusted" in said
    assert "ca_path" in said
    assert "cert_fingerprint" in said


@pytest.fixture(name="strict")
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """As urllib3 does with Python 3.13."""

    def create() -> ssl.SSLContext:
        context = create_urllib3_context()
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(trust_module, "create_urllib3_context", create)


@pytest.mark.usefixtures("strict")
def test_an_old_authority_is_taken_when_the_user_names_it(
    sends: Sends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = issue(tmp_path, "old", is_ca=True, identifiers=False)
    with Wire(says(), issue(tmp_path, "server", old, identifiers=False).server()) as server:
        assert sends(server, ca_path=str(old.path)).status == 200
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(old.path))
        said = failure_of(sends, server)
    assert "Python 3.13" in said
    assert "ca_path" in said


def test_an_intermediate_authority_is_enough(sends: Sends, ca: Issued, tmp_path: Path) -> None:
    middle = issue(tmp_path, "middle", ca, is_ca=True)
    with Wire(says(), issue(tmp_path, "server", middle).server()) as server:
        assert sends(server, ca_path=str(middle.path)).status == 200


def only(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python, about old versions
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = version
    return context


def test_a_server_of_tls_1_0_alone_fails_at_once(sends: Sends, ca: Issued, tmp_path: Path) -> None:
    context = only(issue(tmp_path, "server", ca).server(), ssl.TLSVersion.TLSv1)
    with Wire(says(), context) as server:
        assert "no version of TLS" in failure_of(sends, server, ca_path=str(ca.path))


def test_no_common_cipher_fails_at_once(
    sends: Sends, ca: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = issue(tmp_path, "server", ca, bits=2048).server()
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Wire(says(), context) as server:
        monkeypatch.setattr(trust_module, "create_urllib3_context", lambda: create_urllib3_context(ciphers="AESGCM"))
        said = failure_of(sends, server, ca_path=str(ca.path))
    assert "no cipher or key" in said
    assert "handshake failure" in said


@pytest.mark.parametrize("reply", [raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"), raw(b"SSH-2.0-OpenSSH_9.6\r\n")])
def test_a_port_that_speaks_no_tls_fails_at_once(sends: Sends, reply: Any) -> None:
    with Wire(reply, unasked=True) as server:
        assert "check port and use_ssl" in failure_of(sends, server)


@pytest.mark.parametrize("reply", [raw(b""), resets])
def test_a_handshake_that_is_cut_is_an_outage(sends: Sends, reply: Any) -> None:
    with Wire(reply, unasked=True) as server, pytest.raises(TaskwatchError) as caught:
        sends(server)
    assert (caught.value.kind, caught.value.retryability) == (ErrorType.UNREACHABLE, Retryability.ALWAYS)


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED", "no version of TLS"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "no version of TLS"),
        ("RECORD_LAYER_FAILURE", "does not speak TLS"),
        ("DH_KEY_TOO_SMALL", "no cipher or key"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "client_cert"),
        ("TLSV1_ALERT_UNKNOWN_CA", "client_cert"),
        ("TLSV1_UNRECOGNIZED_NAME", "check hostname"),
    ],
)
def test_what_openssl_names_is_told_in_words(reason: str, part: str) -> None:
    """What no server in Python can be made to do."""
    error = ssl.SSLError(1, reason)
    error.reason = reason
    found = trust_error(error)
    assert found is not None
    assert part in found.message
    assert reason.lower().replace("_", " ") in found.message


@pytest.mark.parametrize("reason", ["UNEXPECTED_EOF_WHILE_READING", "TLSV1_ALERT_INTERNAL_ERROR", None])
def test_what_a_restart_does_to_tls_is_no_end(reason: str | None) -> None:
    error = ssl.SSLError(1, "cut")
    error.reason = reason  # type: ignore[assignment]
    assert trust_error(error) is None


def trust_error(error: ssl.SSLError) -> TaskwatchError | None:
    from ansible_collections.taskwatch.infra.plugins.module_utils._rest.tls_errors import error_from_tls  # noqa: PLC0415

    return error_from_tls([error], 443)


# -- fingerprints -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", [{}, {"host": "other.example.com"}, {"ends": NOW - DAY / 2}], ids=["own", "name", "old"]
)
def test_the_certificate_that_was_named_is_trusted_as_it_is(sends: Sends, tmp_path: Path, how: dict[str, Any]) -> None:
    own = issue(tmp_path, "server", **how)
    with Wire(says(), own.server()) as server:
        assert sends(server, fingerprint=own.fingerprint).status == 200
        assert sends(server, fingerprint=own.fingerprint, validate_certs=False).status == 200


@pytest.mark.parametrize("also", [{}, {"validate_certs": False}, {"ca_path": "ca"}], ids=str)
def test_another_certificate_is_refused_before_a_byte_is_sent(
    sends: Sends, ca: Issued, tmp_path: Path, also: dict[str, Any]
) -> None:
    own = issue(tmp_path, "server", ca)
    also = {**also, "ca_path": str(ca.path)} if "ca_path" in also else also
    with Wire(says(), own.server()) as server:
        said = failure_of(sends, server, fingerprint="ab" * 32, **also)
        assert server.heard == []
    assert ":".join(re.findall("..", own.fingerprint.upper())) in said


LOGINS: dict[str, dict[str, Any]] = {
    "lxca_csv_job_info": {"username": "u", "password": "s3cret-pass", "job_id": ["1"]},
    "route_update_info": {"username": "u", "password": "s3cret-pass", "task_id": ["1"]},
    "appliance_update_info": {"username": "u", "password": "s3cret-pass"},
    "element_image_status_info": {"client_id": "c", "client_secret": "s3cret-pass", "tsg_id": "1"},
}
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *LOGINS.items(),
    ("lxca_csv_job_info", {**LOGINS["lxca_csv_job_info"], "auth": "basic"}),
    ("element_image_status_info", {"auth_token": "s3cret-pass"}),
]


@pytest.mark.parametrize(("name", "login"), VARIANTS)
def test_no_login_reaches_a_system_with_another_certificate(
    tmp_path: Path, ca: Issued, name: str, login: dict[str, Any]
) -> None:
    with (
        Wire(says(body=b'{"access_token": "t0ken-of-a-login"}'), issue(tmp_path, "auth", ca).server()) as auth,
        Wire(says(), issue(tmp_path, "server").server()) as server,
    ):
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": server.port, "cert_fingerprint": "cd" * 32, **login}
        if "client_id" in login:
            options |= {"auth_url": f"https://127.0.0.1:{auth.port}/token", "ca_path": str(ca.path)}
        result = run(SYSTEMS[name], params_of(SYSTEMS[name], **options))
        assert result.payload["error"]["type"] == "tls"
        assert "SHA-256 fingerprint" in str(result.msg)
        assert server.heard == []
        # The fingerprint is the system's; the host that issues tokens proves itself by its authority.
        assert len(auth.heard) == ("client_id" in login)


def test_the_host_that_issues_tokens_is_not_excused_by_the_fingerprint(tmp_path: Path) -> None:
    own = issue(tmp_path, "server")
    with Wire(says(), own.server()) as auth, Wire(says(), own.server()) as server:
        options = {
            **LOGINS["element_image_status_info"],
            "hostname": "127.0.0.1",
            "port": server.port,
            "auth_url": f"https://127.0.0.1:{auth.port}/token",
            "cert_fingerprint": own.fingerprint,
        }
        system = SYSTEMS["element_image_status_info"]
        result = run(system, params_of(system, **options))
        assert (auth.heard, server.heard) == ([], [])
    assert result.payload["error"]["type"] == "tls"
    assert f"the certificate on port {auth.port} is not trusted" in str(result.msg)


# -- client certificates ----------------------------------------------------------------------------------------------


def test_a_client_certificate_is_shown_to_the_system(sends: Sends, ca: Issued, tmp_path: Path) -> None:
    mine = issue(tmp_path, "mine", ca)
    with Wire(says(), issue(tmp_path, "server", ca).server(of_clients=ca.path)) as server:
        assert sends(server, ca_path=str(ca.path), client_cert=str(mine.path)).status == 200
        with pytest.raises(TaskwatchError):
            sends(server, ca_path=str(ca.path))
    assert len(server.heard) == 1


def test_a_client_certificate_is_shown_to_no_other_host() -> None:
    where = Endpoint("system.example.com", 443, trust=Trust(ca_path="a", client_cert="b", fingerprint="c"))
    assert where.trust_for("https://auth.example.com/token") == Trust(ca_path="a")
    assert where.trust_for("https://system.example.com/task") is where.trust


def test_a_key_of_another_certificate_is_told_before_any_request(sends: Sends, ca: Issued, tmp_path: Path) -> None:
    mine, other = issue(tmp_path, "mine", ca), issue(tmp_path, "other", ca)
    with Wire(says(), issue(tmp_path, "server", ca).server()) as server, pytest.raises(TaskwatchError) as caught:
        sends(server, ca_path=str(ca.path), client_cert=str(mine.path), client_key=str(other.path))
    assert (caught.value.kind, caught.value.retryability) == (ErrorType.BAD_REQUEST, Retryability.NEVER)
    assert caught.value.message.startswith("client_cert or client_key cannot be used (key values mismatch)")
    assert server.heard == []


# -- authorities ------------------------------------------------------------------------------------------------------


def test_authorities_of_the_machine_count_too(
    sends: Sends, ca: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = issue(tmp_path, "another", is_ca=True)
    with Wire(says(), issue(tmp_path, "server", ca).server()) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca.path))
        assert sends(server).status == 200
        monkeypatch.setenv("CURL_CA_BUNDLE", str(other.path))
        assert "is not trusted" in failure_of(sends, server)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca.path))
        assert sends(server).status == 200
        assert "is not trusted" in failure_of(sends, server, ca_path=str(other.path))
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        assert sends(server, ca_path=str(ca.path)).status == 200


def test_a_renewed_file_is_read_anew(sends: Sends, ca: Issued, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(issue(tmp_path, "another", is_ca=True).path.read_bytes())
    with Wire(says(), issue(tmp_path, "server", ca).server()) as server:
        failure_of(sends, server, ca_path=str(bundle))
        bundle.write_bytes(ca.path.read_bytes() + b"\n")
        assert sends(server, ca_path=str(bundle)).status == 200


def test_authorities_are_read_once(ca: Issued) -> None:
    trust = Trust(ca_path=str(ca.path))
    assert trust.context() is Trust(ca_path=str(ca.path)).context()
    assert trust.context() is not Trust(ca_path=str(ca.path), validate_certs=False).context()


def test_a_tunnel_keeps_the_trust_in_the_system(sends: Sends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = issue(tmp_path, "server")

    def relay(_heard: Any, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with own.server().wrap_socket(line, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    with Wire(relay) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        assert sends(proxy, "system.example.com", fingerprint=own.fingerprint).status == 200
        with pytest.raises(TaskwatchError, match="SHA-256 fingerprint"):
            sends(proxy, "system.example.com", fingerprint="00" * 32)
