# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upgrade as a client asks for it: the software state of an element, which is read, changed and put back.

Source: Prisma SD-WAN API, "Upgrade an Element (v2.0)": fields, patterns and codes; that all of the answer is put back
with another image, and that no schedule means at once, is what the vendor's own tools do. assumption: which code stands
for what, beyond those whose names say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .prisma_element import Element, Schedule, Work
from .prisma_entry import StartEntry
from .prisma_fields import SCHEDULE_FORMAT, RequestFault
from .prisma_images import Images
from .prisma_paths import ABORT_SECONDS, abort_road, scheduled

IMAGE = re.compile(r"[0-9]{1,30}")
TIME = re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}")
# assumption: the stages in which nothing can be aborted any more
BEYOND_ABORT = frozenset({"upgrade_init", "upgrading", "abort_download_pending", "abort_upgrade_pending"})
MOST_INTERFACES = 4
LONGEST_INTERVAL = 59


def software_state(element: Element) -> dict[str, object]:
    """Return the state as it is read, without the fields of the envelope."""
    schedule = element.work.schedule
    return {
        "id": element.id,
        "image_id": element.images.id_of(element.versions()[1]),
        "scheduled_download": schedule.download,
        "scheduled_upgrade": schedule.upgrade,
        "download_interval": schedule.download_interval,
        "upgrade_interval": schedule.upgrade_interval,
        "interface_ids": None,
        "_etag": 1 + element.orders,
        "_schema": 0,
    }


@dataclass(frozen=True)
class Order:
    """An upgrade to a version: at once, or as scheduled, in simulated seconds from now."""

    version: str
    schedule: Schedule
    download_at: float
    upgrade_at: float


def order_of(sent: Mapping[str, Any], element: Element, known: frozenset[str], now: datetime) -> Order:
    """Return what a body asks for; `known` are the names of all fields that an answer has.

    Raises:
        RequestFault: when it has a fault.
    """
    _check_common(sent, element, known)
    version = _version(sent.get("image_id"), element.images)
    download = _seconds(sent.get("scheduled_download"), now, "SOFTWARE_CONFIG_INVALID_DOWNLOAD_TIME")
    upgrade = _seconds(sent.get("scheduled_upgrade"), now, "SOFTWARE_CONFIG_INVALID_UPGRADE_TIME")
    if upgrade is not None and upgrade < (download or 0.0):
        raise RequestFault("SOFTWARE_CONFIG_INCOMPATIBLE_SCHEDULES", "The upgrade is scheduled before the download")
    schedule = Schedule(
        sent.get("scheduled_download"),
        sent.get("scheduled_upgrade"),
        _interval(sent.get("download_interval"), "SOFTWARE_CONFIG_INVALID_DOWNLOAD_INTERVAL"),
        _interval(sent.get("upgrade_interval"), "SOFTWARE_CONFIG_INVALID_UPGRADE_INTERVAL"),
    )
    _check_interfaces(sent.get("interface_ids"))
    return Order(version, schedule, download or 0.0, upgrade or 0.0)


def started(order: Order, element: Element, entry: StartEntry, now: float) -> Work:
    """Return the work that an order begins at a simulated second, shaped by what the scenario has for it."""
    active, _wanted, before = element.versions()
    sequence = scheduled(entry.sequence(), entry.length(), order.download_at, order.upgrade_at)
    return Work(
        sequence,
        sum(stage.share for stage in sequence.stages),
        now + entry.begin,
        (active, order.version),
        before,
        order.schedule,
        entry.failure_info,
        entry.stuck_at if entry.path == "stuck" else None,
    )


def aborted(element: Element, now: float) -> Work:
    """Return what is left to do for an element whose upgrade is aborted at a simulated second.

    Raises:
        RequestFault: when there is nothing that could be aborted.
    """
    where = element.standing()
    if where.final or where.stage.word in BEYOND_ABORT:
        raise RequestFault("COMMAND_NOT_SUPPORTED", "There is no upgrade that could be aborted")
    active, wanted, before = element.versions()
    return Work(abort_road(element.download(where)), ABORT_SECONDS, now, (active, wanted), before)


def _check_common(sent: Mapping[str, Any], element: Element, known: frozenset[str]) -> None:
    unknown = sorted(set(sent) - known)
    if unknown:
        raise RequestFault("INVALID_JSON_EXTRA_ATTRIBUTE", f"Unknown attribute {unknown[0]}")
    state = software_state(element)
    for name in ("id", "_etag", "_schema"):
        # The state that was read may be an old one by now
        if sent.get(name) != state[name]:
            raise RequestFault("INVALID_JSON_COMMON_ATTR_MISMATCH", f"{name} is not that of the present state")


def _version(image_id: object, images: Images) -> str:
    version = images.version_of(image_id) if isinstance(image_id, str) and IMAGE.fullmatch(image_id) else None
    if version is None:
        raise RequestFault("ELEMENT_STATE_UPDATE_INVALID_IMAGE", "image_id is not the id of an image")
    return version


def _seconds(text: object, now: datetime, past: str) -> float | None:
    if text is None:
        return None
    try:
        # More forms are read than are valid
        good = text if isinstance(text, str) and TIME.fullmatch(text) else ""
        moment = datetime.strptime(good, SCHEDULE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise RequestFault("ELEMENT_STATE_UPDATE_INVALID_TIME", "A time has the form MM-DD-YYYY HH:MM:SS") from None
    seconds = (moment - now).total_seconds()
    if seconds < 0:
        raise RequestFault(past, "The time is over")
    return seconds


def _interval(value: object, code: str) -> int | None:
    if value is None:
        return None
    # A vendor's tool sends what it has read from a file of text
    if isinstance(value, str) and re.fullmatch("[0-9]{1,2}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST_INTERVAL:
        raise RequestFault(code, f"The interval is not a whole number from 0 to {LONGEST_INTERVAL}")
    return value


def _check_interfaces(value: object) -> None:
    if value is None:
        return
    good = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if not isinstance(value, list) or not good or len(value) > MOST_INTERFACES or len(set(value)) < len(value):
        raise RequestFault(
            "SOFTWARE_CONFIG_INVALID_INTERFACES", f"interface_ids holds at most {MOST_INTERFACES} different ids"
        )
