# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client on a fake clock and a transport without sockets."""

from __future__ import annotations

from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import RestClient
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.endpoint import Endpoint

from .clock import FakeClock
from .transport import Script, ScriptedAdapter

WHERE = Endpoint("system.example.com", 443)


def context_of(clock: FakeClock | None = None, adapter: Any = None) -> RunContext:
    clock = clock or FakeClock()
    return RunContext(Runtime(clock=clock, sleep=clock.sleep, jitter=lambda: 0.5, adapter=adapter))


def client_of(
    script: Script, *, where: Endpoint = WHERE, clock: FakeClock | None = None
) -> tuple[RestClient, ScriptedAdapter, FakeClock]:
    clock, adapter = clock or FakeClock(), ScriptedAdapter(script)
    return RestClient(where, context_of(clock, adapter)), adapter, clock
