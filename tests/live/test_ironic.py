# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on ironic."""

from __future__ import annotations

from .matrix import Compared, Matrix

SERVICE = "ironic"


class TestEnds(Matrix):
    """As on every service."""


class TestClient(Compared):
    """As on every service whose vendor has a client."""
