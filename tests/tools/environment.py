# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual environment from a requirements file, anew only when that file or the Python has changed.

Usage: environment.py FOLDER REQUIREMENTS

With uv, which takes seconds where pip takes minutes; pip installs it once, into .build/uv. Where uv cannot be had, or
cannot install something, pip does the work. Exits with pip's code when an installation fails; a half-made environment
is made anew the next time. Runs on Python 3.9, too: make units starts it there.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

INCLUDE = "-r "
UV = Path(__file__).parents[2] / ".build/uv"


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


def by_pip(folder: Path, *wanted: str | Path) -> list[list[str | Path]]:
    """Return the commands that make an environment with what every Python brings."""
    pip: list[str | Path] = [folder / "bin/python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    return [[sys.executable, "-m", "venv", folder], [*pip, *wanted]]


def by_uv(program: Path, folder: Path, requirements: Path) -> list[list[str | Path]]:
    """Return the commands that make one with uv; pip is in it, too, since tools expect that."""
    install: list[str | Path] = [program, "pip", "install", "-q", "--compile-bytecode", "-r", requirements]
    return [
        [program, "venv", "-q", "--seed", "--python", sys.executable, folder],
        [*install, "--python", folder / "bin/python"],
    ]


def uv() -> Path | None:
    """Return the program uv, installed where that is needed; None where it cannot be."""
    program = UV / "bin/uv"
    if not program.is_file():
        made(UV, by_pip(UV, "uv"))
    return program if program.is_file() else None


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
    program = uv()
    if program is None or made(folder, by_uv(program, folder, requirements)):
        code = made(folder, by_pip(folder, "-r", requirements))
        if code:
            print(f"{folder} could not be made; the reason stands above.", file=sys.stderr)
            return code
    stamp.write_text(wanted, encoding="utf-8")
    print(f"Made {folder} in {time.monotonic() - started:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
