# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An HTTP response, and the error that one without success means. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import client as http_client

from .._errors import ErrorType, Retryability, TaskwatchError


@dataclass(frozen=True)
class Response:
    """An HTTP response, read completely. ``sent`` is the request's method and path, for messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_redirect(self) -> bool:
        return 300 <= self.status < 400

    @property
    def is_web_page(self) -> bool:
        """Whether a page for people came where data belongs, such as the login page of a front end."""
        beginning = self.body[:200].lstrip().lower()
        return self.content_type == "text/html" or beginning.startswith((b"<!doctype html", b"<html"))

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        for part in self.headers.get("Content-Type", "").split(";")[1:]:
            name, _unused, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip(" \"'") or None
        return None

    @property
    def retry_after(self) -> float | None:
        """Seconds until the system wants to be asked again; both forms of the header are read."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def reason_of(response: Response, explanation: str | None) -> str:
    """The status of an answer and what the vendor says about it, for a message."""
    status = f"HTTP {response.status} {http_client.responses.get(response.status, '')}".strip()
    return f"{status}: {explanation}" if explanation else status


def error_from_response(response: Response, explanation: str | None) -> TaskwatchError:
    """The typed error of an answer that is not a success; ``explanation`` is the vendor's own text."""
    kind, sentence, retryability = _STATUSES.get(response.status) or (
        (ErrorType.SERVER_ERROR, "it reports an error of its own", Retryability.ALWAYS)
        if response.status >= 500
        else (ErrorType.BAD_REQUEST, "it refuses the request", Retryability.NEVER)
    )
    return TaskwatchError(
        kind,
        f"{sentence} ({reason_of(response, explanation)})",
        retryability=retryability,
        http_status=response.status,
        retry_after=response.retry_after,
        retry_once=response.status in (502, 503, 504),
        affects_all_tasks=response.status in (401, 408, 429, 502, 503, 504),
    )


_STATUSES: dict[int, tuple[ErrorType, str, Retryability]] = {
    401: (ErrorType.AUTHENTICATION, "the login is not accepted", Retryability.IF_SEEN),
    403: (ErrorType.AUTHORIZATION, "the account may not read this", Retryability.IF_SEEN),
    404: (ErrorType.NOT_FOUND, "the system does not know it", Retryability.IF_SEEN),
    408: (ErrorType.UNREACHABLE, "it gave up waiting for the request", Retryability.ALWAYS),
    409: (ErrorType.CONFLICT, "the request conflicts with the state of the system", Retryability.NEVER),
    429: (ErrorType.RATE_LIMITED, "it asks for fewer requests", Retryability.ALWAYS),
}
