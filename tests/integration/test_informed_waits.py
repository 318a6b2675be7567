# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of informed waits and of trust, good and bad: in playbooks, in both modes, and in the event source.

One server with a certificate of its own that asks for the client's, behind the address of a proxy that is not there.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.extensions.eda.plugins.event_source.task_status import main
from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import WatchFailed
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.certificates import issue
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.things import described

from tests.support.ansible import Ansible
from tests.support.rest_server import Asked, RestServer, Told, serving

from .test_rest_task import MODES, MODULE, results_of

PATIENCE = 90.0
# The modes differ in none of these options; what a signal does to a module that waits is shown by test_hanging.py
each_mode = pytest.mark.parametrize("mode", ["in_process", pytest.param("module", marks=pytest.mark.exhaustive)])
# A proxy that refuses every connection: port 9 is that of discard, which nothing here offers
PROXY = {"HTTPS_PROXY": "http://127.0.0.1:9"}
PASSWORD = "s3cret-password"
DESCRIPTION: dict[str, Any] = {
    **described(),
    "login": {
        "kind": "session",
        "request": {"path": "/login", "json": {"user": "{username}", "password": "{password}"}},
        "take": {"ticket": "ticket"},
        "send": {"headers": {"X-Ticket": "{ticket}"}},
        "logout": {"path": "/login"},
    },
}
# Seconds that the system asks to be left alone; far more than the schedule's first gap
ASKED_PAUSE = 3


def things() -> Any:
    """Return a script that knows things: made, broken, busy for ever, and paced, which is made at its second poll."""
    polls: dict[str, int] = {}

    def script(asked: Asked) -> Told:
        if asked.target == "/login":
            return Told({"ticket": "t1cket-of-a-session"})
        name = asked.target.rpartition("/")[2]
        polls[name] = polls.get(name, 0) + 1
        if name == "paced" and polls[name] % 2:
            return Told({"phase": "busy"}, headers={"Retry-After": str(ASKED_PAUSE)})
        return Told({"phase": {"paced": "made", "broken": "broken", "busy": "busy"}.get(name, "made")})

    return script


