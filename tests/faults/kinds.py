# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults, one row each: what the simulator does, and what a check makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from typing import Any

# Seconds for a request that meets a fault in which nothing happens; every other request has ample time.
SHORT_TIMEOUT = 0.4
AMPLE_TIMEOUT = 15.0
# Bytes. The real limit has a test of its own; here many answers must be too large, and soon.
LARGEST_BODY = 256 * 1024
TOO_LARGE = 4 * LARGEST_BODY


class Nature(Enum):
    """What a fault means, which decides how long a wait tolerates it."""

    AWAY = auto()
    """No answer, or one that is not the system's: an outage from the first poll on."""
    SESSION_LOST = auto()
    """The session is unknown."""
    DENIED = auto()
    NOT_FOUND = auto()
    ASTRAY = auto()
    """Sent to another host."""


def _now() -> Mapping[str, str]:
    return {}


def _in_a_second() -> Mapping[str, str]:
    return {"Retry-After": "1"}


def _at_a_date() -> Mapping[str, str]:
    # Dates have whole seconds: this one lies between one and two seconds ahead.
    return {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)}


@dataclass(frozen=True)
class Kind:
    """One fault. `poll` is the type of the error in which a check ends.

    Faults with `retry_once` get a second try in a check. `whole_port` faults concern connections rather than requests;
    those `of_transport` are more than the content of an answer. `spoils` says that the system has done its work before
    its answer goes wrong; `hides_headers` that not even the headers of that answer arrive. `pause` is the least time in
    seconds until the next request.
    """

    name: str
    nature: Nature
    poll: str
    spec: Mapping[str, Any]
    status: int | None = None
    retry_once: bool = False
    whole_port: bool = False
    spoils: bool = False
    hides_headers: bool = False
    slow: bool = False
    of_transport: bool = False
    headers: Callable[[], Mapping[str, str]] = _now
    pause: float = 0.0

    def described(self, secrets: Sequence[str], **more: Any) -> dict[str, Any]:
        """Return the fault as the simulator takes it; a text of its own holds the secrets."""
        shown = " ".join(secrets)
        spec = {
            key: value.replace("SECRETS", shown) if isinstance(value, str) else value
            for key, value in {**self.spec, **more}.items()
        }
        if headers := self.headers():
            spec["headers"] = dict(headers)
        return spec


_FAMILIES = json.dumps(
    {
        "messages": [{"id": "x", "text": "down SECRETS", "default_message": "down SECRETS", "args": []}],
        "_error": [{"code": "DOWN", "message": "down SECRETS"}],
        "error": "down SECRETS",
    }
)
_PAGE = "<!DOCTYPE html><html><head><title>SECRETS</title></head><body>SECRETS</body></html>"


def _status(
    number: int, poll: str, *, nature: Nature = Nature.AWAY, name: str = "", body: str = "SECRETS sent", **more: Any
) -> Kind:
    spec = {"kind": "status", "status": number, "body": body}
    if body.startswith("{"):
        spec["content_type"] = "application/json"
    return Kind(name or str(number), nature, poll, spec, status=number, **more)


KINDS: Sequence[Kind] = (
    Kind("refused", Nature.AWAY, "unreachable", {"kind": "refuse"}, whole_port=True, of_transport=True),
    Kind("reset", Nature.AWAY, "unreachable", {"kind": "reset"}, retry_once=True, of_transport=True),
    Kind("hang", Nature.AWAY, "unreachable", {"kind": "hang"}, slow=True, of_transport=True),
    Kind(
        "slow",
        Nature.AWAY,
        "unreachable",
        {"kind": "latency", "delay": 4 * SHORT_TIMEOUT},
        slow=True,
        of_transport=True,
        spoils=True,
        hides_headers=True,
    ),
    Kind("tls-cut", Nature.AWAY, "unreachable", {"kind": "tls_cut"}, whole_port=True, of_transport=True),
    Kind("cut-body", Nature.AWAY, "unreachable", {"kind": "cut_body"}, spoils=True, of_transport=True),
    _status(408, "unreachable"),
    _status(429, "rate_limited", name="429-seconds", headers=_in_a_second, pause=0.9),
    _status(429, "rate_limited", name="429-date", headers=_at_a_date, pause=0.9),
    _status(500, "server_error"),
    _status(502, "server_error", retry_once=True),
    _status(503, "server_error", name="503-text", retry_once=True),
    _status(503, "server_error", name="503-json", body=_FAMILIES, retry_once=True),
    _status(504, "server_error", retry_once=True),
    Kind("empty", Nature.AWAY, "bad_response", {"kind": "empty"}),
    Kind("html", Nature.AWAY, "bad_response", {"kind": "html", "body": _PAGE}),
    Kind("garbage", Nature.AWAY, "bad_response", {"kind": "garbage", "body": '\x00{"SECRETS": \x1f'}),
    Kind("wrong-encoding", Nature.AWAY, "bad_response", {"kind": "wrong_encoding"}, spoils=True),
    Kind("big-body", Nature.AWAY, "bad_response", {"kind": "big_body", "bytes": TOO_LARGE}, of_transport=True),
    Kind("expired", Nature.SESSION_LOST, "authentication", {"kind": "expire_sessions"}, status=401),
    _status(401, "authentication", nature=Nature.SESSION_LOST),
    _status(403, "authorization", nature=Nature.DENIED),
    _status(404, "not_found", nature=Nature.NOT_FOUND),
    Kind(
        "redirect",
        Nature.ASTRAY,
        "bad_response",
        {"kind": "redirect", "location": "https://elsewhere.example.com/SECRETS", "body": "SECRETS"},
    ),
)
