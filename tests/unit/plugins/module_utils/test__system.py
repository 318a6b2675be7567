# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking for many tasks at once, and explaining answers in no known form."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.basic import Basic
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.lxca import LxcaSession
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.scheme import LoginScheme
from ansible_collections.taskwatch.infra.plugins.module_utils._connection import Connection
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.adapter import POOL_SIZE
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System, explain_json, explain_text
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import response
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import gone, not_found, task

IDS = [str(number) for number in range(30)]


def system(scheme: type[LoginScheme] = LxcaSession) -> System:
    # What asking for many tasks needs of the connection: whether each request is a login, and to say that one worked.
    return CsvJob({"job_id": IDS}, cast(Connection, SimpleNamespace(scheme=scheme, state_read=lambda: None)))


def poll_with(
    asked: System, ask: Callable[[str], TaskStatus], ids: list[str] | None = None
) -> tuple[PollResult, list[str]]:
    """What a poll brought, and who was asked for."""
    lock, called = threading.Lock(), []

    def counted(task_id: str) -> TaskStatus:
        with lock:
            called.append(task_id)
        return ask(task_id)

    return asked.ask_each(IDS if ids is None else ids, counted), called


def failing(*bad: str, error: Callable[[], TaskwatchError]) -> Callable[[str], TaskStatus]:
    def ask(task_id: str) -> TaskStatus:
        if task_id in bad:
            raise error()
        return task(task_id)

    return ask


def test_statuses_come_in_the_order_asked_for() -> None:
    slow = threading.Event()

    def ask(task_id: str) -> TaskStatus:
        if int(task_id) % 3 == 0:
            slow.wait(0.01)
        return task(task_id)

    poll, called = poll_with(system(), ask)
    assert list(poll.statuses) == IDS
    assert sorted(called, key=int) == IDS
    assert poll.errors == []


def test_no_more_than_the_pool_has_connections_are_under_way() -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    enough = threading.Event()

    def ask(task_id: str) -> TaskStatus:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
            if most == POOL_SIZE:
                enough.set()
        if task_id != "0":
            enough.wait(5)
        with lock:
            under_way -= 1
        return task(task_id)

    poll_with(system(), ask)
    assert most == POOL_SIZE == 8


def test_an_error_about_a_task_names_it_and_leaves_the_others() -> None:
    poll, called = poll_with(system(), failing("3", "7", error=not_found))
    assert len(called) == 30
    assert [error.task_ids for error in poll.errors] == [("3",), ("7",)]
    assert len(poll.statuses) == 28


def test_the_first_one_is_asked_for_alone_until_somebody_was_answered() -> None:
    """It may be a wrong password's last chance before the account is locked."""
    refused = failing(*IDS, error=lambda: gone("refused", retryability=Retryability.NEVER, affects_all_tasks=True))
    asked = system()
    poll, called = poll_with(asked, refused)
    assert called == ["0"]
    (error,) = poll.errors
    assert error.task_ids == (), "it is not about that one task"
    poll, called = poll_with(asked, task)
    assert len(called) == 30
    poll, called = poll_with(asked, failing("0", error=not_found))
    assert sorted(called, key=int) == IDS


def test_where_each_request_is_a_login_the_first_one_is_always_asked_for_alone() -> None:
    asked = system(Basic)
    poll_with(asked, task, IDS[:2])
    refused = TaskwatchError(ErrorType.AUTHENTICATION, "no", affects_all_tasks=True)
    poll, called = poll_with(asked, failing(*IDS, error=lambda: refused))
    assert (called, poll.statuses, poll.errors) == (IDS[:1], {}, [refused])


def test_a_system_that_is_away_is_not_asked_for_every_task() -> None:
    """Hanging until the timeout once for each of many tasks would outlast every deadline."""
    away = failing(*IDS, error=lambda: gone("no answer within 30 s", affects_all_tasks=True))
    asked = system()
    assert poll_with(asked, away)[1] == ["0"]
    poll_with(asked, task)
    poll, called = poll_with(asked, away)
    assert len(called) <= POOL_SIZE
    assert {error.message for error in poll.errors} == {"no answer within 30 s"}
    assert poll.statuses == {}


def test_one_slow_task_among_many_answers_concerns_that_task() -> None:
    asked = system()
    poll_with(asked, task)
    poll, called = poll_with(asked, failing("29", error=lambda: gone("no answer within 30 s", affects_all_tasks=True)))
    assert len(called) == 30
    assert [error.task_ids for error in poll.errors] == [("29",)]
    assert len(poll.statuses) == 29


def test_a_system_that_asks_for_fewer_requests_gets_fewer() -> None:
    limited = failing(*IDS[1:], error=lambda: gone("slow down", kind=ErrorType.RATE_LIMITED, affects_all_tasks=True))
    asked = system()
    poll, called = poll_with(asked, limited)
    assert len(called) <= 1 + POOL_SIZE
    assert list(poll.statuses) == ["0"]
    assert {error.kind for error in poll.errors} == {ErrorType.RATE_LIMITED}


def test_what_is_no_typed_error_goes_through() -> None:
    def ask(_task_id: str) -> TaskStatus:
        raise ZeroDivisionError

    for ids in (["1"], IDS):
        with pytest.raises(ZeroDivisionError):
            system().ask_each(ids, ask)


def test_requests_side_by_side_take_no_signal_from_the_main_thread() -> None:
    """It waits for them, and only a signal of its own ends that."""
    masks: dict[int, set[int]] = {}

    def ask(task_id: str) -> TaskStatus:
        masks[threading.get_ident()] = set(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        return task(task_id)

    poll_with(system(), ask)
    ours = masks.pop(threading.get_ident())
    assert masks
    for mask in masks.values():
        assert {signal.SIGINT, signal.SIGTERM, signal.SIGALRM} <= mask - ours


def test_nothing_to_ask_is_an_empty_look() -> None:
    poll, called = poll_with(system(), task, ids=[])
    assert (poll.statuses, poll.errors, called) == ({}, [], [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"text": "No."}', "No."),
        ('{"text": " "}', '\'{"text": " "}\''),
        ("<html>\n<p>Bad\tGateway</p>", "'<html> <p>Bad Gateway</p>'"),
        ("", None),
        ("\r\n", None),
        ("x" * 1000, f"'{'x' * 120}…'"),
        ('{"text": "' + "y" * 1000 + '"}', "y" * 500 + "…"),
    ],
)
def test_error_bodies_are_explained_in_one_line(body: str, said: str | None) -> None:
    def find(document: Any) -> list[Any]:
        return [document["text"], document["text"]]

    assert explain_json(response(500, body), find) == said


def test_a_text_in_no_form_is_cut() -> None:
    assert explain_text(response(500, b"\xff" * 10)) == "'" + "\ufffd" * 10 + "'"
    assert explain_text(response(500, b" ")) is None
