# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source over real HTTPS: one login, events for changes alone, a logout in every end, a loop that never waits."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import WatchFailed
from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_source import LOGOUT_GRACE, REQUEST_GRACE

from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import ROOT
from tests.support.modules import BY_NAME, MODULES, Module

from .listening import PATIENCE, Listener, arguments, cancelled, threads_of_sources

JOBS = BY_NAME["lxca_csv_job_info"]
ROUTES = BY_NAME["route_update_info"]
APPLIANCE = BY_NAME["appliance_update_info"]
FILE = ROOT / "extensions/eda/plugins/event_source/task_status.py"
# As good as at once, on a machine that does much else, in seconds
PROMPT = 2.0
# Reading, but neither login nor logout
READS = "status|/jobs/|routeSets|appliance|current_status"


def listening(script: Callable[[Listener], Coroutine[Any, Any, None]]) -> Listener:
    """Run a script beside a listener, and see that nothing is left of it."""
    listener = Listener()

    async def with_ear() -> None:
        ear = asyncio.create_task(listener.listen())
        try:
            await asyncio.wait_for(script(listener), 2 * PATIENCE)
        finally:
            ear.cancel()

    asyncio.run(with_ear())
    assert threads_of_sources() == []
    return listener


def requests_of(simulator: Simulator, *kinds: tuple[str, str]) -> int:
    """Count the requests of these methods and paths."""
    return sum((each["method"], each["path"]) in kinds for each in simulator.requests())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_watch_tells_the_end_and_logs_out(simulator: Simulator, module: Module) -> None:
    simulator.reset("all_succeed")

    async def script(listener: Listener) -> None:
        await listener.source(arguments(simulator, module))

    listener = listening(script)
    for task_id in module.ids:
        assert listener.states(task_id)[-1] == "succeeded"
    assert listener.events[-1]["overall"]["succeeded"]
    assert [event["overall"]["done"] for event in listener.events].count(True) == 1
    assert {(event["module"], event["hostname"]) for event in listener.events} == {(module.name, "127.0.0.1")}
    assert requests_of(simulator, *module.login) == len(module.login)
    assert requests_of(simulator, module.logout) == 1
    assert not any(simulator.sessions().values())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_events_are_changes_and_not_looks(simulator: Simulator, module: Module) -> None:
    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, module, interval=0.05, until_finished=False))
        await listener.until(lambda: len(simulator.requests()) > 40)
        await cancelled(source)

    listener = listening(script)
    wholes = [
        (event["task"]["id"], event["task"]["state"], int(event["task"]["progress"] or 0)) for event in listener.events
    ]
    assert len(set(wholes)) == len(wholes)
    assert len(listener.events) < 10


def test_an_outage_and_an_expired_session_are_outlived(simulator: Simulator) -> None:
    simulator.reset("all_succeed")

    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, JOBS))
        await listener.until(lambda: len(listener.events) > 4)
        simulator.add_fault({"system": "lxca", "kind": "refuse", "seconds": 0.5})
        simulator.add_fault({"system": "lxca", "kind": "expire_sessions"})
        await source

    listener = listening(script)
    outage, back = listener.told("outage")
    assert outage["message"] == f"the connection was refused on port {simulator.systems['lxca']['port']}"
    assert back is None
    assert listener.states("371") == listener.states("372") == ["running", "succeeded"]
    assert requests_of(simulator, *JOBS.login) == 2
    assert not any(simulator.sessions().values())


def test_a_system_that_is_away_from_the_start_is_waited_for(simulator: Simulator) -> None:
    simulator.reset("all_succeed")
    simulator.add_fault({"system": "sdm", "kind": "status", "status": 503, "seconds": 0.6})

    async def script(listener: Listener) -> None:
        await listener.source(arguments(simulator, ROUTES))

    listener = listening(script)
    assert [set(event) - {"module", "hostname", "overall", "previous_state"} for event in listener.events[:3]] == [
        {"outage"},
        {"outage"},
        {"task"},
    ]
    assert requests_of(simulator, *ROUTES.login) > 1, "a login without an answer is tried again"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
@pytest.mark.parametrize("until_finished", [True, False])
def test_a_wrong_password_is_tried_once(simulator: Simulator, module: Module, until_finished: bool) -> None:
    wrong = {module.secrets[0]: "wrong-password"}

    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, module, options=wrong, until_finished=until_finished))
        with pytest.raises(WatchFailed, match=r"the login (for .+ )?is not accepted") as refused:
            await source
        assert "\n" not in str(refused.value)

    listener = listening(script)
    (error,) = listener.told("error")
    assert error["type"] == "authentication"
    assert "wrong-password" not in json.dumps(listener.events)
    assert len(simulator.requests()) == 1


