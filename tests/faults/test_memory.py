# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of a gigabyte: neither memory nor time is the sender's to choose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.scenario import Scenario
from tests.faults.rehearsal import access_to
from tests.faults.subjects import SUBJECTS, Subject

GIGABYTE = 1024**3
MOST_MEGABYTES = 200
MOST_SECONDS = 20
READERS = [subject for subject in SUBJECTS if subject.name in {"csv-session", "routes-xml"}]


def _in_a_process(subject: Subject, simulator: Simulator, **more: Any) -> dict[str, Any]:
    scenario = {"subject": subject.name, "access": access_to(simulator, subject), "options": {"timeout": 60}, **more}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.child"],
        input=json.dumps(scenario),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    print(f"{subject.name}: {told['megabytes']} MB, {told['seconds']} s, {told['msg']}")  # noqa: T201 (what -rP shows)
    return told


@pytest.mark.parametrize("place", ["login", "poll"])
@pytest.mark.parametrize("subject", READERS, ids=lambda subject: subject.name)
def test_an_answer_of_a_gigabyte_costs_little(simulator: Simulator, subject: Subject, place: str) -> None:
    simulator.reset(Scenario.model_validate(subject.scenario()))
    call = subject.login[0] if place == "login" else subject.status
    fault = {"kind": "big_body", "bytes": GIGABYTE, "path": call.path, "method": call.method}
    simulator.add_fault({"system": subject.system, **fault})
    told = _in_a_process(subject, simulator)
    assert told["error"] == "bad_response", told
    assert "32 MiB" in told["msg"]
    assert told["megabytes"] < MOST_MEGABYTES
    assert told["seconds"] < MOST_SECONDS


def test_a_gigabyte_squeezed_into_a_megabyte_costs_little(simulator: Simulator) -> None:
    told = _in_a_process(READERS[0], simulator, bomb=GIGABYTE)
    assert told["error"] == "bad_response", told
    assert "32 MiB" in told["msg"]
    assert told["megabytes"] < MOST_MEGABYTES
    assert told["seconds"] < MOST_SECONDS


def test_the_figures_would_show_an_answer_kept_in_memory(simulator: Simulator) -> None:
    """What the limit is for: a process that does hold such an answer is seen to do so."""
    del simulator
    script = "import resource; held = b'x' * 1024**3; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    assert int(done.stdout) / unit > MOST_MEGABYTES
