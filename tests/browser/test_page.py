# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees and does on the rehearsal page."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from taskwatch_simulator.embedded import Simulator, running

from .conftest import SIZES, OpenPage

ROOT = Path(__file__).parents[2]
PATTERN = ROOT / "extensions/patterns/change_window/playbooks/site.yml"
# Where pictures of the page go; the guide shows them
PICTURES = ROOT / ".build/browser/pictures"
WAIT_PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - taskwatch.infra.lxca_task_info:
        hostname: "{{ systems.lxca.hostname }}"
        port: "{{ systems.lxca.port }}"
        username: "{{ systems.lxca.username }}"
        password: "{{ systems.lxca.password }}"
        ca_path: "{{ ca_path }}"
        task_id: "51"
        wait: true
        wait_timeout: 120
        wait_sleep: 1
"""
FOREIGN = b"""<!DOCTYPE html><title>x</title><script>
async function reach(path, options) {
  try { const answer = await fetch(path, options); return String(answer.status); } catch { return "blocked"; }
}
</script>"""


def value(page: Page, task: str) -> int:
    return int(str(page.locator(f"[role=progressbar][aria-label$=' {task}']").get_attribute("aria-valuenow")))


def until(page: Page, condition: str) -> None:
    """Wait for an expression of JavaScript; the page's own policy forbids playwright to evaluate it there by itself."""
    for _time in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


def test_bars_move(page_of: OpenPage) -> None:
    page = page_of()
    before = value(page, "51")
    until(page, f"Number(document.querySelector(\"[aria-label$=' 51']\").getAttribute('aria-valuenow')) > {before}")


