# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source in an event loop of the test's own, in the place of ansible-rulebook."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.taskwatch.infra.extensions.eda.plugins.event_source.task_status import main

from taskwatch_simulator.embedded import Simulator
from tests.support.modules import Module

Event = dict[str, Any]
# How often a test checks whether what it waits for has come, and how long it waits for it, in seconds
BETWEEN_POLLS = 0.02
PATIENCE = 30.0


def arguments(simulator: Simulator, module: Module, **more: Any) -> dict[str, Any]:
    """Return the arguments that watch two tasks of a module, polling every 0.1 s; `options` adds to the module's."""
    options = {**module.connection(simulator), **module.ask(list(module.ids)), **more.pop("options", {})}
    return {"module": module.name, "options": options, "interval": 0.1, **more}


class Listener:
    """Takes the events of sources as a rulebook does, from a queue that holds one."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue(1)
        self.events: list[Event] = []

    async def listen(self) -> None:
        """Take events for ever."""
        while True:
            self.events.append(await self.queue.get())

    async def until(self, condition: Callable[[], Any]) -> None:
        """Go on listening until something is true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 (which may be about what the simulator's thread has seen)
                await asyncio.sleep(BETWEEN_POLLS)

    def source(self, args: dict[str, Any]) -> asyncio.Task[None]:
        """Start a source."""
        return asyncio.create_task(main(self.queue, args))

    def states(self, task_id: str) -> list[str]:
        """Return the states that a task went through, each once."""
        told = [event["task"]["state"] for event in self.events if event.get("task", {}).get("id") == task_id]
        return [state for number, state in enumerate(told) if number == 0 or told[number - 1] != state]

    def told(self, key: str) -> list[Any]:
        """Return what the events of one kind say."""
        return [event[key] for event in self.events if key in event]


async def cancelled(source: asyncio.Task[None]) -> float:
    """Cancel a source as ansible-rulebook does, and return the seconds that it took to end."""
    began = time.monotonic()
    source.cancel()
    await asyncio.wait([source])
    assert source.cancelled()
    return time.monotonic() - began


def threads_of_sources() -> list[str]:
    """Return the names of the threads that still watch something."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("watch ")]