def test_an_unknown_id_is_an_event_and_the_source_fails_when_the_others_have_ended(simulator: Simulator) -> None:
    simulator.reset("all_succeed")

    async def script(listener: Listener) -> None:
        with pytest.raises(WatchFailed, match=r"SDM route update ID999 on 127\.0\.0\.1: the system does not know it"):
            await listener.source(arguments(simulator, ROUTES, options={"task_id": ["ID33", "ID999"]}))

    listener = listening(script)
    (error,) = listener.told("error")
    assert (error["type"], error["task_ids"]) == ("not_found", ["ID999"])
    assert listener.states("ID33")[-1] == "succeeded"


def test_what_makes_no_sense_fails_before_anything_is_asked(simulator: Simulator) -> None:
    async def script(listener: Listener) -> None:
        with pytest.raises(WatchFailed, match="module must be one of"):
            await listener.source({"module": "no_such_module"})

    assert listening(script).events == []
    assert simulator.requests() == []


def test_a_standstill_is_an_event(simulator: Simulator) -> None:
    simulator.add_task({"system": "lxca", "kind": "csv_job", "id": "900", "stuck_at": 40})

    async def script(listener: Listener) -> None:
        options = {"job_id": "900", "stall_timeout": 0.5}
        source = listener.source(arguments(simulator, JOBS, options=options, interval=0.1))
        await listener.until(lambda: listener.told("stall"))
        await asyncio.sleep(1)
        await cancelled(source)

    listener = listening(script)
    (stall,) = listener.told("stall")
    assert (stall["task"]["id"], stall["task"]["state"], stall["task"]["progress"]) == ("900", "running", 40)


def test_no_secret_of_the_session_is_told(simulator: Simulator) -> None:
    """A page that sends back what it was sent, which some proxies do."""
    (password,) = JOBS.secret_values(simulator)
    simulator.add_fault({"system": "lxca", "kind": "status", "status": 502, "body": f"for {password}", "path": READS})

    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, JOBS))
        await listener.until(lambda: listener.told("outage"))
        await cancelled(source)

    (outage,) = listening(script).told("outage")
    assert "for ********" in outage["message"]
    assert password not in json.dumps(outage)


def test_the_file_alone_watches_and_prints(simulator: Simulator) -> None:
    """Outside of any tree of collections, by its path alone, as ansible-rulebook finds it with --source-dir."""
    simulator.reset("all_succeed")
    asked = {"module": JOBS.name, "options": {**JOBS.connection(simulator), "job_id": "371"}, "interval": 0.2}
    command = [sys.executable, str(FILE), json.dumps(asked)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=kept, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["task"]["state"] == "succeeded"
    slip = subprocess.run([*command[:2], "{}"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (slip.returncode, slip.stderr) == (1, "taskwatch.infra.task_status: module is missing\n")


# -- cancellation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_cancelled_source_logs_out_at_once(simulator: Simulator, module: Module) -> None:
    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, module, interval=600))
        await listener.until(lambda: listener.events)
        assert any(simulator.sessions().values())
        assert await cancelled(source) < PROMPT
        assert not any(simulator.sessions().values())

    listening(script)


@pytest.mark.parametrize("fault", [{"kind": "hang"}, {"kind": "latency", "delay": 20}], ids=lambda fault: fault["kind"])
def test_a_request_without_an_answer_does_not_delay_the_end(simulator: Simulator, fault: dict[str, Any]) -> None:
    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, JOBS))
        await listener.until(lambda: listener.events)
        simulator.add_fault({"system": "lxca", "path": "/csvRequest/", **fault})
        await asyncio.sleep(0.5)
        assert await cancelled(source) < REQUEST_GRACE + PROMPT
        assert not any(simulator.sessions().values())

    listening(script)


def test_a_logout_without_an_answer_is_given_up(simulator: Simulator) -> None:
    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, APPLIANCE))
        await listener.until(lambda: listener.events)
        simulator.add_fault({"system": "vcenter", "kind": "hang"})
        await asyncio.sleep(0.3)
        assert await cancelled(source) < REQUEST_GRACE + LOGOUT_GRACE

    listening(script)


def test_a_login_under_way_is_not_left_open(simulator: Simulator) -> None:
    """The session is there before its token has arrived; nothing else could close it."""
    simulator.add_fault({"system": "vcenter", "kind": "latency", "delay": 0.4, "path": "/api/session"})

    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, APPLIANCE))
        await asyncio.sleep(0.2)
        await cancelled(source)
        assert not any(simulator.sessions().values())

    listening(script)
    assert requests_of(simulator, APPLIANCE.logout) == 1


