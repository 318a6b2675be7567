# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on Prefect, and a rule of Event-Driven Ansible that fires when a flow fails."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.ansible import TOOLS, Ansible

from .matrix import Compared, Matrix
from .process import started
from .services.base import Service

SERVICE = "prefect"


class TestEnds(Matrix):
    """As on every service."""


class TestClient(Compared):
    """As on every service whose vendor has a client."""


def test_a_rule_fires_when_a_flow_fails(service: Service, tmp_path: Path) -> None:
    options = {"api": service.api, "hostname": "127.0.0.1", "port": service.port, "use_ssl": False}
    ids = [service.begin("bad", 30), service.begin("good", 30)]
    arguments = {"module": "rest_task_info", "options": {**options, "task_id": ids}, "interval": 1}
    ruleset = {
        "name": "Flow runs",
        "hosts": "localhost",
        "sources": [{"taskwatch.infra.task_status": arguments}],
        "rules": [
            {
                "name": "A flow has failed",
                "condition": 'event.task.state == "failed"',
                "action": {"debug": {"msg": "FAILED {{ event.task.id }} {{ event.task.errors[0] }}"}},
            }
        ],
    }
    ansible = Ansible(tmp_path)
    rulebook = ansible.playbook(ruleset, name="rulebook.yml")
    command = [str(TOOLS / "ansible-rulebook"), "--rulebook", rulebook]
    with started("ansible-rulebook", command, tmp_path, ansible.environment()) as program:
        assert program.process.wait(180) == 0, program.last_lines
        said = program.log.read_text(encoding="utf-8")
    assert said.count("FAILED ") == 1, said
    assert json.dumps(f"FAILED {ids[0]} ")[1:-1] in said
    assert "the disk is full" in said
    assert "Traceback" not in said
