# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario may say of VMware vCenter Server Appliance."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ..starts import decided_by_request
from ..timeline import Duration, Text
from .base import SystemOptions
from .vcenter_entry import UpdateEntry


def _startable(entry: UpdateEntry) -> UpdateEntry:
    if entry.operation not in {"stage", "install", "rollback"}:
        raise ValueError("operation is stage, install or rollback here; stage-and-install takes the entries of install")
    return entry


class VcenterOptions(SystemOptions):
    """The appliance as a scenario describes it."""

    username: str = "administrator@vsphere.local"
    profile: Annotated[Literal["6.7", "8.0", "9.1"], BeforeValidator(str)] = "8.0"
    """6.7 knows no /api; 9.1 reports automatic rollbacks."""
    refused_status: Literal[400, 401, 403, 500] = 401
    """What a wrong password gets."""
    session_idle: Duration = 1800
    """Wall seconds without use after which a session ends."""
    content_type: str = "application/json"
    error_types: bool = True
    """Whether /api errors name their type."""
    tasks: Annotated[tuple[UpdateEntry, ...], Field(max_length=1)] = ()
    updates: tuple[Text, ...] = ("8.0.3.00400",)
    """Versions that the repository offers; those that are newer than the installed one are pending."""
    starts: tuple[
        Annotated[
            UpdateEntry, decided_by_request("id", "version", "from_version", "pending"), AfterValidator(_startable)
        ],
        ...,
    ] = ()
    """Shapes what clients start, each operation in its own order."""
