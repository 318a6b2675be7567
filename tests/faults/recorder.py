# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that a run shows, written down, and what it must not show."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer, Snapshot

from taskwatch_simulator.sessions import Session, SessionTable

# Characters of a secret that tell too much of it
PART = 8


class Recorder(Observer):
    """Keeps every word that a wait says while it lasts, and the names and seconds of the events."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.moments: list[float] = []
        self.texts: list[str] = []

    def changed(self, snapshot: Snapshot) -> None:
        self._keep("changed", snapshot)

    def outage_began(self, snapshot: Snapshot) -> None:
        self._keep("outage began", snapshot)

    def outage_ended(self, snapshot: Snapshot) -> None:
        self._keep("outage ended", snapshot)

    def heartbeat(self, snapshot: Snapshot) -> None:
        self._keep("heartbeat", snapshot)

    def _keep(self, event: str, snapshot: Snapshot) -> None:
        self.events.append(event)
        self.moments.append(snapshot.elapsed)
        self.texts += [json.dumps(status.as_dict()) for status in snapshot.statuses]
        if snapshot.outage is not None:
            self.texts.append(snapshot.outage.error.message)


@contextmanager
def sessions_opened() -> Iterator[list[Session]]:
    """Collect every session that any simulated system opens, with its token."""
    opened: list[Session] = []
    make = SessionTable.open

    def noted(table: SessionTable, user: str, lifetime: float | None = None, **data: str) -> Session:
        session = make(table, user, lifetime, **data)
        opened.append(session)
        return session

    with patch.object(SessionTable, "open", noted):
        yield opened


def tokens_of(sessions: Iterable[Session]) -> list[str]:
    """Return what gives access: session tokens and what must come with them."""
    return [text for session in sessions for text in (session.token, session.data.get("csrf")) if text]


def fragments(secrets: Iterable[str], told: str, user: str = "") -> list[str]:
    """Return the parts of secrets that a text holds, in every form in which they may be written."""
    found = []
    for secret in secrets:
        basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), basic}
        forms |= {html.escape(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        for form in forms | {json.dumps(form)[1:-1] for form in forms}:
            parts = {form[begin : begin + PART] for begin in range(max(1, len(form) - PART + 1))}
            found += [f"{part!r} of {form!r}" for part in parts if part in told]
    return found


def leaks(secrets: Iterable[str], result: Result, recorder: Recorder, user: str = "") -> list[str]:
    """Return where a secret shows in anything that a run let out, in clear or in one of its usual disguises."""
    places = {
        "payload": json.dumps(result.payload, ensure_ascii=False),
        "msg": result.msg or "",
        "warnings": "\n".join(result.warnings),
        "progress": "\n".join(recorder.texts),
    }
    found = []
    for secret in secrets:
        basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        forms = {secret, quote(secret, safe=""), basic}
        found += [f"{place} holds {form!r}" for place, text in places.items() for form in forms if form in text]
    return found
