# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The samples of an execution environment and of a decision environment can be built, as far as no image is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.ansible import COLLECTIONS, TOOLS

from .data import FOLDER

SAMPLES = sorted((FOLDER / "environments").glob("*.yml"))
NEEDED = {"jmespath", "lxml", "requests"}


def run(*command: str | Path) -> str:
    """Run one of the tools and return what it said."""
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_builder_takes_the_sample(sample: Path, tmp_path: Path) -> None:
    """Its schema is checked, and everything that an image is built from is written but the image."""
    run(TOOLS / "ansible-builder", "create", "-f", sample, "-c", tmp_path)
    (recipe,) = [path for path in tmp_path.iterdir() if path.is_file()]
    data = yaml.safe_load(sample.read_text(encoding="utf-8"))
    assert data["version"] == 3
    assert data["images"]["base_image"]["name"] in recipe.read_text(encoding="utf-8")
    wanted = yaml.safe_load((tmp_path / "_build/requirements.yml").read_text(encoding="utf-8"))
    assert "taskwatch.infra" in {each["name"] for each in wanted["collections"]}


@pytest.mark.exhaustive
def test_builder_finds_what_the_collection_needs_and_pip_can_have_it(tmp_path: Path) -> None:
    """As ansible-builder reads the collections of an image."""
    requirements = tmp_path / "requirements.txt"
    run(TOOLS / "ansible-builder", "introspect", COLLECTIONS, "--write-pip", requirements)
    names = {line.partition(">=")[0] for line in requirements.read_text(encoding="utf-8").splitlines() if line}
    assert names == NEEDED
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--dry-run"]
    run(*pip, "--ignore-installed", "-r", requirements)


# In place of the entry for Galaxy, as the comment of the sample has them
FORMS = {
    "file": {"name": "/build/taskwatch-infra.tar.gz", "type": "file"},
    "git": {"name": "https://github.com/taskwatch/infra.git", "type": "git", "version": "main"},
}
FILES = [{"src": "taskwatch-infra.tar.gz", "dest": "."}]


@pytest.mark.parametrize("form", FORMS)
def test_collection_comes_from_a_file_or_git_too(form: str, tmp_path: Path) -> None:
    """The comment of the sample is what the builder takes, and the file lies where the entry names it."""
    text = (FOLDER / "environments/execution-environment.yml").read_text(encoding="utf-8")
    comment = "\n".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
    for part in [*FORMS[form].items(), *(FILES[0].items() if form == "file" else [])]:
        assert f"{part[0]}: {part[1]}" in comment
    data = yaml.safe_load(text)
    data["dependencies"]["galaxy"]["collections"] = [FORMS[form]]
    if form == "file":
        data["additional_build_files"] = FILES
        (tmp_path / FILES[0]["src"]).write_bytes(b"")
    sample = tmp_path / "execution-environment.yml"
    sample.write_text(yaml.safe_dump(data), encoding="utf-8")
    run(TOOLS / "ansible-builder", "create", "-f", sample, "-c", tmp_path / "context")
    wanted = yaml.safe_load((tmp_path / "context/_build/requirements.yml").read_text(encoding="utf-8"))
    assert wanted["collections"] == [FORMS[form]]
    (recipe,) = [path for path in (tmp_path / "context").iterdir() if path.is_file()]
    assert "_build /build" in recipe.read_text(encoding="utf-8")
    assert (tmp_path / "context/_build" / FILES[0]["src"]).exists() == (form == "file")
