# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow under AWX's engine: its colour is the truth about what became of the push, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import parse

from .engine import Job, events_of
from .workflow import CANCELED, FAILED, SUCCESSFUL, Controller, Run

ROUTE_SETS = """
route_sets:
  - {id: "2", devices: [ID11, ID12]}
  - {id: "7", devices: [ID13]}
"""
GOOD = {"starts": [{"duration": 40}]}
BAD = {"starts": [{"duration": 40, "devices": [{"group": "ID12", "end": "failed"}]}]}
ENDLESS = {"starts": [{"end": "never"}]}
ANSWERS = {"sdm_route_set_ids": "2, 7", "sdm_update_name": "CHG0042"}
# Simulated seconds pass so much faster than ours
SPEED = 40
ONE, OTHER = "sdm-a.example.com", "sdm-b.example.com"
REASON = "Device is not reachable"
TOGETHER, EACH = "all together", "each for itself"
# A deadline, in seconds of the epoch, that is long over: each wait polls once
OVER = {"taskwatch_deadline": 1}
BY_OUTCOME = {"sdm_action": "By outcome"}


def scenario(data: Mapping[str, Any]) -> str:
    """Return a system with two route sets, in which an update that is started goes as `data` says."""
    login = {"username": "netops", "password": "password-of-both"}
    return yaml.safe_dump({"sdm": {**login, **yaml.safe_load(ROUTE_SETS), **data}})


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Controller]:
    """Managers with what happens on each to updates that are started."""
    managers: dict[str, Simulator] = {}
    folder = tmp_path / "jobs"
    folder.mkdir()
    with ExitStack() as stack:
        for host, data in request.param.items():
            served = embedded.running(parse(scenario(data), "the test"), speed=SPEED)
            managers[host] = stack.enter_context(served)
        yield Controller(folder, managers)


def settled(lab: Controller, host: str) -> list[str]:
    """Return the updates that a manager has committed or rolled back, in order."""
    return [
        each["path"].split("/")[-2]
        for each in lab.managers[host].requests()
        if each["path"].endswith("/action") and "routeUpdates" in each["path"] and each["status"] == 200
    ]


def left_open(lab: Controller) -> list[Any]:
    """Return the sessions that are open still."""
    return [session for simulator in lab.managers.values() for session in simulator.sessions()["sdm"]]


def told(run: Run) -> str:
    """Return the sentences with which the last node has failed."""
    return "\n".join(run.last().sentences)


one_manager = pytest.mark.parametrize("lab", [{ONE: GOOD}], indirect=True)
two_managers = pytest.mark.parametrize("lab", [{ONE: GOOD, OTHER: BAD}], indirect=True)


@one_manager
def test_success_is_committed(lab: Controller) -> None:
    run = lab.work("route_update", ANSWERS)
    assert run.path == [("start", SUCCESSFUL), ("wait", SUCCESSFUL), ("commit", SUCCESSFUL)], run.last().said
    assert run.colour == SUCCESSFUL
    (update,) = settled(lab, ONE)
    assert f"committed: {update}" in run.last().said
    assert not left_open(lab)


@pytest.mark.exhaustive
@one_manager
def test_nodes_that_are_started_again_do_nothing_twice(lab: Controller) -> None:
    """Each node was killed after it had acted, before it could tell."""
    assert lab.play("start_route_update", ANSWERS).status == SUCCESSFUL
    run = lab.work("route_update", ANSWERS)
    assert run.colour == SUCCESSFUL
    (update,) = settled(lab, ONE)
    again = lab.play("settle_route_update", {**run.artifacts, **BY_OUTCOME})
    assert again.status == SUCCESSFUL, again.said
    assert f"not found: {update}" in again.said
    assert len(settled(lab, ONE)) == 1


@pytest.mark.exhaustive
@two_managers
@pytest.mark.parametrize("judged", [TOGETHER, EACH])
def test_a_failure_on_one_manager(lab: Controller, judged: str) -> None:
    """The wait in slices, whose artifacts AWX merges by their topmost names."""
    run = lab.work("route_update", {**ANSWERS, "sdm_judged": judged}, sliced="wait")
    assert run.path == [("start", SUCCESSFUL), ("wait", FAILED), ("settle", FAILED)], run.last().said
    assert run.colour == FAILED
    assert REASON in told(run)
    (good,), (bad,) = settled(lab, ONE), settled(lab, OTHER)
    done = "rolled back" if judged == TOGETHER else "committed"
    assert f"{ONE} (127.0.0.1): {done}: {good}" in run.last().said
    assert f"{OTHER} (127.0.0.1): rolled back: {bad}" in run.last().said
    assert not left_open(lab)


# Updates of one manager, as if each host of the inventory had one of them; most have ended before the test begins
ENDED = {"begin": -600, "duration": 60}
UPDATES: dict[str, dict[str, Any]] = {
    "good": ENDED,
    "bad": {**ENDED, "end": "failed"},
    "late": {"end": "never"},
    # No page names the word: neither a success nor a failure
    "odd": {**ENDED, "final_word": "Settling"},
    "lost": ENDED,
}
IDS = {name: f"ID{number}" for number, name in enumerate(UPDATES, start=33)}
TASKS = {"tasks": [{"id": IDS[name], **data} for name, data in UPDATES.items()]}
STARTED = {f"taskwatch_started_route_update_{name}": [update] for name, update in IDS.items()}


