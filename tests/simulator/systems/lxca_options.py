# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario may say of Lenovo XClarity Administrator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..timeline import Duration
from .base import SystemOptions
from .lxca_csv_job import CsvJobEntry
from .lxca_export import ExportEntry

LxcaEntry = Annotated[ExportEntry | CsvJobEntry, Field(discriminator="kind")]


class LxcaOptions(SystemOptions):
    """The appliance as a scenario describes it."""

    username: str = "USERID"
    session_idle: Duration = 86400
    """Wall seconds without use after which a session ends."""
    recovery: Literal["object", "list", "string"] = "object"
    """Shape of the field `recovery` in error messages."""
    content_version: str = "v2.0.0"
    """Version inside the content type of answers."""
    refused_status: Literal[401, 403] = 401
    """What a wrong password gets."""
    tasks: tuple[LxcaEntry, ...] = ()
