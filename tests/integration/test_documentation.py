# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation says is true: its tables, answers and links, and that no example of it goes unnoticed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._description.expressions import Answer
from ansible_collections.taskwatch.infra.plugins.module_utils._description.model import parse
from ansible_collections.taskwatch.infra.plugins.module_utils._description.reading import read_task
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems import (
    lxca_csv_job,
    lxca_export,
    lxca_task,
    prisma_element,
    sdm,
    vcenter,
)

from tests.support.ansible import ROOT
from tests.support.modules import MODULES
from tests.support.pages import FENCE, GUIDES, PAGES, Block, blocks_of, guide, sections_of
from tests.tools import write_environment, write_states

from ._examples import ASKED, NOT_PLAYED, PLAYERS, name_of, player_of

MARKDOWN = [page for page in PAGES if page.suffix == ".md"]
# Each is read by a test: yaml, console and python in test_examples.py, json here, text by people and test_quotations.py
LANGUAGES = {"yaml", "console", "python", "json", "text", "ini"}
# Where the rendered pages and the files of main are; both are in this tree
SITE = "https://taskwatch.github.io/infra/"
FILES = re.compile(
    r"https://(?:github\.com/taskwatch/infra/(?:blob|tree)|raw\.githubusercontent\.com/taskwatch/infra)/main/"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LABEL = re.compile(r"^\.\. _(ansible_collections\.[\w.]+):$", re.MULTILINE)
REFERENCE = re.compile(r":ref:`(?:[^`]*<)?([^`<>]+)>?`")
PICTURE = re.compile(r"^ *\.\. (?:image|figure):: (\S+)$", re.MULTILINE)


def _described(body: Any) -> TaskStatus:
    """Return an answer as the description on the page about describing an API reads it."""
    (text,) = [block.text for block in blocks_of(GUIDES / "describing.rst") if block.asked.get("file") == "things.yml"]
    description = parse(yaml.safe_load(text), variables={})
    return read_task(description.task, description.name, "17", Answer(200, {}, body))


READERS: dict[str, Callable[[Any], TaskStatus]] = {
    "lxca_repo_export_info": lambda body: lxca_export.export_status("12", body),
    "lxca_csv_job_info": lambda body: lxca_csv_job.job_status("371", body),
    "lxca_task_info": lambda body: lxca_task.task_status("51", body),
    "route_update_info": lambda body: sdm.route_update_status("ID33", body),
    "appliance_update_info": lambda body: vcenter.update_status(vcenter.update_info(body), vcenter.Goal()),
    "element_image_status_info": prisma_element.element_status,
    "rest_task_info": _described,
}


ANSWERS = [block for page in PAGES for block in blocks_of(page) if "module" in block.asked]


@pytest.mark.parametrize("block", ANSWERS, ids=lambda block: block.place)
def test_answers_are_judged_as_the_page_says(block: Block) -> None:
    status = READERS[block.asked["module"]](json.loads(block.text))
    assert status.state.value == block.asked["state"]


def test_every_reader_has_answers() -> None:
    assert {module.name for module in MODULES} == SYSTEMS.keys(), "a row in tests/support/modules.py"
    assert READERS.keys() == {block.asked["module"] for block in ANSWERS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_comments_ask_for_is_known_and_heard(page: Path) -> None:
    blocks = blocks_of(page)
    assert {name for block in blocks for name in block.asked} <= ASKED
    heard = sum(bool(block.asked) for block in blocks)
    assert heard == len(re.findall(r"^(?:\.\.|<!--) test: ", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {block.language for block in blocks} <= LANGUAGES
    for block in blocks:
        if block.language == "json":
            json.loads(block.text)


def test_what_is_played_elsewhere_or_not_at_all_is_there() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page)]
    assert set(NOT_PLAYED) <= {name_of(block) for block in blocks}
    assert {player for block in blocks if (player := player_of(block))} <= set(PLAYERS)
    assert all((ROOT / tests).exists() for tests in PLAYERS.values())


def test_state_tables_are_those_of_the_normalizer() -> None:
    page = write_states.PAGE.read_text(encoding="utf-8")
    assert page == write_states.page_with(write_states.rendered(), page), "run python tests/tools/write_states.py"


def test_environment_variables_are_those_of_the_specs() -> None:
    page = write_environment.PAGE.read_text(encoding="utf-8")
    hint = "run python tests/tools/write_environment.py"
    assert page == write_environment.page_with(write_environment.rendered(), page), hint


def test_every_module_is_where_people_choose_one() -> None:
    text = guide("which_module")
    assert [name for name in SYSTEMS if name not in text] == []


def test_error_page_has_a_section_for_each_type() -> None:
    sections = [heading.strip("`") for heading in sections_of(guide("troubleshooting")) if heading.startswith("``")]
    assert sorted(sections) == sorted(kind.value for kind in ErrorType)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        link = urlsplit(target)
        if target.startswith(f"{SITE}docsite/"):
            assert (GUIDES / f"{Path(link.path).stem}.rst").exists(), f"{page.name} links to {target}"
        elif FILES.match(target):
            assert (ROOT / FILES.sub("", target)).exists(), f"{page.name} links to {target}"
        else:
            assert link.scheme or (page.parent / link.path).exists(), f"{page.name} links to {target}"


def test_the_readme_can_be_read_anywhere() -> None:
    """Galaxy and automation hubs show it far from the files that it comes with."""
    targets = LINK.findall(FENCE.sub("", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert [target for target in targets if not urlsplit(target).scheme] == []


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
