# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests, their tools, and the old address of the simulator."""

import sys
from pathlib import Path

# The simulator lies beside this folder; tools that start with `python -m tests.…` find it without installing it
sys.path.insert(1, str(Path(__file__).parents[1] / "simulator"))
