# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person reads during a wait, and when; who asked for silence gets it, and standard output stays a callback's.

All modules wait at the same time in two processes of ansible-playbook: one with Ansible's usual output, one whose
callback writes JSON.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.ansible import PATIENCE, PLUGINS, Ansible, play_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import ROADS, label, simulated

from ._processes import Waiting, everyone, play_side_by_side

pytestmark = pytest.mark.parametrize("module", MODULES, ids=label)

OWN_PLUGINS = Path(__file__).parent / "ansible_plugins"
JSON_CALLBACK = {
    "ANSIBLE_STDOUT_CALLBACK": "whole_json",
    "ANSIBLE_CALLBACK_PLUGINS": str(OWN_PLUGINS / "callback"),
    "ANSIBLE_ACTION_PLUGINS": str(PLUGINS / "action"),
}
# Tasks of 60 to 120 simulated seconds then take 6 to 12
SPEED = 10
QUICK: dict[str, Any] = {"wait_sleep": 0.3, "wait_timeout": 60}
LINE = re.compile(
    r"\[(?P<host>[^\]]+)\] (?P<module>\w+)(?: \S+)?: (?P<text>.*), (?P<elapsed>\d+) s(?:, about .* left)?"
)
# Elapsed seconds are told rounded, and a busy machine is late
TOLERANCE = 2.0


@dataclass(frozen=True)
class Line:
    """A progress line: when it arrived, on a monotonic clock, and what it tells."""

    arrived: float
    module: str
    text: str
    elapsed: int


@dataclass(frozen=True)
class Printed:
    """Everything that a run printed, each line with its moment."""

    code: int
    stdout: list[tuple[float, str]]
    stderr: list[tuple[float, str]]

    def progress(self, module: Module, which: str) -> list[Line]:
        """Return the progress lines of one host, from either stream."""
        found = [(moment, LINE.fullmatch(line)) for moment, line in [*self.stderr, *self.stdout]]
        return [
            Line(moment, each["module"], each["text"], int(each["elapsed"]))
            for moment, each in found
            if each and each["host"] == Waiting(module, label=which).host
        ]

    def ended(self, module: Module, which: str) -> float:
        """Return when Ansible told the result of a host's task."""
        host = f"[{Waiting(module, label=which).host}]"
        ends = [moment for moment, line in self.stdout if line.startswith(("ok: ", "fatal: ")) and host in line]
        assert len(ends) == 1, self.stdout
        return ends[0]

    def document(self) -> dict[str, list[dict[str, Any]]]:
        """Return the results by host that a callback wrote, if they are all that stands on standard output."""
        document: dict[str, list[dict[str, Any]]] = json.loads("".join(line for _moment, line in self.stdout))
        return document


def listen(stream: IO[str], lines: list[tuple[float, str]]) -> None:
    """Note every line of a stream at once."""
    for line in stream:
        lines.append((time.monotonic(), line.rstrip("\n")))  # noqa: PERF401 (a comprehension would note them late)


def play(ansible: Ansible, hosts: list[Waiting], variables: Mapping[str, str]) -> Printed:
    """Let hosts wait side by side, and write down when they say what."""
    with simulated("all_succeed", SPEED) as moving, simulated("halfway", SPEED) as still:
        # Ansible's own start must not use up the time of the tasks
        anew = {"simulator_control": {"url": moving.control_url, "scenario": "all_succeed"}}
        command = play_side_by_side(ansible, hosts, {"": moving, "beats": still}, before=[play_of([anew])])
        with ansible.start(*command, variables=variables) as process:
            return heard(process)


