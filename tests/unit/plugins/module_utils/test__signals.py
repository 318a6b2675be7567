# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ending early: a signal becomes an exception, the clean-up is not disturbed, and then the signal is handed on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils import _signals
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import (
    Interrupted,
    Interruption,
    orphan_watch,
)

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
BY_SIGNAL = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: signal.Signals(number).name)


class Before:
    """Stands for the handlers of the parent, and remembers what they were told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self.told.append(number)


@pytest.fixture(name="before")
def _before() -> Iterator[Before]:
    before = Before()
    saved = {number: signal.signal(number, before) for number in SIGNALS}
    yield before
    for number, handler in saved.items():
        signal.signal(number, handler)


def raise_here(number: int) -> None:
    os.kill(os.getpid(), number)
    # The handler runs between two instructions of the main thread.
    for _unused in range(1000):
        pass


def work(number: int, later: int | None, before: Before) -> list[str]:
    """Work that is interrupted by a signal and, while it cleans up, perhaps by another; what it got to do."""
    steps: list[str] = []
    try:
        with Interruption() as interruption:
            try:
                raise_here(number)
                steps.append("went on")
            finally:
                interruption.defer_signals()
                if later is not None:
                    raise_here(later)
                steps.append("cleaned up" if not before.told else "cleaned up too late")
    except Interrupted:
        steps.append("interrupted")
    return steps


@BY_SIGNAL
def test_a_signal_ends_the_work_and_is_handed_on_after_the_clean_up(before: Before, number: int) -> None:
    assert work(number, None, before) == ["cleaned up", "interrupted"]
    assert before.told == [number]
    assert signal.getsignal(number) is before


@BY_SIGNAL
def test_a_second_signal_does_not_disturb_the_clean_up(before: Before, number: int) -> None:
    assert work(signal.SIGTERM, number, before) == ["cleaned up", "interrupted"]
    assert before.told == [signal.SIGTERM], "the first one counts"


def test_a_signal_during_the_clean_up_waits_for_its_end(before: Before) -> None:
    with Interruption() as interruption:
        interruption.defer_signals()
        raise_here(signal.SIGTERM)
        assert before.told == []
    assert before.told == [signal.SIGTERM]


def test_without_a_signal_nothing_changes(before: Before) -> None:
    with Interruption() as interruption:
        assert {signal.getsignal(number) for number in SIGNALS} == {interruption._catch}
    assert {signal.getsignal(number) for number in SIGNALS} == {before}
    assert before.told == []


@pytest.mark.usefixtures("before")
def test_what_somebody_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interruption():
        raise_here(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_an_error_goes_through_and_the_handlers_are_restored(before: Before) -> None:
    with pytest.raises(ZeroDivisionError), Interruption():
        raise ZeroDivisionError
    assert {signal.getsignal(number) for number in SIGNALS} == {before}


def test_outside_the_main_thread_it_does_nothing(before: Before) -> None:
    seen = []

    def work() -> None:
        with Interruption() as interruption:
            seen.append(signal.getsignal(signal.SIGTERM))
            interruption.defer_signals()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_it_is_no_error_that_a_handler_of_errors_would_take_it_for() -> None:
    assert not issubclass(Interrupted, Exception)


@BY_SIGNAL
def test_a_process_without_handlers_dies_of_the_signal_without_a_word(number: int) -> None:
    program = (
        "import os, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # the parent may ignore some
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from ansible_collections.taskwatch.infra.plugins.module_utils._signals import Interruption\n"
        "with Interruption() as interruption:\n"
        "    try:\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        print('went on')\n"
        "    finally:\n"
        "        interruption.defer_signals()\n"
        "        print('cleaned up', flush=True)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, env=environment)
    assert (done.stdout, done.stderr, done.returncode) == (b"cleaned up\n", b"", -number)


# -- sleeping with an eye on who waits for us -------------------------------------------------------------------------


@pytest.fixture(name="deaf")
def _deaf() -> Iterator[None]:
    """SIGTERM is ignored, as below a supervisor that does so; the tests of this section need the sleep alone."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("deaf")
def test_a_sleep_ends_when_nobody_reads_any_more() -> None:
    reader, writer = os.pipe()
    try:
        with orphan_watch(writer) as sleep:
            sleep(0.05)
            threading.Timer(0.1, os.close, [reader]).start()
            with pytest.raises(Interrupted):
                sleep(30)
    finally:
        os.close(writer)


@pytest.mark.usefixtures("deaf")
def test_a_sleep_ends_when_its_parent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = [7, 7, 7, 1]
    monkeypatch.setattr(os, "getppid", lambda: parents.pop(0) if len(parents) > 1 else parents[0])
    monkeypatch.setattr(_signals, "_WATCH_SLICE", 0.01)
    with orphan_watch() as sleep, pytest.raises(Interrupted):
        sleep(30)


@pytest.mark.usefixtures("deaf")
def test_a_sleep_ends_where_the_parent_was_gone_before() -> None:
    with orphan_watch(parent=os.getppid() + 1) as sleep, pytest.raises(Interrupted):
        sleep(30)


@pytest.mark.parametrize("seconds", [0, -1, 0.05])
def test_otherwise_it_sleeps_as_long_as_it_should(seconds: float) -> None:
    with orphan_watch() as sleep:
        began = time.monotonic()
        sleep(seconds)
        assert time.monotonic() - began >= seconds


WATCHED = """
import signal, sys
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import Interrupted, orphan_watch
def interrupted(*_unused):
    raise Interrupted
signal.signal(signal.SIGTERM, interrupted)
try:
    with orphan_watch(sys.stdout.fileno()):
        print("watched", flush=True)
        sys.stdin.read(1)  # as a request without an answer does
except Interrupted:
    print("interrupted", file=sys.stderr)
"""


def test_a_module_that_blocks_ends_once_its_reader_is_gone() -> None:
    """After the task keyword ``timeout`` a module is told nothing."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", WATCHED],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline() == "watched\n"
        child.stdout.close()
        assert child.stderr.read() == "interrupted\n"


def test_a_watch_takes_no_signal_from_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python runs the handler in the main thread, which may be in a call that only a signal of its own interrupts."""
    masks: list[set[int]] = []
    parent = os.getppid()

    def getppid() -> int:
        masks.append(blocked())
        return parent

    monkeypatch.setattr(os, "getppid", getppid)
    threads = threading.active_count()
    with orphan_watch():
        assert not blocked() & set(SIGNALS)
        while len(masks) < 2:
            pass
    while threading.active_count() > threads:
        pass
    assert set(SIGNALS) | {signal.SIGALRM} <= masks[1]


ALONE = """
import os
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import own_process_group
before = os.getpgid(0)
with own_process_group():
    print(os.getpgid(0) == os.getpid())
print(os.getpgid(0) == before)
"""


@pytest.mark.parametrize("leads", [False, True])
def test_a_worker_leaves_the_group_of_its_parent_for_a_while(leads: bool) -> None:
    """From ansible-core 2.19 on a worker leads a group already."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", ALONE]
    done = subprocess.run(command, capture_output=True, check=True, env=environment, start_new_session=leads)
    assert done.stdout.split() == [b"True", b"True"]


def blocked() -> set[int]:
    """The signals that the thread calling this does not take."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def test_a_watch_that_is_over_interrupts_nobody(before: Before) -> None:
    threads = threading.active_count()
    with orphan_watch():
        assert threading.active_count() == threads + 1
    while threading.active_count() > threads:
        pass
    assert before.told == []
