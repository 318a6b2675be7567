# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits under AWX's engine: lines while they run, sparing of idle timeouts, artifacts without secrets, and a kill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from taskwatch_simulator import embedded
from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.scenario import Scenario
from tests.support.modules import BY_NAME

from .engine import (
    HOST,
    Events,
    Job,
    events_of,
    finish,
    lay_out,
    looked_after,
    moment,
    search,
    seconds_since,
    wait_until,
)
from .test_audit import nodes_of

# Seconds: the engine ends a job that says nothing for so long; a wait says something as often as that; it lasts so long
IDLE = 8
HEARTBEAT = 2
LASTS = IDLE + HEARTBEAT
TEMPLATE = "wait_lxca_repo_export"
EXPORT = BY_NAME["lxca_repo_export_info"]
WAIT = "Wait for exports of firmware repositories"
# Nothing changes on the way, and they end when the clock is moved
EXPORTS = [{"kind": "export", "id": str(number), "duration": 60, "progress": "none"} for number in (12, 13, 14)]
SCENARIO = Scenario.model_validate({"lxca": {"tasks": EXPORTS}})


@dataclass(frozen=True)
class Ended:
    """A job that has ended: what it left, the sessions that were open then, and what the engine said."""

    events: Events
    sessions: Mapping[str, list[Any]]
    said: str


def lines_of(events: Events) -> list[tuple[dict[str, Any], float]]:
    """Return the progress lines, each with the moment at which its file was written."""
    return [
        (event, written)
        for event, written in zip(events.events, events.written, strict=True)
        if event["event"] == "verbose" and "lxca_repo_export_info" in event["stdout"]
    ]


def has_waited(room: Path) -> bool:
    """Return whether the job in a private data folder has waited long enough to be killed, had it been silent."""
    return seconds_since(events_of(room), "runner_on_start", WAIT) > LASTS


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ended]:
    """Three waits side by side, each on a simulator of its own, and a fourth after the silent one was killed."""
    folder = tmp_path_factory.mktemp("engine")
    clocks = [ManualClock() for _number in range(3)]
    with (
        embedded.running(SCENARIO, clock=clocks[0]) as one,
        embedded.running(SCENARIO, clock=clocks[1]) as two,
        embedded.running(SCENARIO, clock=clocks[2]) as three,
        looked_after() as begun,
    ):

        def new(name: str, simulator: embedded.Simulator, interval: float) -> Job:
            settings = {"idle_timeout": IDLE}
            answers = {"lxca_export_ids": "12, 13", "wait_minutes": 5}
            chosen = {"taskwatch_progress_interval": interval}
            return lay_out(folder / name, TEMPLATE, simulator, answers, settings=settings, extra_vars=chosen)

        talking, piped, silent = new("run", one, HEARTBEAT), new("pipe", two, HEARTBEAT), new("silent", three, 0)
        resumed = new("resumed", three, HEARTBEAT)
        ad_hoc = lay_out(folder / "ad-hoc", TEMPLATE, two, {}, extra_vars={"ansible_connection": "local"})
        rooms = {"run": talking.room, "pipe": folder / "pipe-results", "silent": silent.room, "resumed": resumed.room}
        rooms["ad-hoc"] = ad_hoc.room
        begun.update(run=talking.run(), pipe=piped.stream(), silent=silent.run())
        for name, clock in (("run", clocks[0]), ("pipe", clocks[1])):
            wait_until(partial(has_waited, rooms[name]))
            clock.advance(60)
        said = {"silent": finish(begun["silent"])}
        wait_until(lambda: not three.sessions()["lxca"])
        begun["resumed"] = resumed.run()
        wait_until(lambda: len(lines_of(events_of(resumed.room))) > 1)
        clocks[2].advance(60)
        begun["ad-hoc"] = ad_hoc.run_module(EXPORT.fqcn, "task_id=12,13 wait=true wait_timeout=600")
        said.update({name: finish(begun[name]) for name in ("run", "pipe", "resumed", "ad-hoc")})
        left = {"run": one.sessions(), "pipe": two.sessions()}
        secrets = one.secrets() | two.secrets() | three.secrets()
        artifacts = list(folder.glob("*/artifacts"))
        found = search(artifacts, secrets)
    assert len(secrets) > 10, "there must be passwords, and a token of each session"
    assert len(artifacts) == 6
    assert not found
    return {name: Ended(events_of(room), left.get(name, {}), said[name]) for name, room in rooms.items()}