def heard(process: subprocess.Popen[str]) -> Printed:
    """Listen to a process until it ends."""
    told: tuple[list[tuple[float, str]], list[tuple[float, str]]] = ([], [])
    streams = [stream for stream in (process.stdout, process.stderr) if stream]
    listeners = [threading.Thread(target=listen, args=pair) for pair in zip(streams, told, strict=True)]
    for each in listeners:
        each.start()
    try:
        process.wait(PATIENCE)
    finally:
        process.kill()
        for each in listeners:
            each.join()
    return Printed(process.returncode, *told)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """Both runs, at the same time."""
    talks = everyone("talks", progress_interval=60, **QUICK)
    told = {
        "usual": [*talks, *everyone("beats", wait_sleep=0.3, wait_timeout=4, progress_interval=1)],
        "json": [
            *talks,
            *everyone("hidden", {"no_log": True}, **QUICK),
            *everyone("silent", progress_interval=0, **QUICK),
            *everyone("module", ROADS["module"], **QUICK),
        ],
    }
    variables = {"usual": {}, "json": JSON_CALLBACK}
    # The first simulator makes the certificates of all, two at once would make two of them
    with simulated(), ThreadPoolExecutor(len(told)) as pool:
        ran = {
            name: pool.submit(play, Ansible(tmp_path_factory.mktemp(name)), hosts, variables[name])
            for name, hosts in told.items()
        }
        return {name: run.result() for name, run in ran.items()}


@pytest.fixture
def usual(runs: dict[str, Printed]) -> Printed:
    """What Ansible printed as it usually does."""
    return runs["usual"]


@pytest.fixture
def beside_json(runs: dict[str, Printed]) -> Printed:
    """What Ansible printed with a callback that writes JSON."""
    return runs["json"]


def test_lines_are_live(usual: Printed, module: Module) -> None:
    """Each arrives when it says, the first ones well before the task has ended."""
    lines = usual.progress(module, "talks")
    ended = usual.ended(module, "talks")
    assert len(lines) >= 3, usual.stderr
    assert lines[0].arrived < ended - 1
    for line in lines:
        assert abs(line.arrived - lines[0].arrived - (line.elapsed - lines[0].elapsed)) < TOLERANCE


def test_lines_tell_how_far_it_is(usual: Printed, module: Module) -> None:
    """They begin where the wait began, move, end with the end, and are no flood."""
    lines = usual.progress(module, "talks")
    assert {line.module for line in lines} == {module.name}
    assert len({line.text for line in lines}) > 1
    # Where the percentage stands still, because an element has one for a moment only
    assert any("%" in line.text for line in usual.progress(module, "beats"))
    count = len(module.ids)
    assert lines[-1].text.startswith("succeeded" if count == 1 else f"{count} of {count} finished")
    assert not any(line.text.startswith("succeeded") for line in lines[:-1])
    # At most one a second, and the last one whenever it is due
    assert len(lines) <= lines[-1].arrived - lines[0].arrived + 2 + TOLERANCE


def test_heart_beats_while_nothing_changes(usual: Printed, module: Module) -> None:
    """Once per interval, the same words with another time, until the deadline; then the failure is told."""
    lines = usual.progress(module, "beats")
    assert len(lines) >= 3, usual.stderr
    assert len({line.text for line in lines}) == 1
    assert [line.elapsed for line in lines] == sorted({line.elapsed for line in lines})
    assert lines[-1].arrived <= usual.ended(module, "beats")


def test_lines_stand_on_standard_error(usual: Printed, module: Module) -> None:
    """Standard output is the callback's."""
    assert not [line for _moment, line in usual.stdout if line.startswith("[") and f" {module.name}" in line]


def test_standard_output_is_one_document(beside_json: Printed, module: Module) -> None:
    """With the result of every wait, though lines were printed meanwhile."""
    assert beside_json.code == 0, beside_json.stderr
    document = beside_json.document()
    for which in ("talks", "silent", "module"):
        (result,) = document[Waiting(module, label=which).host]
        assert result["succeeded"] is True
    (hidden,) = document[Waiting(module, label="hidden").host]
    assert "tasks" not in hidden
    assert beside_json.progress(module, "talks")


@pytest.mark.parametrize("which", ["hidden", "silent", "module"])
def test_silence_is_kept(beside_json: Printed, module: Module, which: str) -> None:
    """With `no_log`, without an interval, and where nobody could print it: not a word of this host."""
    host = Waiting(module, label=which).host
    assert not [line for _moment, line in beside_json.stderr if host in line]
