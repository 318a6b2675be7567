# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand in for the pip bootstrap script that ansible-test downloads, with the pip that Python itself carries.

tests/tools/sanity.py puts this file into ansible-test's cache where that download fails. It is started in
an empty virtual environment with the arguments of the original: packages and options of `pip install`.
"""

from __future__ import annotations

import subprocess
import sys

# Options of the original alone; the packages they speak of are not installed here in the first place.
NOT_FOR_PIP = {"--no-setuptools", "--no-wheel"}


def main() -> int:
    """Install pip, let it install what was asked for, and return the exit code."""
    arguments = [argument for argument in sys.argv[1:] if argument not in NOT_FOR_PIP]
    # As a program of its own: in-process, ensurepip switches pip's configuration off for all that follows.
    ensure = [sys.executable, "-m", "ensurepip", "--default-pip"]
    code = subprocess.call(ensure, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return code or subprocess.call([sys.executable, "-m", "pip", "install", *arguments])


if __name__ == "__main__":
    sys.exit(main())
