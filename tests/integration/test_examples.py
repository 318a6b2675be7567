# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of README, guides and modules does against the simulator what its page says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from _pytest.mark import ParameterSet

from taskwatch_simulator import embedded
from taskwatch_simulator.embedded import Simulator
from tests.support.ansible import ROOT, Ansible, Finished
from tests.support.modules import MODULES
from tests.support.pages import GUIDES, PAGES, Block, blocks_of
from tests.support.stages import begins_anew

from ._examples import ELSEWHERE, SOURCES, SPEED, Case, cases_of, commands, rescuing_cases

RESCUED = re.compile(r"rescued=(\d+)")
AD_HOC = "ansible localhost -m "
SHOWN = "localhost | SUCCESS => "
ALL_CASES = [case for source in SOURCES for case in cases_of(source)]
# The pages that a newcomer reads first, which make test plays; make exhaustive plays the others
FIRST_PAGES = ("README.md", "quick_start.rst")
PYTHON = [block for page in PAGES for block in blocks_of(page) if block.language == "python"]


def param_of(case: Case) -> ParameterSet:
    """Return a case as a value of a parametrization, marked unless it is one of a first page."""
    first = case.place.partition(":")[0].endswith(FIRST_PAGES)
    return pytest.param(case, id=case.place, marks=() if first else pytest.mark.exhaustive)


def facts_of(simulator: Simulator) -> dict[str, Any]:
    """Return the variables that examples use for addresses and logins, and those of the ready file."""
    facts: dict[str, Any] = {
        "ansible_host": "127.0.0.1",
        "ca_path": simulator.ca_path,
        "systems": simulator.systems,
    }
    for system, access in simulator.systems.items():
        prefix = "prisma" if system == "prisma_sdwan" else system
        facts |= {f"{prefix}_{name}": value for name, value in access.items()}
        certificate = ssl.get_server_certificate((access["hostname"], access["port"]))
        facts[f"{prefix}_fingerprint"] = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
        facts[f"{prefix}_url"] = f"https://{access['hostname']}:{access['port']}"
    return facts


def variables_of(simulator: Simulator) -> dict[str, str]:
    """Return the environment of a job: where the systems are, who logs in, whom to trust."""
    variables = {"SSL_CERT_FILE": str(simulator.ca_path)}
    for module in MODULES:
        variables |= module.variables(simulator)
    return variables


def play(ansible: Ansible, case: Case, *, simulator: Simulator) -> Finished:
    """Play a case. Only the port of Prisma SD-WAN, for which there is no variable, is slipped in."""
    port = {"group/taskwatch.infra.prisma_sdwan": {"port": simulator.systems["prisma_sdwan"]["port"]}}
    plays = [{**each, "module_defaults": {**port, **each.get("module_defaults", {})}} for each in case.plays]
    arguments = []
    if case.inventory is not None:
        file = ansible.folder / "inventory.yml"
        file.write_text(yaml.safe_dump(case.inventory), encoding="utf-8")
        arguments = ["-i", str(file)]
    ready = ansible.folder / "ready.json"
    ready.write_text(json.dumps({"ca_path": simulator.ca_path, "systems": simulator.systems}), encoding="utf-8")
    facts = {**facts_of(simulator), "simulator": str(ready)}
    faults = [json.loads(case.asked["fault"])] if "fault" in case.asked else []
    variables = {**variables_of(simulator), **begins_anew(ansible, simulator, *faults)}
    return ansible.play(*plays, facts=facts, arguments=arguments, variables=variables)


@pytest.mark.parametrize("case", [param_of(case) for case in ALL_CASES])
def test_examples_do_what_the_page_says(case: Case, tmp_path: Path) -> None:
    with embedded.running(case.scenario, speed=float(case.asked["speed"])) as simulator:
        finished = play(Ansible(tmp_path), case, simulator=simulator)
        left = simulator.sessions()
    if case.asked.get("ends") == "failed":
        assert finished.code == 2, finished.output
        assert f'"type": "{case.asked["type"]}"' in finished.output
    else:
        assert finished.code == 0, finished.output
    assert not any(left.values()), "an example leaves a session open"


@pytest.mark.parametrize("case", [param_of(case) for case in rescuing_cases()])
def test_examples_that_rescue_get_through_failures(case: Case, tmp_path: Path) -> None:
    with embedded.running(case.scenario, speed=float(case.asked["speed"])) as simulator:
        finished = play(Ansible(tmp_path), case, simulator=simulator)
    rescued = RESCUED.search(finished.output)
    assert finished.code == 0, finished.output
    assert rescued is not None
    assert int(rescued[1]) == sum(len(each["tasks"]) for each in case.plays)


@pytest.mark.parametrize("command", sorted({command for _place, command in commands() if command.startswith(AD_HOC)}))
def test_ad_hoc_commands_work(command: str, tmp_path: Path) -> None:
    with embedded.running("all_succeed", speed=float(SPEED)) as simulator:
        finished = Ansible(tmp_path).run(*shlex.split(command), variables=variables_of(simulator))
        assert finished.code == 0, finished.output
        assert "SUCCESS" in finished.output
        assert not any(simulator.sessions().values())


def test_every_other_command_is_run_elsewhere() -> None:
    others = {command: place for place, command in commands() if not command.startswith(AD_HOC)}
    missing = {place: command for command, place in others.items() if not command.startswith(tuple(ELSEWHERE))}
    assert not missing, "run these, or say in ELSEWHERE who does"
    stale = {begin for begin in ELSEWHERE if not any(command.startswith(begin) for command in others)}
    assert not stale, "no page shows these any more"


def test_the_answer_shown_is_part_of_a_true_one(tmp_path: Path) -> None:
    (shown,) = [block.text for block in blocks_of(GUIDES / "quick_start.rst") if block.text.startswith(SHOWN)]
    with embedded.running("slow") as simulator:
        command = f"{AD_HOC}taskwatch.infra.appliance_update_info"
        finished = Ansible(tmp_path).run(*shlex.split(command), variables=variables_of(simulator))
    answer = json.loads(finished.stdout.removeprefix(SHOWN))
    assert is_part_of(json.loads(shown.removeprefix(SHOWN)), answer)


def is_part_of(part: Any, whole: Any) -> bool:
    """Return whether a value has the shape of another: keys that are there too, with values of the same types."""
    if isinstance(part, dict):
        return all(key in whole and is_part_of(value, whole[key]) for key, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(is_part_of, part, whole))
    return type(part) is type(whole)


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.place)
def test_python_runs(block: Block) -> None:
    # As if the simulator were installed
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "simulator")}
    subprocess.run([sys.executable, "-c", block.text], cwd=ROOT, check=True, env=environment)


def test_every_module_has_examples() -> None:
    played = set(re.findall(r"'taskwatch\.infra\.(\w+)'", str([case.plays for case in ALL_CASES])))
    assert {module.name for module in MODULES} <= played | {"rest_task_info"}, "the latter's are played elsewhere"
