# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source, between a rulebook's event loop and the thread that asks the system. PRIVATE to the collection."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any, Optional

from ansible_collections.taskwatch.infra.plugins.module_utils._assembly import secrets_of
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.interruptible import (
    LAST_REQUEST_TIMEOUT,
    InterruptibleAdapter,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import Interrupted, signals_to_main_thread
from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import Asked, WatchFailed, read_arguments
from ansible_collections.taskwatch.infra.plugins.plugin_utils._events import Event, Events
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import watch

Outcome = Optional[TaskwatchError]
LOGGER = logging.getLogger("taskwatch.infra.task_status")
# Of a source that is told to end, in seconds. The request under way gets a moment: it may be a login, and a session
# whose token was not read cannot be closed. Then the logout gets its time. A connect without an answer may take
# longer and cannot be shortened, but then there is no session to close, either.
REQUEST_GRACE = 0.7
LOGOUT_GRACE = LAST_REQUEST_TIMEOUT + 2.0
# How long after an event the rulebook has surely begun what the event gives rise to, in seconds.
ACTION_DELAY = 0.5
# A future for each watch, done when the watch is over; one event loop is one rulebook.
_WATCHES: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, set[asyncio.Future[None]]] = weakref.WeakKeyDictionary()


async def watch_tasks(queue: Any, args: dict[str, Any]) -> None:
    """Put an event into ``queue`` for every change, until every task has ended.

    ansible-rulebook ends with the first of its sources that ends, and gives its actions a minute or two to end as well.
    So the watches of one rulebook end together, and after the actions that their events have started.

    Raises:
        WatchFailed: at once for arguments that make no sense, and at the end for what could not be watched to its end.
    """
    asked = read_arguments(args, warn=LOGGER.warning)
    _take_signals_back()
    with _among_the_others() as (finished, others):
        outcome = await _Thread(asked, queue).to_its_end()
        finished.set_result(None)
        if outcome is not None and others():
            LOGGER.error("%s", outcome.message)
        while pending := others():
            await asyncio.wait(pending)
    await _end_of_actions()
    if outcome is not None:
        raise WatchFailed(outcome.message)


class _Thread:
    """A watch in a thread of its own, because the client blocks.

    An executor shared by all sources could be filled by a few systems that do not answer. The thread waits until the
    rulebook has taken an event before it goes on, so that a busy rulebook is not flooded.
    """

    def __init__(self, asked: Asked, queue: Any) -> None:
        self._asked = asked
        self._queue = queue
        self._loop = asyncio.get_running_loop()
        self._adapter = InterruptibleAdapter()
        self._stopped = threading.Event()
        self._being_put: Future[None] | None = None

    async def to_its_end(self) -> Outcome:
        """Why the watch ended before its time, None if it did not. Being cancelled closes the session."""
        outcome: Future[Outcome] = Future()
        # A daemon, so that a process that is not ended in order does not wait for it.
        thread = threading.Thread(target=self._run, args=(outcome,), name=f"watch {self._host}", daemon=True)
        with signals_to_main_thread():
            thread.start()
        ended = asyncio.wrap_future(outcome)
        try:
            return await asyncio.shield(ended)
        finally:
            if not ended.done():
                await self._stop(ended)
            if ended.done():
                thread.join()  # it has no more to do than to return

    @property
    def _host(self) -> str:
        return f"{self._asked.system_class.NAME} on {self._asked.params['hostname']}"

    # -- in the event loop --------------------------------------------------------------------------------------------

    async def _stop(self, ended: asyncio.Future[Outcome]) -> None:
        self._adapter.stop_new()  # before the thread wakes up: its next request is the logout
        self._stopped.set()
        if self._being_put is not None:
            self._being_put.cancel()
        await asyncio.wait([ended], timeout=REQUEST_GRACE)
        if not ended.done():
            self._adapter.abort()
            await asyncio.wait([ended], timeout=LOGOUT_GRACE)

    async def _hand_over(self, event: Event) -> None:
        await self._queue.put(event)
        await asyncio.sleep(0)  # the rulebook works in the same loop

    # -- in the thread ------------------------------------------------------------------------------------------------

    def _run(self, outcome: Future[Outcome]) -> None:
        try:
            outcome.set_result(self._watch())
        except Interrupted:
            outcome.set_result(None)  # no rulebook is left to tell
        except BaseException as reason:  # noqa: BLE001 (the caller of to_its_end raises it)
            outcome.set_exception(reason)

    def _watch(self) -> Outcome:
        system_class, params = self._asked.system_class, self._asked.params
        runtime = Runtime(sleep=self._sleep, adapter=self._adapter)
        context = RunContext(runtime, secrets_of(system_class, params))
        events = Events(
            self._put,
            module=system_class.NAME,
            params=params,
            secrets=context.secrets,
            clock=runtime.clock,
            warn=lambda sentence: LOGGER.warning("%s: %s", self._host, sentence),
        )
        return watch(system_class, params, self._asked.settings, observer=events, context=context)

    def _sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise Interrupted

    def _put(self, event: Event) -> None:
        if self._stopped.is_set():
            raise Interrupted
        self._being_put = asyncio.run_coroutine_threadsafe(self._hand_over(event), self._loop)
        if self._stopped.is_set():  # perhaps since before there was anything to cancel
            self._being_put.cancel()
        try:
            self._being_put.result()
        except CancelledError:
            raise Interrupted from None


def _take_signals_back() -> None:
    """Let a signal end the rulebook in order.

    ansible-rulebook 1.3 has handlers for these signals. Then its rule engine starts Java, which takes the signals for
    itself and ends the process where it stands: no source could log out.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, handler)


async def _end_of_actions() -> None:
    """Wait for the actions that are under way in this event loop.

    That ansible-rulebook 1.3 gives its tasks these names is nothing to rely on. Without them its own delay counts.
    """
    while True:
        await asyncio.sleep(ACTION_DELAY)
        actions = [task for task in asyncio.all_tasks() if task.get_name().startswith("action::")]
        if not actions:
            return
        await asyncio.wait(actions)


@contextmanager
def _among_the_others() -> Iterator[Any]:
    """A future for the end of this watch, and a function for those of the sources whose watch goes on."""
    loop = asyncio.get_running_loop()
    watches = _WATCHES.setdefault(loop, set())
    mine: asyncio.Future[None] = loop.create_future()
    watches.add(mine)
    try:
        yield mine, lambda: [each for each in watches if not each.done()]
    finally:
        watches.discard(mine)
        mine.cancel()  # no source waits for one that was ended
