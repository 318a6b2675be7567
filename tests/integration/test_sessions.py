# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every session is closed: after errors and outages, signals, the task keyword `timeout`, and the controller's death.

Each interruption meets the waits of all modules at once, in each execution mode; `test_ends` shows the same for
ordinary ends.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import Ansible
from tests.support.checks import Checks, classes_of
from tests.support.items import params_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import IN_PROCESS, MODES, Case, Outcome, in_turn_of, simulated

from ._processes import end_marked, everyone, mark, marked, play_side_by_side, seconds_until

# What reaches ansible-playbook; the keyword needs nothing
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL, "keyword timeout": None}
# Long enough for every wait to begin, however busy the machine is
TIMEOUT = 40
# Nothing tells an orphan: it finds out within five seconds, and then logs out
ORPHANS_NOTICE = 10.0
PATIENCE = 60.0
RUNS = [(mode, end) for end in SIGNALS for mode in MODES]
# What make test plays: the signal of a person and of AWX, and the limit that a task sets itself. What a module makes of
# that limit is a unit test: forty seconds may be too few for seven modules to start.
SHORT = (*((mode, "SIGINT") for mode in MODES), (IN_PROCESS, "keyword timeout"))
AT_ONCE = 4


@dataclass(frozen=True)
class Interrupted:
    """What came of an interruption.

    `began` tells whether every wait was under way, `closed_after` and `gone_after` are the seconds from there to the
    moment without a session and to that without a process, None if it never came.
    """

    began: bool
    closed_after: float | None
    gone_after: float | None
    code: int
    output: str
    requests: list[dict[str, Any]]


def under_way(simulator: Simulator) -> bool:
    """Tell whether every task has been polled: each wait now sleeps."""
    paths = {(each["system"], each["path"]) for each in simulator.requests() if each["status"] == 200}
    return all(
        any(system == module.system and module.poll_path(module.ids[-1]) in path for system, path in paths)
        for module in MODULES
    )


def interrupt(ansible: Ansible, mode: str, end: str) -> Interrupted:
    """Play waits of all modules and interrupt them while they sleep."""
    number = SIGNALS[end]
    variables = mark()
    keywords = {**MODES[mode], **({"timeout": TIMEOUT} if number is None else {})}
    # A sleep that only an interruption cuts short
    hosts = everyone(wait_sleep=40, wait_timeout=600, progress_interval=0)
    with simulated("slow", speed=1) as simulator:
        command = play_side_by_side(ansible, hosts, {"": simulator}, **keywords)
        process = ansible.start(*command, variables=variables)
        try:
            began = seconds_until(lambda: under_way(simulator), PATIENCE) is not None
            if number is not None:
                os.kill(process.pid, number)
            limit = ORPHANS_NOTICE + (0 if number is not None else TIMEOUT)
            closed = seconds_until(lambda: not any(simulator.sessions().values()), limit)
            gone = seconds_until(lambda: process.poll() is not None and not marked(variables), limit)
        finally:
            end_marked(variables)
            stdout, stderr = process.communicate(timeout=PATIENCE)
        return Interrupted(began, closed, gone, process.returncode, stdout + stderr, simulator.requests())


@pytest.fixture(scope="module")
def interruptions(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Interrupted]]:
    """Every interruption that a selected test is about, several at a time."""
    folder = tmp_path_factory.mktemp("interruptions")
    wanted = {params_of(item).get("interrupted") for item in request.session.items}
    runs = [run for run in RUNS if run in wanted]

    def play(run: tuple[str, str]) -> Interrupted:
        home = folder / "-".join(run).replace(" ", "-")
        home.mkdir()
        return interrupt(Ansible(home), *run)

    # The first simulator makes the certificates of all, two at once would make two of them
    with simulated(), ThreadPoolExecutor(AT_ONCE) as pool:
        yield dict(zip(runs, pool.map(play, runs), strict=True))


@pytest.fixture(
    params=[
        pytest.param(run, id=" by ".join(run), marks=() if run in SHORT else pytest.mark.exhaustive) for run in RUNS
    ]
)
def interrupted(request: pytest.FixtureRequest, interruptions: dict[tuple[str, str], Interrupted]) -> Interrupted:
    """What came of one interruption."""
    return interruptions[request.param]


def test_waits_were_under_way(interrupted: Interrupted) -> None:
    """Otherwise the other tests would show nothing."""
    assert interrupted.began, interrupted.output


def test_no_session_is_left(interrupted: Interrupted) -> None:
    """In a moment after a signal; an orphan has to notice first."""
    assert interrupted.closed_after is not None, interrupted.output


def test_no_process_is_left(interrupted: Interrupted) -> None:
    """Neither a worker nor a module waits on once its parent is gone."""
    assert interrupted.gone_after is not None, interrupted.output


def test_end_is_no_success_and_no_traceback(interrupted: Interrupted) -> None:
    """An interrupted play says what happened."""
    assert interrupted.code != 0
    assert "Traceback (most recent call last)" not in interrupted.output


@pytest.mark.parametrize("system", sorted({module.system for module in MODULES}))
def test_as_many_logouts_as_logins(interrupted: Interrupted, system: str) -> None:
    """One of each per task, though the task did not come to its end."""
    asked = Counter((each["method"], each["path"]) for each in interrupted.requests if each["system"] == system)
    modules = [module for module in MODULES if module.system == system]
    requests = [*modules[0].login, modules[0].logout]
    # Two modules may watch the same task, so the last of them may not have begun when the signal comes
    assert len({asked[request] for request in requests}) == 1
    assert 1 <= asked[requests[0]] <= len(modules)


def cases(module: Module) -> list[Case]:
    """Return ends by an error, all of them after a login."""

    def answer(**fault: Any) -> tuple[dict[str, Any], ...]:
        # Only polls: what is asked for the login passes
        return ({"system": module.system, "path": module.polls, **fault},)

    asked = module.ask(list(module.ids))
    down = answer(kind="status", status=503)
    soon = {"wait": True, "wait_sleep": 0.1, "unreachable_timeout": 0.4}
    failed = {"failed": True, "timed_out": False}
    several = [
        Case("check refused", asked, faults=answer(kind="status", status=500), expected=failed),
        Case("check garbled", asked, faults=answer(kind="garbage"), expected={**failed, "error.type": "bad_response"}),
        Case("check cut off", asked, faults=answer(kind="cut_body"), expected=failed),
        Case("check redirected", asked, faults=answer(kind="redirect"), expected=failed),
        Case("outage without end", {**asked, **soon}, faults=down, expected=failed),
    ]
    return in_turn_of(module, several)


class Errors(Checks):
    """One login and one logout, no session left, and all else that holds for every end."""

    def test_cost_is_counted(self, outcome: Outcome) -> None:
        """What the result says of logins is what the simulator has seen."""
        assert outcome.result["stats"]["logins"] == 1
        assert outcome.result["stats"]["logout_failures"] == 0


globals().update(classes_of(Errors))
