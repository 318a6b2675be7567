# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which execution mode a task gets, and what the action makes of options and results in the controller's process."""

from __future__ import annotations

import multiprocessing
import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.context import ForkProcess, ForkServerProcess
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Snapshot
from ansible_collections.taskwatch.infra.plugins.plugin_utils import _action

ARGUMENTS = {"hostname": "192.0.2.1", "username": "netops", "password": "s3cret-password", "job_id": ["371"]}
PAYLOAD = {"changed": False, "state": "running", "tasks": [], "error": None}
VARIABLES = {"inventory_hostname": "lxca-1"}


class CsvJobAction(_action.TaskStatusAction):
    SYSTEM = CsvJob


class Play:
    """One task of a playbook: what the core was asked for, and what came back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **task: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self.executed: list[dict[str, Any]] = []
        self.outcome = Result(dict(PAYLOAD), None, [])
        keywords = {"args": ARGUMENTS, "async_val": 0, "environment": None, "no_log": False, "check_mode": False}
        keywords["delegate_to"] = None
        self.task = SimpleNamespace(action=CsvJob.NAME, **{**keywords, **task})
        self.connection = SimpleNamespace(transport="local", become=None, _shell=SimpleNamespace(tmpdir="/nowhere"))
        self._patch = monkeypatch
        monkeypatch.setattr(_action, "run", self._run)

    def _run(self, system: Any, params: Mapping[str, Any], **more: Any) -> Result:
        self.asked.append({"system": system, "params": dict(params), **more})
        return self.outcome

    def run(self, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        unused: Any = None
        task: Any = self.task
        connection: Any = self.connection
        action = CsvJobAction(task, connection, unused, unused, unused)

        def execute(**how: Any) -> dict[str, Any]:
            self.executed.append(how)
            return {"state": "told by the module"}

        self._patch.setattr(action, "_execute_module", execute)
        return action.run(task_vars={**VARIABLES, **(variables or {})})


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    return Play(monkeypatch)


@pytest.mark.parametrize("environment", [None, [], [{}], {}])
def test_a_local_task_runs_in_process(play: Play, environment: Any) -> None:
    play.task.environment = environment
    assert play.run()["state"] == "running"
    assert play.executed == []
    (asked,) = play.asked
    assert asked["system"] is CsvJob
    assert asked["params"]["job_id"] == ["371"]
    assert asked["params"]["wait_timeout"] == 3600, "defaults are filled in"
    assert asked["runtime"].sleep is not None


class Become:
    """As much of a become plugin as is asked."""

    def __init__(self, user: str) -> None:
        self._user = user

    def get_option(self, name: str, **_unused: Any) -> str:
        assert name == "become_user"
        return self._user


def test_who_becomes_the_same_user_stays_in_process(play: Play) -> None:
    play.connection.become = Become(pwd.getpwuid(os.geteuid()).pw_name)
    assert play.run()["state"] == "running"
    assert play.executed == []


def test_a_user_without_a_name_becomes_another(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_294_967_000)
    play.connection.become = Become("root")
    assert play.run() == {"state": "told by the module"}


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        ("connection", "transport", "ssh"),
        ("connection", "become", object()),
        ("connection", "become", Become("another-user")),
        ("task", "async_val", 60),
        ("task", "environment", [{"LXCA_HOST": "192.0.2.2"}]),
        ("_action", "REQUESTS_IMPORT_ERROR", "no requests"),
        ("_action", "LXML_IMPORT_ERROR", "no lxml"),
    ],
)
def test_anything_else_runs_as_a_module(
    play: Play, where: str, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr({"connection": play.connection, "task": play.task, "_action": _action}[where], name, value)
    assert play.run() == {"state": "told by the module"}
    assert play.asked == []
    (how,) = play.executed
    assert how["module_name"] == "taskwatch.infra.lxca_csv_job_info"
    assert how["module_args"] == ARGUMENTS
    assert how["task_vars"]["inventory_hostname"] == "lxca-1"
    assert bool(how["wrap_async"]) is (name == "async_val")


@pytest.mark.parametrize("environment", [None, [{"TASKWATCH_TEST": "module"}]])
@pytest.mark.parametrize(("kind", "controller"), [(ForkProcess, 4711), (ForkServerProcess, None)])
def test_the_controller_that_forked_the_worker_is_watched(
    play: Play, environment: Any, kind: Any, controller: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have ended before the task begins; the parent is another process then."""
    watched = []

    @contextmanager
    def orphan_watch(parent: int | None) -> Iterator[Any]:
        watched.append(parent)
        yield None

    monkeypatch.setattr(_action, "orphan_watch", orphan_watch)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: SimpleNamespace(pid=4711))
    monkeypatch.setattr(multiprocessing, "current_process", kind)
    play.task.environment = environment
    play.run()
    assert watched == [controller]


def test_check_mode_is_supported(play: Play) -> None:
    play.task.check_mode = True
    assert play.run()["state"] == "running"


