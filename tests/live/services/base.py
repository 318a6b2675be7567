# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests ask of every service, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.live.conversation import Conversation
from tests.live.proxy import Proxy, Trouble, proxying


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service that runs on 127.0.0.1, and how its tasks are begun.

    `options` are those of rest_task_info beside the connection. `begin` starts a task that goes a course for at least
    some seconds and returns its ID; `ends` has the state in which each course ends. What a service does not have is
    None: a login that can be wrong, a task that can be cancelled, sessions that it lists. `client` speaks with the
    vendor's own client.
    """

    name: str
    api: str
    version: str
    port: int
    options: Mapping[str, Any]
    begin: Callable[[str, float], str]
    unknown: str
    secrets: tuple[str, ...] = ()
    tls: bool = False
    ends: Mapping[str, str] = field(default_factory=lambda: {"good": "succeeded", "bad": "failed"})
    wrong_login: Mapping[str, Any] | None = None
    cancel: Callable[[str], None] | None = None
    cancelled_as: str = "cancelled"
    unknown_as: str = "not_found"
    sessions: Callable[[], int] | None = None
    end_sessions: Callable[[], None] | None = None
    client: Callable[[], AbstractContextManager[Conversation]] | None = None

    def through(self, trouble: Trouble | None = None) -> AbstractContextManager[Proxy]:
        """A proxy in front of the service, which takes plain HTTP."""
        return proxying(self.port, trouble, tls=self.tls)
