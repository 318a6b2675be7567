# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the tarball of the collection holds what users need and nothing else.

Usage: check_tarball.py TARBALL
"""

from __future__ import annotations

import re
import sys
import tarfile

# A file that matches none of these fails the check: whoever adds a folder decides here who gets it.
ALLOWED = (
    r"(MANIFEST|FILES)\.json",
    r"(README|CONTRIBUTING|CODE_OF_CONDUCT|SECURITY)\.md",
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
    r"tests/__init__\.py",
    r"tests/simulator/.+\.(py|yml|yaml|json|xml|txt|md|typed)",
)
REQUIRED = (
    "CHANGELOG.rst",
    "LICENSE",
    "README.md",
    "meta/ee-requirements.txt",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "playbooks/demo.yml",
    "plugins/modules/appliance_update_info.py",
    "plugins/modules/element_image_status_info.py",
    "plugins/modules/lxca_csv_job_info.py",
    "plugins/modules/lxca_repo_export_info.py",
    "plugins/modules/route_update_info.py",
    "tests/simulator/__main__.py",
    "tests/simulator/requirements.txt",
)
HIDDEN = re.compile(r"(^|/)[.]|(^|/)__pycache__(/|$)")


def faults(files: set[str]) -> list[str]:
    """Return one sentence for each file that is there and should not be, or the other way round."""
    allowed = re.compile("|".join(f"(?:{pattern})" for pattern in ALLOWED))
    found = [
        f"{name} is in the tarball; add it to build_ignore or to the list of tests/tools/check_tarball.py."
        for name in sorted(files)
        if HIDDEN.search(name) or not allowed.fullmatch(name)
    ]
    found += [f"{name} is missing from the tarball." for name in REQUIRED if name not in files]
    return found


def main() -> int:
    """Print what is wrong, or how large the tarball is, and return the exit code."""
    with tarfile.open(sys.argv[1]) as tarball:
        members = tarball.getmembers()
    files = {member.name for member in members if not member.isdir()}
    if found := faults(files):
        print(*found, sep="\n", file=sys.stderr)
        return 1
    print(f"{sys.argv[1]}: {len(files)} files, {sum(member.size for member in members):,} bytes unpacked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
