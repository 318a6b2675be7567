# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-test needs around it: a tree that it accepts, interpreters, and a word on runs that checked nothing."""

from __future__ import annotations

import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.tools.copy_tree import make_repository

BUILD = Path(".build").absolute()
TOOLS = Path(sys.executable).parent
# The oldest Python that plugins run on, as tests/config.yml says
OLDEST = (3, 9)
# ansible-test only warns then, and exits with 0.
NOTHING_CHECKED = "All targets skipped"


def tree(name: str) -> Path:
    """Copy the working tree to where ansible-test wants a collection, below .build/NAME, and return that folder."""
    folder = BUILD / name / "ansible_collections/taskwatch/infra"
    subprocess.run([sys.executable, Path(__file__).with_name("copy_tree.py"), folder], check=True)
    return folder


def installed(tarball: Path, name: str) -> Path:
    """Install a tarball below .build/NAME with the ansible-galaxy beside this Python, and return the folder."""
    root = BUILD / name
    shutil.rmtree(root, ignore_errors=True)
    command: list[str | Path] = [
        TOOLS / "ansible-galaxy",
        "collection",
        "install",
        tarball,
        "--collections-path",
        root,
        "--force",
    ]
    subprocess.run(command, check=True)
    folder = root / "ansible_collections/taskwatch/infra"
    make_repository(folder)
    return folder


def package() -> Path:
    """Return the folder of the ansible-test that belongs to this Python."""
    found = importlib.util.find_spec("ansible_test")
    if found is None or not found.submodule_search_locations:
        sys.exit("ansible-test is not installed beside this Python; run make sanity or make units.")
    return Path(found.submodule_search_locations[0])


def interpreter(version: str) -> Path | None:
    """Return a Python of this version that can make environments, or None if the machine has none."""
    found = shutil.which(f"python{version}")
    if not found:
        return None
    # pyenv puts a shim for every installed version into PATH, also for those that are switched off.
    behind = Path(found).parent.parent.glob(f"versions/{version}.*/bin/python{version}")
    for candidate in (Path(found), *behind):
        probe = [str(candidate), "-c", "import ensurepip, venv"]
        if subprocess.run(probe, check=False, capture_output=True).returncode == 0:
            return candidate
    return None


def interpreters() -> dict[str, Path]:
    """Return the machine's Pythons that this ansible-test supports, oldest first."""
    constants = runpy.run_path(str(package() / "_util/target/common/constants.py"))
    supported = [*constants["REMOTE_ONLY_PYTHON_VERSIONS"], *constants["CONTROLLER_PYTHON_VERSIONS"]]
    return {version: path for version in supported if (path := interpreter(version))}


def run(arguments: list[str], folder: Path, environment: Mapping[str, str], *search: Path) -> int:
    """Run ansible-test in a tree, its output passed on as whole lines, and return its exit code.

    It looks for interpreters in `search` first, and stumbles over shims that lead nowhere.
    """
    path = os.pathsep.join([str(TOOLS), *map(str, search), os.environ["PATH"]])
    command = [str(TOOLS / "ansible-test"), arguments[0], "--color", "no", *arguments[1:]]
    nothing_checked = False
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            nothing_checked = nothing_checked or NOTHING_CHECKED in line
            print(line, end="", flush=True)
    if nothing_checked:
        print("ansible-test has found no file to check; that is no success.", file=sys.stderr)
    return process.returncode or int(nothing_checked)
