# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other clients do not survive, in real time: an appliance that takes itself down while it is updated.

`TASKWATCH_REFUSED_SECONDS` is how long its port is closed, 6 s otherwise.
"""

from __future__ import annotations

import os
from dataclasses import replace

from taskwatch_simulator.embedded import Simulator
from tests.faults.rehearsal import Rehearsal, rehearse
from tests.faults.subjects import SUBJECTS

REFUSED = float(os.environ.get("TASKWATCH_REFUSED_SECONDS", "6"))
# Seconds from the start of the work: 503 as text, port closed, 503 as JSON, tokens forgotten, done
TEXT_503, CLOSED = 1.5, 3.0
JSON_503 = CLOSED + REFUSED
DROPPED = JSON_503 + 1.5
DONE = DROPPED + 1.5
COURSE = {
    "operation": "install",
    "duration": DONE,
    "progress": [[0, 40]],
    "outage": [
        {"from": TEXT_503, "until": CLOSED, "answer": "text_503"},
        {"from": CLOSED, "until": JSON_503, "answer": "refused"},
        {"from": JSON_503, "until": DROPPED, "answer": "json_503"},
        {"from": DROPPED, "answer": "tokens_dropped"},
    ],
}


def test_one_wait_outlives_an_update_that_takes_the_appliance_down(simulator: Simulator) -> None:
    subject = next(each for each in SUBJECTS if each.name == "appliance-auto")
    options = {"wait": True, "wait_sleep": 0.4, "wait_timeout": DONE + 60, "unreachable_timeout": REFUSED + 30}
    seen = rehearse(simulator, replace(subject, under_way=COURSE), {**options, "target_version": "8.0.3.00400"})
    payload = seen.result.payload
    task, stats = payload["tasks"][0], payload["stats"]

    assert (seen.end, seen.result.msg) == ("ok", None)
    assert (task["state"], task["native_state"]) == ("succeeded", "UP_TO_DATE")
    assert _chapters(seen) == ["200", "503 text_503", "503 json_503", "401", "login", "200"]
    assert (len(_logins(seen)), stats["logins"], seen.sessions_left) == (2, 2, 0)
    assert [event for event in seen.recorder.events if event.startswith("outage")] == ["outage began", "outage ended"]
    assert any('"progress": 40.0' in text for text in seen.recorder.texts)
    assert any("no healthy upstream" in text for text in seen.recorder.texts)
    assert any("no good answer for" in warning for warning in seen.result.warnings), seen.result.warnings
    # A busy machine makes it longer, never shorter
    assert stats["unreachable_seconds"] > REFUSED + 2
    assert seen.seconds > DONE - 1
    assert not seen.leaks


def _logins(seen: Rehearsal) -> list[dict[str, object]]:
    return [each for each in seen.matching("POST", "/api/session") if each["status"] == 201]


def _chapters(seen: Rehearsal) -> list[str]:
    """What the appliance answered, each kind of answer once in a row; a closed port leaves no trace."""
    chapters: list[str] = []
    for each in seen.requests:
        if each["method"] == "DELETE" or (each["method"] == "POST" and not chapters):
            continue
        chapter = "login" if each["method"] == "POST" else " ".join(filter(None, [str(each["status"]), each["fault"]]))
        if chapters[-1:] != [chapter]:
            chapters.append(chapter)
    return chapters