def test_a_source_whose_events_are_not_taken_waits_and_can_be_cancelled(simulator: Simulator) -> None:
    """A rulebook that is busy takes no event for a while; the source does not poll meanwhile."""

    async def script() -> None:
        listener = Listener()
        source = listener.source(arguments(simulator, JOBS, interval=0.05))
        polls = [("GET", "/csvRequest/jobs/371"), ("GET", "/csvRequest/jobs/372")]
        await listener.until(lambda: requests_of(simulator, *polls) == 2)
        await asyncio.sleep(0.5)
        assert requests_of(simulator, *polls) == 2
        assert await cancelled(source) < PROMPT
        assert not any(simulator.sessions().values())

    asyncio.run(script())
    assert threads_of_sources() == []


def test_a_queue_that_refuses_an_event_ends_the_source(simulator: Simulator) -> None:
    """A rulebook's filters run inside of the queue, and may fail."""

    async def script(listener: Listener) -> None:
        class Refusing(asyncio.Queue[Any]):
            async def put(self, _event: Any) -> None:
                raise RuntimeError("the filter failed")

        listener.queue = Refusing()
        with pytest.raises(RuntimeError, match="the filter failed"):
            await listener.source(arguments(simulator, JOBS))

    listening(script)
    assert not any(simulator.sessions().values())


# -- company ----------------------------------------------------------------------------------------------------------


def test_sources_of_one_rulebook_end_together(simulator: Simulator) -> None:
    """ansible-rulebook ends with the first source that returns, whatever the others still watch."""
    simulator.add_task({"system": "lxca", "kind": "csv_job", "id": "901", "duration": 30})
    simulator.add_task({"system": "sdm", "id": "ID901", "duration": 150})

    async def script(listener: Listener) -> None:
        first = listener.source(arguments(simulator, JOBS, options={"job_id": "901"}))
        second = listener.source(arguments(simulator, ROUTES, options={"task_id": "ID901"}))
        await listener.until(lambda: listener.states("901")[-1:] == ["succeeded"])
        await listener.until(lambda: not simulator.sessions()["lxca"])
        assert not first.done()
        await asyncio.gather(first, second)

    listener = listening(script)
    assert listener.states("ID901")[-1] == "succeeded"


def test_a_source_that_fails_leaves_the_others_their_time(simulator: Simulator) -> None:
    simulator.add_task({"system": "sdm", "id": "ID902", "duration": 60})

    async def script(listener: Listener) -> None:
        failing = listener.source(arguments(simulator, JOBS, options={"password": "wrong-password"}))
        other = listener.source(arguments(simulator, ROUTES, options={"task_id": "ID902"}))
        await listener.until(lambda: listener.told("error"))
        assert not failing.done()
        await other
        with pytest.raises(WatchFailed):
            await failing

    assert listening(script).states("ID902")[-1] == "succeeded"


def test_a_hundred_tasks_take_one_login_and_a_hundred_sources_do_not_wait_for_each_other(simulator: Simulator) -> None:
    ids = [str(1000 + number) for number in range(100)]
    for job in ids:
        simulator.add_task({"system": "lxca", "kind": "csv_job", "id": job, "duration": 7200})
    simulator.add_fault({"system": "sdm", "kind": "hang"})

    async def script(listener: Listener) -> None:
        away = [listener.source(arguments(simulator, ROUTES)) for _number in range(20)]
        source = listener.source(arguments(simulator, JOBS, options={"job_id": ids}, interval=600))
        await listener.until(lambda: len(listener.told("task")) == 100)
        await cancelled(source)
        for each in away:
            each.cancel()
        await asyncio.wait(away)

    listening(script)
    assert requests_of(simulator, *JOBS.login) == requests_of(simulator, JOBS.logout) == 1


def test_the_loop_never_waits_for_a_system(simulator: Simulator) -> None:
    """Everything else in a rulebook runs in the same loop."""
    simulator.add_fault({"system": "lxca", "kind": "latency", "delay": 2})
    late: list[float] = []

    async def script(listener: Listener) -> None:
        source = listener.source(arguments(simulator, JOBS, interval=0.05))
        while len(listener.events) < 2:
            asked = time.monotonic()
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - asked - 0.01)
        await cancelled(source)

    listening(script)
    assert max(late) < 1, "half of what a single request takes"
    assert sorted(late)[len(late) * 9 // 10] < 0.2
