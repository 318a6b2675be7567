# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario may say of Lenovo XClarity Administrator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..starts import decided_by_request
from ..timeline import Duration
from .base import SystemOptions
from .lxca_csv_job import CsvJobEntry
from .lxca_export import ExportEntry
from .lxca_task import TaskEntry

LxcaEntry = Annotated[ExportEntry | CsvJobEntry | TaskEntry, Field(discriminator="kind")]

StartEntry = ExportEntry | CsvJobEntry
LxcaStartEntry = Annotated[StartEntry, Field(discriminator="kind")]


def _named(entry: StartEntry) -> StartEntry:
    """Make sure that the devices of a job to come have the addresses by which rows of its file find them."""
    if isinstance(entry, CsvJobEntry) and "devices" in entry.model_fields_set:
        listed = entry.devices if isinstance(entry.devices, list) else [None]
        if any(each is None or each.address is None for each in listed):
            raise ValueError(
                "devices must be a list with an address in each entry, because the uploaded file names them"
            )
    return entry


class LxcaOptions(SystemOptions):
    """The appliance as a scenario describes it."""

    username: str = "USERID"
    session_idle: Duration = 86400
    """Wall seconds without use after which a session ends."""
    recovery: Literal["object", "list", "string"] = "object"
    """Shape of the field `recovery` in error messages."""
    content_version: str = "v2.0.0"
    """Version inside the content type of answers."""
    refused_status: Literal[200, 400, 401, 403, 500] = 401
    """What a wrong password gets; with 200, 400 and 500 the body says that the login has failed."""
    lock_after: Annotated[int, Field(ge=0)] = 20
    password_change: bool = False
    """The password must be changed first: a login works, and nothing can be read."""
    unknown_task: Literal["refused", "left_out"] = "refused"
    """What GET /tasks/{job_list} makes of an id that it does not know: HTTP 404, or a list without it."""
    tasks: tuple[LxcaEntry, ...] = ()
    starts: tuple[Annotated[LxcaStartEntry, decided_by_request("id"), AfterValidator(_named)], ...] = ()
    """Shapes what clients start: exports and bulk jobs, each kind in its own order."""
