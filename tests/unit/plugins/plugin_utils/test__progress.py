# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a wait: readable, on every change, never a flood, never a silence."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Snapshot
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.outages import Outage
from ansible_collections.taskwatch.infra.plugins.plugin_utils._progress import ProgressReporter, describe, span
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import task
from hypothesis import given
from hypothesis import strategies as st

HEAD = "[sdm.example.com] route_update_info"
AWAY = Outage(0.0, TaskwatchError(ErrorType.UNREACHABLE, "the connection was refused on port 27999"))


def snapshot(*statuses: TaskStatus, elapsed: float = 190, **more: Any) -> Snapshot:
    return Snapshot(list(statuses), elapsed, **{"seen_ago": 0.0, **more})


def reporter() -> tuple[ProgressReporter, list[str]]:
    lines: list[str] = []
    return ProgressReporter(lines.append, host="sdm.example.com", module="route_update_info"), lines


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 m 0 s"),
        (190, "3 m 10 s"),
        (3600, "1 h 0 m"),
        (7500, "2 h 5 m"),
    ],
)
def test_a_span_reads_as_people_write_it(seconds: float, text: str) -> None:
    assert span(seconds) == text


@given(st.floats(0, 10**6))
def test_no_span_holds_sixty_of_anything(seconds: float) -> None:
    numbers = [int(part) for part in span(seconds).split()[::2]]
    assert all(number < 60 for number in numbers[1:])


def test_one_task_is_told_in_full() -> None:
    one = task("ID33", "running", 45.2, message="9 of 20 devices updated", eta=240.0)
    teller, lines = reporter()
    teller.changed(snapshot(one))
    assert lines == [f"{HEAD} ID33: running 45 % (9 of 20 devices updated), 3 m 10 s, about 4 m 0 s left"]


def test_a_bare_task_is_told_without_what_is_not_known() -> None:
    assert describe(snapshot(task("ID33", "pending"))) == " ID33: pending, 3 m 10 s"


def test_an_unknown_word_is_told() -> None:
    assert describe(snapshot(TaskStatus(id="1", native_state="Paused"))) == " 1: unknown 'Paused', 3 m 10 s"


@pytest.mark.parametrize(
    ("progress", "shown"), [(0.0, "0 %"), (45.9, "45 %"), (99.5, "99 %"), (99.9, "99 %"), (100.0, "100 %")]
)
def test_only_the_end_is_a_hundred_percent(progress: float, shown: str) -> None:
    assert describe(snapshot(task("1", "running", progress))) == f" 1: running {shown}, 3 m 10 s"
    assert f"slowest 1 at {shown}" in describe(snapshot(task("1", "running", progress), task("2", "running", 100.0)))


def test_many_tasks_are_one_line() -> None:
    many = [task(str(number), "succeeded") for number in range(6)]
    many += [
        task("f", "failed"),
        task("a", "running", 12.0, eta=60.0),
        task("b", "running", 80.0, eta=300.0),
        task("c"),
    ]
    assert (
        describe(snapshot(*many)) == ": 7 of 10 finished, 1 failed (f), slowest a at 12 %, 3 m 10 s, about 5 m 0 s left"
    )


def test_failures_beyond_three_are_counted() -> None:
    many = [*(task(name, "failed") for name in "abcde"), task("f", "running")]
    assert describe(snapshot(*many)) == ": 5 of 6 finished, 5 failed (a, b, c and 2 more), 3 m 10 s"


def test_a_wrong_port_is_told_with_the_time_that_is_left() -> None:
    lines: list[str] = []
    teller = ProgressReporter(lines.append, host="vc1", module="appliance_update_info", port=27999)
    never = snapshot(elapsed=0, outage=AWAY, seen_ago=None, gives_up_in=1800.0)
    teller.outage_began(never)
    teller.heartbeat(snapshot(elapsed=60, outage=AWAY, seen_ago=None, gives_up_in=1740.0))
    reason = "never answered yet on port 27999 (the connection was refused)"
    assert lines == [
        f"[vc1] appliance_update_info {reason}, 0 s; giving up in 30 m 0 s",
        f"[vc1] appliance_update_info: nothing seen yet, 1 m 0 s, {reason}, giving up in 29 m 0 s",
    ]


