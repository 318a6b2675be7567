# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on Pulp, whose tasks have progress reports and whose sessions can be counted."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of

from .ends import WAIT, Seen
from .matrix import Matrix
from .services.base import Service
from .variants import variants_of

SERVICE = "pulp"


class TestEnds(Matrix):
    """As on every service."""


def test_sessions_are_opened_and_closed(seen: Mapping[str, Seen]) -> None:
    opened = {name: each.result["stats"]["logins"] for name, each in seen.items() if name.startswith("session")}
    assert opened == dict.fromkeys(opened, 1)
    assert len(opened) == 3


def test_progress_reports_are_steps(seen: Mapping[str, Seen]) -> None:
    (task,) = seen["success"].result["tasks"]
    names = {step["name"]: (step["state"], step["progress"]) for step in task["steps"]}
    assert names["Parsing Metadata Lines"] == ("succeeded", 100)
    assert names["Downloading Artifacts"] == ("succeeded", None)


def test_a_session_that_ends_on_the_way_is_opened_again_once(service: Service) -> None:
    assert service.end_sessions is not None
    assert service.sessions is not None
    results: list[Any] = []
    with service.through() as proxy:
        options = {**service.options, **variants_of("pulp")["session"], **WAIT, "task_id": [service.begin("good", 20)]}
        params = params_of(RestTask, **options, hostname="127.0.0.1", port=proxy.port, use_ssl=False)
        wait = threading.Thread(target=lambda: results.append(run(RestTask, params)))
        wait.start()
        proxy.asked.wait(120)
        service.end_sessions()
        wait.join(180)
    (result,) = results
    assert result.msg is None
    assert result.payload["state"] == "succeeded"
    assert result.payload["stats"]["logins"] == 2
    assert service.sessions() == 0
