# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interface that a walk needs of a vendor's client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

# By task id, what our module must say of a task if it has seen the same: some keys of `tasks[]` in its return values.
# Times are aware datetimes, steps are triples of id, native state and progress.
Observation = Mapping[str, Mapping[str, Any]]


def percent(part: float, whole: float = 100.0) -> float:
    """Return a percentage to a tenth, as our return values have it."""
    return round(100.0 * part / whole, 1)


# What clients end with on answers that they were not made for
BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class SessionLost(Exception):
    """The client was told that it is not logged in (any more)."""


class Unavailable(Exception):
    """The client got no answer of any use."""


class Client(ABC):
    """A client that keeps one session, as a program that waits would."""

    name: str

    def __init__(self) -> None:
        self.departures: list[str] = []
        """What this client took and the vendor would not have sent, one sentence each."""

    @abstractmethod
    def log_in(self) -> None:
        """Open a session.

        Raises:
            Unavailable: when a login is not possible now.
            SessionLost: when the login is refused.
        """

    def poll(self) -> Observation:
        """Poll the tasks once, without trying anything again.

        Raises:
            Unavailable: when there was no answer of any use, be it because the client broke on it.
            SessionLost: when the client has to log in first.
        """
        try:
            return self._poll()
        except BROKEN as error:
            raise Unavailable(f"it broke: {error!r}") from error

    @abstractmethod
    def _poll(self) -> Observation:
        """Do what `poll` says, and break on answers that the client was not made for."""

    @abstractmethod
    def log_out(self) -> None:
        """Close the session, if it is open."""
