# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates that between them meet every state of an appliance, every status of a task and every optional member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.subjects import SUBJECTS

from .clients.vcenter_encodings import Encoding
from .clients.vcenter_sdk import VcenterSdk
from .rig import Rig
from .walk import Walk, walk

(APPLIANCE,) = [each for each in SUBJECTS if each.name == "appliance-auto"]


@dataclass(frozen=True)
class Course:
    """One update: its entry in a scenario, the release, what is waited for, and the states met, in order."""

    name: str
    task: Mapping[str, Any]
    states: tuple[str, ...]
    profile: str = "8.0"
    wait_for: str = "installed"
    ends: frozenset[str] = field(default=frozenset({"UP_TO_DATE", "INSTALL_FAILED"}))

    def scenario(self) -> dict[str, Any]:
        """Return the scenario."""
        return {"vcenter": {"profile": self.profile, "tasks": [dict(self.task)]}}


_FAILED = {"begin": 4, "duration": 20, "end": "failed"}
_INSTALL = ("UPDATES_PENDING", "INSTALL_IN_PROGRESS")

COURSES = (
    Course("installed", {"begin": 4, "duration": 20}, (*_INSTALL, "UP_TO_DATE")),
    Course("installed-9.1", {"begin": 4, "duration": 20, "message_params": True}, (*_INSTALL, "UP_TO_DATE"), "9.1"),
    Course("failed", _FAILED, (*_INSTALL, "INSTALL_FAILED")),
    Course("failed-without-a-reason", {**_FAILED, "error": "none"}, (*_INSTALL, "INSTALL_FAILED")),
    Course("failed-9.1", _FAILED, (*_INSTALL, "INSTALL_FAILED"), "9.1"),
    Course("rolled-back", {**_FAILED, "rollback": 6}, (*_INSTALL, "ROLLBACK_IN_PROGRESS", "UP_TO_DATE")),
    Course("rolled-back-9.1", {**_FAILED, "rollback": 6}, (*_INSTALL, "ROLLBACK_IN_PROGRESS", "UP_TO_DATE"), "9.1"),
    Course(
        "not-rolled-back-9.1",
        {**_FAILED, "rollback": 6, "rollback_fails": True, "message_params": True},
        (*_INSTALL, "ROLLBACK_IN_PROGRESS", "INSTALL_FAILED"),
        "9.1",
    ),
    Course(
        "staged",
        {"operation": "stage", "begin": 4, "duration": 20},
        ("UP_TO_DATE", "STAGE_IN_PROGRESS", "UPDATES_PENDING"),
        wait_for="staged",
        ends=frozenset({"UPDATES_PENDING"}),
    ),
    Course(
        "order-mismatch",
        {"duration": 20, "order_mismatch": True, "with_query_time": False},
        ("INSTALL_IN_PROGRESS", "UP_TO_DATE"),
    ),
    Course("no-task", {"duration": 20, "with_task": False}, ("INSTALL_IN_PROGRESS", "UP_TO_DATE")),
    Course("idle", {"operation": "none"}, ("UP_TO_DATE",)),
)
# The appliance goes away in every way but the one that takes a client's whole timeout
OUTAGE = Course(
    "outage",
    {
        "duration": 60,
        "outage": [
            {"from": 6, "until": 9, "answer": "text_503"},
            {"from": 10, "until": 13, "answer": "json_503"},
            {"from": 14, "until": 17, "answer": "refused"},
            {"from": 17, "answer": "tokens_dropped"},
            {"from": 20, "until": 23, "answer": "reset"},
            {"from": 24, "until": 27, "answer": "tls_cut"},
            {"from": 28, "until": 31, "answer": "stray_502"},
            {"from": 32, "until": 35, "answer": "stray_404"},
            {"from": 36, "until": 39, "answer": "stray_403"},
            {"from": 40, "until": 43, "answer": "stray_500"},
            {"from": 44, "until": 47, "answer": "stray_401"},
            {"from": 50.5, "answer": "tokens_dropped"},
            {"from": 50.5, "until": 55, "answer": "login_503"},
        ],
    },
    ("INSTALL_IN_PROGRESS", "UP_TO_DATE"),
)


def play(rig: Rig, encoding: Encoding, course: Course, lose_session_at: int | None = None) -> Walk:
    """Walk a course."""
    rig.begin(course.scenario())
    client = VcenterSdk(rig.access("vcenter"), encoding, course.ends)
    events = {} if lose_session_at is None else {lose_session_at: lambda: rig.drop_sessions("vcenter")}
    return walk(rig, APPLIANCE, client, events=events, wait_for=course.wait_for)
