# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random tasks for each system, with the oddities that its simulator can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.subjects import Subject

SHORTEST, LONGEST = 5.0, 7200.0
NEVER = float("inf")
# An id that no system knows
UNKNOWN = "99999"


@dataclass(frozen=True)
class Work:
    """What one run works on: the system's part of a scenario, module options that fit, and when all has ended.

    `ends` is the second of each task by its id, infinite for one that never ends.
    """

    system: dict[str, Any]
    options: dict[str, Any]
    ends: dict[str, float]


def random_work(rng: Random, subject: Subject) -> Work:
    """Return tasks for a subject."""
    work = MAKERS[subject.system_class.NAME](rng)
    id_option = subject.system_class.ID_OPTION
    if id_option and work.options[id_option] and rng.random() < 0.04:
        work.options[id_option].append(UNKNOWN)
        work.ends[UNKNOWN] = NEVER
    return work


def _duration(rng: Random) -> float:
    """Return seconds, short ones as likely as long ones."""
    return round(SHORTEST * float((LONGEST / SHORTEST) ** (rng.random() ** 1.5)), 1)


def _movement(rng: Random, *ends: str) -> dict[str, Any]:
    duration = _duration(rng)
    entry: dict[str, Any] = {"duration": duration, "end": rng.choices(ends, weights=[6] + [2] * (len(ends) - 1))[0]}
    entry["begin"] = rng.choice([0.0, 0.0, round(rng.uniform(0, 60), 1), round(-rng.random() * duration, 1)])
    entry["progress"] = rng.choice(["even", "even", "milestones", "stalling", "none"])
    if rng.random() < 0.05:
        entry["stuck_at"] = rng.randint(0, 99)
    return entry


def _end(entry: Mapping[str, Any]) -> float:
    if entry["end"] == "never" or "stuck_at" in entry:
        return NEVER
    return max(0.0, float(entry["begin"]) + float(entry["duration"]))


def _ids(rng: Random, first: int) -> list[str]:
    return [str(first + index) for index in range(rng.choice([1, 1, 1, 2, 3, 5]))]


def _maybe(rng: Random, likelihood: float, **entry: Any) -> dict[str, Any]:
    return entry if rng.random() < likelihood else {}


def _exports(rng: Random) -> Work:
    tasks, ends = [], {}
    for task_id in _ids(rng, 12):
        entry = _movement(rng, "succeeded", "failed", "cancelled", "never")
        entry |= _maybe(rng, 0.2, zero_counts=True) | _maybe(rng, 0.2, running_word=rng.choice(["50", "in progress"]))
        ends[task_id] = _end(entry)
        if rng.random() < 0.05:
            # What it ends with cannot be told from an appliance that does nothing, so it never ends.
            entry |= {"end": "succeeded", "empty_current": True}
            ends[task_id] = NEVER
        tasks.append({"kind": "export", "id": task_id, **entry})
    return Work({"tasks": tasks}, {"task_id": list(ends)}, ends)


def _jobs(rng: Random) -> Work:
    tasks, ends = [], {}
    for task_id in _ids(rng, 371):
        entry = _movement(rng, "succeeded", "failed", "cancelled", "never")
        devices = []
        for _each in range(rng.choice([1, 1, 2, 3])):
            end = rng.choice([entry["end"], "succeeded"])
            devices.append({"end": end, "duration": _duration(rng)} | _maybe(rng, 0.1, errors_from=rng.randint(0, 100)))
        entry |= _maybe(rng, 0.3, body_list=True) | _maybe(rng, 0.3, parameters_list=True)
        entry |= _maybe(rng, 0.3, job_done=True) | _maybe(rng, 0.2, success_word="INCOMPLETE")
        rows = [{**entry, **device} for device in devices]
        ends[task_id] = max(_end(row) for row in rows)
        tasks.append({"kind": "csv_job", "id": task_id, **entry, "devices": devices})
    return Work({"tasks": tasks}, {"job_id": list(ends)}, ends)


_WORDS = {
    "succeeded": ["Complete", "CompleteWithWarnings"],
    "failed": ["CompleteWithErrors", "StoppedWithWarnings", "Interrupted"],
    "cancelled": ["Cancelled", "CancelledWithErrors", "Skipped"],
}


