# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated systems by name."""

from __future__ import annotations

from .lxca import Lxca
from .prisma_sdwan import PrismaSdwan
from .sdm import Sdm
from .vcenter import Vcenter

__all__ = ["Lxca", "PrismaSdwan", "Sdm", "Vcenter"]
