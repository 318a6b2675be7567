# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario may say of Oracle Communications Session Delivery Manager."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ..starts import decided_by_request
from ..timeline import Duration, Model, Text
from .base import SystemOptions
from .sdm_format import Release
from .sdm_update import RouteUpdateEntry

Version = Annotated[Text, Field(pattern=r"^v[0-9]+(\.[0-9]+)*$")]
# What a scenario may say of a device that a request names
SHAPING = frozenset({"group", "end", "message"})


class RouteSetEntry(Model):
    """A route set that clients may push, and the device groups that it is associated with."""

    id: Annotated[Text, Field(pattern=r"^[0-9]+$")]
    name: Text = "routes"
    version: Text = "1"
    """What a push brings to the devices."""
    installed: Text = "0"
    """What they hold before the first one."""
    devices: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Object ids of device groups."""


def _grouped(entry: RouteUpdateEntry) -> RouteUpdateEntry:
    """Make sure that the devices of an update to come are told apart by what the request names."""
    if "devices" in entry.model_fields_set:
        listed = entry.devices if isinstance(entry.devices, list) else []
        if not listed or any(not {"group"} <= each.model_fields_set <= SHAPING for each in listed):
            raise ValueError("devices must be a list of entries with group, end and message only")
    return entry


class SdmOptions(SystemOptions):
    """The server as a scenario describes it."""

    username: str = "netops"
    login_versions: Annotated[tuple[Version, ...], Field(min_length=1)] = ("v1.0", "v1.1", "v1.2", "v1.3")
    """REST versions that it knows; everything at another one gets 404."""
    release: Annotated[Release, BeforeValidator(str)] = "9.0.1"
    """Decides how lists are nested."""
    session_idle: Duration | None = None
    """Wall seconds without use after which a session ends; by default never, as the vendor's 0 suggests."""
    refused_status: Literal[400, 401, 403, 404, 500] = 401
    """What a wrong password gets."""
    logout_status: Literal[200, 204] = 204
    error_body: Literal["empty", "xml", "json", "html"] = "empty"
    """Form of error bodies, which are documented nowhere."""
    item_name: Literal["updateDeviceStatus", "deviceStatus", "deviceStatusList"] = "updateDeviceStatus"
    """Name of a row inside a wrapper."""
    collapse_single: bool = False
    """A list of one row as that row alone, as older bindings do in JSON."""
    json_not_found: bool | Literal["login"] = False
    """Reading in JSON gets 404, a defect of release 8.2.5; `login`: so does the login in JSON."""
    tasks: tuple[RouteUpdateEntry, ...] = ()
    route_sets: tuple[RouteSetEntry, ...] = (
        RouteSetEntry(id="2", name="branch-routes", devices=("ID21", "ID22", "ID23")),
        RouteSetEntry(id="7", name="core-routes", devices=("ID25",)),
    )
    """What clients may push."""
    starts: tuple[
        Annotated[RouteUpdateEntry, decided_by_request("id", "name", "notes"), AfterValidator(_grouped)], ...
    ] = ()
    """Shapes the route updates that clients start."""