def test_an_injected_fault_is_one_that_a_waiting_playbook_reports(
    page_of: OpenPage, simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "wait.yml").write_text(WAIT_PLAY)
    ready = simulator.write_ready(tmp_path / "ready.json")
    page = page_of()
    # Nothing ends before the fault is in force, however slow this machine is
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    playbook = subprocess.Popen(
        [ROOT / ".build/venv/bin/ansible-playbook", "wait.yml", "-e", f"@{ready}"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/collections"), "ANSIBLE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with playbook:
        # The wait has begun: its first poll is a tick on the bar
        page.wait_for_selector("[data-id='51'] .tick", timeout=60_000)
        page.get_by_role("combobox", name="System").select_option("lxca")
        page.get_by_role("combobox", name="Fault").select_option("503")
        page.get_by_role("spinbutton", name="For").fill("3")
        page.get_by_role("combobox", name="Unit").select_option("times")
        page.get_by_role("button", name="Inject").click()
        expect(page.get_by_role("status")).to_have_text("Fault in force: Answer 503.")
        page.wait_for_selector("[data-id='51'] .window")
        page.wait_for_selector("[data-id='51'] .tick.bad", timeout=60_000)
        page.get_by_role("combobox", name="Speed").select_option("60")
        output, told = playbook.communicate(timeout=120)
    assert playbook.returncode == 0, output + told
    assert "503" in told
    expect(page.locator("#requests tr.bad").first).to_contain_text("503")


def test_the_keyboard_is_enough(page_of: OpenPage, simulator: Simulator) -> None:
    page = page_of()
    reached = []
    for _step in range(20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
        if reached[-1] == "Pause":
            page.keyboard.press("Enter")
        if reached[-1] == "Inject":
            page.keyboard.press("Enter")
            break
    assert reached[0] == "Pause"
    assert reached[-1] == "Inject"
    until(page, "document.getElementById('pause').textContent === 'Resume'")
    expect(page.locator("#faults")).to_contain_text("refuse")
    assert [each["kind"] for each in simulator.faults()] == ["refuse"]


def test_time_tasks_and_reset(page_of: OpenPage, simulator: Simulator) -> None:
    page = page_of()
    page.get_by_role("combobox", name="Speed").select_option("60")
    expect(page.locator("#pace")).to_contain_text("at 60")
    page.get_by_role("combobox", name="Task").select_option("SDM: route update")
    page.get_by_role("combobox", name="Ends as").select_option("failed")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector("[data-id='ID501']")
    page.get_by_role("button", name="Reset scenario").click()
    page.wait_for_selector("[data-id='ID501']", state="detached")
    assert simulator.world.time.speed == 5


def test_a_request_that_cannot_be_is_a_sentence(page_of: OpenPage) -> None:
    page = page_of(watch=False)
    page.evaluate("document.querySelector('[name=amount]').removeAttribute('min')")
    page.get_by_role("spinbutton", name="For").fill("-1")
    page.get_by_role("button", name="Inject").click()
    expect(page.get_by_role("status")).to_contain_text("Not done: seconds: expected a number greater than")


def test_two_pages_and_one_that_leaves(page_of: OpenPage) -> None:
    first, second = page_of(), page_of()
    first.get_by_role("button", name="Pause").click()
    expect(second.get_by_role("button", name="Resume")).to_be_visible()
    first.close()
    second.get_by_role("button", name="Resume").click()
    expect(second.get_by_role("button", name="Pause")).to_be_visible()


def test_a_fault_that_no_poll_met_is_told(page_of: OpenPage, simulator: Simulator) -> None:
    page = page_of()
    simulator.add_fault({"system": "lxca", "kind": "status", "status": 503, "seconds": 0.5})
    expect(page.locator("#faults")).to_contain_text("missed: no request fell into it, let it last longer")


def settings(simulator: Simulator) -> dict[str, str]:
    """Return the environment of a job with a credential for each system."""
    prefixes = {"lxca": "LXCA", "sdm": "SDM", "vcenter": "VMWARE"}
    names = {"hostname": "HOST", "port": "PORT", "username": "USER", "password": "PASSWORD"}
    cloud = simulator.systems["prisma_sdwan"]
    return {
        **{
            f"{prefix}_{name}": str(simulator.systems[system][option])
            for system, prefix in prefixes.items()
            for option, name in names.items()
        },
        **{f"{prefix}_CA_PATH": str(simulator.ca_path) for prefix in (*prefixes.values(), "PRISMASASE")},
        "PRISMASASE_HOST": str(cloud["hostname"]),
        **{
            f"PRISMASASE_{name.upper()}": str(cloud[name])
            for name in ("client_id", "client_secret", "tsg_id", "auth_url")
        },
    }


@contextlib.contextmanager
def change_window(simulator: Simulator, folder: Path) -> Iterator[None]:
    """Wait for the work of every system with the pattern's playbook, until the block ends."""
    port = simulator.systems["prisma_sdwan"]["port"]
    answers = {"window_lxca_job_ids": "51,52", "window_route_update_ids": "ID33,ID40", "window_appliance": "idle"}
    facts = {**answers, "window_element_ids": "all", "window_prisma_sdwan_port": port}
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/collections"), "ANSIBLE_HOME": str(folder)}
    with subprocess.Popen(
        [ROOT / ".build/venv/bin/ansible-playbook", PATTERN, "-e", json.dumps(facts)],
        cwd=folder,
        env={**os.environ, **environment, **settings(simulator)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as playbook:
        try:
            yield
        finally:
            playbook.terminate()


def test_it_can_be_read_in_the_middle_of_an_outage(page_of: OpenPage, tmp_path: Path) -> None:
    with running("all_succeed", speed=3) as simulator:
        simulator.add_task(
            {"system": "vcenter", "duration": 100, "outage": [{"from": 20, "until": 80, "answer": "refused"}]}
        )
        page = page_of(address=simulator.control_url)
        page.wait_for_selector(".bar")
        # The waits begin at the beginning, however slow this machine is
        page.get_by_role("button", name="Pause").click()
        with change_window(simulator, tmp_path):
            for task in ("51", "ID33", "appliance", "16540011223340090"):
                page.wait_for_selector(f"[data-id='{task}'] .tick", timeout=60_000)
            page.get_by_role("button", name="Resume").click()
            until(page, "parseFloat(document.getElementById('second').textContent) > 15")
            simulator.add_fault({"system": "lxca", "kind": "status", "status": 503, "seconds": 4})
            until(page, "parseFloat(document.getElementById('second').textContent) > 55")
            page.get_by_role("button", name="Pause").click()
            for size, scheme in itertools.product(SIZES, ("light", "dark")):
                be_seen(page_of(size, scheme, simulator.control_url), size, scheme)
            page.close()


def be_seen(page: Page, size: str, scheme: str) -> None:
    """Check the page in one size and colour scheme, and take its picture."""
    page.wait_for_selector("[data-id=appliance] .window")
    page.wait_for_selector("[data-id='51'] .tick.bad")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"rehearsal_{size}_{scheme}.png")
    # Before the simulator ends, of which it would complain
    page.close()


def test_the_exported_page_stands_alone(page_of: OpenPage, simulator: Simulator, tmp_path: Path) -> None:
    page = page_of()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export page").click()
    file = tmp_path / "rehearsal.html"
    download.value.save_as(file)
    exported = page_of(address=file.as_uri())
    assert value(exported, "51") > 0
    assert not exported.get_by_role("button", name="Inject").is_visible()
    assert Axe().run(exported).response["violations"] == []
    assert not any(secret in file.read_text(encoding="utf-8") for secret in simulator.secrets())


def test_a_simulator_that_ends_is_told(page_of: OpenPage) -> None:
    with running("slow") as served:
        page = page_of(address=served.control_url, watch=False)
        page.wait_for_selector(".bar")
    expect(page.get_by_role("status")).to_contain_text("does not answer", timeout=20_000)


@pytest.fixture
def foreign() -> Iterator[str]:
    """The address of a page of another site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FOREIGN)

        def log_message(self, *_arguments: Any) -> None:
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_another_sites_page_gets_nothing(page_of: OpenPage, simulator: Simulator, foreign: str) -> None:
    page = page_of(address=foreign, watch=False)
    run = simulator.world.run
    for path, options in (
        ("/requests", {}),
        ("/export.json", {}),
        ("/reset", {"method": "POST", "body": "{}"}),
        ("/faults", {"method": "POST", "body": json.dumps({"system": "lxca", "kind": "refuse"})}),
    ):
        call = f"reach({json.dumps(simulator.control_url + path)}, {json.dumps(options)})"
        assert page.evaluate(call) == "blocked"
        # Without CORS the browser sends the request all the same, where it may not read the answer
        opaque = {**options, "mode": "no-cors"}
        page.evaluate(f"reach({json.dumps(simulator.control_url + path)}, {json.dumps(opaque)})")
    assert simulator.world.run == run
    assert simulator.faults() == []
