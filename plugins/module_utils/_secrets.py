# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What must never be shown. PRIVATE to the collection."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import fields
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from ._errors import CUT
from ._status import State, Stats, TaskStatus

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # ansible-core before 2.22 masks the options marked no_log and cannot be told of more
    register_secret = None

MASK = "********"
# As in ansible-core: masking shorter values would garble every sentence and hide nothing.
MIN_LENGTH = 4
# Where the keys of a result are those of an answer.
_OF_VENDORS = frozenset({"details", "raw", "envelope"})
# The other keys of a result and of an event.
_OURS = frozenset(
    {
        *(part.name for kind in (TaskStatus, Stats) for part in fields(kind)),
        *(state.value for state in State),
        *("changed", "done", "succeeded", "counts", "timed_out", "elapsed", "tasks", "stats", "error", "samples"),
        *("type", "http_status", "task_ids", "envelope", "payload", "msg"),
        *("task", "previous_state", "overall", "module", "hostname", "outage", "since", "stall"),
    }
)


class Secrets:
    """The passwords and tokens of one run, and the one place that takes them out of texts."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._in_json: set[str] = set()  # the same as they stand between the quotes of a JSON text

    def add(self, value: str | None) -> None:
        """Hide a value, in every form in which a system or a library may write it."""
        if not value or len(value) < MIN_LENGTH:
            return
        plain = {value, " ".join(value.split())}  # with single blanks, as an excerpt shows it
        in_json = {json.dumps(form, ensure_ascii=ascii_only)[1:-1] for form in plain for ascii_only in (True, False)}
        in_markup = {write(form) for form in plain | in_json for write in (escape, html.escape)}
        # A web page that quotes the request it was sent writes in its own way what was already written in another.
        in_pages = {html.escape(form) for form in in_markup}
        in_urls = {write(value, safe="", errors="replace") for write in (quote, quote_plus)}
        in_urls |= {quote(value, errors="replace")}
        in_urls |= {form.lower() for form in in_urls if "%" in form}
        forms = plain | in_json | in_markup | in_pages | in_urls | {repr(value)[1:-1]}
        self._forms |= {form for form in forms if len(form) >= MIN_LENGTH}
        self._in_json = {json.dumps(form, ensure_ascii=False)[1:-1] for form in self._forms}
        if register_secret is not None:
            register_secret(value)

    def add_login(self, username: str, password: str) -> None:
        """A name and password, and the form in which HTTP Basic authentication sends them."""
        self.add(password)
        self.add(base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode("ascii"))

    def scrub(self, value: Any) -> Any:
        """The value, which is plain JSON data, with every secret in every text of it replaced."""
        # Large answers are common and secrets in them are not: ask once whether there is anything to do.
        text = json.dumps(value, ensure_ascii=False)
        if CUT not in text and not any(form in text for form in self._in_json):
            return value
        # The longest first: a secret that holds another one must not leave its remainder behind.
        return _replaced(value, sorted(self._forms, key=len, reverse=True))


def _replaced(value: Any, forms: list[str], *, ours: bool = True) -> Any:
    """The value without these forms. Keys of ours stay, even where a password is ``done`` or ``state``."""
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, MASK)
        return _without_cut_secrets(value, forms) if CUT in value else value
    if isinstance(value, dict):
        return {
            key if ours and key in _OURS else _replaced(key, forms): _replaced(
                item, forms, ours=ours and key not in _OF_VENDORS
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_replaced(item, forms, ours=ours) for item in value]
    return value


def _without_cut_secrets(text: str, forms: list[str]) -> str:
    """A text that was cut short may end in the beginning of a secret."""
    for form in forms:
        for length in range(len(form) - 1, MIN_LENGTH - 1, -1):
            if form[:length] + CUT in text:
                text = text.replace(form[:length] + CUT, MASK + CUT)
                break
    return text
