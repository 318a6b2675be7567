# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of VMware's two collections that read an update, beside ours."""

from __future__ import annotations

import pytest

from .clients.vcenter_modules import AnsibleModule, ApplianceInfo, ApplianceUpdateInfo
from .rig import Rig
from .vcenter_courses import APPLIANCE, Course
from .walk import walk

# How many sessions each leaves open after six polls: the first never logs out, VMware's SDK does so when it ends
MODULES = {ApplianceUpdateInfo: 6, ApplianceInfo: 0}
# Few polls, because each of theirs costs a process
STORY = Course(
    "rolled-back",
    {
        "begin": 4,
        "duration": 40,
        "end": "failed",
        "rollback": 10,
        "outage": [{"from": 9, "until": 14, "answer": "refused"}, {"from": 19, "until": 24, "answer": "text_503"}],
    },
    ("UPDATES_PENDING", "INSTALL_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UP_TO_DATE"),
    profile="9.1",
)


@pytest.mark.parametrize(("module", "left_open"), MODULES.items())
def test_both_see_the_same_at_every_step(rig: Rig, module: type[AnsibleModule], left_open: int) -> None:
    rig.begin(STORY.scenario())
    record = walk(rig, APPLIANCE, module(rig.access("vcenter")), step=8.0, wait_for="installed")
    record.check()
    assert record.states() == list(STORY.states)
    blind = [bool(moment.reason) for moment in record.moments]
    assert blind == [False, False, True, True, False, False, False, False]
    assert len(rig.simulator.sessions()["vcenter"]) == left_open
