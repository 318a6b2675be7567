# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator inside a test's own process, on real ports, in a thread of its own."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .clock import Clock
from .identity import write_ca
from .ready import ready_data, write_ready
from .scenario import Scenario, load
from .server import Server, rounds_pass
from .world import World

START_TIMEOUT = 60.0
T = TypeVar("T")


@dataclass
class Simulator:
    """A running simulator; `systems` and `control_url` are those of the ready file, `ca_path` is None without TLS."""

    world: World
    systems: dict[str, dict[str, Any]]
    control_url: str
    ca_path: str | None
    _server: Server
    _loop: asyncio.AbstractEventLoop

    @property
    def ready(self) -> dict[str, Any]:
        """What the ready file of a simulator in a process of its own holds."""
        return ready_data(self._server, self.ca_path)

    def write_ready(self, path: Path) -> Path:
        """Write the ready file and return its path."""
        write_ready(path, self.ready)
        return path

    def sessions(self) -> dict[str, list[dict[str, Any]]]:
        """Return the open sessions of every system."""
        return self.world.sessions()

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked, in order."""
        return self.world.requests()

    def tasks(self) -> list[dict[str, Any]]:
        """Return the true state of every task."""
        return self.world.tasks()

    def secrets(self) -> set[str]:
        """Return every password, and every token that was ever handed out."""
        return self.world.secrets()

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults in force."""
        return self.world.faults()

    def add_task(self, description: Mapping[str, Any]) -> str:
        """Begin a task described as in a scenario, with its `system`, and return its id."""
        task_id = self.world.add_task(description)
        self.sync()
        return task_id

    def add_fault(self, description: Mapping[str, Any]) -> None:
        """Put a fault in force; a port that it closes is closed when this returns."""
        self.world.add_fault(description)
        self.sync()

    def reset(self, scenario: str | Scenario | None = None) -> None:
        """Begin anew, with another scenario if one is given."""
        self.world.reset(load(scenario) if isinstance(scenario, str) else scenario)
        self.sync()

    def sync(self) -> None:
        """Close and open ports as the present moment wants them; for a clock that was moved by hand."""
        asyncio.run_coroutine_threadsafe(self._server.sync(), self._loop).result(START_TIMEOUT)


@contextmanager
def running(
    scenario: str | Scenario = "demo",
    speed: float = 1.0,
    *,
    plain: bool = False,
    bind: str = "127.0.0.1",
    clock: Clock | None = None,
) -> Iterator[Simulator]:
    """Serve a scenario (shipped name, file or object) until the block ends, on the machine's clock or another one."""
    world = World(load(scenario) if isinstance(scenario, str) else scenario, clock, speed=speed, plain=plain)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()

    def wait_for(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(START_TIMEOUT)

    server = Server(world, bind, plain=plain)
    try:
        with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
            wait_for(server.start())
            try:
                ca_path = None if plain else write_ca(Path(folder))
                yield Simulator(world, server.systems(), server.control_url, ca_path, server, loop)
            finally:
                wait_for(server.stop())
    finally:
        wait_for(_rest_cancelled())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _rest_cancelled() -> None:
    """Cancel what the loop still does, such as handshakes that no client ever finished."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    # A handshake that is cancelled aborts its connection, and that tells of its end, each in a round of the loop
    await rounds_pass()
