# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on Ironic, and a job of AWX's engine that waits for a node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.awx.engine import IDENT, RUNNER, events_of, search
from tests.support.ansible import COLLECTIONS, Ansible

from .matrix import Compared, Matrix
from .services.base import Service

SERVICE = "ironic"
NAME = "Wait for the node"
WAIT = {
    "name": NAME,
    "taskwatch.infra.rest_task_info": {
        "api": "ironic_node",
        "hostname": "{{ ansible_host }}",
        "port": "{{ ansible_port }}",
        "use_ssl": False,
        "task_id": ["{{ node }}"],
        "wait": True,
        "wait_sleep": 1,
    },
    "delegate_to": "localhost",
}


class TestEnds(Matrix):
    """As on every service."""


class TestClient(Compared):
    """As on every service whose vendor has a client."""


def test_a_job_waits_for_a_node(service: Service, tmp_path: Path) -> None:
    room = tmp_path / "room"
    for name in ("env", "inventory", "project"):
        (room / name).mkdir(parents=True)
    host = {"ansible_host": "127.0.0.1", "ansible_port": service.port}
    files = {
        "inventory/hosts.json": {"all": {"hosts": {"ironic.example.com": host}}},
        "project/wait.yml": [{"hosts": "all", "gather_facts": False, "tasks": [WAIT]}],
        "env/extravars": {"node": service.begin("good", 30)},
        # The token comes from a credential, which sets it
        "env/envvars": {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "REST_TASK_TOKEN": service.options["token"]},
        "env/settings": {"suppress_ansible_output": True},
    }
    for name, content in files.items():
        (room / name).write_text(json.dumps(content), encoding="utf-8")
    command = [str(RUNNER), "run", "-q", str(room), "-p", "wait.yml", "-i", IDENT]
    finished = subprocess.run(
        command, env=Ansible(tmp_path).environment(), capture_output=True, text=True, timeout=180, check=False
    )
    events = events_of(room)
    assert events.status == "successful", finished.stdout + finished.stderr
    (ended,) = events.of("runner_on_ok", NAME)
    result = ended["event_data"]["res"]
    assert (result["state"], result["tasks"][0]["native_state"]) == ("succeeded", "active")
    lines = [event["stdout"] for event in events.of("verbose") if "rest_task_info" in event["stdout"]]
    assert any("ironic.example.com" in line for line in lines), lines
    assert search([room / "artifacts"], service.secrets) == []