def test_a_success_is_the_payload(play: Play) -> None:
    result = play.run()
    assert {name: result[name] for name in PAYLOAD} == PAYLOAD
    assert "failed" not in result
    assert "msg" not in result
    assert "warnings" not in result


def test_a_failure_is_the_payload_with_a_sentence(play: Play) -> None:
    play.outcome = Result(dict(PAYLOAD), "It failed.", ["be warned"])
    result = play.run()
    assert (result["failed"], result["msg"], result["warnings"]) == (True, "It failed.", ["be warned"])
    assert result["state"] == "running"


def test_the_invocation_shows_options_and_no_secret(play: Play) -> None:
    invocation = play.run()["invocation"]["module_args"]
    assert invocation["job_id"] == ["371"]
    assert invocation["wait"] is False
    assert invocation["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert "s3cret-password" not in str(invocation)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"wiat": True}, "lxca-1: wiat (did you mean wait?) is not an option of taskwatch.infra.lxca_csv_job_info"),
        ({"wait": "maybe"}, "lxca-1: wait must be of type bool, not 'maybe'"),
        ({"hostname": None}, "lxca-1: hostname (environment variable LXCA_HOST) is missing"),
    ],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_asked(
    play: Play, options: Mapping[str, Any], sentence: str
) -> None:
    play.task.args = {name: value for name, value in {**ARGUMENTS, **options}.items() if value is not None}
    result = play.run()
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, sentence)
    assert result["error"] == {"type": "bad_request", "message": sentence, "http_status": None, "task_ids": []}
    assert (result["state"], result["tasks"], result["stats"]["polls"]) == ("unknown", [], 0)
    assert "s3cret-password" not in str(result)
    assert play.asked == []


# Connection, delegation, and the inventory's name of the host; then what a sentence may call the system.
WHERE = pytest.mark.parametrize(
    ("transport", "delegate_to", "host", "name"),
    [
        ("local", None, "lxca-1", "lxca-1"),
        ("local", "localhost", "lxca-1", "lxca-1"),
        ("ssh", "jump", "lxca-1", "lxca-1"),
        ("ssh", None, "jump", None),
        ("local", None, "localhost", None),
        ("local", None, "127.0.0.1", None),
        ("local", None, "::1", None),
    ],
)


@WHERE
def test_a_system_is_called_as_in_the_inventory(
    play: Play, transport: str, delegate_to: str | None, host: str, name: str | None
) -> None:
    play.connection.transport, play.task.delegate_to = transport, delegate_to
    play.task.environment = [{"HTTPS_PROXY": "proxy"}]
    assert play.run({"inventory_hostname": host})["state"] == "told by the module"
    told = {"TASKWATCH_INVENTORY_NAME": name} if name else {}
    assert play.task.environment == [{"HTTPS_PROXY": "proxy"}, *([told] if told else [])]
    if transport == "local":
        play.task.environment = None
        play.run({"inventory_hostname": host})
        assert play.asked[-1]["runtime"].inventory_name == name


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"inventory_hostname": "localhost"}, True),
        ({"inventory_hostname": "192.0.2.1"}, False),
        ({"inventory_hostname": "lxca-1", "ansible_host": "192.0.2.1"}, False),
        ({"inventory_hostname": "esxi-1"}, True),
    ],
)
def test_lines_name_an_appliance_that_is_not_the_host(
    play: Play, variables: Mapping[str, Any], named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(_action, "line_printer", lambda: lines.append)
    play.task.args = {**ARGUMENTS, "wait": True}
    play.run(variables)
    play.asked[0]["observer"].outage_ended(Snapshot([], 1.0))
    head = f"[{variables['inventory_hostname']}] lxca_csv_job_info"
    assert lines[0].startswith(f"{head} 192.0.2.1: answers" if named else f"{head} answers")


@pytest.mark.parametrize(
    ("keywords", "options", "tells"),
    [
        ({}, {"wait": True}, True),
        ({}, {}, False),
        ({}, {"wait": True, "progress_interval": 0}, False),
        ({"no_log": True}, {"wait": True}, False),
    ],
    ids=["wait", "check", "no interval", "no_log"],
)
def test_progress_is_reported_where_it_is_wanted(
    play: Play, keywords: Mapping[str, Any], options: Mapping[str, Any], tells: bool
) -> None:
    play.task.args = {**ARGUMENTS, **options}
    play.task.no_log = keywords.get("no_log", False)
    play.run()
    assert (play.asked[0]["observer"] is not None) is tells


class Tagged(str):
    """A text as ansible-core hands it over, with something tied to it; it hands itself back."""

    __slots__ = ()

    def __str__(self) -> str:  # pylint: disable=invalid-str-returned
        return self


def test_arguments_reach_the_core_as_plain_values(play: Play) -> None:
    play.task.args = {**ARGUMENTS, "job_id": (Tagged("371"), Tagged("372")), "wait": False}
    play.run()
    given = play.asked[0]["params"]["job_id"]
    assert given == ["371", "372"]
    assert {type(each) for each in given} == {str}
    assert _action.plain({Tagged("a"): [None, True, 1, 1.5]}) == {"a": [None, True, 1, 1.5]}