talking = pytest.mark.parametrize("name", ["run", "pipe"])


@talking
def test_job_ends_well(jobs: Mapping[str, Ended], name: str) -> None:
    events = jobs[name].events
    assert events.status == "successful", jobs[name].said
    assert not any(jobs[name].sessions.values())


@talking
def test_lines_come_while_the_task_runs(jobs: Mapping[str, Ended], name: str) -> None:
    """Each is an event of its own, written when it was said, with no pause as long as the idle timeout."""
    events = jobs[name].events
    (started,) = events.of("runner_on_start", WAIT)
    (ended,) = events.of("runner_on_ok", WAIT)
    begin, end = moment(started), moment(ended)
    assert end - begin > LASTS
    lines = lines_of(events)
    said = [moment(event) for event, _written in lines]
    assert len(said) >= (end - begin) / HEARTBEAT - 2
    gaps = [after - before for before, after in zip([begin, *said], [*said, end], strict=True)]
    assert max(gaps) < IDLE
    assert all(written - moment(event) < IDLE and written < end for event, written in lines[:-1])
    assert all(event["stdout"].startswith(f"[{HOST}] ") for event, _written in lines)


def test_silence_is_killed(jobs: Mapping[str, Ended]) -> None:
    """The control experiment: the same wait without its lines."""
    silent = jobs["silent"]
    assert silent.events.status == "timeout"
    assert lines_of(silent.events) == []
    assert silent.events.of("runner_on_ok", WAIT) == []


def test_job_that_was_killed_is_started_again_and_waits_on(jobs: Mapping[str, Ended]) -> None:
    resumed = jobs["resumed"]
    assert resumed.events.status == "successful", resumed.said
    (outcome,) = resumed.events.artifacts().values()
    assert outcome["succeeded_ids"] == ["12", "13"]
    assert len(lines_of(resumed.events)) >= 2


@talking
def test_nodes_are_counted_from_the_event(jobs: Mapping[str, Ended], name: str) -> None:
    """As the controller does: by the action's full name, on what the event holds of the result."""
    (event,) = jobs[name].events.of("runner_on_ok", WAIT)
    assert event["event_data"]["resolved_action"] == EXPORT.fqcn
    (node,) = list(nodes_of(EXPORT, [event["event_data"]["res"]]).values())
    assert node["name"] == "127.0.0.1"


@talking
def test_next_node_learns_the_outcome(jobs: Mapping[str, Ended], name: str) -> None:
    artifacts = jobs[name].events.artifacts()
    assert list(artifacts) == ["taskwatch_lxca_repo_export_manager_example_com"]
    (outcome,) = artifacts.values()
    assert outcome["host"] == HOST
    assert (outcome["state"], outcome["succeeded"], outcome["counts"]) == ("succeeded", True, {"succeeded": 2})
    assert [task["id"] for task in outcome["tasks"]] == ["12", "13"]
    assert all(task["name"].endswith(".zip") for task in outcome["tasks"])


def test_ad_hoc_command_waits_too(jobs: Mapping[str, Ended]) -> None:
    """With its login from the environment of all jobs: AWX gives an ad-hoc command a machine credential only."""
    ad_hoc = jobs["ad-hoc"].events
    assert ad_hoc.status == "successful", jobs["ad-hoc"].said
    (event,) = ad_hoc.of("runner_on_ok")
    assert event["event_data"]["res"]["counts"] == {"succeeded": 2}
