# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a working tree from being released, in repositories made for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "tests/tools/release.py"
FILES = {
    "galaxy.yml": "version: 1.2.3\n",
    "changelogs/changelog.yaml": "releases: {1.2.3: {changes: {release_summary: What is new.}}}\n",
    "changelogs/fragments/.keep": "",
    "CHANGELOG.rst": "Release Notes\n\nv1.2.3\n======\n",
}


def git(folder: Path, *arguments: str) -> None:
    # Nothing of the user's own configuration, which may sign commits
    variables = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ["-c", "user.name=Releaser", "-c", "user.email=releaser@example.com"]
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """A repository that may be released."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Change")


def said(folder: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, TOOL], cwd=folder, check=False, capture_output=True, text=True)
    return done.returncode, done.stderr.strip()


def test_what_is_committed_and_described_may_be_released(tree: Path) -> None:
    assert said(tree) == (0, "")
    git(tree, "tag", "1.2.3")
    assert said(tree) == (0, ""), "a tag on this very commit is the release's own"


def write(name: str, text: str) -> Callable[[Path], None]:
    """Return a change of one file, committed."""

    def change(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")
        commit(folder)

    return change


def leave_something(folder: Path) -> None:
    (folder / "left.txt").write_text("", encoding="utf-8")


def tag_and_go_on(folder: Path) -> None:
    git(folder, "tag", "-a", "1.2.3", "-m", "1.2.3")
    commit(folder)


def remove_notes(folder: Path) -> None:
    (folder / "CHANGELOG.rst").unlink()
    commit(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (leave_something, "?? left.txt"),
        (tag_and_go_on, "The tag 1.2.3 is on another commit"),
        (remove_notes, "CHANGELOG.rst is missing"),
        (write("galaxy.yml", "version: 1.2.3-dev0\n"), "three numbers and nothing behind them"),
        (write("galaxy.yml", "version: 1.3.0\n"), "no release notes for 1.3.0"),
        (write("changelogs/changelog.yaml", "releases: {1.2.3: {changes: {bugfixes: [a]}}}\n"), "have no summary"),
        (write("changelogs/fragments/one.yml", "bugfixes: [a]\n"), "not in the release notes yet: one.yml"),
        (write("CHANGELOG.rst", "Release Notes\n"), "CHANGELOG.rst does not speak of 1.2.3"),
    ],
)
def test_every_obstacle_is_named(tree: Path, change: Callable[[Path], None], words: str) -> None:
    change(tree)
    code, message = said(tree)
    assert code == 1
    assert words in message
