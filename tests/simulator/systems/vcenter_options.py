# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario may say of VMware vCenter Server Appliance."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ..timeline import Duration
from .base import SystemOptions
from .vcenter_update import UpdateEntry


class VcenterOptions(SystemOptions):
    """The appliance as a scenario describes it."""

    username: str = "administrator@vsphere.local"
    profile: Annotated[Literal["6.7", "8.0", "9.1"], BeforeValidator(str)] = "8.0"
    """6.7 knows no /api; 9.1 tells of automatic rollbacks."""
    session_idle: Duration = 1800
    """Wall seconds without use after which a session ends."""
    content_type: str = "application/json"
    error_types: bool = True
    """Whether /api errors name their type."""
    tasks: Annotated[tuple[UpdateEntry, ...], Field(max_length=1)] = ()