@pytest.mark.exhaustive
@pytest.mark.parametrize("lab", [{"good": TASKS}], indirect=True)
def test_what_is_neither_is_left_for_a_person(lab: Controller) -> None:
    """A rollback needs a failure by name: a deadline, an unknown word and a wait without an outcome are none."""
    (simulator,) = lab.managers.values()
    waits = Controller(lab.folder, {name: simulator for name in UPDATES if name != "lost"})
    waited = waits.play("wait_route_update", {**STARTED, **OVER})
    verdicts = {outcome["host"]: outcome["verdict"] for outcome in waited.artifacts.values()}
    assert verdicts == {"good": "succeeded", "bad": "failed", "late": "unclear", "odd": "unclear"}, waited.said

    without_failure = {name: value for name, value in waited.artifacts.items() if not name.endswith("_bad")}
    together = waits.play("settle_route_update", {**without_failure, **BY_OUTCOME, "sdm_judged": TOGETHER})
    assert together.status == FAILED
    assert settled(lab, "good") == []

    every = Controller(lab.folder, dict.fromkeys(UPDATES, simulator))
    each = every.play("settle_route_update", {**STARTED, **waited.artifacts, **BY_OUTCOME, "sdm_judged": EACH})
    assert each.status == FAILED
    assert sorted(settled(lab, "good")) == sorted([IDS["good"], IDS["bad"]])
    assert f"SDM on good (127.0.0.1): committed: {IDS['good']}" in each.said
    assert f"SDM on bad (127.0.0.1): rolled back: {IDS['bad']}" in each.said
    for name in ("late", "odd", "lost"):
        assert (
            f"SDM on {name} (127.0.0.1): left as it is, to be waited for and settled by hand: {IDS[name]}" in each.said
        )
    # Everything but what succeeded is red
    assert len(each.sentences) == len(UPDATES) - 1
    (lost,) = [sentence for sentence in each.sentences if IDS["lost"] in sentence]
    assert lost.startswith(f"the wait for {IDS['lost']} on lost (127.0.0.1) has handed on no outcome")
    assert not left_open(lab)


@pytest.mark.parametrize("lab", [{"good": TASKS}], indirect=True)
def test_a_failure_is_rolled_back_in_red(lab: Controller) -> None:
    """With the sentence of the wait; judged together, what succeeded is rolled back, too."""
    (simulator,) = lab.managers.values()
    both = Controller(lab.folder, dict.fromkeys(("good", "bad"), simulator))
    started = {name: ids for name, ids in STARTED.items() if name.endswith(("_good", "_bad"))}
    run = both.work("route_update", ANSWERS, since=("wait", started))
    assert run.path == [("wait", FAILED), ("settle", FAILED)], run.last().said
    assert run.colour == FAILED
    assert sorted(settled(lab, "good")) == sorted([IDS["good"], IDS["bad"]])
    assert len(run.last().sentences) == 2
    assert all(REASON in sentence for sentence in run.last().sentences)
    for name in ("good", "bad"):
        assert any(sentence.endswith(f"rolled back: {IDS[name]}") for sentence in run.last().sentences)
    assert not left_open(lab)


def is_waiting(job: Job) -> bool:
    """Return whether the wait has said something."""
    return any("route_update_info" in event["stdout"] for event in events_of(job.room).of("verbose"))


@pytest.mark.exhaustive
@pytest.mark.parametrize("lab", [{ONE: ENDLESS}], indirect=True)
def test_cancelled_wait_names_the_update(lab: Controller) -> None:
    run = lab.work("route_update", ANSWERS, cancel=("wait", is_waiting))
    assert run.path == [("start", SUCCESSFUL), ("wait", CANCELED), ("settle", FAILED)], run.last().said
    assert run.colour == FAILED
    (update,) = run.artifacts["taskwatch_started_route_update_sdm_a_example_com"]
    assert told(run).startswith(f"the wait for {update} on {ONE} (127.0.0.1) has handed on no outcome")
    assert settled(lab, ONE) == []


@pytest.mark.parametrize("lab", [{ONE: TASKS}], indirect=True)
def test_typed_id_must_exist(lab: Controller) -> None:
    """One that does is settled all the same; each is named."""
    typed = {"sdm_action": "Commit", "sdm_route_update_ids": f"{IDS['good']} ID404"}
    ended = lab.play("settle_route_update", typed)
    assert ended.status == FAILED
    (sentence,) = ended.sentences
    assert "has no pending route update ID404" in sentence
    assert f"committed: {IDS['good']}; not found: ID404" in sentence
    assert not left_open(lab)


@pytest.mark.exhaustive
@pytest.mark.parametrize("lab", [{"good": TASKS}], indirect=True)
def test_chain_of_short_jobs(lab: Controller) -> None:
    """A job whose time is over is green and leaves the rest to the next; the last one fails."""
    (simulator,) = lab.managers.values()
    chain = Controller(lab.folder, {"late": simulator})
    first = chain.play("wait_route_update", {**STARTED, **OVER, "wait_timeout_is_failure": "false"})
    assert first.status == SUCCESSFUL, first.said
    assert f"Not finished yet: {IDS['late']}" in first.said
    (outcome,) = first.artifacts.values()
    assert (outcome["verdict"], outcome["timed_out"], outcome["unfinished_ids"]) == ("unclear", True, [IDS["late"]])
    last = chain.play("wait_route_update", {**STARTED, **first.artifacts, **OVER, "expected_duration": 600})
    assert last.status == FAILED
    (late,) = last.artifacts.values()
    assert late["waited"] >= outcome["waited"]
