# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on Pulp, whose tasks have progress reports and whose sessions can be counted."""

from __future__ import annotations

from collections.abc import Mapping

from .ends import Seen
from .matrix import Matrix

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
