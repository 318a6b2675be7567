# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A system that takes a request and never answers it: Ctrl-C and the task keyword `timeout` end it all the same."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.support.ansible import Ansible
from tests.support.rehearsal import IN_PROCESS, MODES

# Far longer than anything here takes; only a request that nothing ends takes longer
REQUEST_TIMEOUT = 600
PATIENCE = 90.0


class Appliance(ThreadingHTTPServer):
    """Logs in and out, and hangs in between."""

    daemon_threads = True

    def __init__(self) -> None:
        self.hung = threading.Event()
        self.logged_out = threading.Event()
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), Answers)


class Answers(BaseHTTPRequestHandler):
    """The appliance's answers."""

    server: Appliance

    def do_POST(self) -> None:
        """Open a session."""
        self._say("token-of-a-session")

    def do_GET(self) -> None:
        """Hang."""
        self.server.hung.set()
        self.server.ended.wait()

    def do_DELETE(self) -> None:
        """Close the session."""
        self._say(None)
        self.server.logged_out.set()

    def log_message(self, *_unused: Any) -> None:
        """Say nothing."""

    def _say(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def appliance() -> Iterator[Appliance]:
    """Serve an appliance that hangs."""
    with Appliance() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()


# What a module makes of the keyword is a unit test of its own: how long one takes to start is the machine's business
@pytest.mark.parametrize(("mode", "by"), [*((mode, "SIGINT") for mode in MODES), (IN_PROCESS, "keyword timeout")])
def test_a_request_that_hangs_ends_with_its_task(ansible: Ansible, mode: str, by: str) -> None:
    with appliance() as server:
        options = {
            "hostname": "127.0.0.1",
            "port": server.server_address[1],
            "use_ssl": False,
            "username": "operator",
            "password": "pass-of-operator",
            "timeout": REQUEST_TIMEOUT,
        }
        task = {"taskwatch.infra.appliance_update_info": options, **MODES[mode]}
        if by == "keyword timeout":
            task["timeout"] = 10
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        with ansible.start("ansible-playbook", ansible.playbook(play)) as process:
            try:
                assert server.hung.wait(PATIENCE)
                if by == "SIGINT":
                    process.send_signal(signal.SIGINT)
                stdout, stderr = process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
        assert server.logged_out.wait(PATIENCE)
    assert process.returncode != 0
    assert "Traceback" not in stdout + stderr
