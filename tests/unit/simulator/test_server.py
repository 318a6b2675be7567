# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line, the ports, the ready file, and the systems over HTTPS."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from taskwatch_simulator.__main__ import main
from taskwatch_simulator.embedded import Simulator, running

from .conftest import Client, basic

PAUSE = threading.Event()
ROOT = Path(__file__).parents[3]
MakeClient = Callable[[str], Client]
SYSTEMS = ["lxca", "sdm", "vcenter", "prisma_sdwan"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "taskwatch_simulator", *arguments],
        cwd=ROOT / "simulator",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _out, error = process.communicate(timeout=60)
    return process.returncode, error


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]]:
    """Return a starter of simulators that waits for the ready file."""
    started: list[subprocess.Popen[str]] = []

    def serve(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        ready = tmp_path / f"ready-{len(started)}.json"
        process = start(*arguments, "--ready-file", str(ready))
        started.append(process)
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, finish(process)
            assert time.monotonic() < deadline
            PAUSE.wait(0.02)
        return process, json.loads(ready.read_text())

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_from_start_to_signal(served: Any, tmp_path: Path, number: signal.Signals) -> None:
    process, ready = served("--scenario", "slow")
    assert list(ready["systems"]) == SYSTEMS
    assert ready["pid"] == process.pid
    assert ready["control_url"].startswith("http://127.0.0.1:")
    prisma = ready["systems"]["prisma_sdwan"]
    assert prisma["auth_url"] == f"https://127.0.0.1:{prisma['port']}/auth/v1/oauth2/access_token"
    assert {"client_id", "client_secret", "tsg_id", "auth_token", "tenant_id"} <= prisma.keys()
    assert (tmp_path / "ready-0.json").stat().st_mode & 0o077 == 0
    session = requests.Session()
    session.trust_env = False
    reply = session.get(
        f"https://127.0.0.1:{ready['systems']['lxca']['port']}/csvRequest/jobs/371",
        headers=basic("USERID"),
        verify=ready["ca_path"],
        timeout=5,
    )
    session.close()
    assert reply.json()["status"] == "INCOMPLETE"
    process.send_signal(number)
    assert finish(process) == (0, "")
    assert not Path(ready["ca_path"]).exists()
    assert not (tmp_path / "ready-0.json").exists()


def five_ports(wanted: int = 5) -> int:
    """Return the first of five (or more) free ports in a row, below those that systems hand out by themselves."""
    for base in range(20000 + os.getpid() % 1000 * 10, 32000, 5):
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for number in range(base, base + wanted):
                probes.enter_context(socket.create_server(("127.0.0.1", number)))
            return base
    raise AssertionError(f"there are no {wanted} free ports in a row")


def test_ports_in_a_row_and_a_port_in_use(served: Any, tmp_path: Path) -> None:
    base = five_ports(8)
    _process, ready = served("--scenario", "slow", "--port-base", str(base), "--plain")
    assert [ready["systems"][name]["port"] for name in SYSTEMS] == [base, base + 1, base + 2, base + 3]
    assert ready["control_url"] == f"http://127.0.0.1:{base + 4}"
    assert ready["ca_path"] is None
    assert not ready["systems"]["lxca"]["use_ssl"]
    unwritten = tmp_path / "never.json"
    process = start("--port-base", str(base + 3), "--ready-file", str(unwritten))
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert error == f"port {base + 3} on 127.0.0.1 cannot be used: Address already in use\n"
    assert not unwritten.exists()
    # The ports that it could have had are free again
    for number in range(base + 5, base + 8):
        socket.create_server(("127.0.0.1", number)).close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"sdm:\n  release: 1\n", ":2: sdm.release: expected '8.2.2'"),
        (b"lxca:\n\ttasks: []\n", ":2: expected YAML"),
        (None, "Is a directory"),
    ],
)
def test_a_scenario_with_a_fault_starts_nothing(tmp_path: Path, content: bytes | None, said: str) -> None:
    scenario, ready = tmp_path / "mine.yml", tmp_path / "ready.json"
    if content is None:
        scenario.mkdir()
    else:
        scenario.write_bytes(content)
    base = five_ports()
    process = start("--scenario", str(scenario), "--port-base", str(base), "--ready-file", str(ready))
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error.count("\n")) == (2, "", 1)
    assert error.startswith(str(scenario))
    assert said in error
    assert not ready.exists()
    for number in range(base, base + 5):
        socket.create_server(("127.0.0.1", number)).close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--bind", "0.0.0.0"), "not a loopback address"),  # noqa: S104
        (("--bind", "example.com"), "not a loopback address"),
        (("--scenario", "missing"), "neither shipped"),
        (("--scenario", "bad.yml"), "bad.yml:2: sdm.release: expected"),
        (("--ready-file", "/nonexistent/ready.json"), "/nonexistent/ready.json"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str], said: str
) -> None:
    (tmp_path / "bad.yml").write_text("sdm:\n  release: 1\n")
    option, value = arguments
    if value == "bad.yml":
        value = str(tmp_path / value)
    assert main([option, value]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--speed", "0"), "expected a number greater than 0, such as 10 or 0.5, not '0'"),
        (("--speed", "fast"), "expected a number greater than 0, such as 10 or 0.5, not 'fast'"),
        (("--port-base", "70000"), "expected a whole number from 0 to 65531, not '70000'"),
    ],
)
def test_numbers_out_of_range(capsys: pytest.CaptureFixture[str], arguments: tuple[str, str], said: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(list(arguments))
    assert f"argument {arguments[0]}: {said}" in capsys.readouterr().err


def test_a_mistyped_name_of_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", "dmeo"]) == 2
    assert "did you mean demo?" in capsys.readouterr().err


def test_check_tells_every_mistake_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(
        "lxca:\n  tasks:\n    - kind: exprt\n    - {kind: task, duraton: 3}\n"
        "sdm:\n  tasks:\n    - devices: many\nvcentre: {}\n"
    )
    assert main(["check", str(file)]) == 2
    assert [line.removeprefix(f"{file}:") for line in capsys.readouterr().err.splitlines()] == [
        "3: lxca.tasks.0.kind: expected 'export', 'csv_job', 'task', not 'exprt'; did you mean export?",
        "4: lxca.tasks.1.duraton: this key is not known here; did you mean duration?",
        "7: sdm.tasks.0.devices: expected a whole number or a list, not 'many'",
        "8: vcentre: this key is not known here; did you mean vcenter?",
    ]
    file.write_text("lxca: {}\n")
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: no mistakes\n"


def test_certificates_hold_for_every_loopback_name() -> None:
    for bind in ("127.0.0.1", "localhost", "::1"):
        with running("slow", bind=bind) as simulator:
            context = ssl.create_default_context(cafile=simulator.ca_path)
            address = simulator.systems["sdm"]
            for name in (str(address["hostname"]), "localhost"):
                with (
                    socket.create_connection((str(address["hostname"]), int(address["port"]))) as plain,
                    context.wrap_socket(plain, server_hostname=name) as secure,
                ):
                    assert secure.version() in {"TLSv1.2", "TLSv1.3"}


def test_nothing_is_left_behind() -> None:
    before = {thread.name for thread in threading.enumerate()}
    with running("slow") as simulator:
        path = Path(str(simulator.ca_path))
        port = int(simulator.systems["lxca"]["port"])
        assert path.exists()
    assert not path.exists()
    assert {thread.name for thread in threading.enumerate()} == before
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


@pytest.mark.parametrize("plain", [True, False], ids=["HTTP", "HTTPS"])
def test_connections_of_the_last_moment_end_with_it(*, plain: bool) -> None:
    """A browser opens some in advance; what is left open is told by the garbage collection, and fails the test."""
    late: list[socket.socket] = []
    begun = threading.Event()

    def connect(address: tuple[str, int]) -> None:
        with contextlib.suppress(OSError):
            while True:
                late.append(socket.create_connection(address, timeout=1))
                begun.set()

    for _time in range(5):
        begun.clear()
        with running("idle", plain=plain) as simulator:
            access = simulator.systems["lxca"]
            clients = [threading.Thread(target=connect, args=[(access["hostname"], access["port"])]) for _each in "12"]
            for client in clients:
                client.start()
            assert begun.wait(60)
        for client in clients:
            client.join()
    for each in late:
        each.close()
    gc.collect()


def test_it_starts_quickly() -> None:
    with running("slow"):
        pass
    # Processor time, because other work on the machine is not to blame on the simulator
    began = time.process_time()
    with running("slow"):
        taken = time.process_time() - began
    assert taken < 0.3


def test_speed_makes_tasks_faster_and_sessions_not() -> None:
    with running("all_succeed", speed=1000) as simulator:
        deadline = time.monotonic() + 30
        while {task["state"] for task in simulator.tasks()} != {"succeeded"}:
            assert time.monotonic() < deadline
            PAUSE.wait(0.02)


def test_connections_are_kept(simulator: Simulator, client: MakeClient) -> None:
    del simulator
    lxca = client("lxca")
    ports = set()
    for _time in range(3):
        reply = lxca.send("GET", "/csvRequest/jobs/371", headers=basic("USERID"), stream=True)
        connection = reply.raw.connection
        assert connection is not None
        ports.add(connection.sock.getsockname()[1])
        assert reply.json()["status"] == "INCOMPLETE"
    assert len(ports) == 1


def test_each_system_over_https(simulator: Simulator, client: MakeClient) -> None:
    access = simulator.systems
    lxca = client("lxca")
    user = {"UserId": access["lxca"]["username"], "password": access["lxca"]["password"]}
    csrf = lxca.send("POST", "/sessions", json=user).json()["response"]["session"]["csrf"]
    token = {"X-Csrf-Token": csrf}
    path = "/updateRepositories/firmware/status?tasktype=EXPORTREPOSITORY&taskid=12"
    assert lxca.send("GET", path).status_code == 403
    assert lxca.send("GET", path, headers=token).json()["state"] == "running"
    sdm = client("sdm")
    login = {"userName": access["sdm"]["username"], "password": access["sdm"]["password"]}
    assert sdm.send("POST", "/rest/v1.3/admin/login", json=login).status_code == 200
    assert b"<updateStatus>Running<" in sdm.send("GET", "/rest/v1.3/routeSets/routeUpdates/ID33").content
    vcenter = client("vcenter")
    basic_auth = (access["vcenter"]["username"], access["vcenter"]["password"])
    assert vcenter.send("POST", "/rest/com/vmware/cis/session", auth=basic_auth).status_code == 200
    assert vcenter.send("GET", "/rest/appliance/update").json()["value"]["state"] == "INSTALL_IN_PROGRESS"
    prisma = client("prisma_sdwan")
    form = {"grant_type": "client_credentials", "scope": f"tsg_id:{access['prisma_sdwan']['tsg_id']}"}
    pair = (access["prisma_sdwan"]["client_id"], access["prisma_sdwan"]["client_secret"])
    bearer = prisma.send("POST", "/auth/v1/oauth2/access_token", data=form, auth=pair).json()["access_token"]
    prisma.session.headers["Authorization"] = f"Bearer {bearer}"
    assert prisma.send("GET", "/sdwan/v2.1/api/profile").status_code == 200
    listed = prisma.send("POST", "/sdwan/v2.1/api/software/current_status/query", json={}).json()
    assert [item["element_id"][-4:] for item in listed["items"]] == ["0090", "0091", "0092"]
    assert {name: len(opened) for name, opened in simulator.sessions().items()} == dict.fromkeys(SYSTEMS, 1)
    assert lxca.send("DELETE", "/sessions", headers=token).status_code == 200
    assert sdm.send("POST", "/rest/v1.3/admin/logout").status_code == 204
    assert vcenter.send("DELETE", "/rest/com/vmware/cis/session").status_code == 200
    assert prisma.send("GET", "/sdwan/v2.0/api/logout").status_code == 200
    assert {name: len(opened) for name, opened in simulator.sessions().items()} == dict.fromkeys(SYSTEMS, 0)


def test_a_scenario_closes_and_opens_the_port_by_itself(simulator: Simulator, client: MakeClient) -> None:
    simulator.add_task({"system": "vcenter", "duration": 60, "outage": [{"from": 1, "until": 2, "answer": "refused"}]})
    vcenter = client("vcenter")
    words: list[str] = []
    deadline = time.monotonic() + 30
    while words != ["401", "refused", "401"] and time.monotonic() < deadline:
        try:
            word = str(vcenter.send("GET", "/api/appliance/update").status_code)
        except requests.ConnectionError as error:
            # The kept connection may be cut while a request is on its way; every new one is refused
            word = "refused" if "refused" in str(error) else ""
        if word and words[-1:] != [word]:
            words.append(word)
        PAUSE.wait(0.01)
    assert words == ["401", "refused", "401"]


def raw(simulator: Simulator, data: bytes) -> bytes:
    """Send bytes over TLS and return what comes back until the server closes."""
    address = simulator.systems["lxca"]
    context = ssl.create_default_context(cafile=simulator.ca_path)
    with (
        socket.create_connection((str(address["hostname"]), int(address["port"])), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(data)
        answer = b""
        while piece := secure.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /aicc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 401 "),
        (b"HEAD /aicc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 401 "),
        (b"BREW /aicc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 400 "),
        (b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 401 "),
        (b"GET http://other.example.com/aicc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 401 "),
        (b"nonsense\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b" 400 "),
        (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b" 400 "),
        (
            b"POST /sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9000000\r\n\r\n"
            + b"x" * 9000000,
            b" 413 ",
        ),
    ],
    ids=["good", "head", "verb", "path", "absolute", "nonsense", "length", "long line", "oversize"],
)
def test_bad_clients_break_nothing(simulator: Simulator, data: bytes, status: bytes) -> None:
    answer = raw(simulator, data)
    assert status in answer.partition(b"\r\n")[0]
    if data.startswith(b"HEAD"):
        assert answer.endswith(b"\r\n\r\n")


def test_no_descriptor_is_lost() -> None:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("needs /proc to count descriptors")
    with running("slow"):
        pass
    before = len(list(folder.iterdir()))
    for _time in range(3):
        with running("slow") as simulator:
            simulator.add_fault({"system": "lxca", "kind": "refuse", "seconds": 0.01})
            simulator.reset()
    assert len(list(folder.iterdir())) <= before
