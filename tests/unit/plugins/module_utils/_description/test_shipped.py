# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much work a description is, counted: seconds would depend on the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._description import expressions, shipped
from ansible_collections.taskwatch.infra.plugins.module_utils._description.model import parse
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.things import described
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Request

OWN = described(progress="share", steps={"items": "parts", "state": "phase", "name": "name"})
EXPRESSIONS = 5
POLLS = 20


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What is done by a process that has just begun."""
    done: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            done[name] += 1
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(shipped, "_CACHE", {})
    monkeypatch.setattr(shipped, "_DATA", {})
    for module, name in (
        (expressions, "_compiled"),
        (shipped, "read_yaml"),
        (shipped, "parse"),
        (shipped, "play_samples"),
    ):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return done


def waited(**options: Any) -> None:
    """A wait of some polls."""
    polls: Counter[str] = Counter()

    def script(request: Request) -> Reply:
        polls[request.path] += 1
        ended = polls[request.path] >= POLLS
        return Reply(200, {"phase": "made" if ended else "busy", "state": "completed" if ended else "running"})

    played = play(RestTask, script, **{**LOGIN, "task_id": ["1", "2"], "wait": True, **options})
    assert played.payload["succeeded"], played.result.msg
    assert sum(polls.values()) == 2 * POLLS


def test_a_description_of_ones_own_is_read_and_proven_once_a_run(work: Counter[str]) -> None:
    waited(description=OWN)
    once = {"parse": 1, "play_samples": 1, "_compiled": EXPRESSIONS}
    assert work == once
    waited(description=OWN)
    assert work == once


def test_a_shipped_description_is_loaded_once_a_process(work: Counter[str]) -> None:
    # As the action plugin does first, which may have to hand it to a module on another host
    data = shipped.shipped("pulp_task")
    waited(api="pulp_task")
    once = {"read_yaml": 1, "parse": 1, "play_samples": 1, "_compiled": work["_compiled"]}
    assert work == once
    work.clear()
    parse(data, variables={})
    assert work["_compiled"] == once["_compiled"]


def test_what_a_play_changes_is_another_description(work: Counter[str]) -> None:
    waited(description=OWN)
    waited(description={**OWN, "name": "Other"})
    waited(description=OWN, variables={"node": "n1"})
    waited(description=OWN, wait_for=["made"])
    assert work["parse"] == work["play_samples"] == 4
