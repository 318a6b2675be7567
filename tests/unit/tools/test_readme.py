# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What following the README leaves in a clone, passwords included, stays out of the tarball."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.support.pages import blocks_of

ROOT = Path(__file__).parents[3]
# Stand-ins for what installs and serves: they leave the files that the real ones do
STAND_INS = {
    "python3": 'mkdir -p "$3/bin" && touch "$3/bin/activate" "$3/pyvenv.cfg"',
    "pip": "true",
    "ansible-galaxy": "true",
    "taskwatch-simulator": 'echo "{}" > "$2"',
}
TRIED = "Try it without any of the systems"


def clone(folder: Path) -> None:
    git = shutil.which("git") or "git"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def commands() -> list[str]:
    start = (ROOT / "README.md").read_text(encoding="utf-8").partition(TRIED)[0].count("\n")
    blocks = [block for block in blocks_of(ROOT / "README.md") if block.line > start and block.language == "console"]
    return [line.removeprefix("$ ") for line in blocks[0].text.splitlines()]


def built(folder: Path) -> set[str]:
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    subprocess.run([galaxy, "collection", "build", "--output-path", folder.parent], cwd=folder, check=True)
    (archive,) = folder.parent.glob("*.tar.gz")
    with tarfile.open(archive) as tarball:
        return {member.name for member in tarball.getmembers() if not member.isdir()}


def test_what_the_readme_makes_is_not_shipped(tmp_path: Path) -> None:
    tree, tools = tmp_path / "tree", tmp_path / "tools"
    clone(tree)
    before = {path.relative_to(tree) for path in tree.rglob("*")}
    tools.mkdir()
    for name, script in STAND_INS.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    lines = "\n".join(["set -e", *commands(), "touch first.yml", "wait"])
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["/bin/sh", "-c", lines], cwd=tree, env={**os.environ, "PATH": path}, check=True)
    made = {path for path in tree.rglob("*") if path.relative_to(tree) not in before and path.is_file()}
    assert {path.name for path in made} >= {"ready.json", "first.yml", "activate"}
    # The same at the root, where people are when they skip the first line
    for each in made:
        shutil.copy(each, tree / each.name)
    (tree / "activate").unlink()
    (tree / "pyvenv.cfg").unlink()
    assert {name for name in built(tree) if Path(name).name in {path.name for path in made}} == set()
