# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of README, guides and modules as plays and commands.

A YAML block holds tasks, plays, an inventory or a scenario of the simulator. Blocks of a page are played in order, in
one process of ansible-playbook. A comment above a block changes how: ``test: scenario=failures`` (``above`` is the
scenario block before it), ``ends=failed`` with ``type=timeout``, ``fault={"system": …}``, ``speed=10``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from taskwatch_simulator.scenario import Scenario, parse
from tests.support.ansible import ROOT
from tests.support.pages import PAGES, Block, blocks_of

SOURCES = (*PAGES, *sorted((ROOT / "plugins/modules").glob("*.py")))
# Tasks of 60 to 120 simulated seconds end within two
SPEED = "60"
# Who else plays blocks, by what their comments ask for: these tests also check what the blocks did
PLAYERS = {
    "rehearsal": "tests/integration/test_rehearsals.py",
    "played_by=awx": "tests/awx",
    "played_by=eda": "tests/eda",
    "played_by=descriptions": "tests/integration/test_rest_task.py",
}
# What a comment above a block can ask for
ASKED = {"scenario", "speed", "fault", "ends", "type", "module", "state", "recorded", "rehearsal", "played_by", "file"}
# YAML that is no play, inventory or scenario: page and first line, and why it is not run here
NOT_PLAYED = {
    ("README.md", "collections:"): "a Galaxy server would have to be asked",
    ("CONTRIBUTING.md", "---"): "a changelog fragment",
    ("describing.rst", "login:"): "a part of a description; tests/integration/test_rest_task.py reads it",
    ("describing.rst", 'login: {kind: header, send: {headers: {PRIVATE-TOKEN: "{token}"}}}'): "as above",
    ("describing.rst", "pace:"): "as above",
}
# Commands that are not run here, by how they begin, and who does run them
ELSEWHERE = {
    "make demo": "tests/integration/test_demo.py plays what it plays",
    "make test": "this is one of its checks",
    "make exhaustive": "as above",
    "make format": "it would rewrite the Python files",
    "make tree": "every check runs in what it makes",
    ".build/venv/bin/": "how one of the checks is run alone",
    "python3 -m venv": "tests/unit/tools/test_readme.py follows the README",
    "python -m venv": "every check runs in such an environment",
    ". venv/bin/activate": "as above",
    "venv/bin/pip install": "as above",
    "pip install": "as above",
    "python -m pip install": "as above",
    "python3 -m pip install": "as above",
    "mkdir -p .build/first": "tests/unit/tools/test_readme.py follows the README",
    "cd .build/first": "as above",
    "git clone": "every check runs in a clone",
    "mkdir -p infra/.build/rehearsal": "the folders of a clone",
    "cd infra/.build/rehearsal": "as above",
    "cd ~/.ansible/collections": "the folder of an installed collection",
    "ansible-playbook site.yml -e window_": "tests/integration/test_patterns.py plays it",
    "ansible-galaxy collection install": "tests/tools/demo.py installs the tarball",
    "taskwatch-simulator": "tests/unit/simulator/test_server.py starts it",
    "venv/bin/taskwatch-simulator": "as above",
    "until [ -e ready.json ]": "the tests wait for it as well",
    "ansible-playbook first.yml -e @ready.json": "the block above it is played with the same variables",
    "ansible-playbook patch.yml": "as above",
    "ansible-playbook lxca.yml -e simulator=": "the playbooks of that page are played with the same variable",
    "ansible-playbook taskwatch.infra.wait_": "tests/awx plays these playbooks",
    "ansible-builder build": "tests/awx has ansible-builder read the sample",
    "ansible-playbook taskwatch.infra.awx_setup": "tests/awx/test_setup.py plays it against a stand-in for AWX",
    "ansible-rulebook --rulebook": "tests/eda starts it with these rulebooks",
    "curl -s $CONTROL": "tests/unit/simulator/test_control.py makes the calls",
    "curl --silent": "tests/integration/test_rest_task.py sends the same request",
    "python -m ansible_collections": "tests/integration/test_descriptions.py runs it",
    "curl --insecure": "a vCenter would have to be there",
    "unzip certs.zip": "as above",
    "cat certs/lin": "as above",
    "openssl ": "as above",
    "export ": "the environment of the commands after it is set by the test",
    "read -rs ": "as above",
}


@dataclass
class Case:
    """Blocks that are played together, and what was asked for them."""

    asked: Mapping[str, str]
    plays: list[dict[str, Any]] = field(default_factory=list)
    inventory: dict[str, Any] | None = None
    scenario: Scenario | str = "all_succeed"
    place: str = ""


def plays_of(block: Block, data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the plays of a block; tasks alone become one."""
    if all("hosts" in each for each in data):
        return data
    return [{"name": block.place, "hosts": "localhost", "gather_facts": False, "tasks": data}]


def name_of(block: Block) -> tuple[str, str]:
    """Return page and first line, the way NOT_PLAYED names a block."""
    return block.source.name, block.text.strip().splitlines()[0]


def player_of(block: Block) -> str | None:
    """Return what else plays a block, the way PLAYERS names it; None if nothing does."""
    if "played_by" in block.asked:
        return f"played_by={block.asked['played_by']}"
    if block.source.name == "rest_task_info.py":
        return "played_by=descriptions"
    return "rehearsal" if "rehearsal" in block.asked else None


def cases_of(source: Path) -> list[Case]:
    """Return what is to be played of a page: its blocks in order, those that ask for the same together."""
    cases: list[Case] = []
    inventory, scenario = None, None
    for block in blocks_of(source):
        if block.language != "yaml" or name_of(block) in NOT_PLAYED or player_of(block):
            continue
        data = yaml.safe_load(block.text)
        if isinstance(data, dict):
            if any("hosts" in (group or {}) for group in data.values()):
                inventory = data
            else:
                scenario = parse(block.text, block.place)
            continue
        asked = {"scenario": "all_succeed", "speed": SPEED, **block.asked}
        chosen = scenario if asked["scenario"] == "above" else asked["scenario"]
        assert chosen is not None, f"{block.place} asks for a scenario above it, and there is none"
        alone = "ends" in asked or not cases or cases[-1].asked != asked
        if alone:
            cases.append(Case(asked, scenario=chosen, place=block.place))
        cases[-1].plays += plays_of(block, data)
        cases[-1].inventory = inventory
    return cases


def rescuing_cases() -> Iterator[Case]:
    """Yield the tasks of all sources that rescue, to be played where everything fails."""
    for source in SOURCES:
        tasks = [task for case in cases_of(source) for play in case.plays for task in play["tasks"] if "rescue" in task]
        if tasks:
            place = str(source.relative_to(ROOT))
            play = {"name": place, "hosts": "localhost", "gather_facts": False, "tasks": tasks}
            yield Case({"speed": SPEED}, [play], scenario="failures", place=place)


def commands() -> Iterator[tuple[str, str]]:
    """Yield place and text of each command in a console, the parts of a chain apart."""
    for source in PAGES:
        for block in blocks_of(source):
            if block.language == "console":
                for line in block.text.splitlines():
                    if line.startswith("$ "):
                        yield from ((block.place, part.split("  #")[0].strip()) for part in line[2:].split(" && "))
