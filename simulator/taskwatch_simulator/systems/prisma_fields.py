# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of records and elements.

Source: Prisma SD-WAN API, "Get Image Status of Element (v2.1)" and "Get Elements (v3.2)"; the common ones as in the
samples of the SDK guide, absent values as nulls.
"""

from __future__ import annotations

from datetime import datetime

TICKS_PER_SECOND = 10_000_000
SCHEDULE_FORMAT = "%m-%d-%Y %H:%M:%S"
# What the record shows when it is not asked to be something else
NULLS = ("_error", "_warning", "_info", "_debug")
_COMMON_FIELDS = {"id", "_etag", "_schema", "_created_on_utc", "_updated_on_utc", *NULLS}
RECORD_FIELDS = frozenset(
    {
        *_COMMON_FIELDS,
        "active_image_id",
        "active_version",
        "download_interval",
        "download_percent",
        "element_id",
        "failure_info",
        "previous_image_id",
        "rollback_version",
        "scheduled_download",
        "scheduled_upgrade",
        "software_version_change_time",
        "upgrade_image_id",
        "upgrade_interval",
        "upgrade_state",
    }
)
ELEMENT_FIELDS = frozenset(
    {
        *_COMMON_FIELDS,
        "connected",
        "description",
        "model_name",
        "name",
        "role",
        "serial_number",
        "site_id",
        "software_version",
        "state",
        "tags",
    }
)


def ticks(moment: datetime) -> int:
    """Return a date in the unit of the platform: tenths of microseconds since 1970."""
    return int(moment.timestamp() * TICKS_PER_SECOND)


def common(etag: int, created: int, updated: int) -> dict[str, object]:
    """Return the fields that everything has, with the ticks at which it was made and changed."""
    return {
        "_etag": etag,
        "_schema": 1,
        "_created_on_utc": created,
        "_updated_on_utc": updated,
        **dict.fromkeys(NULLS),
    }


class RequestFault(Exception):
    """A request has a fault; `code` is the vendor's word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
