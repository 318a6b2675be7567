# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions over real sockets: the cookie reaches the system whatever its host is called, and no session stays open."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._rest import connections
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import Heard, Reply, Wire, says

LXCA_LOGIN = b'{"result": "success", "response": {"session": {"csrf": "csrf-of-a-session"}}}'
SDM_LOGIN = b"<session><sessionId>id-of-a-session</sessionId></session>"
COOKIE = "JSESSIONID=id-of-a-session"
OPTIONS: dict[str, dict[str, Any]] = {
    "lxca_csv_job_info": {"username": "u", "password": "s3cret-pass", "job_id": ["1"]},
    "route_update_info": {"username": "u", "password": "s3cret-pass", "task_id": ["1"]},
}
LOGOUT = {"lxca_csv_job_info": "DELETE /sessions", "route_update_info": "POST /rest/v1.3/admin/logout"}


def system(login: Reply) -> Reply:
    """Knows no task; ``login`` answers logins."""

    def reply(heard: Heard, line: socket.socket) -> None:
        is_login = heard.line.startswith(("POST /sessions", "POST /rest/v1.3/admin/login"))
        (login if is_login else says("404 Not Found"))(heard, line)

    return reply


def asked(name: str, server: Wire, hostname: str) -> list[Heard]:
    """What the server hears after the login."""
    options = {**OPTIONS[name], "hostname": hostname, "port": server.port, "use_ssl": False, "timeout": 5}
    run(SYSTEMS[name], params_of(SYSTEMS[name], **options))
    return server.heard[1:]


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name is this machine."""
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)

    def find(_name: str, port: int, *_unused: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(connections, "getaddrinfo", find)


@pytest.mark.parametrize("hostname", ["localhost", "::1", "[::1]", "sdm", "sdm.example.com", "192.0.2.1"])
@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("lxca_csv_job_info", says(body=LXCA_LOGIN, Set_Cookie=f"{COOKIE}; Path=/; HttpOnly")),
        ("route_update_info", says(body=SDM_LOGIN, Content_Type="application/xml", Set_Cookie=f"{COOKIE}; Path=/rest")),
        ("route_update_info", says(body=SDM_LOGIN, Content_Type="application/xml")),
    ],
    ids=["LXCA", "SDM", "SDM without Set-Cookie"],
)
def test_the_session_reaches_the_system_whatever_its_host_is_called(name: str, login: Reply, hostname: str) -> None:
    with Wire(system(login)) as server:
        heard = asked(name, server, hostname)
    assert heard[-1].line.startswith(LOGOUT[name])
    assert len(heard) == 2
    assert {each.headers.get("cookie") for each in heard} == {COOKIE}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_login_whose_answer_breaks_off_is_logged_out_of(name: str) -> None:
    """The cookie came with the head of the answer."""

    def breaks_off(_heard: Heard, line: socket.socket) -> None:
        line.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nSet-Cookie: {COOKIE}; Path=/\r\n\r\n<".encode())

    with Wire(system(breaks_off)) as server:
        heard = asked(name, server, "127.0.0.1")
    assert heard[-1].line.startswith(LOGOUT[name])
    assert heard[-1].headers.get("cookie") == COOKIE
