# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person reads during a wait, and when; silence where it is wanted, and standard output stays a callback's.

All modules wait at the same time in two processes of ansible-playbook: one with Ansible's usual output, one whose
callback writes JSON. That lines are live is proven without a clock: the simulated tasks go on only after their lines
were read, so that lines which came late would never come at all.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import pytest
from ansible_collections.taskwatch.infra.plugins.plugin_utils._progress import LEAST_BETWEEN_LINES

from taskwatch_simulator import embedded
from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import PATIENCE, PLUGINS, Ansible
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import MODES, MODULE, label, simulated
from tests.support.stages import begins_anew, scenario_of

from ._processes import BETWEEN_POLLS, Waiting, everyone, play_side_by_side

each_module = pytest.mark.parametrize("module", MODULES, ids=label)

OWN_PLUGINS = Path(__file__).parent / "ansible_plugins"
JSON_CALLBACK = {
    "ANSIBLE_STDOUT_CALLBACK": "whole_json",
    "ANSIBLE_CALLBACK_PLUGINS": f"{OWN_PLUGINS / 'callback'}{os.pathsep}{PLUGINS / 'callback'}",
}
# Simulated seconds in which each task moves by a percent, and after which each has ended
STEP, OVER = 2.0, 120.0
BEATS = 3
# Keeps silent where all would, because they share one action plugin
SHOWN = MODULES[0]
# With the JSON callback, tasks of 60 to 120 simulated seconds take 6 to 12
SPEED = 10
QUICK: dict[str, Any] = {"wait_sleep": 0.3, "wait_timeout": 600}
LINE = re.compile(
    r"\[(?P<host>[^\]]+)\] (?P<module>\w+)(?: [\w.-]+:)?(?: \S+)?: (?P<text>.*), (?P<elapsed>\d+) s(?:, about .* left)?"
)


@dataclass(frozen=True)
class Line:
    """A progress line: the number of all lines that were read before it, and what it tells."""

    number: int
    module: str
    text: str
    elapsed: int


class Printed:
    """Everything that a process prints, each line with its number among all lines of both streams."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._numbers = itertools.count()
        self.stdout: list[tuple[int, str]] = []
        self.stderr: list[tuple[int, str]] = []
        streams = ((process.stdout, self.stdout), (process.stderr, self.stderr))
        self._listeners = [threading.Thread(target=self._listen, args=pair) for pair in streams]
        for each in self._listeners:
            each.start()

    def _listen(self, stream: IO[str], lines: list[tuple[int, str]]) -> None:
        for line in stream:
            lines.append((next(self._numbers), line.rstrip("\n")))  # noqa: PERF401 (would note all of them late)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to be read.

        Raises:
            AssertionError: when the process ends before, or when it takes for ever.
        """
        given_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < given_up, f"{what} was never read: {self.stderr} {self.stdout}"
            assert self._process.poll() is None, f"it ended before {what} was read: {self.stderr} {self.stdout}"
            time.sleep(BETWEEN_POLLS)  # noqa: TID251 (another process is watched, which knows no clock of ours)

    def to_the_end(self) -> None:
        """Listen until the process ends."""
        self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_unused: object) -> None:
        # Also when a test fails: a process that waits for ever must not
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        for each in self._listeners:
            each.join()

    @property
    def code(self) -> int | None:
        """The exit code of a process that has ended."""
        return self._process.returncode

    def progress(self, module: Module, which: str) -> list[Line]:
        """Return the progress lines of one host, from either stream."""
        found = [(number, LINE.fullmatch(line)) for number, line in [*self.stderr, *self.stdout]]
        return [
            Line(number, each["module"], each["text"], int(each["elapsed"]))
            for number, each in found
            if each and each["host"] == Waiting(module, label=which).host
        ]

    def ended(self, module: Module, which: str) -> int:
        """Return the number of the line with which Ansible told the result of a host's task."""
        host = f"[{Waiting(module, label=which).host}]"
        ends = [number for number, line in self.stdout if line.startswith(("ok: ", "fatal: ")) and host in line]
        assert len(ends) == 1, self.stdout
        return ends[0]

    def document(self) -> dict[str, list[dict[str, Any]]]:
        """Return the results by host that a callback wrote, if they are all that stands on standard output."""
        document: dict[str, list[dict[str, Any]]] = json.loads("".join(line for _number, line in self.stdout))
        return document


def polls_of(simulator: Simulator) -> Counter[str]:
    """Count the requests to each system so far."""
    return Counter(each["system"] for each in simulator.requests())


def all_polled_since(simulator: Simulator, before: Counter[str]) -> bool:
    """Tell whether each system was asked for something since a count."""
    return all(count > before[system] for system, count in polls_of(simulator).items())


