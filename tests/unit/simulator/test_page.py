# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rehearsal page by its HTTP interface: files, live stream, export, and what pages of other sites get."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.page import FOLDER, MOST_TASKS
from taskwatch_simulator.scenario import parse
from taskwatch_simulator.world import World

from .conftest import Bench, basic
from .test_faults import Make


@pytest.fixture
def session(simulator: Simulator) -> Iterator[requests.Session]:
    """A client of the control address, and the scenario from its beginning."""
    simulator.reset()
    with requests.Session() as session:
        session.trust_env = False
        yield session


def get(session: requests.Session, simulator: Simulator, path: str, **headers: str) -> requests.Response:
    return session.get(simulator.control_url + path, headers=headers, timeout=10)


def test_the_page_loads_nothing_from_elsewhere(simulator: Simulator, session: requests.Session) -> None:
    page = get(session, simulator, "/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in page.headers
    for name in re.findall(r'(?:href|src)="([^"]+)"', page.text):
        if not name.startswith("data:"):
            assert get(session, simulator, f"/{name}").status_code == 200
    for file in FOLDER.iterdir():
        assert not re.search(r"https?://(?!www\.gnu\.org)", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "10.0.0.1"},
        {"Host": "[::2]:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/events"), ("GET", "/requests"), ("POST", "/reset")]
)
def test_pages_of_other_sites_are_refused(
    simulator: Simulator, session: requests.Session, headers: dict[str, str], method: str, path: str
) -> None:
    reply = session.request(method, simulator.control_url + path, headers=headers, timeout=10)
    assert reply.status_code == 403
    assert set(reply.json()) == {"error"}
    assert not any(name.startswith("Access-Control") for name in reply.headers)


