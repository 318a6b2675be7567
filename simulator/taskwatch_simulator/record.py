# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a scenario from results of real waits: durations, ends, words and outages as they were.

Ids stay, so that the same playbook plays it. Names, addresses and texts, which may name people and machines, do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from .mistakes import mistakes
from .scenario import Scenario, ScenarioError
from .systems.lxca_task import FINAL_WORDS, KNOWN_WORDS
from .timeline import StateWord

Data = dict[str, Any]
LEAST_SECONDS = 1.0
MOST_SECONDS = 366 * 86400
# Results lie inside plays, tasks and hosts, but not deeper
DEEPEST = 12
HEADER = "# Recorded from results of real waits by taskwatch-simulator record.\n---\n"
HANDLINGS = {"abort", "rollback", "skip"}
STATES = frozenset(get_args(StateWord))
# A vendor's word has letters only: what holds an address or a name with digits is text, and is left out
WORD = re.compile(r"[A-Za-z]{1,24}(?:[ _-][A-Za-z]{1,24}){0,5}")
ID = re.compile(r"(?:ID)?[0-9]{1,24}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Not an IPv4 address either
VERSION = re.compile(r"(?!(?:[0-9]{1,3}\.){3}[0-9]{1,3}$)[0-9]{1,6}(?:\.[0-9]{1,8}){1,5}(?:[ -][0-9]{1,10})?")


def recorded(path: Path) -> str:
    """Return the scenario of a file of results.

    Raises:
        ScenarioError: when the file holds no result that a scenario can be made of.
    """
    try:
        # Files that PowerShell writes begin with a byte order mark
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ScenarioError(f"{path} is not JSON: {error}") from None
    scenario = scenario_of(list(_results(data, DEEPEST)))
    if not scenario:
        raise ScenarioError(
            f"{path} holds no result of a module: expected JSON with a list tasks, whose entries have id, state, "
            "native_state and details, beside stats"
        )
    scenario = {"description": "Recorded from results of real waits.", **scenario}
    try:
        Scenario.model_validate(scenario)
    except ValidationError as error:
        _where, sentence = mistakes(error, scenario, Scenario)[0]
        raise ScenarioError(f"{path} makes no scenario: {sentence}") from None
    return HEADER + yaml.safe_dump(scenario, sort_keys=False, allow_unicode=True, width=120)


def _results(data: object, depth: int) -> Iterator[Data]:
    """Yield the modules' results anywhere in the data: one, a list, registered variables, or the log of a play."""
    if depth == 0:
        return
    if isinstance(data, dict):
        tasks = data.get("tasks")
        if "stats" in data and isinstance(tasks, list) and all(_is_task(each) for each in tasks):
            yield data
            return
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _results(each, depth - 1)


def _is_task(data: object) -> bool:
    return (
        isinstance(data, dict)
        and type(data.get("id")) in {str, int}
        and _has_state(data)
        and isinstance(data.get("native_state"), str)
        and isinstance(data.get("details"), dict)
        and isinstance(data.get("steps", []), list)
        and all(_has_state(step) for step in data.get("steps", []))
    )


def _has_state(data: object) -> bool:
    return isinstance(data, dict) and isinstance(data.get("state"), str) and data["state"] in STATES


def scenario_of(results: list[Data]) -> Data:
    """Return the scenario of results, empty where no task in them is known; of one task, the last result counts."""
    entries: dict[tuple[str, str, str], Data] = {}
    faults: list[Data] = []
    for result in results:
        systems = set()
        for task in result["tasks"]:
            for system, shape, is_one in SHAPES:
                if is_one(_fields(task)):
                    entries[system, shape.__name__, str(task["id"])] = shape(task, _duration(task, result))
                    systems.add(system)
                    break
        faults += [_outage(system, result) for system in sorted(systems) if _unreachable(result)]
    scenario: Data = {}
    for (system, _shape, _id), entry in entries.items():
        tasks = scenario.setdefault(system, {}).setdefault("tasks", [])
        if system == "vcenter":
            # An appliance has one update
            tasks.clear()
        tasks.append(entry)
    return {**scenario, **({"faults": faults} if faults and scenario else {})}


def _fields(task: Data) -> set[str]:
    raw = task.get("raw")
    first = raw[0] if isinstance(raw, list) and raw else raw
    return {*task["details"], *(first if isinstance(first, dict) else ())}


def _number(value: object, default: float) -> float:
    """Return a number of at most a year in seconds, the default for anything else."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and 0 <= value <= MOST_SECONDS else default  # type: ignore[arg-type, operator]


def _duration(task: Data, result: Data) -> float:
    """Return the seconds of a task by the system's own dates, else those of the wait."""
    try:
        begun, ended = (datetime.fromisoformat(str(task[name])) for name in ("started_at", "finished_at"))
        seconds = (ended - begun).total_seconds()
    except (KeyError, ValueError, TypeError):
        seconds = _number(result.get("elapsed"), LEAST_SECONDS)
    return round(min(max(seconds, LEAST_SECONDS), MOST_SECONDS), 1)


def _unreachable(result: Data) -> float:
    stats = result["stats"]
    return _number(stats.get("unreachable_seconds"), 0.0) if isinstance(stats, dict) else 0.0


def _outage(system: str, result: Data) -> Data:
    """Return an outage of the length that was seen. When it was, results do not say: in the middle of the wait."""
    seconds = _unreachable(result)
    elapsed = max(_number(result.get("elapsed"), 0.0), seconds)
    begins = round((elapsed - seconds) / 2, 1)
    unavailable = "503" in json.dumps(result.get("warnings", []))
    what = {"kind": "status", "status": 503} if unavailable else {"kind": "refuse"}
    return {"system": system, **what, "from": begins, "until": round(begins + seconds, 1)}


def _end(task: Data) -> Data:
    """Return how a task ends; one that had not ended stays at the percent that it had."""
    if task["state"] in {"succeeded", "failed", "cancelled"}:
        return {"end": task["state"]}
    return {"end": "never", "stuck_at": min(_number(task.get("progress"), 0.0), 99.0)}


def _common(task: Data, seconds: float) -> Data:
    task_id = str(task["id"])
    # Another id could be a name or an address; the simulator then finds one
    kept = {"id": task_id} if ID.fullmatch(task_id) else {}
    return {**kept, "duration": seconds, **_end(task)}


def _word(task: Data) -> Data:
    word = task["native_state"]
    if not WORD.fullmatch(word):
        return {}
    return {"running_word" if _end(task)["end"] == "never" else "final_word": word}


def _export(task: Data, seconds: float) -> Data:
    return {"kind": "export", **_common(task, seconds), **_word(task)}


def _task(task: Data, seconds: float) -> Data:
    word = _word(task)
    if word.get("final_word") in KNOWN_WORDS - set(FINAL_WORDS.get(task["state"], ())):
        word = {}
    return {"kind": "task", **_common(task, seconds), "sub_tasks": len(task.get("steps", [])), **word}


def _csv_job(task: Data, seconds: float) -> Data:
    raw = task.get("raw")
    job = raw[0] if isinstance(raw, list) and raw else raw
    rows = job.get("results") if isinstance(job, dict) else None
    rows = [rows] if isinstance(rows, dict) else rows if isinstance(rows, list) and rows else [{}]
    # One device is the job itself; several are its steps
    states = [task] if len(rows) == 1 else task.get("steps", [])
    devices = []
    for number, (row, step) in enumerate(zip(rows, states, strict=False), start=1):
        device: Data = {"address": f"192.0.2.{number}" if number < 255 else f"198.51.100.{number % 256}"}
        if step["state"] in {"failed", "cancelled"}:
            device["end"] = step["state"]
        result = row.get("result") if isinstance(row, dict) else None
        if isinstance(result, str) and WORD.fullmatch(result) and step["state"] != "running":
            device["result"] = result
        devices.append(device)
    return {"kind": "csv_job", **_common(task, seconds), "devices": devices or 1}


def _route_update(task: Data, seconds: float) -> Data:
    entry = {**_common(task, seconds), **_word(task)}
    if entry["end"] == "cancelled":
        entry["end"] = "failed"
    devices = [{"end": "failed"} if each["state"] == "failed" else {} for each in task.get("steps", [])]
    handling = str(task["details"].get("errorHandling", "")).lower()
    return {
        **entry,
        **({"devices": devices} if devices else {}),
        **({"error_handling": handling} if handling in HANDLINGS else {}),
    }


def _update(task: Data, seconds: float) -> Data:
    entry = {**_common(task, seconds), "operation": "stage" if task["native_state"] == "UPDATES_PENDING" else "install"}
    entry.pop("id", None)
    version = task["details"].get("version")
    return {**entry, **({"version": version} if isinstance(version, str) and VERSION.fullmatch(version) else {})}


def _element(task: Data, seconds: float) -> Data:
    word = task["native_state"] if WORD.fullmatch(task["native_state"]) else None
    states = [{"state": "downloading", "seconds": seconds}, {"state": word, "seconds": LEAST_SECONDS}]
    known = str(task["id"]).isdecimal()
    return {
        **({"id": str(task["id"])} if known else {}),
        "path": "custom",
        "states": states,
        "final_truth": task["state"],
    }


Shape = Callable[[Data, float], Data]
# What tells a system's tasks apart: fields of its answers, as Lenovo, Oracle, VMware and Palo Alto Networks name them
SHAPES: list[tuple[str, Shape, Callable[[set[str]], bool]]] = [
    ("lxca", _export, lambda fields: {"downloadednum", "totalsize"} <= fields),
    ("lxca", _task, lambda fields: "jobUID" in fields),
    ("prisma_sdwan", _element, lambda fields: {"element_id", "upgrade_state"} <= fields),
    ("sdm", _route_update, lambda fields: "updateStatus" in fields),
    ("vcenter", _update, lambda fields: {"state", "version"} <= fields),
    ("lxca", _csv_job, lambda fields: "progress" in fields and bool({"results", "status"} & fields)),
]
