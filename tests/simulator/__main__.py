# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulator by its old name, from the root of the repository or of the installed collection."""

from __future__ import annotations

import sys

from taskwatch_simulator.__main__ import main

if __name__ == "__main__":
    sys.stderr.write(
        "tests.simulator has moved: install the folder simulator with pip and call taskwatch-simulator instead. "
        "This old name still works here.\n"
    )
    sys.exit(main())
