# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services: each is one file with a function `serving`, and one file of requirements of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from . import fakepve, ironic, prefect, pulp, sushy
from .base import Service

SERVICES: Mapping[str, Callable[[Path], AbstractContextManager[Service]]] = {
    "fakepve": fakepve.serving,
    "ironic": ironic.serving,
    "prefect": prefect.serving,
    "pulp": pulp.serving,
    "sushy": sushy.serving,
}