def test_its_own_page_is_served(simulator: Simulator, session: requests.Session) -> None:
    port = simulator.control_url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost"):
        own = {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"}
        assert session.post(simulator.control_url + "/reset", headers=own, timeout=10).status_code == 200


def test_a_link_to_it_can_be_followed(simulator: Simulator, session: requests.Session) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert get(session, simulator, "/", **followed).status_code == 200


def pictures(session: requests.Session, simulator: Simulator) -> Generator[dict[str, Any], None, None]:
    with session.get(simulator.control_url + "/events", stream=True, timeout=10) as reply:
        assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        for line in reply.iter_lines():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


def test_the_stream_tells_what_happens(simulator: Simulator, session: requests.Session) -> None:
    stream = pictures(session, simulator)
    first = next(stream)
    assert first["new_requests"] == []
    assert {"371", "51"} <= {task["id"] for task in first["systems"]["lxca"]["tasks"]}
    lxca = simulator.systems["lxca"]
    requests.get(
        f"https://127.0.0.1:{lxca['port']}/csvRequest/jobs/371",
        headers=basic("USERID"),
        verify=simulator.ca_path,
        timeout=10,
    )
    simulator.add_fault({"system": "sdm", "kind": "refuse", "seconds": 60})
    seen = next(each for each in stream if each["new_requests"])
    (request,) = seen["new_requests"]
    assert (request["tasks"], request["user"], request["status"]) == (["371"], "USERID", 200)
    assert [fault["what"] for fault in seen["faults"]] == ["refuse"]
    assert seen["systems"]["sdm"]["port"] == "refused"
    assert seen["second"] > first["second"]
    # A scenario that changes under a running page
    simulator.reset("all_succeed")
    after = next(each for each in stream if each["run"] != seen["run"])
    assert after["new_requests"] == []
    simulator.reset("slow")


def test_a_page_that_leaves_does_no_harm(simulator: Simulator, session: requests.Session) -> None:
    for _page in range(3):
        stream = pictures(session, simulator)
        next(stream)
        stream.close()
    assert get(session, simulator, "/state").status_code == 200


def test_time_stands_still_and_goes_on(simulator: Simulator, session: requests.Session) -> None:
    def second() -> float:
        return float(get(session, simulator, "/state").json()["second"])

    def set_speed(speed: float) -> None:
        assert session.post(simulator.control_url + "/time", json={"speed": speed}, timeout=10).status_code == 200

    set_speed(0)
    still = second()
    time.sleep(0.05)  # noqa: TID251
    assert second() == still
    set_speed(1000)
    time.sleep(0.05)  # noqa: TID251
    assert second() > still + 40


def test_time_keeps_what_has_passed() -> None:
    clock = ManualClock()
    world = World(parse("{}", "x.yml"), clock, speed=2)
    clock.advance(10)
    world.set_speed(0)
    clock.advance(100)
    assert world.time.simulated() == 20
    world.set_speed(5)
    clock.advance(2)
    assert (world.time.simulated(), world.time.wall()) == (30, 112)
    world.reset()
    assert (world.time.simulated(), world.time.speed) == (0, 2)


@pytest.mark.parametrize(
    ("system", "method", "target", "ids"),
    [
        ("lxca", "GET", "/tasks/51,52", ["51", "52"]),
        ("lxca", "GET", "/updateRepositories/firmware/status?taskid=12&taskType=EXPORTREPOSITORY", ["12"]),
        ("lxca", "GET", "/updateRepositories/firmware/status?taskID=0", ["12", "13"]),
        ("lxca", "GET", "/sessions", []),
        ("sdm", "GET", "/rest/v1.3/routeSets/routeUpdates/ID33", ["ID33"]),
        ("sdm", "GET", "/rest/v1.3/routeSets/routeUpdates", ["*"]),
        ("vcenter", "GET", "/rest/appliance/update", ["*"]),
        ("prisma_sdwan", "POST", "/sdwan/v2.1/api/software/current_status/query", ["*"]),
    ],
)
def test_which_tasks_a_request_polls(bench: Make, system: str, method: str, target: str, ids: list[str]) -> None:
    run: Bench = bench("lxca: {tasks: [{kind: export, id: '12'}, {kind: export, id: '13'}]}")
    run.call(system, method, target)
    assert run.world.requests_after(0)[-1]["tasks"] == ids


def test_outages_stand_on_the_time_line(bench: Make) -> None:
    outage = "[{from: 10, until: 20, answer: refused}, {from: 20, answer: tokens_dropped}]"
    run = bench(
        f"vcenter: {{tasks: [{{begin: 5, outage: {outage}}}]}}\n"
        "faults: [{system: sdm, kind: refuse, from: 30, until: 40}]"
    )
    seen = run.world.snapshot()
    assert [(each["from"], each["until"]) for each in seen["systems"]["vcenter"]["outages"]] == [(15, 25), (25, None)]
    assert [(each["from"], each["until"], each["over"]) for each in seen["faults"]] == [(30, 40, False)]
    run.at(50)
    assert run.world.snapshot()["faults"][0]["over"] is True


def test_a_thousand_elements_are_no_burden(simulator: Simulator, session: requests.Session, tmp_path: Path) -> None:
    scenario = tmp_path / "fleet.yml"
    elements = [{"id": str(10_000 + number), "duration": 600} for number in range(1000)]
    scenario.write_text(json.dumps({"prisma_sdwan": {"tasks": elements}}), encoding="utf-8")
    simulator.reset(str(scenario))
    stream = pictures(session, simulator)
    seen = next(each["systems"]["prisma_sdwan"] for each in stream if each["systems"]["prisma_sdwan"]["count"] >= 1000)
    stream.close()
    assert seen["count"] == 1000
    assert len(seen["tasks"]) == MOST_TASKS
    assert len(get(session, simulator, "/export.json").json()["systems"]["prisma_sdwan"]["tasks"]) == 1000
    simulator.reset("slow")


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("/faults", {"system": "xclarity", "kind": "refuse"}, "system"),
        ("/faults", {"system": "lxca", "kind": "refuse", "seconds": -1}, "seconds"),
        ("/faults", {"system": "lxca", "kind": "reset", "times": -3}, "times"),
        ("/faults", {"system": "lxca", "kind": "explode"}, "kind"),
        ("/time", {"speed": -1}, "speed"),
        ("/reset", {"scenario": "dmeo"}, "demo"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_the_page_goes_on(
    simulator: Simulator, session: requests.Session, path: str, data: dict[str, Any], said: str
) -> None:
    stream = pictures(session, simulator)
    before = next(stream)
    reply = session.post(simulator.control_url + path, json=data, timeout=10)
    assert reply.status_code == 400
    assert said in reply.json()["error"]
    assert "\n" not in reply.json()["error"]
    after = next(stream)
    stream.close()
    assert (after["run"], after["faults"]) == (before["run"], before["faults"])


def test_both_exports_hold_the_rehearsal(simulator: Simulator, session: requests.Session) -> None:
    simulator.add_task({"system": "sdm", "id": "ID</script><b>", "duration": 5})
    data = get(session, simulator, "/export.json")
    assert data.headers["Content-Disposition"] == 'attachment; filename="rehearsal.json"'
    page = get(session, simulator, "/export.html")
    held = re.search(r'<script type="application/json" id="rehearsal">(.*?)</script>', page.text, re.DOTALL)
    assert held
    told = json.loads(held[1])
    assert told.keys() == data.json().keys()
    assert "ID</script><b>" in [task["id"] for task in told["systems"]["sdm"]["tasks"]]
    assert "page.js" not in page.text
    assert "page.css" not in page.text
    for secret in simulator.secrets():
        assert secret not in page.text + data.text
