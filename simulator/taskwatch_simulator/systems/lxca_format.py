# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the appliance writes answers and errors.

Source: Lenovo XClarity Administrator REST API reference, "Return values"; content type, headers and the structure of
error bodies as recorded in the tests of ManageIQ's provider for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..messages import Reply, json_reply
from .base import SECURITY_HEADERS

HEADERS = [
    *SECURITY_HEADERS,
    ("Cache-Control", "no-store, no-cache, must-revalidate"),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("Expires", "0"),
    ("Vary", "Accept-Encoding, User-Agent"),
]
GOOD_MESSAGE = {"id": "FQXHMSE0001I", "text": "The operation was successful."}


@dataclass(frozen=True)
class Writer:
    """Writes replies; `version` stands inside their content type, `recovery` is the shape of that field in errors."""

    version: str
    recovery: Literal["object", "list", "string"]

    def reply(self, data: object, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Reply:
        """Return a reply that holds a JSON value."""
        media = f"application/com.lenovo.lxca-{self.version}+json; charset=UTF-8"
        return json_reply(data, status, media, [*HEADERS, *(headers or [])])

    def error(self, status: int, code: str, text: str, advice: str) -> Reply:
        """Return an error. assumption: its id and texts; its structure is recorded."""
        return self.reply(self.failure(code, text, advice), status)

    def failure(self, code: str, text: str, advice: str) -> dict[str, object]:
        """Return the body of an error, which may also come with status 200."""
        recovery: object = {"text": advice, "URL": ""}
        if self.recovery == "list":
            recovery = [recovery]
        elif self.recovery == "string":
            recovery = advice
        message = {"id": f"FQXHM{code}J", "text": text, "explanation": text, "recovery": recovery}
        return {"result": "failure", "messages": [message]}
