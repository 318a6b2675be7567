# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The RETURN of every module is what the code returns, and a key or a choice that is lost from one is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._status import Stats, TaskStatus

from tests.tools import write_returns

HINT = "run python tests/tools/write_returns.py"
MODULES = list(write_returns.modules())
PLANTS = [
    "stats.contains.retries",
    "error.contains.type.choices.3",
    "tasks.contains.eta",
    "tasks.contains.steps.contains.errors",
    "tasks.contains.name.returned",
    "counts",
]


def returns(source: str) -> str:
    return source.partition(write_returns.BEGIN)[2].partition(write_returns.END)[0]


def without(document: Any, place: str) -> str:
    """The text of a RETURN without one key or one item."""
    *above, last = place.split(".")
    part = document
    for name in above:
        part = part[name]
    del part[int(last) if isinstance(part, list) else last]
    return write_returns.rendered(document)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_module_returns_what_the_code_does(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    assert source == write_returns.module_with(source), HINT


@pytest.mark.parametrize("place", PLANTS)
def test_what_is_lost_is_noticed_and_put_back(place: str) -> None:
    source = MODULES[0].read_text(encoding="utf-8")
    text = returns(source)
    spoilt = source.replace(text, without(yaml.safe_load(text), place))
    assert spoilt != source
    assert write_returns.module_with(spoilt) == source


@pytest.mark.parametrize("place", ["tasks.contains.details.description", "tasks.sample", "msg.sample"])
def test_what_is_a_modules_own_must_be_there(place: str) -> None:
    source = MODULES[0].read_text(encoding="utf-8")
    text = returns(source)
    with pytest.raises(ValueError, match=r"of the module's own is missing"):
        write_returns.module_with(source.replace(text, without(yaml.safe_load(text), place)))


def test_a_key_that_the_table_does_not_know_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Stats.as_dict
    monkeypatch.setattr(Stats, "as_dict", lambda self: {**known(self), "naps": 0})
    with pytest.raises(ValueError, match=r"stats: \['naps'\]"):
        write_returns.shared()


def test_a_new_module_needs_its_own_part_alone() -> None:
    own = {
        "elapsed": {"sample": 0.5},
        "tasks": {
            "description": "All.",
            "contains": {
                name: {"description": f"Its {name}."}
                for name in ("id", "name", "native_state", "progress", "details", "steps")
            },
            "sample": [{"id": "1", "state": "succeeded"}],
        },
        "stats": {"sample": {"polls": 2}},
        "msg": {"sample": "It failed."},
    }
    whole = write_returns.returns_of(own)
    assert whole["state"]["sample"] == "succeeded"
    assert whole["tasks"]["sample"][0].keys() == TaskStatus("").as_dict().keys()
    assert whole["stats"]["sample"]["polls"] == 2
    assert write_returns.returns_of(yaml.safe_load(write_returns.rendered(whole))) == whole
