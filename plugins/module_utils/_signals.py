# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ending early without leaving a session behind. PRIVATE to the collection."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asks us to end. Not an Exception, so that no handler of errors takes it for one."""


# How long an orphan may go unnoticed, in seconds.
_WATCH_SLICE = 1.0


@contextmanager
def signals_to_main_thread() -> Iterator[None]:
    """Threads started in here never take a signal, so that it always interrupts the call in which the main thread is.

    The system gives a signal to any thread of a process that does not block it. Python runs the handler in the main
    thread all the same, but only once that returns from its call; a request to a system that hangs does not.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def output_of(stream: Any) -> int | None:
    """The descriptor behind a stream; None for one that was replaced by an object without."""
    try:
        return int(stream.fileno())
    except (AttributeError, OSError):
        return None


@contextmanager
def orphan_watch(output: int | None = None, parent: int | None = None) -> Iterator[Callable[[float], None]]:
    """Interrupt the main thread once our parent or the reader of ``output`` is gone, whatever it is doing.

    A module whose controller has given up on it, as after the task keyword ``timeout``, is not told, nor is a worker
    whose ansible-playbook was killed. Both would go on waiting for hours, and hold their sessions for as long. Gives a
    sleep that ends then also where the signal is ignored. ``parent`` is the process that started us, where that is
    known: it may have ended before the watch begins.
    """
    parent = os.getppid() if parent is None else parent
    main = threading.main_thread().ident or 0
    stop_reader, stop_writer = os.pipe()
    gone = threading.Event()
    poller = select.poll()
    poller.register(stop_reader, select.POLLIN)
    if output is not None:
        poller.register(output, 0)  # asks for nothing; a lost reader is always reported

    def watch() -> None:
        ready: list[tuple[int, int]] = []
        while not ready and os.getppid() == parent:
            ready = poller.poll(_WATCH_SLICE * 1000)
        stopped = any(descriptor == stop_reader for descriptor, _events in ready)
        os.close(stop_reader)
        if not stopped:
            gone.set()
            # To this thread, so that the call in which it blocks returns.
            signal.pthread_kill(main, signal.SIGTERM)

    def sleep(seconds: float) -> None:
        if gone.wait(seconds):
            raise Interrupted

    with signals_to_main_thread():
        threading.Thread(target=watch, name="orphan watch", daemon=True).start()
    try:
        yield sleep
    finally:
        os.close(stop_writer)


@contextmanager
def own_process_group() -> Iterator[None]:
    """Leave the process group of our parent for a while, so that what kills the group leaves us time for a logout.

    ansible-runner, and AWX with it, ends a job by SIGKILL to the group of ansible-playbook. From ansible-core 2.19 on
    each worker is in a group of its own. A signal for our parent alone reaches us as before: it ends its workers.
    """
    before = os.getpgid(0)
    shared = before == os.getpgid(os.getppid())
    if shared:
        os.setpgid(0, 0)
    try:
        yield
    finally:
        if shared:
            with suppress(OSError):  # nothing else is left in that group
                os.setpgid(0, before)


class Interruption:
    """Turns the first signal that would end the process into an exception, and hands it on after the clean-up.

    Python's own handlers differ by who runs us: a module would die without a word on SIGTERM, a worker of
    ansible-core kills its process group at once. Neither would let us log out. From ``defer_signals`` on a signal is
    only remembered, because nothing may interrupt the clean-up itself. Outside the main thread it does nothing.
    """

    def __init__(self) -> None:
        self._armed = True
        self._caught: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:  # noqa: PYI034 (typing.Self needs Python 3.11)
        if threading.current_thread() is threading.main_thread():
            # A signal that is ignored on purpose, as under nohup, stays ignored.
            heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            self._before = {number: signal.signal(number, self._catch) for number in heard}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            # Python's own handler for Ctrl-C ends in a traceback; dying of the signal says the same without one.
            quiet = signal.SIG_DFL if handler is signal.default_int_handler else handler
            signal.signal(number, quiet if number == self._caught else handler)
        if self._caught is not None:
            os.kill(os.getpid(), self._caught)

    def defer_signals(self) -> None:
        """From here on a signal waits until the clean-up is done."""
        self._armed = False

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        first, self._caught = self._caught is None, self._caught or number
        if first and self._armed:
            raise Interrupted(number)
