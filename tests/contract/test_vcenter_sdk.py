# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware's SDK and our module, side by side through every state of an update."""

from __future__ import annotations

import pytest

from .clients.vcenter_encodings import Encoding
from .rig import Rig
from .vcenter_courses import COURSES, OUTAGE, Course, play

ENCODINGS = ("api", "rest", "jsonrpc")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
def test_both_see_the_same_at_every_step(rig: Rig, encoding: Encoding, course: Course) -> None:
    record = play(rig, encoding, course)
    record.check()
    assert record.states() == list(course.states)
    assert record.result.payload["stats"]["logins"] == 1
    assert not any(moment.again for moment in record.moments)
    assert not rig.simulator.sessions()["vcenter"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_both_log_in_again_when_their_session_is_lost(rig: Rig, encoding: Encoding) -> None:
    record = play(rig, encoding, COURSES[0], lose_session_at=5)
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.again] == [5]
    assert record.result.payload["stats"]["logins"] == 2
    assert not rig.simulator.sessions()["vcenter"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_both_are_blind_in_the_same_outages(rig: Rig, encoding: Encoding) -> None:
    record = play(rig, encoding, OUTAGE)
    record.check()
    began = record.moments[0].second
    away = [each for each in OUTAGE.task["outage"] if "until" in each]
    wanted = [
        moment.second - began
        for moment in record.moments
        if any(each["from"] <= moment.second - began < each["until"] for each in away)
    ]
    assert [moment.second - began for moment in record.moments if moment.theirs is None] == wanted
    assert {each["answer"] for each in away} == {
        each["answer"] for each in away for second in wanted if each["from"] <= second < each["until"]
    }
    assert record.result.payload["succeeded"]
