# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer must look like on the wire, by the SDK's own writers.

In either REST flavour the SDK takes a map as an object or as a list, and it keeps members that it does not know. So an
answer is read by the SDK and written by it again, and the two must be equal, with nothing in them that it had to keep.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from com.vmware.appliance_client import Update
from vmware.vapi.bindings.converter import TypeConverter
from vmware.vapi.bindings.struct import VapiStruct
from vmware.vapi.data.serializers.cleanjson import DataValueConverter
from vmware.vapi.data.serializers.jsonrpc import VAPIJsonEncoder

Encoding = Literal["api", "rest", "jsonrpc"]


def written(info: Update.Info, encoding: Encoding) -> object:
    """Return the JSON body of an answer that holds this object."""
    value = TypeConverter.convert_to_vapi(info, Update.Info.get_binding_type())
    if encoding == "jsonrpc":
        return {"output": json.loads(VAPIJsonEncoder().encode(value))}
    body = json.loads(DataValueConverter.convert_to_json(value, new_rest=encoding == "api"))
    return body if encoding == "api" else {"value": body}


def difference(sent: Any, expected: Any, place: str = "") -> str:
    """Return where two JSON values differ first, and how."""
    if isinstance(sent, dict) and isinstance(expected, dict):
        for name in sorted(sent.keys() | expected.keys()):
            if sent.get(name) != expected.get(name):
                return difference(sent.get(name), expected.get(name), f"{place}/{name}")
    return f"{place} is {sent}, and the SDK would have written {expected}"


def unknown_members(value: object) -> Iterator[str]:
    """Yield the names of members, at any depth, that the interface definition does not have."""
    if isinstance(value, VapiStruct):
        yield from value._get_extra_fields() or ()
        value = vars(value)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from unknown_members(each)