@pytest.mark.parametrize(
    ("progress", "shown"),
    [(6.0, "1: running, last seen 6 %, 20 s ago (Copying)"), (None, "1: running, last seen 20 s ago (Copying)")],
)
def test_a_heartbeat_tells_the_age_of_what_it_repeats(progress: float | None, shown: str) -> None:
    one = task("1", "running", progress, message="Copying")
    assert describe(snapshot(one, seen_ago=20.0)) == f" {shown}, 3 m 10 s"
    assert "last seen 20 s ago" in describe(snapshot(one, task("2", "running"), seen_ago=20.0))
    assert "last seen" not in describe(snapshot(one))


def test_a_line_names_the_appliance_that_is_not_the_host() -> None:
    lines: list[str] = []
    teller = ProgressReporter(lines.append, host="localhost", module="lxca_csv_job_info", appliance="lxca1")
    teller.changed(snapshot(task("371", "running", 6.0)))
    teller.changed(snapshot(task("371"), task("372"), elapsed=200))
    teller.outage_began(snapshot(task("371"), elapsed=210, outage=AWAY))
    head = "[localhost] lxca_csv_job_info lxca1:"
    assert lines == [
        f"{head} 371: running 6 %, 3 m 10 s",
        f"{head} 0 of 2 finished, 3 m 20 s",
        f"{head} no answer (the connection was refused on port 27999), 3 m 30 s; still waiting",
    ]


def test_no_control_character_reaches_the_terminal() -> None:
    one = task("1", "running")
    one.message = "\x1b[2Jgone\nnew line\x07"
    teller, lines = reporter()
    teller.changed(snapshot(one))
    assert lines == [f"{HEAD} 1: running (gone new line), 3 m 10 s"]


def test_an_outage_and_its_end_are_told_at_once() -> None:
    teller, lines = reporter()
    teller.changed(snapshot(task("ID33"), elapsed=10))
    teller.outage_began(snapshot(task("ID33"), elapsed=10.2, outage=AWAY))
    teller.outage_ended(snapshot(task("ID33"), elapsed=40, away_for=29.8))
    assert lines[1:] == [
        f"{HEAD} no answer (the connection was refused on port 27999), 10 s; still waiting",
        f"{HEAD} answers again, was away for 30 s, 40 s",
    ]


def test_a_flood_of_percents_is_thinned_to_one_line_a_second() -> None:
    teller, lines = reporter()
    for number in range(100):
        teller.changed(snapshot(task("1", "running", float(number)), elapsed=number / 10))
    assert len(lines) <= 11


def test_the_end_is_told_however_soon_it_comes() -> None:
    teller, lines = reporter()
    teller.changed(snapshot(task("1", "running"), elapsed=10))
    teller.changed(snapshot(task("1", "succeeded"), elapsed=10.1))
    assert lines[-1] == f"{HEAD} 1: succeeded, 10 s"


def test_a_change_of_state_is_told_however_soon_it_comes() -> None:
    teller, lines = reporter()
    teller.changed(snapshot(task("1", "pending"), elapsed=10))
    teller.changed(snapshot(task("1", "running"), elapsed=10.9))
    assert lines[-1] == f"{HEAD} 1: running, 11 s"


def test_a_heartbeat_repeats_where_the_wait_stands() -> None:
    teller, lines = reporter()
    for moment in (60, 120):
        teller.heartbeat(snapshot(task("1", "running", 10.0), elapsed=moment))
    assert lines == [f"{HEAD} 1: running 10 %, 1 m 0 s", f"{HEAD} 1: running 10 %, 2 m 0 s"]
