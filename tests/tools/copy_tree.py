# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy the working tree to a folder and make that a repository of its own.

ansible-test wants a collection at .../ansible_collections/NAMESPACE/NAME and follows no link to it.

Usage: copy_tree.py FOLDER
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def make_repository(folder: Path) -> None:
    """Let tools that ask git for the files of a folder not ask the repository around it, which ignores the folder."""
    subprocess.run(["git", "-c", "init.defaultBranch=main", "init", "--quiet", folder], check=True)  # noqa: S607


def main() -> int:
    """Copy every file that git tracks or would track."""
    target = Path(sys.argv[1])
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    shutil.rmtree(target, ignore_errors=True)
    for name in filter(None, listed.split("\0")):
        source, copy = Path(name), target / name
        # git goes on listing a file that has been deleted and not yet committed
        if source.is_symlink() or source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    make_repository(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
