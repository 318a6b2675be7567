# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command `taskwatch-simulator`, and `python -m taskwatch_simulator`.

It imports nothing but the standard library, so that it can say what is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

CANNOT_START = 2
OLDEST = (3, 11)


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code; a missing library or an old Python is told in one sentence."""
    if sys.version_info[:2] < OLDEST:
        return _refuse("the simulator needs Python {}.{} or newer".format(*OLDEST))
    try:
        from .command import main as command  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == __package__:
            raise
        return _refuse(
            f"the library {error.name} is missing; this installs all that the simulator needs: "
            f"{sys.executable} -m pip install {_what_to_install()}"
        )
    return command(argv)


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return CANNOT_START


def _what_to_install() -> str:
    """Return the folder of the distribution where it is at hand, else its name."""
    folder = Path(__file__).resolve().parents[1]
    return str(folder) if (folder / "pyproject.toml").is_file() else "taskwatch-simulator"


if __name__ == "__main__":
    sys.exit(main())
