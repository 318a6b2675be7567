# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on sushy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result, run
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of

from .matrix import Compared, Matrix
from .services import sushy
from .variants import description_of

SERVICE = "sushy"


class TestEnds(Matrix):
    """As on every service."""


class TestClient(Compared):
    """As on every service whose vendor has a client."""


def test_the_emulator_knows_one_task_and_wants_a_password(tmp_path: Path) -> None:
    with sushy.emulating(tmp_path) as port:

        def check(task_id: str, **changed: Any) -> Result:
            login = {"username": sushy.USER, "password": sushy.PASSWORD}
            what = {"description": description_of("redfish_task", login={"kind": "basic"})}
            where = {"hostname": "127.0.0.1", "port": port, "use_ssl": False}
            return run(RestTask, params_of(RestTask, **{**login, **what, **where, **changed}, task_id=[task_id]))

        found = check("/redfish/v1/TaskService/Tasks/42")
        refused = check("42", password="wr0ng-password")
        unknown = check("43")
        shipped = check("42", description=None, api="redfish_task")
    assert (found.payload["state"], found.payload["progress"]) == ("succeeded", 100)
    assert refused.payload["error"]["type"] == "authentication"
    assert "Incorrect username or password" in str(refused.msg)
    assert unknown.payload["error"]["type"] == "not_found"
    # It has no sessions and wants the password with this request, too
    assert shipped.payload["error"]["type"] == "authentication"
    assert "Authorization required" in str(shipped.msg)
    for result in (found, refused, unknown, shipped):
        assert sushy.PASSWORD not in str(result)
        assert "wr0ng-password" not in str(result)
