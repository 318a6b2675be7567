# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What one run carries with it: clock, transport, secrets and the count of its cost. PRIVATE to the collection."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._secrets import Secrets
from ._status import Stats


@dataclass(frozen=True)
class Runtime:
    """What a run takes from the process around it; tests hand in a fake clock and a transport without sockets.

    ``clock`` returns seconds that never run backwards, ``sleep`` takes seconds, ``jitter`` returns 0..1. ``adapter``
    is the transport of ``requests``, None for the ordinary one. ``trace`` is told of each request in one line.
    ``inventory_name`` is what the inventory calls the system, None where it has no name there.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep  # noqa: TID251 (called by the waiter alone)
    jitter: Callable[[], float] = random.random
    adapter: Any = None
    trace: Callable[[str], None] | None = None
    inventory_name: str | None = None


@dataclass(frozen=True)
class RunContext:
    """One run: its surroundings, the texts it must never show, and what it has cost so far."""

    runtime: Runtime = field(default_factory=Runtime)
    secrets: Secrets = field(default_factory=Secrets)
    stats: Stats = field(default_factory=Stats)
