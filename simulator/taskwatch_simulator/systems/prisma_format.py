# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the controller writes answers and errors.

Source: Prisma SD-WAN API, "Get Image Status of Element (v2.1)" and its SDK guide, whose sample shows the fields of
every answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from ..messages import Reply, json_reply

Item = dict[str, Any]


def envelope(status: int) -> Item:
    """Return the fields that every answer has."""
    return {"_etag": 0, "_schema": 0, "_status_code": str(status), "_request_id": str(secrets.randbelow(10**22))}


def error(status: int, code: str, message: str) -> Reply:
    """Return an error."""
    return json_reply({"_error": [{"code": code, "message": message}], **envelope(status)}, status)


def page(items: Sequence[Item], total: int, own: Item, extra: Item | None = None) -> Reply:
    """Return a page of `total` items, with the fields of its flavour and further ones."""
    body = {
        **envelope(200),
        "id": None,
        **own,
        "count": len(items),
        "total_count": total,
        "deleted_count": 0,
        "deleted_ids": None,
        "next_query": None,
        "_created_on_utc": 0,
        "_updated_on_utc": 0,
        **(extra or {}),
        "items": list(items),
    }
    body["_content_length"] = str(len(json.dumps(body)))
    return json_reply(body)
