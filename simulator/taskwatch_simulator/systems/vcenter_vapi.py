# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the appliance's JSON-RPC encoding writes structures: every one with its name, every optional member in a wrapper.

Source: VMware vSphere Automation SDK for Python 9.1.1, bindings `com.vmware.appliance_client`, `com.vmware.cis_client`
and `com.vmware.vapi.std.errors_client`, and the runtime's module `vmware.vapi.data.serializers.jsonrpc`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .vcenter_format import Error

# Writes one value of a certain kind
Kind = Callable[[Any], object]
STD = "com.vmware.vapi.std"


def plain(value: object) -> object:
    """Write a text, a number, a truth value or a list of texts as it is."""
    return value


def optional(kind: Kind) -> Kind:
    """Write a value that may be unset."""
    return lambda value: {"OPTIONAL": None if value is None else kind(value)}


def structure(identifier: str, /, **members: Kind) -> Kind:
    """Write a structure; what the interface definition does not name is left out."""
    return lambda value: {"STRUCTURE": {identifier: _members(value, members)}}


def many(kind: Kind) -> Kind:
    """Write a list."""
    return lambda values: [kind(value) for value in values]


def table(kind: Kind) -> Kind:
    """Write a map: a list of entries."""
    entry = structure("map-entry", key=plain, value=kind)
    return lambda values: [entry({"key": key, "value": value}) for key, value in values.items()]


def _members(value: Mapping[str, Any], members: Mapping[str, Kind]) -> dict[str, object]:
    return {member: kind(value.get(member)) for member, kind in members.items()}


_PARAMETER = structure(
    f"{STD}.localization_param", **dict.fromkeys(("s", "dt", "i", "d", "l", "format", "precision"), optional(plain))
)
_MESSAGE = structure(
    f"{STD}.localizable_message",
    id=plain,
    default_message=plain,
    args=plain,
    params=optional(table(_PARAMETER)),
    localized=optional(plain),
)


def error_value(name: str, body: Mapping[str, Any]) -> object:
    """Write an error; `body` holds `messages` and perhaps `error_type`."""
    members = {"messages": many(_MESSAGE), "data": optional(plain), "error_type": optional(plain)}
    if name == "unauthenticated":
        members["challenge"] = optional(plain)
    return {"ERROR": {f"{STD}.errors.{name}": _members(body, members)}}


def error_of(error: Error) -> object:
    """Write one of the API's own errors."""
    message = {"id": error.id, "default_message": error.text, "args": []}
    return error_value(error.name.lower(), {"messages": [message], "error_type": error.name})


def _any_error(value: object) -> object:
    # The interface definition knows no text here, though a scenario may ask for one
    body = value if isinstance(value, Mapping) else {"messages": [{"id": "text", "default_message": value, "args": []}]}
    return error_value("error", body)


_PROGRESS = structure("com.vmware.cis.task.progress", total=plain, completed=plain, message=_MESSAGE)
_COMMON: dict[str, Kind] = {
    "progress": optional(_PROGRESS),
    "auto_rollback_state": optional(plain),
    "description": _MESSAGE,
    "service": plain,
    "operation": plain,
    "parent": optional(plain),
    "target": optional(plain),
    "status": plain,
    "cancelable": plain,
    "error": optional(_any_error),
    "start_time": optional(plain),
    "end_time": optional(plain),
    "user": optional(plain),
}
_SUBTASK = structure("com.vmware.appliance.subtask_info", result=optional(plain), **_COMMON)
_TASK = structure("com.vmware.appliance.task_info", subtask_order=plain, subtasks=table(_SUBTASK), **_COMMON)

UPDATE_INFO = structure(
    "com.vmware.appliance.update.info",
    state=plain,
    task=optional(_TASK),
    version=plain,
    latest_query_time=optional(plain),
)
VERSION = structure(
    "com.vmware.appliance.system.version.version_struct",
    **dict.fromkeys(("version", "product", "build", "type", "summary", "releasedate", "install_time"), plain),
    name=optional(plain),
)
SESSION_INFO = structure(
    "com.vmware.cis.session.info", **dict.fromkeys(("user", "created_time", "last_accessed_time"), plain)
)


def secret(value: str) -> object:
    """Write a token."""
    return {"SECRET": value}
