# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one body that starting an installation takes: answers to the questions of the update's precheck.

Source: vSphere Automation API 8.0 Update 2, structures of "Appliance Update Pending install": a map, so an object on
/api and a list of keys and values on /rest. The key of the password is the one of VMware's own sample for patching.
"""

from __future__ import annotations

from typing import Any

from ..messages import Request
from .vcenter_format import Error, Flavour, Refused

PASSWORD = "vmdir.password"
MEMBER = "user_data"
# assumption: which of the API's errors a body gets that cannot be read
NOT_JSON = Error(400, "INVALID_REQUEST", "com.vmware.vapi.rest.invalidJson", "The request body is not a JSON object.")
MISSING = Error(400, "INVALID_ARGUMENT", "com.vmware.vapi.rest.missingField", f"The field {MEMBER} is missing.")
MALFORMED = Error(400, "INVALID_ARGUMENT", "com.vmware.vapi.rest.invalidField", f"The field {MEMBER} is not a map.")
UNEXPECTED = Error(400, "UNEXPECTED_INPUT", "com.vmware.vapi.rest.unexpectedField", "There are unexpected fields.")


def user_data(request: Request, flavour: Flavour) -> dict[str, str]:
    """Return the answers of a request.

    Raises:
        Refused: when it holds none.
    """
    try:
        sent = request.json()
    except ValueError:
        raise Refused(NOT_JSON) from None
    if not isinstance(sent, dict):
        raise Refused(NOT_JSON)
    if set(sent) - {MEMBER}:
        raise Refused(UNEXPECTED)
    if MEMBER not in sent:
        raise Refused(MISSING)
    pairs = _object_pairs(sent[MEMBER]) if flavour == "api" else _list_pairs(sent[MEMBER])
    if any(not isinstance(each, str) for pair in pairs for each in pair):
        raise Refused(MALFORMED)
    return {str(key): str(value) for key, value in pairs}


def _object_pairs(value: object) -> list[tuple[object, object]]:
    if not isinstance(value, dict):
        raise Refused(MALFORMED)
    return list(value.items())


def _list_pairs(value: object) -> list[tuple[object, object]]:
    pairs: list[Any] = value if isinstance(value, list) else [None]
    if any(not isinstance(each, dict) or set(each) != {"key", "value"} for each in pairs):
        raise Refused(MALFORMED)
    return [(each["key"], each["value"]) for each in pairs]
