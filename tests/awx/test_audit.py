# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queries that count nodes, run as the controller runs them, on results of all modules.

Source: AWX, awx/main/tasks/host_indirect.py (build_indirect_host_data, get_hashable_form).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

import jq  # type: ignore[import-not-found]  # an extension module without stubs
import pytest
import yaml

from tests.support.ansible import ROOT, Ansible, play_of
from tests.support.modules import BY_NAME, MODULES, Module
from tests.support.rehearsal import defaults_of, facts_of, label, simulated
from tests.support.stages import keep

QUERIES: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "extensions/audit/event_query.yml").read_text(encoding="utf-8")
)
each_module = pytest.mark.parametrize("module", MODULES, ids=label)
# Nodes behind the two tasks of each module, as the scenario has them
NODES = {
    "lxca_repo_export_info": {"127.0.0.1"},
    "lxca_task_info": {"127.0.0.1"},
    "rest_task_info": {"127.0.0.1"},
    "appliance_update_info": {"127.0.0.1"},
    "element_image_status_info": {"16540011223340090", "16540011223340091"},
}
# As vmware.vmware 2.11 has them, and what a person would call the node
FACTS = {"name", "infra_type", "infra_bucket", "device_type", "platform"}
# Results that tell of no node: of a loop as a whole, hidden ones, of options that were refused, of an older module
BARREN: tuple[dict[str, Any], ...] = (
    {"results": [{"changed": False}], "changed": False, "msg": "All items completed"},
    {"censored": "the output has been hidden", "changed": False},
    {"changed": False, "msg": "missing required arguments: password", "failed": True},
    {"changed": False, "tasks": [], "invocation": {"module_args": {"hostname": "lxca.example.com"}}},
    {"changed": False, "tasks": None, "invocation": None},
    {},
)


def hashable(value: Any) -> Any:
    """Return a form of canonical facts that can be compared; what the controller cannot compare, it drops."""
    if isinstance(value, dict):
        return tuple(sorted((name, hashable(item)) for name, item in value.items()))
    assert isinstance(value, (str, int, float, bool)), f"a node with {value!r} is dropped"
    return value


def nodes_of(module: Module, results: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """Return the nodes that the controller finds in the results of a module, by their canonical facts."""
    found: dict[Any, dict[str, Any]] = {}
    query = jq.compile(QUERIES[module.fqcn]["query"])
    for result in results:
        for node in query.input(result).all():
            assert node.keys() == {"name", "canonical_facts", "facts"}
            assert node["canonical_facts"]
            assert node["facts"].keys() == FACTS
            found.setdefault(hashable(node["canonical_facts"]), node)
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[dict[str, Any]]]:
    """A poll and a finished wait of every module, as they are registered, which is how events have them."""
    folder = tmp_path_factory.mktemp("audit")
    target = folder / "results.json"
    with simulated("all_succeed", speed=600) as simulator:
        tasks = [
            {
                "name": f"Check with {module.name}",
                module.fqcn: {**module.ask(list(module.ids)), "wait": wait},
                "register": f"{module.name}_{wait}",
            }
            for wait in (False, True)
            for module in MODULES
        ]
        names = [f"{module.name}_{wait}" for module in MODULES for wait in (False, True)]
        play = play_of(tasks, module_defaults=defaults_of(simulator), vars={"ansible_inject_invocation": True})
        # Registered results lack the invocation, which the events of a controller have
        facts = facts_of(simulator)
        finished = Ansible(folder).play(play, keep(target, {name: name for name in names}), facts=facts)
    assert finished.code == 0, finished.output
    told = json.loads(target.read_text(encoding="utf-8"))
    return {
        module.name: [
            {**told[f"{module.name}_{wait}"], "invocation": {"module_args": facts[module.group]}}
            for wait in (False, True)
        ]
        for module in MODULES
    }


def test_every_module_has_a_query() -> None:
    assert QUERIES.keys() == {module.fqcn for module in MODULES}


@each_module
def test_nodes_are_found(results: Mapping[str, list[dict[str, Any]]], module: Module) -> None:
    """Each once, however often it was polled."""
    nodes = nodes_of(module, results[module.name])
    assert nodes
    names = {node["name"] for node in nodes.values()}
    assert names == NODES.get(module.name, names)


def test_devices_of_a_job_are_counted_and_not_the_job(results: Mapping[str, list[dict[str, Any]]]) -> None:
    nodes = nodes_of(BY_NAME["lxca_csv_job_info"], results["lxca_csv_job_info"])
    assert {node["name"].rpartition(".")[0] for node in nodes.values()} == {"192.0.2"}
    assert len(nodes) >= 2


def saved(nodes: Iterable[Mapping[str, Any]]) -> int:
    """Save the records of one job as the controller does, all or none, and return how many there are.

    Source: AWX, awx/main/models/indirect_managed_node_audit.py (unique_together) and awx/main/tasks/host_indirect.py
    (bulk_create).
    """
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE audit (name TEXT NOT NULL, job INTEGER NOT NULL, UNIQUE (name, job))")
        with database:
            database.executemany("INSERT INTO audit VALUES (?, 7)", [(node["name"],) for node in nodes])
        (count,) = database.execute("SELECT count(*) FROM audit").fetchone()
    return int(count)


def test_constraint_loses_the_records_of_a_job_with_two_equal_names() -> None:
    """The control experiment."""
    with pytest.raises(sqlite3.IntegrityError):
        saved([{"name": "ID11"}, {"name": "ID11"}])


def test_device_groups_belong_to_their_manager(results: Mapping[str, list[dict[str, Any]]]) -> None:
    """Two managers have groups of the same IDs, and one job asks both."""
    module = BY_NAME["route_update_info"]
    here = results[module.name]
    there = [{**each, "invocation": {"module_args": {"hostname": "sdm-b.example.com"}}} for each in here]
    nodes = nodes_of(module, [*here, *there])
    assert saved(nodes.values()) == 2 * len(nodes_of(module, here))


def test_elements_of_one_name_are_two() -> None:
    module = BY_NAME["element_image_status_info"]
    tasks = [{"id": "16540011223340090", "name": "branch"}, {"id": "16540011223340091", "name": "branch"}]
    nodes = nodes_of(module, [{"tasks": tasks}])
    assert saved(nodes.values()) == 2
    assert {node["facts"]["name"] for node in nodes.values()} == {"branch"}


def test_one_job_of_all_modules_is_saved(results: Mapping[str, list[dict[str, Any]]]) -> None:
    """What two modules know of one appliance is one record."""
    nodes: dict[Any, dict[str, Any]] = {}
    for module in MODULES:
        nodes = {**nodes_of(module, results[module.name]), **nodes}
    assert saved(nodes.values()) == len(nodes)


@each_module
@pytest.mark.parametrize("result", BARREN, ids=range(len(BARREN)))
def test_a_result_without_tasks_breaks_nothing(module: Module, result: dict[str, Any]) -> None:
    assert nodes_of(module, [result]) == {}
