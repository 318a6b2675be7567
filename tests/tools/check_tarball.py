# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the tarball of the collection holds what users need and nothing else.

Usage: check_tarball.py TARBALL
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

# A file that matches none of these fails the check: a new folder is decided on here.
ALLOWED = (
    r"(MANIFEST|FILES)\.json",
    r"\.ansible-lint",
    r"(README|CONTRIBUTING|TESTING|CODE_OF_CONDUCT|SECURITY)\.md",
    r"CHANGELOG\.rst",
    r"LICENSE",
    r"LICENSES/[\w.-]+\.txt",
    r"changelogs/(config|changelog)\.yaml",
    r"docs/docsite/.+\.(rst|yml|svg|png|json)",
    r"execution-environment\.yml",
    r"extensions/.+\.(py|yml|yaml|json|md)",
    r"meta/[\w.-]+\.(yml|txt)",
    r"playbooks/.+\.(yml|yaml|json|md|j2)",
    r"plugins/.+\.py",
    r"plugins/module_utils/_description/apis/\w+\.yml",
    r"simulator/(LICENSE|README\.md|pyproject\.toml|requirements\.txt)",
    r"simulator/taskwatch_simulator/.+\.(html|js|css|json|py|yml|typed)",
    r"tests/__init__\.py",
    r"tests/config\.yml",
    r"tests/simulator/__(init|main)__\.py",
)
# What git tracks of these belongs to users without exception.
SHIPPED = (
    "CHANGELOG.rst",
    "LICENSE",
    "README.md",
    "docs/docsite",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "simulator",
    "tests/__init__.py",
    "tests/config.yml",
    "tests/simulator",
)


def faults(files: set[str]) -> list[str]:
    """Return one sentence for each file that is there and should not be, or the other way round."""
    allowed = re.compile("|".join(f"(?:{pattern})" for pattern in ALLOWED))
    found = [
        f"{name} is in the tarball; add it to build_ignore or to the list of tests/tools/check_tarball.py."
        for name in sorted(files)
        if not allowed.fullmatch(name) or "/." in name or "__pycache__" in name
    ]
    return found + [f"{name} is missing from the tarball." for name in shipped() if name not in files]


def shipped() -> list[str]:
    """Return every file that the tarball must hold."""
    command = ["git", "ls-files", "-z", "--", *SHIPPED]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # git goes on listing a file that has been deleted and not yet committed
    return [name for name in listed.split("\0") if name and Path(name).is_file()]


def main() -> int:
    """Print what is wrong, or how large the tarball is, and return the exit code."""
    with tarfile.open(sys.argv[1]) as tarball:
        members = tarball.getmembers()
    files = {member.name for member in members if not member.isdir()}
    if found := faults(files):
        print(*found, sep="\n", file=sys.stderr)
        return 1
    packed, unpacked = Path(sys.argv[1]).stat().st_size, sum(member.size for member in members)
    print(f"{sys.argv[1]}: {len(files)} files, {packed:,} bytes, {unpacked:,} unpacked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
