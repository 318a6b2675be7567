# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install the built collection, start its simulator, play its demo playbook, and stop the simulator always.

Usage: demo.py [TARBALL]

Without a tarball, one is built of the working tree. Exits with the playbook's code.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

TARBALL = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else None
FOLDER = Path(".build/release" if TARBALL else ".build/demo").absolute()
COLLECTIONS = FOLDER / "collections"
COLLECTION = COLLECTIONS / "ansible_collections/taskwatch/infra"
TOOLS = Path(sys.executable).parent
# The demo runs on the implicit localhost, and knows it.
CONFIGURATION = "[defaults]\nlocalhost_warning = False\n[inventory]\ninventory_unparsed_warning = False\n"
READY_SECONDS = 30
STOP_SECONDS = 10


def environment() -> dict[str, str]:
    """Return Ansible's variables: no configuration of the user's, nothing left in the home folder."""
    settings = FOLDER / "ansible.cfg"
    settings.write_text(CONFIGURATION, encoding="utf-8")
    return {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_HOME": str(FOLDER / "home"),
        "ANSIBLE_REMOTE_TMP": str(FOLDER / "home/tmp"),
    }


def install(variables: dict[str, str]) -> None:
    """Install the tarball into an empty folder, as a user would."""
    galaxy: list[str | Path] = [TOOLS / "ansible-galaxy", "collection"]
    shutil.rmtree(COLLECTIONS, ignore_errors=True)
    unpack = [*galaxy, "install", "--offline", "-p", COLLECTIONS, TARBALL or built(galaxy, variables)]
    subprocess.run(unpack, env=variables, stdout=subprocess.DEVNULL, check=True)


def built(galaxy: list[str | Path], variables: dict[str, str]) -> Path:
    """Build the tarball and return its path."""
    dist = FOLDER / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    build = [*galaxy, "build", "--output-path", dist]
    subprocess.run(build, env=variables, stdout=subprocess.DEVNULL, check=True)
    (tarball,) = dist.glob("*.tar.gz")
    return tarball


@contextmanager
def simulator(ready: Path) -> Iterator[None]:
    """Run the simulator until the block ends; the ready file is there when the block begins."""
    ready.unlink(missing_ok=True)
    arguments = ["--scenario", "demo", "--ready-file", str(ready)]
    command = [sys.executable, "-m", "taskwatch_simulator", *arguments]
    # In a session of its own: Ctrl-C must first end the playbook, which still wants to log out.
    with subprocess.Popen(command, cwd=COLLECTION / "simulator", start_new_session=True) as server:
        try:
            await_file(ready, server)
            yield
        finally:
            stop(server)


def await_file(ready: Path, server: subprocess.Popen[bytes]) -> None:
    """Return when the ready file is there; exit when the simulator has ended or takes too long."""
    pause = threading.Event()
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"The simulator ended with code {server.returncode} before it was ready.")
        if ready.is_file():
            return
        pause.wait(0.1)
    sys.exit(f"The simulator was not ready after {READY_SECONDS} s.")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: asked first, killed when it does not listen."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def play(ready: Path, variables: dict[str, str]) -> int:
    """Play the installed demo playbook and return its exit code."""
    command = [str(TOOLS / "ansible-playbook"), "taskwatch.infra.demo", "-e", f"simulator={ready}"]
    with subprocess.Popen(command, cwd=FOLDER, env=variables) as playbook:
        try:
            return playbook.wait()
        except KeyboardInterrupt:
            # Ctrl-C has reached Ansible as well; it gets the time to log out of the systems.
            with suppress(subprocess.TimeoutExpired):
                playbook.wait(STOP_SECONDS)
            raise
        finally:
            stop(playbook)


def end(_number: int, _frame: FrameType | None) -> None:
    """Turn SIGTERM into an ordinary exit, so that everything is stopped on the way out."""
    sys.exit(128 + signal.SIGTERM)


def main() -> int:
    """Play the demo and return the exit code."""
    signal.signal(signal.SIGTERM, end)
    FOLDER.mkdir(parents=True, exist_ok=True)
    variables = environment()
    install(variables)
    ready = FOLDER / "ready.json"
    try:
        with simulator(ready):
            return play(ready, variables)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
