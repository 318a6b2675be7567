# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What must never be shown. PRIVATE to the collection."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "********"
# As in ansible-core: masking shorter values would garble every sentence and hide nothing.
MIN_LENGTH = 4


class Secrets:
    """The passwords and tokens of one run, and the one place that takes them out of texts.

    ``on_add`` is told of every new secret, so that ansible-core can mask it in its own output.
    """

    def __init__(self, on_add: Callable[[str], None] | None = None) -> None:
        self._forms: set[str] = set()
        self._on_add = on_add

    def add(self, value: str | None) -> None:
        if not value or len(value) < MIN_LENGTH:
            return
        self._forms |= {value, quote(value), quote(value, safe=""), quote_plus(value)}
        if self._on_add is not None:
            self._on_add(value)

    def add_login(self, username: str, password: str) -> None:
        """A name and password, and the form in which HTTP Basic authentication sends them."""
        self.add(password)
        self.add(base64.b64encode(f"{username}:{password}".encode()).decode("ascii"))

    def scrub(self, value: Any) -> Any:
        """The value, which is plain JSON data, with every secret in every text of it replaced."""
        # Large answers are common and secrets in them are not: ask once whether there is anything to do.
        text = json.dumps(value, ensure_ascii=False)
        if not any(json.dumps(form, ensure_ascii=False)[1:-1] in text for form in self._forms):
            return value
        # The longest first: a secret that holds another one must not leave its remainder behind.
        return _replaced(value, sorted(self._forms, key=len, reverse=True))


def _replaced(value: Any, forms: list[str]) -> Any:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, MASK)
        return value
    if isinstance(value, dict):
        return {_replaced(key, forms): _replaced(item, forms) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, forms) for item in value]
    return value