@dataclass(frozen=True)
class Site:
    """The server and what it takes to be let in; ``seen`` is its fingerprint as people write it."""

    server: RestServer
    trusted: Mapping[str, Any]
    seen: str

    def options(self, **more: Any) -> dict[str, Any]:
        """Return options with which everything is well, and others; one that is None is left out."""
        login = {"username": "netops", "password": PASSWORD, "description": DESCRIPTION}
        wanted = {**self.server.options, **login, **self.trusted, "use_proxy": False, "task_id": ["made"], **more}
        return {name: value for name, value in wanted.items() if value is not None}


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Serve things to clients that show a certificate."""
    clients = issue(folder, "clients", is_ca=True)
    own, mine = issue(folder, "own"), issue(folder, "mine", clients)
    seen = ":".join(own.fingerprint.upper()[place : place + 2] for place in range(0, 64, 2))
    context = own.server(of_clients=clients.path)
    # Of a later version the client learns that its certificate is missed only after the handshake, or by a reset.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with serving(things(), context) as server:
        yield Site(server, {"cert_fingerprint": seen, "client_cert": str(mine.path)}, seen)


def bad_options(there: Site) -> dict[str, tuple[dict[str, Any], str]]:
    """Return options that are refused before any request, and what the sentence says."""
    return {
        "sha1": ({"cert_fingerprint": "ab" * 20}, "cert_fingerprint must be the SHA-256 of a certificate"),
        "hint": ({"expected_duration": 0}, "expected_duration must be"),
        "key": (
            {"client_cert": None, "client_key": there.trusted["client_cert"]},
            "client_key needs its certificate in client_cert",
        ),
    }


@each_mode
def test_each_option_good_and_bad(mode: str, tmp_path: Path) -> None:
    with site(tmp_path) as there:
        good = {
            "trusted": there.options(
                cert_fingerprint=there.seen.replace(":", "").lower(), client_key=there.trusted["client_cert"]
            ),
            "paced": there.options(task_id=["paced"], wait=True, expected_duration=30),
            "first": there.options(task_id=["broken", "busy"], wait=True, fail_fast=True),
            "bounded": there.options(task_id=["busy"], wait=True, wait_timeout=0.3, wait_timeout_is_failure=False),
        }
        bad = {f"bad_{name}": there.options(**options) for name, (options, _said) in bad_options(there).items()}
        untrusted = {
            "wrong": there.options(cert_fingerprint="cd" * 32),
            "nothing_shown": there.options(client_cert=None),
            "proxy": there.options(use_proxy=None),
        }
        results, output = results_of(Ansible(tmp_path), {**good, **bad, **untrusted}, PROXY, **MODES[mode])
        asked = list(there.server.asked)
    errors = {name: (result["error"] or {}).get("type") for name, result in results.items()}
    assert errors == {
        **dict.fromkeys(("trusted", "paced", "bounded")),
        "first": "task_failed",
        **dict.fromkeys(bad, "bad_request"),
        "wrong": "tls",
        "nothing_shown": "tls",
        "proxy": "unreachable",
    }
    for name, (_options, said) in bad_options(there).items():
        assert said in results[f"bad_{name}"]["msg"], name
    assert there.seen in results["wrong"]["msg"]
    assert "client_cert" in results["nothing_shown"]["msg"]
    assert "127.0.0.1:9" in results["proxy"]["msg"]
    # The logins at the server are those of the good ones: no byte of the others'.
    assert sum(each.method == "POST" for each in asked) == len(good)
    assert results["paced"]["elapsed"] >= ASKED_PAUSE - 0.1
    assert [task["state"] for task in results["first"]["tasks"]] == ["failed", "running"]
    assert not results["bounded"]["failed"]
    assert (results["bounded"]["timed_out"], results["bounded"]["state"]) == (True, "running")
    assert PASSWORD not in output


def watched(options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a source."""

    async def listen() -> list[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        async with asyncio.timeout(PATIENCE):
            await main(queue, {"module": "rest_task_info", "options": options})
        return [queue.get_nowait() for _unused in range(queue.qsize())]

    return asyncio.run(listen())


def test_each_option_good_and_bad_in_the_event_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in PROXY.items():
        monkeypatch.setenv(name, value)
    with site(tmp_path) as there:
        good = there.options(task_id=["paced"], expected_duration=30, fail_fast=True, wait_timeout_is_failure=False)
        states = [event["task"]["state"] for event in watched(good) if "task" in event]
        logins = len(there.server.asked)
        for options, said in bad_options(there).values():
            with pytest.raises(WatchFailed, match=said):
                watched(there.options(**options))
        with pytest.raises(WatchFailed, match=there.seen):
            watched(there.options(cert_fingerprint="cd" * 32))
        assert len(there.server.asked) == logins
    assert states == ["running", "succeeded"]
    assert {"fail_fast", "wait_timeout_is_failure"} <= set(caplog.text.replace(":", " ").split())


# -- requests that are held ------------------------------------------------------------------------------------------


@dataclass
class Lxd:
    """An operation that the test ends; ``held`` is set once a request is held for it."""

    over: threading.Event
    held: threading.Event

    def __call__(self, asked: Asked) -> Told:
        if "/wait?" in asked.target:
            self.held.set()
            self.over.wait(PATIENCE)
        code = 200 if self.over.is_set() else 103
        return Told({"type": "sync", "status_code": 200, "metadata": {"id": "7", "status_code": code, "err": ""}})


def lxd_task(server: RestServer, **more: Any) -> dict[str, Any]:
    return {**server.options, "api": "lxd_operation", "task_id": ["7"], "wait": True, **more}


@each_mode
def test_a_wait_lets_lxd_hold_its_request(mode: str, tmp_path: Path) -> None:
    lxd = Lxd(threading.Event(), threading.Event())
    own = issue(tmp_path, "own")
    with serving(lxd, own.server()) as server:

        def end_it() -> None:
            lxd.held.wait(PATIENCE)
            lxd.over.set()

        threading.Thread(target=end_it, daemon=True).start()
        options = lxd_task(server, cert_fingerprint=own.fingerprint, timeout=PATIENCE)
        results, _output = results_of(Ansible(tmp_path), {"held": options}, **MODES[mode])
        asked = [each.target for each in server.asked]
    assert results["held"]["state"] == "succeeded"
    assert asked == ["/1.0/operations/7", "/1.0/operations/7/wait?timeout=45"]
    assert results["held"]["stats"]["polls"] == 2


@each_mode
def test_sigint_ends_a_request_that_is_held(mode: str, tmp_path: Path) -> None:
    lxd = Lxd(threading.Event(), threading.Event())
    ansible = Ansible(tmp_path)
    with serving(lxd) as server:
        task = {MODULE: lxd_task(server, timeout=600, wait_timeout=3000), **MODES[mode]}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        with ansible.start("ansible-playbook", ansible.playbook(play)) as process:
            try:
                assert lxd.held.wait(PATIENCE)
                process.send_signal(signal.SIGINT)
                # The request would be held for longer than that, and the wait goes on for most of an hour.
                stdout, stderr = process.communicate(timeout=40)
            finally:
                process.kill()
                lxd.over.set()
    assert process.returncode != 0
    assert "Traceback" not in stdout + stderr


def test_the_event_source_lets_lxd_hold_its_request_and_lets_go_of_it() -> None:
    lxd = Lxd(threading.Event(), threading.Event())
    with serving(lxd) as server:
        options = {name: value for name, value in lxd_task(server, timeout=600).items() if name != "wait"}

        async def listen() -> list[str]:
            queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            args = {"module": "rest_task_info", "options": options}
            async with asyncio.timeout(PATIENCE):
                # The first one is cancelled while its request is held, the second one sees the end.
                first = asyncio.create_task(main(queue, args))
                await asyncio.to_thread(lxd.held.wait, PATIENCE)
                first.cancel()
                await asyncio.wait([first])
                assert first.cancelled()
                lxd.held.clear()
                second = asyncio.create_task(main(queue, args))
                await asyncio.to_thread(lxd.held.wait, PATIENCE)
                lxd.over.set()
                await second
            return [queue.get_nowait()["task"]["state"] for _unused in range(queue.qsize())]

        assert asyncio.run(listen()) == ["running", "running", "succeeded"]
        targets = [each.target for each in server.asked]
    assert targets == ["/1.0/operations/7", "/1.0/operations/7/wait?timeout=45"] * 2
