# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a distribution: its command and its old name, what is missing to run it, the fixture for pytest."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "simulator"
FOREIGN_TEST = """
import json, ssl, urllib.request
import pytest

@pytest.mark.taskwatch_simulator("all_succeed", speed=30)
def test_export(taskwatch_simulator, tmp_path):
    lxca = taskwatch_simulator.systems["lxca"]
    taskwatch_simulator.add_fault({"system": "lxca", "kind": "status", "status": 503, "times": 1})
    trust = ssl.create_default_context(cafile=taskwatch_simulator.ca_path)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"https://{lxca['hostname']}:{lxca['port']}/sessions", context=trust)
    assert [each["status"] for each in taskwatch_simulator.requests()] == [503]
    written = json.loads(taskwatch_simulator.write_ready(tmp_path / "ready.json").read_text())
    assert written == taskwatch_simulator.ready
    assert written["systems"]["lxca"] == lxca

def test_without_a_marker(taskwatch_simulator):
    assert {"51", "ID33"} <= {each["id"] for each in taskwatch_simulator.tasks()}
"""


def run(*arguments: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_old_name_still_works_and_says_where_it_went() -> None:
    done = run("-m", "tests.simulator", "--help", cwd=ROOT)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: taskwatch-simulator")
    assert "tests.simulator has moved" in done.stderr


def test_a_missing_library_is_a_sentence() -> None:
    # Without the environment's packages
    done = run("-S", "-m", "taskwatch_simulator", cwd=FOLDER)
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("the library ")
    assert f"-m pip install {FOLDER.resolve()}" in sentence


def test_the_fixture_works_beside_a_package_tests_of_the_users_own(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "__init__.py").touch()
    (tests / "test_mine.py").write_text(FOREIGN_TEST)
    # The entry point names the module for those who install it
    with (FOLDER / "pyproject.toml").open("rb") as file:
        (plugin,) = tomllib.load(file)["project"]["entry-points"]["pytest11"].values()
    done = run("-m", "pytest", "-q", "-p", plugin, "--strict-markers", cwd=tmp_path, PYTHONPATH=str(FOLDER))
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_each_package_and_each_file_of_data_is_in_the_distribution() -> None:
    with (FOLDER / "pyproject.toml").open("rb") as file:
        setuptools = tomllib.load(file)["tool"]["setuptools"]
    packages = {str(each.parent.relative_to(FOLDER)).replace(os.sep, ".") for each in FOLDER.rglob("__init__.py")}
    assert set(setuptools["packages"]) == {each for each in packages if not each.startswith("build")}
    package = FOLDER / "taskwatch_simulator"
    data = {each for pattern in setuptools["package-data"]["taskwatch_simulator"] for each in package.glob(pattern)}
    others = {each for each in package.rglob("*") if each.is_file() and each.suffix not in {".py", ".pyc"}}
    assert data == others