def play_usually(ansible: Ansible) -> Printed:
    """Let hosts wait, their tasks moving only once their lines were read."""
    hosts = [
        *everyone("talks", progress_interval=60, **QUICK),
        *everyone("beats", wait_sleep=0.3, wait_timeout=600, progress_interval=1),
    ]
    clock = ManualClock()
    with embedded.running("all_succeed", clock=clock) as moving, simulated("halfway") as still:
        command = play_side_by_side(ansible, hosts, {"": moving, "beats": still})
        with ansible.start(*command) as process, Printed(process) as printed:

            def told(which: str, lines: int) -> bool:
                return all(len(printed.progress(module, which)) >= lines for module in MODULES)

            printed.until(lambda: told("talks", 1), "a first line of everything that talks")
            while not told("talks", 2):
                # What changes within a second after a line is told with the next change
                asked = polls_of(moving)
                clock.advance(STEP)
                time.sleep(LEAST_BETWEEN_LINES)  # noqa: TID251 (another process is watched)
                printed.until(functools.partial(all_polled_since, moving, asked), "another poll of every system")
            clock.advance(OVER)
            moving.sync()
            printed.until(lambda: told("beats", BEATS), f"line {BEATS} of everything that beats")
            still.reset(scenario_of("ended_well"))
            printed.to_the_end()
            return printed


def play_beside_json(ansible: Ansible) -> Printed:
    """Let hosts wait under a callback that writes JSON to standard output."""
    hosts = [
        *everyone("talks", progress_interval=60, **QUICK),
        Waiting(SHOWN, QUICK, {"no_log": True}, "hidden"),
        Waiting(SHOWN, {**QUICK, "progress_interval": 0}, label="silent"),
        Waiting(SHOWN, QUICK, MODES[MODULE], "module"),
    ]
    with simulated("all_succeed", SPEED) as moving:
        command = play_side_by_side(ansible, hosts, {"": moving})
        variables = {**JSON_CALLBACK, **begins_anew(ansible, moving)}
        with ansible.start(*command, variables=variables) as process, Printed(process) as printed:
            printed.to_the_end()
            return printed


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """Both runs, at the same time."""
    plays = {"usual": play_usually, "json": play_beside_json}
    # The first simulator makes the certificates of all, two at once would make two of them
    with simulated(), ThreadPoolExecutor(len(plays)) as pool:
        ran = {name: pool.submit(play, Ansible(tmp_path_factory.mktemp(name))) for name, play in plays.items()}
        return {name: run.result() for name, run in ran.items()}


@pytest.fixture
def usual(runs: dict[str, Printed]) -> Printed:
    """What Ansible printed as it usually does."""
    return runs["usual"]


@pytest.fixture
def beside_json(runs: dict[str, Printed]) -> Printed:
    """What Ansible printed with a callback that writes JSON."""
    return runs["json"]


@each_module
def test_lines_are_live(usual: Printed, module: Module) -> None:
    """Two of them were read before the task could end."""
    lines = usual.progress(module, "talks")
    assert len(lines) >= 3, usual.stderr
    assert lines[1].number < usual.ended(module, "talks")
    assert [line.elapsed for line in lines] == sorted(line.elapsed for line in lines)


@each_module
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
    # At most one a second of those that tell, and each change of state whenever it is due
    assert len(lines) <= lines[-1].elapsed - lines[0].elapsed + 2 + count


@each_module
def test_heart_beats_while_nothing_changes(usual: Printed, module: Module) -> None:
    """Once per interval, the same words with another time."""
    lines = usual.progress(module, "beats")[:BEATS]
    assert len({line.text for line in lines}) == 1
    assert [line.elapsed for line in lines] == sorted({line.elapsed for line in lines})
    assert lines[-1].number < usual.ended(module, "beats")


@each_module
def test_lines_stand_on_standard_error(usual: Printed, module: Module) -> None:
    """Standard output is the callback's."""
    assert not [line for _number, line in usual.stdout if line.startswith("[") and f" {module.name}" in line]


@each_module
def test_standard_output_is_one_document(beside_json: Printed, module: Module) -> None:
    """With the result of every wait, though lines were printed meanwhile."""
    assert beside_json.code == 0, beside_json.stderr
    (result,) = beside_json.document()[Waiting(module, label="talks").host]
    assert result["succeeded"] is True
    assert beside_json.progress(module, "talks")


@pytest.mark.parametrize("which", ["hidden", "silent", "module"])
def test_silence_is_kept(beside_json: Printed, which: str) -> None:
    """With `no_log`, without an interval, and in a module, which cannot print: not a word of this host."""
    host = Waiting(SHOWN, label=which).host
    assert not [line for _number, line in beside_json.stderr if host in line]
    (result,) = beside_json.document()[host]
    assert ("tasks" in result) == (which != "hidden")
    assert which == "hidden" or result["succeeded"] is True
