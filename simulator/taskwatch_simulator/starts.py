# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that clients start: what a scenario says about it under the key `starts` of a system."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from pydantic import AfterValidator

from .timeline import Model

Entry = TypeVar("Entry", bound=Model)


class Starts(Generic[Entry]):
    """The entries for one kind of work: each start takes the next one, and the last one serves all that follow."""

    def __init__(self, entries: Iterable[Entry], default: Entry) -> None:
        self._entries = list(entries) or [default]
        self._taken = 0

    def peek(self) -> Entry:
        """Return the entry of the work that would begin next."""
        return self._entries[min(self._taken, len(self._entries) - 1)]

    def take(self) -> Entry:
        """Return the entry of the work that begins now."""
        entry = self.peek()
        self._taken += 1
        return entry


def decided_by_request(*keys: str) -> AfterValidator:
    """Return a check that an entry leaves to the request what the request says."""

    def check(entry: Entry) -> Entry:
        given = sorted(entry.model_fields_set & set(keys))
        if given:
            raise ValueError(
                f"the key {given[0]} does not belong here, because the request that starts the work decides it"
            )
        return entry

    return AfterValidator(check)
