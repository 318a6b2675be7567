# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets of elements, and the clients that poll them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.faults.subjects import SUBJECTS, Subject

from .clients.prisma import CloudgenixPassword, CloudgenixToken, PrismaSase, Sdk

BY_NAME = {each.name: each for each in SUBJECTS}
# Each SDK's login, and ours for the same form of the API
CLIENTS: Mapping[type[Sdk], Subject] = {
    PrismaSase: BY_NAME["elements-oauth"],
    CloudgenixToken: BY_NAME["elements-token"],
    CloudgenixPassword: BY_NAME["elements-token"],
}
FIRST = 16540011223340090


def fleet(paths: Sequence[str], **options: Any) -> dict[str, Any]:
    """Return a scenario with an element for each path, one beginning after the other."""
    tasks = [
        {"id": str(FIRST + number), "name": f"branch-{number}", "path": path, "duration": 60, "begin": number % 3}
        for number, path in enumerate(paths)
    ]
    return {"prisma_sdwan": {**options, "tasks": tasks}}
