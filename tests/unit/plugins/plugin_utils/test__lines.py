# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.plugin_utils._lines import RUNNER_FOLDER, line_printer


class Queue:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send_display(self, method: str, *args: Any, **kwargs: Any) -> None:
        self.sent.append((method, args, kwargs))


class Printer:
    """A display that is told to print in its own process."""

    def __init__(self, queue: Any = None) -> None:
        self.printed: list[Any] = []
        if queue is not None:
            self._final_q = queue

    def display(self, *args: Any, **kwargs: Any) -> None:
        self.printed.append((args, kwargs))


@pytest.fixture(autouse=True)
def no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RUNNER_FOLDER, raising=False)


def test_a_worker_sends_the_line_and_writes_nothing() -> None:
    queue = Queue()
    display = Printer(queue)
    line_printer(display)("12: running")
    assert queue.sent == [("display", ("12: running",), {"stderr": True})]
    assert display.printed == []


@pytest.mark.parametrize("display", [Printer(), Printer(object())], ids=["no queue", "a queue of another kind"])
def test_without_such_a_queue_the_line_is_printed(display: Printer) -> None:
    line_printer(display)("12: running")
    assert display.printed == [(("12: running",), {"stderr": True})]


def test_under_the_engine_of_awx_the_line_goes_where_the_marks_of_its_event_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNNER_FOLDER, "artifacts")
    queue = Queue()
    line_printer(Printer(queue))("12: running")
    assert queue.sent == [("display", ("12: running",), {"stderr": False})]
