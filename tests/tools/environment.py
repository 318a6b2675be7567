# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual environment from a requirements file, anew only when that file or the Python has changed.

Usage: environment.py FOLDER REQUIREMENTS [UV]

With the program uv where it is named, which is many times faster, and with pip where uv cannot. Exits with pip's code
when an installation fails; a half-made environment is made anew the next time. Runs on Python 3.9, too: make units
starts it there.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

INCLUDE = "-r "


def requirement_files(path: Path) -> list[Path]:
    """Return a requirements file and those that it includes."""
    found = [path]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(INCLUDE):
            found += requirement_files((path.parent / line.removeprefix(INCLUDE).strip()).resolve())
    return found


def fingerprint(requirements: Path) -> str:
    """Return what the environment depends on, as one hexadecimal string."""
    digest = hashlib.sha256()
    for part in (sys.version, sys.base_prefix):
        digest.update(part.encode())
    for path in requirement_files(requirements.resolve()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def by_pip(folder: Path, requirements: Path) -> list[list[str | Path]]:
    """Return the commands that make an environment with what every Python brings."""
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    return [[sys.executable, "-m", "venv", folder], [*pip, "-r", requirements]]


def by_uv(program: str, folder: Path, requirements: Path) -> list[list[str | Path]]:
    """Return the commands that make one with uv."""
    python = folder / "bin" / "python"
    return [
        [program, "venv", "-q", "--python", sys.executable, folder],
        [program, "pip", "install", "-q", "--python", python, "-r", requirements],
    ]


def made(folder: Path, commands: list[list[str | Path]]) -> int:
    """Make an environment anew and return the code of the command that failed, 0 if none did."""
    shutil.rmtree(folder, ignore_errors=True)
    return next((code for command in commands if (code := subprocess.run(command, check=False).returncode)), 0)


def main() -> int:
    """Make the environment if needed and return the exit code."""
    folder, requirements = Path(sys.argv[1]), Path(sys.argv[2])
    stamp = folder / "made-from.txt"
    wanted = fingerprint(requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    started = time.monotonic()
    print(f"Making {folder} from {requirements} ...", flush=True)
    if not (len(sys.argv) > 3 and made(folder, by_uv(sys.argv[3], folder, requirements)) == 0):
        code = made(folder, by_pip(folder, requirements))
        if code:
            print(f"{folder} could not be made; the reason stands above.", file=sys.stderr)
            return code
    stamp.write_text(wanted, encoding="utf-8")
    print(f"Made {folder} in {time.monotonic() - started:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
