# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees while a task is waited for: on a terminal, and as events of ansible-runner, the engine of AWX."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.terminal import lines_on_terminal

from . import subjects
from .results import Line, LiveWait, RunnerWait
from .rig import TOOLS, BenchError, Rig, Simulator, Tasks

JOB = "371"
# A job begins just before its playbook is started, which takes a while to come to the wait.
LASTS = 42.0
LASTS_UNDER_RUNNER = 24.0
# Fewer lines of progress would not show that they come while the task runs
FEWEST_LINES = 3
COLUMNS = 160
MODULE = "lxca_csv_job_info"
TASK = "Wait for the servers to be taken in"
# No colours: what is shown on a page would be full of their codes
PLAIN = {"ANSIBLE_NOCOLOR": "1"}


def _tasks(simulator: Simulator) -> Tasks:
    wanted = {**subjects.options(simulator, "lxca"), "job_id": JOB, "wait": True, "wait_timeout": 300}
    return [{"name": TASK, f"taskwatch.infra.{MODULE}": wanted}]


def _begin_job(simulator: Simulator, lasts: float) -> float:
    """Begin a job and return the moment of its end, on the clock of `time.monotonic`."""
    simulator.control("/tasks", {"system": "lxca", "kind": "csv_job", "id": JOB, "duration": lasts})
    return time.monotonic() + lasts


def _polls(simulator: Simulator) -> int:
    return sum(each["path"].startswith("/csvRequest/") for each in simulator.requests("lxca"))


def record(rig: Rig) -> LiveWait:
    """Return a wait of about 40 s as a terminal shows it."""
    with rig.simulator({"lxca": {}}) as simulator:
        playbook = rig.playbook(_tasks(simulator), name="Take in new servers")
        over = _begin_job(simulator, LASTS)
        began = time.monotonic()
        lines = list(_on_terminal(rig, [TOOLS / "ansible-playbook", playbook], began))
        polls, left = _polls(simulator), simulator.open_sessions("lxca")
    told = [line for line in lines if MODULE in line["text"]]
    if not told or ": succeeded" not in told[-1]["text"] or left:
        raise BenchError(f"the wait on a terminal did not end well, or left a session: {lines[-12:]}")
    late = began + told[-1]["at"] - over
    return {
        "seconds": round(told[-1]["at"] - told[0]["at"], 1),
        "polls": polls,
        "late": round(late, 2),
        "lines": [{"at": round(line["at"], 1), "text": line["text"]} for line in lines],
    }


def _on_terminal(rig: Rig, command: list[str | Path], began: float) -> Iterator[Line]:
    """Run a command on a terminal of its own and yield its lines as they come, timed from `began` on."""
    ahead = time.monotonic() - began
    try:
        for at, text in lines_on_terminal(lambda terminal: rig.start(command, terminal, PLAIN), columns=COLUMNS):
            yield {"at": ahead + at, "text": text}
    except subprocess.CalledProcessError as error:
        raise BenchError(f"the playbook on a terminal ended with {error.returncode}") from error


def record_runner(rig: Rig) -> list[RunnerWait]:
    """Return the events of the same wait under `ansible-runner run` and through `transmit | worker | process`."""
    with rig.simulator({"lxca": {}}) as one, rig.simulator({"lxca": {}}) as other:
        rooms = [_private_data(rig, name, simulator) for name, simulator in (("run", one), ("pipe", other))]
        for simulator in (one, other):
            _begin_job(simulator, LASTS_UNDER_RUNNER)
        # Each waits for its end when the block is left, in whatever way
        with _start_run(rig, rooms[0]) as first, _start_pipe(rig, rooms[1]) as second:
            pass
    for process in (first, second):
        if process.returncode:
            raise BenchError(f"{process.args!r} ended with {process.returncode}")
    commands = ("ansible-runner run", "ansible-runner transmit | worker | process")
    folders = (rooms[0], rooms[1].with_name("pipe-results"))
    return [_read_events(command, folder) for command, folder in zip(commands, folders, strict=True)]


def _private_data(rig: Rig, name: str, simulator: Simulator) -> Path:
    """Lay out a folder as a controller does before it starts a job."""
    room = rig.folder / "runner" / name
    shutil.rmtree(rig.folder / "runner" / name, ignore_errors=True)
    play = {"name": "Take in new servers", "hosts": "all", "gather_facts": False, "tasks": _tasks(simulator)}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    within = f"runner/{name}"
    rig.file(f"{within}/project/wait.yml", [play])
    rig.file(f"{within}/inventory/hosts.yml", {"all": {"hosts": {"lxca.example.com": variables}}})
    rig.file(f"{within}/env/settings", {"idle_timeout": 20})
    rig.file(f"{within}/env/envvars", {**PLAIN, "ANSIBLE_CONFIG": str(rig.folder / "ansible.cfg")})
    return room


def _start_run(rig: Rig, room: Path) -> subprocess.Popen[bytes]:
    return rig.start([TOOLS / "ansible-runner", "run", room, "-p", "wait.yml", "-q"], subprocess.DEVNULL)


def _start_pipe(rig: Rig, room: Path) -> subprocess.Popen[bytes]:
    """Send the job through a pipe, as a controller does with a job that runs in a container elsewhere."""
    results = room.with_name("pipe-results")
    elsewhere = room.with_name("pipe-worker")
    for folder in (results, elsewhere):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    pipe = (
        'ansible-runner transmit "$1" -p wait.yml | ansible-runner worker --private-data-dir "$2" '
        '| ansible-runner process "$3"'
    )
    return rig.start(["bash", "-o", "pipefail", "-c", pipe, "pipe", room, elsewhere, results], subprocess.DEVNULL)


def _read_events(command: str, room: Path) -> RunnerWait:
    files = [
        (json.loads(path.read_text(encoding="utf-8")), path.stat().st_mtime)
        for path in room.glob("artifacts/**/job_events/*.json")
    ]
    events = sorted(files, key=lambda each: int(each[0]["counter"]))
    if not events:
        raise BenchError(f"{command} left no events")
    start = _moment(events[0][0])
    # The lines that our module prints; Ansible says other things at the same level
    progress = [
        (event, written) for event, written in events if event["event"] == "verbose" and MODULE in event["stdout"]
    ]
    (begun,) = [_moment(event) for event, _written in events if event["event"] == "playbook_on_task_start"]
    ends = [_moment(event) for event, _written in events if event["event"] == "runner_on_ok"]
    if len(progress) < FEWEST_LINES or len(ends) != 1:
        raise BenchError(f"{command}: {len(progress)} progress lines, {len(ends)} hosts that ended well")
    written = [round(at - start, 1) for _event, at in progress]
    if any(at >= ends[0] - start for at in written[:-1]):
        raise BenchError(f"{command}: progress lines came after the task's end: {written}")
    return {
        "command": command,
        "began": round(begun - start, 1),
        "ended": round(ends[0] - start, 1),
        "progress": [
            {"at": round(_moment(event) - start, 1), "text": event["stdout"].strip()} for event, _unused in progress
        ],
        "written": written,
    }


def _moment(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["created"]).timestamp()
