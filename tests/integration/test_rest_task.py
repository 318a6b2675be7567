# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info in playbooks: shipped descriptions against servers that answer as their samples, in both modes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._description.model import parse
from ansible_collections.taskwatch.infra.plugins.module_utils._description.samples import play_samples
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shape import STATES
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shipped import FOLDER

from tests.support.ansible import ROOT, Ansible, play_of
from tests.support.described import LXCA_TASK
from tests.support.pages import GUIDES, Block, blocks_of, guide, rows_of
from tests.support.rehearsal import BOTH
from tests.support.rest_server import Asked, Told, serving
from tests.support.stages import keep

MODULE = "taskwatch.infra.rest_task_info"
AS_MODULE = {"environment": {"TASKWATCH_TEST": "module"}}
MODES: dict[str, dict[str, Any]] = {"in_process": {}, "module": AS_MODULE, "async": {"async": 60, "poll": 1}}
LOGIN = {"username": "netops", "password": "s3cret-password"}
SECRETS = ("s3cret-password", "t0ken-of-the-user", "t1cket-of-the-session")
# Options beside the connection, and where a task is asked for
APIS: dict[str, tuple[dict[str, Any], str]] = {
    "redfish_task": (LOGIN, "/redfish/v1/TaskService/Tasks/{}"),
    "proxmox_task": ({**LOGIN, "variables": {"node": "pve1"}}, "/api2/json/nodes/pve1/tasks/{}/status"),
    "awx_job": ({"token": "t0ken-of-the-user"}, "/api/v2/unified_jobs/?id={}"),
}
# The description that make test plays: it has a session to close
SHOWN = "redfish_task"
SESSIONS = "/redfish/v1/SessionService/Sessions"
Samples = dict[str, Any]


def samples_of(api: str) -> Samples:
    """Return the first sample answer of each state."""
    description = yaml.safe_load((FOLDER / f"{api}.yml").read_text(encoding="utf-8"))
    return {sample["expect"].get("state"): sample.get("answer") for sample in reversed(description["samples"])}


def api_server(api: str) -> Callable[[Asked], Told]:
    """Return a script that knows the tasks `good`, `bad` and `long`; the first two end with the second request."""
    samples = samples_of(api)
    seen: Counter[str] = Counter()

    def state_of(task: str) -> dict[str, Any]:
        seen[task] += 1
        ends = {"good": "succeeded", "bad": "failed"}
        answer: dict[str, Any] = samples[ends[task] if task in ends and seen[task] > 1 else "running"]
        return answer

    def script(asked: Asked) -> Told:
        if login := logins(asked):
            return login
        proofs = ("x-auth-token", "cookie", "authorization")
        assert any("t1cket" in asked.headers.get(name, "") or "t0ken" in asked.headers.get(name, "") for name in proofs)
        if "id__in" in asked.target:
            names = asked.target.partition("id__in=")[2].partition("&")[0].split("%2C")
            return Told({"results": [{**item_of(state_of(name)), "id": name} for name in names], "next": None})
        return next(
            (Told(state_of(name)) for name in ("good", "bad", "long") if asked.target == APIS[api][1].format(name)),
            Told({"results": []} if api == "awx_job" else {"error": "no such task"}, 200 if api == "awx_job" else 404),
        )

    return script


