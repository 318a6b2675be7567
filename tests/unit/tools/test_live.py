# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests on live services stand on: programs that do not start, and the proxy with its outages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of

from tests.live import process
from tests.live.proxy import KINDS, Trouble, proxying
from tests.support.described import LXCA_TASK
from tests.support.rest_server import Asked, Told, serving

TOLD = {
    "refuse": "the connection was refused",
    "reset": "the connection was reset",
    "hang": "no answer within 1 s",
    "cut": "the answer broke off",
    "page": "HTTP 503 Service Unavailable",
    "slow": "(running at 40 %)",
}


def test_a_program_that_ends_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    lines = "; ".join(f"print('line {number}')" for number in range(100))
    command = [sys.executable, "-c", f"{lines}; raise SystemExit(3)"]
    with (
        pytest.raises(
            process.ServiceError, match=r"(?s)broken ended with code 3 before an open port:\n.*line 99$"
        ) as told,
        process.started("broken", command, tmp_path, {}) as program,
    ):
        program.until(lambda: False, "an open port")
    assert "line 10\n" not in str(told.value)


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(process.ServiceError, match=r"ended with code 1:\nthe disk is full"):
        process.run([sys.executable, "-c", "raise SystemExit('the disk is full')"], tmp_path, {})


def test_a_service_that_is_not_installed_is_named() -> None:
    with pytest.raises(process.ServiceError, match=r"nothing is not installed: .*/live/nothing/bin/python is missing"):
        process.tool("nothing", "python")


def task(_asked: Asked) -> Told:
    """Answer as a task that goes on."""
    return Told([{"jobUID": "51", "status": "Running", "percentage": 40.0, "children": []}])


@pytest.mark.parametrize("kind", KINDS)
def test_each_trouble_is_what_it_says(kind: str) -> None:
    description = {**LXCA_TASK, "login": {"kind": "none"}}

    def check(port: int) -> Any:
        where = {"hostname": "127.0.0.1", "port": port, "use_ssl": False, "timeout": 1}
        # One request each: a second try would meet the trouble again
        waits = {"wait": True, "wait_timeout": 0.1, "wait_sleep": 0.1}
        return run(RestTask, params_of(RestTask, description=description, task_id=["51"], **where, **waits))

    with serving(task) as server, proxying(server.port, Trouble(kind, after=1, lasts=600)) as proxy:
        before, after = check(proxy.port), check(proxy.port)
    assert "(running at 40 %)" in str(before.msg)
    assert proxy.struck
    assert TOLD[kind] in str(after.msg)
