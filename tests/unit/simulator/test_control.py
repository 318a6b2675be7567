# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.control import Control
from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.messages import Request
from taskwatch_simulator.scenario import load
from taskwatch_simulator.world import World
from tests.support.pages import guide

from .conftest import basic

SYSTEMS = ["lxca", "sdm", "vcenter", "prisma_sdwan"]


@pytest.fixture(autouse=True)
def fresh(simulator: Simulator) -> None:
    """Begin each test with the scenario as it is."""
    simulator.reset()


def call(simulator: Simulator, method: str, path: str, body: object = None) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, simulator.control_url + path, json=body, timeout=5)


def test_everything_is_json_and_named(simulator: Simulator) -> None:
    assert call(simulator, "GET", "/sessions").json() == {name: [] for name in SYSTEMS}
    assert call(simulator, "GET", "/requests").json() == []
    assert call(simulator, "GET", "/faults").json() == []
    tasks = call(simulator, "GET", "/tasks").json()
    assert {"system", "id", "kind", "state", "percent", "native_state"} == set(tasks[0])


def test_requests_in_order_without_bodies(simulator: Simulator) -> None:
    address = simulator.systems["lxca"]
    base = f"https://127.0.0.1:{address['port']}"
    with requests.Session() as session:
        session.trust_env = False
        session.verify = simulator.ca_path or True
        session.post(base + "/sessions", json={"UserId": "USERID", "password": "simulator-password"}, timeout=5)
        session.get(base + "/csvRequest/jobs/371?a=b", headers=basic("USERID"), timeout=5)
    seen = call(simulator, "GET", "/requests").json()
    assert [(each["method"], each["path"], each["query"], each["status"]) for each in seen] == [
        ("POST", "/sessions", "", 200),
        ("GET", "/csvRequest/jobs/371", "a=b", 403),
    ]
    assert set(seen[0]) == {"at", "system", "method", "path", "query", "status", "fault"}
    sessions = call(simulator, "GET", "/sessions")
    assert "simulator-password" not in str(seen) + sessions.text
    assert set(sessions.json()["lxca"][0]) == {"id", "user", "age"}


@pytest.mark.parametrize(
    ("task", "task_id"),
    [
        ({"system": "lxca", "kind": "export", "id": "99"}, "99"),
        ({"system": "lxca", "kind": "csv_job"}, "501"),
        ({"system": "sdm"}, "ID501"),
        ({"system": "vcenter", "operation": "stage"}, "appliance"),
        ({"system": "prisma_sdwan", "path": "abort"}, "16540020000000000"),
    ],
)
def test_tasks_are_added(simulator: Simulator, task: dict[str, Any], task_id: str) -> None:
    reply = call(simulator, "POST", "/tasks", task)
    assert (reply.status_code, reply.json()) == (201, {"id": task_id})
    assert task_id in [
        each["id"] for each in call(simulator, "GET", "/tasks").json() if each["system"] == task["system"]
    ]


def test_faults_are_listed_and_reset(simulator: Simulator) -> None:
    reply = call(simulator, "POST", "/faults", {"system": "sdm", "kind": "hang", "after_requests": 1})
    assert reply.status_code == 201
    listed = call(simulator, "GET", "/faults").json()
    assert [(each["kind"], each["armed"], each["used"]) for each in listed] == [("hang", False, 0)]
    assert call(simulator, "POST", "/reset", {"scenario": "all_succeed"}).status_code == 200
    assert call(simulator, "GET", "/faults").json() == []
    assert call(simulator, "GET", "/tasks").json()[1]["native_state"] == "running"
    simulator.reset("slow")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/tasks", {}, "system"),
        ("/tasks", {"system": "hal"}, "lxca, sdm"),
        ("/tasks", {"system": "lxca"}, "kind"),
        ("/tasks", {"system": "lxca", "kind": "export", "duration": 0}, "duration"),
        ("/tasks", {"system": "sdm", "nonsense": 1}, "nonsense"),
        ("/tasks", [], "object"),
        ("/faults", {"system": "sdm"}, "kind"),
        ("/faults", {"system": "sdm", "kind": "status"}, "status"),
        ("/faults", 7, "object"),
        ("/reset", {"scenario": "missing"}, "neither shipped"),
        ("/reset", {"scenario": 7}, "name or a file"),
        ("/reset", {"speed": 2}, "speed"),
        ("/time", {}, "speed: this key is missing"),
        ("/time", {"speed": -1}, "speed: expected a number from 0.0 on"),
        ("/time", {"speed": "fast"}, "speed: expected a number"),
        ("/faults", {"system": "hal", "kind": "refuse", "seconds": -1}, "system: expected 'lxca'"),
        ("/faults", {"system": "sdm", "kind": "refuse", "seconds": -1}, "seconds: expected a number greater than"),
    ],
)
def test_nonsense_gets_one_sentence(simulator: Simulator, path: str, body: object, said: str) -> None:
    reply = call(simulator, "POST", path, body)
    assert reply.status_code == 400
    assert set(reply.json()) == {"error"}
    assert said in reply.json()["error"]
    assert "\n" not in reply.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/faults", 405), ("GET", "/reset", 405)]
)
def test_calls_that_do_not_exist(simulator: Simulator, method: str, path: str, status: int) -> None:
    reply = call(simulator, method, path)
    assert reply.status_code == status
    assert reply.json()["error"]


DEMO = load("demo")


def documented_calls() -> list[tuple[str, str]]:
    text = guide("simulator_control")
    return re.findall(r"^ +\$ curl -s \$CONTROL(/\w+)(?: -d '(.*)')?$", text, re.MULTILINE)


@pytest.mark.parametrize(("path", "body"), documented_calls())
def test_documented_calls_work(path: str, body: str) -> None:
    method = "POST" if body else "GET"
    reply = Control(World(DEMO, ManualClock())).handle(Request.make(method, path, body=body.encode()))
    assert reply.status in {200, 201}, reply.body


def test_every_call_is_documented() -> None:
    assert {path for path, _body in documented_calls()} == {
        *("/sessions", "/requests", "/tasks", "/faults", "/time", "/state", "/reset")
    }
