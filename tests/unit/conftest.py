# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of all unit tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples in every run, so that a failure is the change's and not the day's. Machines differ in speed, hence
# no deadline for an example; no database, because there is nothing to remember.
# make test takes fewer of them than anything else does.
EXAMPLES = int(os.environ.get("TASKWATCH_EXAMPLES", "150"))
settings.register_profile("taskwatch", deadline=None, derandomize=True, database=None, max_examples=EXAMPLES)
settings.load_profile("taskwatch")
