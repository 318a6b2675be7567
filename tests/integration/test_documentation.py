# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows is true: its examples are played against the simulator, its tables and links checked.

A YAML block of ``README.md``, a guide or a module's EXAMPLES holds tasks, plays, an inventory, a scenario or
requirements. Blocks of a page are played in order, in one process of ansible-playbook. A comment above a block changes
how: ``test: scenario=failures`` (``above`` is the scenario block before it), ``ends=failed`` with ``type=timeout``,
``fault={"system": …}``, ``speed=10``. Tasks that rescue are played again where everything fails.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems import (
    lxca_csv_job,
    lxca_export,
    prisma_sdwan,
    sdm,
    vcenter,
)

from tests.simulator import embedded
from tests.simulator.embedded import Simulator
from tests.simulator.scenario import Scenario, parse
from tests.support.ansible import ROOT, Ansible, Finished
from tests.support.modules import MODULES
from tests.support.pages import FENCE, GUIDES, PAGES, Block, blocks_of, guide, sections_of
from tests.tools import write_states

SOURCES = [*PAGES, *sorted((ROOT / "plugins/modules").glob("*.py"))]
MARKDOWN = [page for page in PAGES if page.suffix == ".md"]
# Tasks of 60 to 120 simulated seconds end within two
SPEED = "60"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LABEL = re.compile(r"^\.\. _(ansible_collections\.[\w.]+):$", re.MULTILINE)
REFERENCE = re.compile(r":ref:`(?:[^`]*<)?([^`<>]+)>?`")
PICTURE = re.compile(r"^ *\.\. (?:image|figure):: (\S+)$", re.MULTILINE)
RESCUED = re.compile(r"rescued=(\d+)")
READERS: dict[str, Callable[[Any], TaskStatus]] = {
    "lxca_repo_export_info": lambda body: lxca_export.export_status("12", body),
    "lxca_csv_job_info": lambda body: lxca_csv_job.job_status("371", body),
    "route_update_info": lambda body: sdm.route_update_status("ID33", body),
    "appliance_update_info": lambda body: vcenter.update_status(vcenter.update_info(body), vcenter.Goal()),
    "element_image_status_info": prisma_sdwan.element_status,
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


def cases_of(source: Path) -> list[Case]:
    """Return what is to be played of a page: its blocks in order, those that ask for the same together."""
    cases: list[Case] = []
    inventory, scenario = None, None
    for block in blocks_of(source):
        if block.language != "yaml":
            continue
        data = yaml.safe_load(block.text)
        if isinstance(data, dict):
            if any("hosts" in (group or {}) for group in data.values()):
                inventory = data
            elif "collections" not in data:
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


def facts_of(simulator: Simulator) -> dict[str, Any]:
    """Return the variables that examples use for addresses and logins."""
    facts: dict[str, Any] = {"ansible_host": "127.0.0.1"}
    for system, access in simulator.systems.items():
        prefix = "prisma" if system == "prisma_sdwan" else system
        facts |= {f"{prefix}_{name}": value for name, value in access.items()}
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
    return ansible.play(*plays, facts=facts, arguments=arguments, variables=variables_of(simulator))


ALL_CASES = [case for source in SOURCES for case in cases_of(source)]


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.place)
def test_examples_do_what_the_page_says(case: Case, tmp_path: Path) -> None:
    with embedded.running(case.scenario, speed=float(case.asked["speed"])) as simulator:
        if fault := case.asked.get("fault"):
            simulator.add_fault(json.loads(fault))
        finished = play(Ansible(tmp_path), case, simulator=simulator)
        left = simulator.sessions()
    if case.asked.get("ends") == "failed":
        assert finished.code == 2, finished.output
        assert f'"type": "{case.asked["type"]}"' in finished.output
    else:
        assert finished.code == 0, finished.output
    assert not any(left.values()), "an example leaves a session open"


@pytest.mark.parametrize("case", list(rescuing_cases()), ids=lambda case: case.place)
def test_examples_that_rescue_get_through_failures(case: Case, tmp_path: Path) -> None:
    with embedded.running(case.scenario, speed=float(case.asked["speed"])) as simulator:
        finished = play(Ansible(tmp_path), case, simulator=simulator)
    rescued = RESCUED.search(finished.output)
    assert finished.code == 0, finished.output
    assert rescued is not None
    assert int(rescued[1]) == sum(len(each["tasks"]) for each in case.plays)


def ad_hoc_commands() -> Iterator[tuple[str, str]]:
    """Yield place and text of the ad-hoc commands in consoles."""
    for source in PAGES:
        for block in blocks_of(source):
            if block.language == "console":
                for line in block.text.splitlines():
                    if line.startswith("$ ansible localhost "):
                        yield f"{block.place}: {line}", line.removeprefix("$ ")


@pytest.mark.parametrize(("place", "command"), [pytest.param(*each, id=each[0]) for each in ad_hoc_commands()])
def test_ad_hoc_commands_work(place: str, command: str, tmp_path: Path) -> None:
    with embedded.running("all_succeed", speed=float(SPEED)) as simulator:
        finished = Ansible(tmp_path).run(*shlex.split(command), variables=variables_of(simulator))
        assert finished.code == 0, f"{place}: {finished.output}"
        assert "SUCCESS" in finished.output
        assert not any(simulator.sessions().values())


ANSWERS = [block for page in PAGES for block in blocks_of(page) if "module" in block.asked]


@pytest.mark.parametrize("block", ANSWERS, ids=lambda block: block.place)
def test_answers_are_judged_as_the_page_says(block: Block) -> None:
    status = READERS[block.asked["module"]](json.loads(block.text))
    assert status.state.value == block.asked["state"]


def test_every_module_has_examples_and_answers() -> None:
    plays = str([case.plays for case in ALL_CASES])
    played = set(re.findall(r"'taskwatch\.infra\.(\w+)'", plays))
    names = {module.name for module in MODULES}
    assert names <= played
    assert names == {block.asked["module"] for block in ANSWERS}


def test_state_tables_are_those_of_the_normalizer() -> None:
    page = write_states.PAGE.read_text(encoding="utf-8")
    assert page == write_states.page_with(write_states.rendered(), page), "run python tests/tools/write_states.py"


def test_error_page_has_a_section_for_each_type() -> None:
    sections = [heading.strip("`") for heading in sections_of(guide("troubleshooting")) if heading.startswith("``")]
    assert sorted(sections) == sorted(kind.value for kind in ErrorType)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        link = urlsplit(target)
        assert link.scheme or (page.parent / link.path).exists(), f"{page.name} links to {target}"


def test_references_between_guides_lead_somewhere() -> None:
    texts = {page.name: page.read_text(encoding="utf-8") for page in GUIDES.glob("*.rst")}
    labels = {label for text in texts.values() for label in LABEL.findall(text)}
    for name, text in texts.items():
        own = {target for target in REFERENCE.findall(text) if ".docsite." in target}
        assert own <= labels, f"{name} refers to {own - labels}"
        missing = [picture for picture in PICTURE.findall(text) if not (GUIDES / picture).is_file()]
        assert not missing, f"{name} shows {missing}"


def test_every_guide_is_in_the_table_of_contents() -> None:
    index = yaml.safe_load((GUIDES.parent / "extra-docs.yml").read_text(encoding="utf-8"))
    listed = [name for section in index["sections"] for name in section["toctree"]]
    assert sorted(listed) == sorted(page.stem for page in GUIDES.glob("*.rst"))
