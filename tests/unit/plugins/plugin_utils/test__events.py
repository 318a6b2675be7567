# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events: one per change, in the documented shape, without a secret."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._secrets import MASK
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import (
    Seen,
    gone,
    not_found,
    task,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.plugin_utils.helpers.watches import (
    HOSTNAME,
    PASSWORD,
    Watched,
)
from hypothesis import given
from hypothesis import strategies as st

STEP = {"id", "name", "state", "native_state", "progress", "message", "errors", "details", "steps"}
TASK = STEP | {"done", "succeeded", "started_at", "finished_at", "eta"}
ERROR = {"type", "message", "http_status", "task_ids"}
ORIGIN = {"module", "hostname"}
OVERALL = {"state", "done", "succeeded", "progress", "counts"}


def polls(*seen: Any) -> Watched:
    """A watch whose looks bring these in turn, a second apart; the last one ends it if it has ended."""
    return Watched(
        lambda elapsed, _ids: seen[min(int(elapsed), len(seen) - 1)], interval=1, until=len(seen), stall_timeout=1000
    )


def test_events_have_the_documented_shape() -> None:
    watched = polls([task(progress=1.0)], [gone()], [task(state="succeeded", progress=100.0)])
    first, outage, back, last = watched.events
    for event in (first, last):
        assert event.keys() == {"task", "previous_state", "overall"} | ORIGIN
        assert event["task"].keys() == TASK
        assert event["overall"].keys() == OVERALL
    assert outage.keys() == back.keys() == {"outage"} | ORIGIN
    assert outage["outage"].keys() == {"since", "message"}
    assert back["outage"] is None
    assert {event["hostname"] for event in watched.events} == {HOSTNAME}
    assert {event["module"] for event in watched.events} == {"thing_info"}
    assert [first["previous_state"], last["previous_state"]] == [None, "running"]
    (error,) = Watched(lambda _elapsed, _ids: [not_found("1")]).told("error")
    assert error.keys() == ERROR
    (stall,) = Watched(lambda _elapsed, _ids: [task()], until=100, stall_timeout=50).told("stall")
    assert stall.keys() == {"since", "message", "task"}
    assert stall["task"].keys() == TASK


def test_a_look_that_shows_nothing_new_is_no_event() -> None:
    still = [task(progress=17.2)]
    watched = polls(still, still, [task(progress=17.9)], [task(progress=17.9, message="other words")], still)
    assert len(watched.events) == 1


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=30))
def test_one_event_for_each_whole_percent_that_is_seen(course: list[float | None]) -> None:
    watched = polls(*[[task(progress=progress)] for progress in course])
    wholes = [None if progress is None else int(progress) for progress in course]
    changes = 1 + sum(before != after for before, after in pairwise(wholes))
    assert len(watched.events) == changes


def test_the_last_of_several_that_end_together_ends_them_all() -> None:
    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        return [task(i, "succeeded" if elapsed else "running", 100.0 if elapsed else 0.0) for i in ids or []]

    watched = Watched(script, ["1", "2", "3"], interval=1)
    assert [event["overall"]["done"] for event in watched.events] == [False] * 5 + [True]
    assert [event["overall"]["succeeded"] for event in watched.events] == [False] * 5 + [True]
    assert watched.events[3]["overall"] == {
        "state": "running",
        "done": False,
        "succeeded": False,
        "progress": 33.3,
        "counts": {"succeeded": 1, "running": 2},
    }


def test_a_task_that_was_not_seen_yet_keeps_the_whole_from_being_done() -> None:
    def script(elapsed: float, ids: Sequence[str] | None) -> Sequence[Seen]:
        late = [gone("no answer", "2")] if elapsed < 10 else [task("2", "succeeded")]
        return [*([task("1", "succeeded")] if "1" in (ids or []) else []), *late]

    watched = Watched(script, ["1", "2"], interval=10)
    assert [event["overall"]["done"] for event in watched.events if "task" in event] == [False, True]


def test_no_secret_is_in_any_event_or_warning() -> None:
    leaky = task(
        name=f"name {PASSWORD}",
        message=f"said {PASSWORD}",
        errors=[PASSWORD],
        details={"field": PASSWORD, PASSWORD: 1},
        raw={"deep": [{"er": f"<{PASSWORD}>"}]},
        warnings=[f"the word '{PASSWORD}' is not known"],
    )
    seen: list[list[Seen]] = [[leaky], [gone(f"sent back {PASSWORD}")], [gone(PASSWORD)]]
    watched = Watched(
        lambda elapsed, _ids: seen[min(int(elapsed), 2)], interval=1, until=5, options={"include_raw": True}
    )
    told = json.dumps(watched.events) + str(watched.warnings)
    assert PASSWORD not in told
    assert told.count(MASK) >= 7
    assert watched.events[0]["task"]["raw"] == {"deep": [{"er": f"<{MASK}>"}]}


def test_raw_is_there_only_where_it_was_asked_for() -> None:
    assert "raw" not in polls([task(raw={"a": 1})]).events[0]["task"]


def test_an_outage_says_since_when_on_the_clock_of_people() -> None:
    before = datetime.now(UTC)
    (outage, *_rest) = polls([gone("the connection was refused")]).told("outage")
    since = datetime.fromisoformat(outage["since"])
    assert since.utcoffset() == timedelta(0)
    assert abs(since - before) < timedelta(seconds=60)


def test_another_reason_is_not_another_outage() -> None:
    watched = polls([task()], [gone("refused")], [gone("reset")], [gone("503")], [task()])
    assert [outage and outage["message"] for outage in watched.told("outage")] == ["refused", None]


def test_a_warning_is_given_once() -> None:
    odd = [task(warnings=["the word 'Odd' is not known"])]
    watched = polls(odd, odd, odd)
    assert watched.warnings == ["the word 'Odd' is not known"]
