# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand in for the pip bootstrap script that ansible-test downloads, with a wheel of pip that lies beside this file.

tests/tools/sanity.py puts both into ansible-test's cache where that download fails. It is started in an empty virtual
environment with the arguments of the original: packages and options of `pip install`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
# Options of the original alone; the packages they speak of are not installed here in the first place.
NOT_FOR_PIP = {"--no-setuptools", "--no-wheel"}


def main() -> int:
    """Let the wheel install what was asked for, itself for one, and return the exit code."""
    arguments = [argument for argument in sys.argv[1:] if argument not in NOT_FOR_PIP]
    version = next(argument for argument in arguments if argument.startswith("pip==")).removeprefix("pip==")
    # A wheel is an archive that Python can run from
    pip = FOLDER / f"pip-{version}-py3-none-any.whl" / "pip"
    return subprocess.call([sys.executable, pip, "install", "--find-links", FOLDER, *arguments])


if __name__ == "__main__":
    sys.exit(main())
