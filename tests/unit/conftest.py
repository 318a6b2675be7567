# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of all unit tests."""

from __future__ import annotations

from hypothesis import settings

# The same examples in every run, so that a failure is the change's and not the day's. Machines differ in speed, hence
# no deadline for an example; no database, because there is nothing to remember.
settings.register_profile("taskwatch", deadline=None, derandomize=True, database=None, max_examples=150)
settings.load_profile("taskwatch")
