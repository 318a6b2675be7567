# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits that are ended from outside, by a signal or by a defect, leave no session behind and print no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot

from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import Scenario
from tests.faults.rehearsal import access_to
from tests.faults.subjects import SUBJECTS, Subject

SESSIONS = [subject for subject in SUBJECTS if subject.opens_session]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PATIENCE = 60.0
WAIT = {"wait": True, "wait_sleep": 0.2, "wait_timeout": 600}
EACH_SUBJECT = pytest.mark.parametrize("subject", SESSIONS, ids=lambda subject: subject.name)


class TellsTooMuch(Observer):
    """Fails as soon as there is something to tell."""

    def changed(self, snapshot: Snapshot) -> None:
        raise ZeroDivisionError(snapshot.elapsed)


def _wait_until_seen(simulator: Simulator, child: subprocess.Popen[str], polls: int = 2) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and child.poll() is None:
        if sum(each["status"] == 200 for each in simulator.requests()) > polls:
            return
        time.sleep(0.02)  # noqa: TID251 (another process has to get somewhere)
    raise AssertionError(f"no poll was seen; {child.communicate(timeout=PATIENCE)}")


@EACH_SUBJECT
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_the_wait_and_the_session(simulator: Simulator, subject: Subject, number: signal.Signals) -> None:
    simulator.reset(Scenario.model_validate(subject.scenario()))
    scenario = {"subject": subject.name, "access": access_to(simulator, subject), "options": WAIT}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps(scenario))
        child.stdin.close()
        child.stdin = None
        _wait_until_seen(simulator, child)
        assert len(simulator.sessions()[subject.system]) == 1
        child.send_signal(number)
        output, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == -number
    assert (output, errors) == ("", "")
    assert simulator.sessions()[subject.system] == []


@EACH_SUBJECT
def test_a_defect_in_what_tells_of_progress_leaves_no_session(simulator: Simulator, subject: Subject) -> None:
    simulator.reset(Scenario.model_validate(subject.scenario()))
    options: dict[str, Any] = subject.params(access_to(simulator, subject), **WAIT)
    with pytest.raises(ZeroDivisionError):
        run(subject.system_class, options, observer=TellsTooMuch())
    assert any(each["status"] == 200 for each in simulator.requests())
    assert simulator.sessions()[subject.system] == []