def _tasks(rng: Random) -> Work:
    tasks, ends = [], {}
    for task_id in _ids(rng, 51):
        entry = _movement(rng, "succeeded", "failed", "cancelled", "never")
        entry |= _maybe(rng, 0.5, running_word=rng.choice(["Validating", "Uploading"]))
        entry |= _maybe(rng, 0.2, errors_from=rng.randint(0, 100)) | _maybe(rng, 0.2, formatted=True)
        if entry["end"] in _WORDS and rng.random() < 0.5:
            entry["final_word"] = rng.choice(_WORDS[entry["end"]])
        words = [
            _maybe(rng, 0.1, final_word=rng.choice(["Interrupted", "Skipped"])) for _each in range(rng.randint(0, 4))
        ]
        entry["sub_tasks"] = words
        ends[task_id] = _end(entry)
        tasks.append({"kind": "task", "id": task_id, **entry})
    appliance = {"tasks": tasks, "unknown_task": rng.choice(["refused", "left_out"])}
    return Work(appliance, {"task_id": list(ends)}, ends)


def _routes(rng: Random) -> Work:
    tasks, ends = [], {}
    for number in _ids(rng, 33):
        entry = _movement(rng, "succeeded", "failed", "never")
        rows = [_maybe(rng, 0.1, end="failed", message="Device is not reachable") for _each in range(rng.randint(0, 6))]
        entry |= {"devices": rows, "error_handling": rng.choice(["abort", "rollback", "skip"])}
        ends[f"ID{number}"] = _end(entry)
        tasks.append({"id": f"ID{number}", **entry})
    server = {
        "tasks": tasks,
        "release": rng.choice(["8.2.2", "8.2.5", "9.0.0", "9.0.1"]),
        "error_body": rng.choice(["empty", "xml", "json", "html"]),
        "logout_status": rng.choice([200, 204]),
    }
    return Work(server, {"task_id": list(ends)}, ends)


def _update(rng: Random) -> Work:
    entry = _movement(rng, "succeeded", "failed", "never")
    entry["operation"] = rng.choice(["install", "install", "stage"])
    entry |= _maybe(rng, 0.2, error="string") | _maybe(rng, 0.2, order_mismatch=True) | _maybe(rng, 0.2, total=0)
    if entry["end"] != "failed":
        # Without its task, an update that has failed and been taken back looks like one that never was.
        entry |= _maybe(rng, 0.2, with_task=False)
    end = _end(entry)
    if entry["operation"] == "install" and rng.random() < 0.5:
        entry["rollback"] = _duration(rng)
        end += entry["rollback"] if entry["end"] == "failed" else 0
    # Before it begins, an appliance says nothing that a wait for quiet would not take for the end.
    wait_for = {"install": "installed", "stage": "staged"}[entry["operation"]]
    options = {"wait_for": wait_for if entry["begin"] > 0 or rng.random() < 0.5 else "idle"}
    appliance = {"tasks": [entry], "profile": rng.choice(["6.7", "8.0", "9.1"])}
    return Work(appliance, options, {"update": end})


_PATHS = ("scheduled", "abort", "upgrade_abort", "cancelled", "download_failed", "install_failed", "upgrade_failed")
_ENDLESS = ("stuck", "offline", "invalid", "mismatch")


def _elements(rng: Random) -> Work:
    tasks, ends = [], {}
    hops = rng.random() < 0.1
    for element_id in _ids(rng, 16540011223340090):
        path = rng.choices(["upgrade", *_PATHS, *_ENDLESS, "idle"], weights=[8] + [1] * 12)[0]
        duration = _duration(rng)
        begin = rng.choice([0.0, round(rng.uniform(0, 60), 1), round(-rng.random() * duration, 1)])
        entry: dict[str, Any] = {"path": "multi_hop" if hops else path, "duration": duration, "begin": begin}
        ends[element_id] = NEVER if entry["path"] in _ENDLESS else _end({**entry, "end": "succeeded"})
        if entry["path"] == "idle":
            ends[element_id] = 0.0
        tasks.append({"id": element_id, **entry})
    tenant = {
        "tasks": tasks,
        "expires_in": rng.choice([899, 899, 120, 30]),
        "expired_status": rng.choice([401, 403]),
    }
    options: dict[str, Any] = {"page_size": rng.choice([100, 100, 1, 2]), "resolve_names": rng.random() < 0.3}
    if hops:
        # A hop that is complete is not the version that was wanted.
        options["target_version"] = "6.4.1-b3"
    if rng.random() < 0.7:
        options["element_id"] = list(ends)
    else:
        options["element_id"] = None
    return Work(tenant, options, ends)


def described_work(rng: Random) -> Work:
    """Return tasks of LXCA as a description can tell them: without rules over sub-tasks, and without odd answers."""
    work = _tasks(rng)
    for entry in work.system["tasks"]:
        entry["sub_tasks"] = 0
    return work


# The systems of the soak. Described ones have scenarios of their own, so that these keep theirs
MAKERS: Mapping[str, Callable[[Random], Work]] = {
    "lxca_repo_export_info": _exports,
    "lxca_csv_job_info": _jobs,
    "lxca_task_info": _tasks,
    "route_update_info": _routes,
    "appliance_update_info": _update,
    "element_image_status_info": _elements,
}
