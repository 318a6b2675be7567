# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install the simulator as a user does, into an environment of its own, and use it from a folder with its own tests.

Usage: simulator_install.py
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

FOLDER = Path(".build/simulator").absolute()
SOURCE = Path("simulator").absolute()
TOOLS = FOLDER / "venv/bin"
USER_TEST = """\
def test_jobs_are_there(taskwatch_simulator):
    assert {"371", "372"} <= {task["id"] for task in taskwatch_simulator.tasks()}
    taskwatch_simulator.add_fault({"system": "lxca", "kind": "refuse", "seconds": 5})
    assert [each["kind"] for each in taskwatch_simulator.faults()] == ["refuse"]
    assert taskwatch_simulator.ready["systems"]["lxca"]["username"]
"""
READY_SECONDS = 30


def install() -> None:
    """Make the environment anew from a copy, because a build leaves files beside its source."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    copy = FOLDER / "source"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    subprocess.run([sys.executable, "-m", "venv", FOLDER / "venv"], check=True)
    pip: list[str | Path] = [TOOLS / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, copy, "pytest"], check=True)
    shutil.rmtree(copy)


def serve(folder: Path) -> None:
    """Start the command, read its ready file, and end it as a shell would."""
    ready = folder / "ready.json"
    with subprocess.Popen([TOOLS / "taskwatch-simulator", "--ready-file", ready], cwd=folder) as server:
        try:
            for _attempt in range(READY_SECONDS * 10):
                if ready.is_file() or server.poll() is not None:
                    break
                threading.Event().wait(0.1)
            told = json.loads(ready.read_text(encoding="utf-8"))
            for name in ("", "page.css", "page.js"):
                with urllib.request.urlopen(f"{told['control_url']}/{name}", timeout=READY_SECONDS) as page:  # noqa: S310
                    page.read()
        finally:
            server.send_signal(signal.SIGTERM)
    if server.returncode or sorted(told["systems"]) != ["lxca", "prisma_sdwan", "sdm", "vcenter"]:
        sys.exit(f"taskwatch-simulator ended with {server.returncode} after {told}")


def main() -> int:
    """Return the exit code of the first thing that does not work."""
    install()
    folder = FOLDER / "empty"
    tests = folder / "tests"
    tests.mkdir(parents=True)
    (tests / "__init__.py").touch()
    (tests / "test_mine.py").write_text(USER_TEST, encoding="utf-8")
    serve(folder)
    # Its own settings, else pytest would find those of the repository around it
    return subprocess.run(
        [TOOLS / "pytest", "-q", "-c", "/dev/null", "--rootdir", "."], cwd=folder, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