def item_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the task of an answer that may be a list of one."""
    item: dict[str, Any] = answer.get("results", [answer])[0]
    return item


def logins(asked: Asked) -> Told | None:
    """Answer logins and logouts."""
    if asked.target == SESSIONS and asked.method == "POST":
        assert json.loads(asked.body) == {"UserName": "netops", "Password": "s3cret-password"}
        return Told({}, 201, {"X-Auth-Token": "t1cket-of-the-session", "Location": f"{SESSIONS}/1"})
    if asked.target == f"{SESSIONS}/1" and asked.method == "DELETE":
        return Told(None, 204)
    if asked.target == "/api2/json/access/ticket":
        return Told({"data": {"ticket": "t1cket-of-the-session"}})
    return None


def results_of(
    ansible: Ansible, tasks: dict[str, dict[str, Any]], variables: dict[str, str] | None = None, **keywords: Any
) -> tuple[dict[str, Any], str]:
    """Play tasks one after the other, whatever they come to, and return their results by name with the output.

    ``variables`` are those of the environment, ``keywords`` those of every task.
    """
    played: list[dict[str, Any]] = [
        {"name": name, MODULE: options, "register": f"result_{name}", "ignore_errors": True, **keywords}
        for name, options in tasks.items()
    ]
    file = ansible.folder / "results.json"
    kept = keep(file, {name: f"result_{name}" for name in tasks})
    finished = ansible.play(play_of(played), kept, arguments=["-vvvv"], variables=variables)
    assert finished.code == 0, finished.output
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return results, finished.output


@pytest.mark.parametrize(
    ("api", "mode"),
    [
        pytest.param(api, mode, marks=() if (api, mode) == (SHOWN, "in_process") else pytest.mark.exhaustive)
        for api, mode in [*((api, mode) for api in APIS for mode in BOTH), (SHOWN, "async")]
    ],
)
def test_every_end_of_a_shipped_description(api: str, mode: str, tmp_path: Path) -> None:
    with serving(api_server(api)) as server:
        common = {**server.options, **APIS[api][0], "api": api, "wait_sleep": 0.05}
        ends = {
            "check": {**common, "task_id": ["long"]},
            "success": {**common, "task_id": ["good"], "wait": True},
            "failure": {**common, "task_id": ["bad"], "wait": True},
            "timeout": {**common, "task_id": ["long"], "wait": True, "wait_timeout": 0.2},
            "many": {**common, "task_id": ["good", "long", "bad"]},
            "absent": {**common, "task_id": ["none"]},
        }
        results, output = results_of(Ansible(tmp_path), ends, **MODES[mode])
        asked = list(server.asked)
    seen = {name: (result["state"], (result["error"] or {}).get("type")) for name, result in results.items()}
    assert seen == {
        "check": ("running", None),
        "success": ("succeeded", None),
        "failure": ("failed", "task_failed"),
        "timeout": ("running", "timeout"),
        "many": ("failed", None),
        "absent": ("unknown", "not_found"),
    }
    assert [task["state"] for task in results["many"]["tasks"]] == ["succeeded", "running", "failed"]
    assert {name for name, result in results.items() if result["failed"]} == {"failure", "timeout", "absent"}
    for secret in SECRETS:
        assert secret not in output
        assert all(secret not in request.target for request in asked)
    opened = sum(request.target == SESSIONS for request in asked)
    assert opened == sum(request.method == "DELETE" for request in asked)
    assert opened == (len(ends) if api == "redfish_task" else 0)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["typo", "good"], id="typo"),
        pytest.param(["typo", "good", "number", "api", "both"], id="all", marks=pytest.mark.exhaustive),
    ],
)
def test_both_modes_return_the_same_for_what_is_no_description(names: list[str], tmp_path: Path) -> None:
    every: dict[str, dict[str, Any]] = {
        "typo": {"hostname": "127.0.0.1", "task_id": ["1"], "description": {**LXCA_TASK, "nmae": "x"}},
        "number": {"description": {**LXCA_TASK, "samples": []}, "samples_only": True},
        "api": {"hostname": "127.0.0.1", "task_id": ["1"], "api": "proxmox"},
        "both": {"hostname": "127.0.0.1", "task_id": ["1"], "api": "http_202", "description": LXCA_TASK},
        "good": {"description": LXCA_TASK, "samples_only": True},
    }
    tasks = {name: every[name] for name in names}
    seen = {}
    for mode in BOTH:
        folder = tmp_path / mode
        folder.mkdir()
        results, _output = results_of(Ansible(folder), tasks, **MODES[mode])
        seen[mode] = {
            name: (result["failed"], result.get("msg"), len(result.get("samples", [])))
            for name, result in results.items()
        }
    assert seen["in_process"] == seen["module"]
    assert seen["module"]["typo"][1] == "description.nmae: is not known; did you mean name?"
    assert seen["module"]["good"] == (False, None, 3)


# -- the guide -------------------------------------------------------------------------------------------------------


def things() -> Callable[[Asked], Told]:
    """Return a script that answers as the API of the guide does: twice under way, then done."""
    under_way = json.loads(next(block.text for block in guide_blocks() if block.language == "json"))
    answers = [under_way, under_way, {"build": {"phase": "built", "percent": 100}}]

    def script(asked: Asked) -> Told:
        assert (asked.headers["authorization"], asked.target) == ("Bearer t0ken-of-the-user", "/api/builds/17")
        return Told(answers.pop(0))

    return script


def guide_blocks() -> Sequence[Block]:
    return blocks_of(GUIDES / "describing.rst")


def test_every_step_of_the_guide_works(tmp_path: Path) -> None:
    files = {block.asked["file"]: block.text for block in guide_blocks() if "file" in block.asked}
    assert list(files) == ["things.yml", "check.yml", "wait.yml"]
    ansible = Ansible(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with serving(things()) as server:
        plain = {"REST_TASK_PORT": str(server.port)}
        facts = {"things_hostname": "127.0.0.1", "things_token": "t0ken-of-the-user"}
        defaults = {"module_defaults": {MODULE: {"use_ssl": False, "wait_sleep": 0.05}}}
        told = ""
        for name in ("check.yml", "wait.yml"):
            plays = [{**play, **defaults} for play in yaml.safe_load(files[name])]
            finished = ansible.play(*plays, facts=facts, variables=plain)
            assert finished.code == 0, finished.output
            told = finished.output
    assert "succeeded after" in told
    assert [request.target for request in server.asked] == ["/api/builds/17"] * 3


def test_the_parts_that_the_guide_shows_are_good() -> None:
    token, session = [yaml.safe_load(block.text) for block in guide_blocks() if block.text.startswith("login:")]
    assert parse({**LXCA_TASK, **session}, variables={}).login.kind == "session"
    (pace,) = [yaml.safe_load(block.text) for block in guide_blocks() if block.text.startswith("pace:")]
    parse({**LXCA_TASK, **pace}, variables={})
    samples = [
        {"answer": {"status": word}, "expect": {"state": state}} for word, state in token["task"]["words"].items()
    ]
    pipeline = parse({**LXCA_TASK, **token, "samples": samples}, variables={"project": "21"})
    assert len(play_samples(pipeline)) == len(samples)
    assert pipeline.task.request is not None
    assert pipeline.task.request.render({"project": "21", "id": "7"})[0] == "/api/v4/projects/21/pipelines/7"


def test_the_states_that_the_guide_lists_are_all_of_them() -> None:
    shown = [row[0].strip("`") for row in rows_of(guide("describing")) if row[0].strip("`") in STATES]
    assert sorted(shown) == sorted(STATES)


# -- the examples of the module ---------------------------------------------------------------------------------------


def examples(asked: Asked) -> Told:
    """Answer what the examples of the module ask."""
    if login := logins(asked):
        return login
    answers: dict[str, Any] = {
        "/api2/json/nodes/pve1/tasks/UPID%3Apve1/status": {"data": {"status": "stopped", "exitstatus": "OK"}},
        "/operations/7": {"made": True},
        "/api/builds/17": {"build": {"phase": "built", "percent": 100}},
    }
    return Told(answers[asked.target])


def test_the_examples_of_the_module_run(tmp_path: Path) -> None:
    (block,) = blocks_of(ROOT / "plugins/modules/rest_task_info.py")
    with serving(examples) as server:
        facts: dict[str, Any] = {"backup_upid": "UPID:pve1", "accepted_location": "/operations/7"}
        for name in ("proxmox", "thing"):
            facts |= {f"{name}_hostname": "127.0.0.1", f"{name}_port": server.port}
            facts |= {f"{name}_username": "netops", f"{name}_password": "s3cret-password"}
        facts["thing_token"] = "t0ken-of-the-user"
        (tmp_path / "thing.yml").write_text(yaml.safe_dump(LXCA_TASK), encoding="utf-8")
        play = play_of(yaml.safe_load(block.text), module_defaults={MODULE: {"use_ssl": False}})
        finished = Ansible(tmp_path).play(play, facts=facts)
    assert finished.code == 0, finished.output
    assert len(server.asked) == 4


# -- loops that are turned over ----------------------------------------------------------------------------------------


def loops() -> Callable[[Asked], Told]:
    """Return a script that answers each loop and the task that replaces it: under way first, then done."""
    seen: Counter[str] = Counter()
    upid = "/api2/json/nodes/pve1/tasks/UPID%3Apve1%3A1/status"
    answers: dict[str, list[Any]] = {
        upid: [{"data": {"status": "running"}}, {"data": {"status": "stopped", "exitstatus": "OK"}}],
        "/redfish/v1/TaskService/Tasks/545": [{"TaskState": "Running"}, {"TaskState": "Completed", "TaskStatus": "OK"}],
        "/api/v2/jobs/42/": [{"status": "running"}, {"status": "successful"}],
        "/api/v2/unified_jobs/?id=42": [{"results": [{"status": word}]} for word in ("running", "successful")],
    }

    def script(asked: Asked) -> Told:
        if login := logins(asked):
            return login
        target = asked.target.replace("UPID:pve1:1", "UPID%3Apve1%3A1")
        seen[target] += 1
        return Told(answers[target][(seen[target] - 1) % 2])

    return script


def test_the_loops_of_the_guide_and_what_replaces_them(tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(GUIDES / "migrating.rst") if block.asked.get("played_by") == "descriptions"]
    tasks = [task for block in blocks for task in yaml.safe_load(block.text)]
    assert len(tasks) == 6
    with serving(loops()) as server:
        facts = {
            **LOGIN,
            "hostname": "127.0.0.1",
            "url": f"http://127.0.0.1:{server.port}",
            "token": "t0ken-of-the-user",
            "upid": "UPID:pve1:1",
            "location": "/redfish/v1/TaskService/Tasks/545",
        }
        defaults = {MODULE: {"use_ssl": False, "port": server.port, "wait_sleep": 0.05}}
        finished = Ansible(tmp_path).play(play_of(tasks, module_defaults=defaults), facts=facts)
    assert finished.code == 0, finished.output
