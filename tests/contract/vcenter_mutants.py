# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Departures of the simulated vCenter, which VMware's SDK must notice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from taskwatch_simulator.messages import Reply
from taskwatch_simulator.sessions import SessionTable
from taskwatch_simulator.systems.vcenter_task import Task

from . import test_vcenter_sdk
from .clients.vcenter_encodings import Encoding
from .mutants import Change, Check, Mutant, answering, body, header, instead, returning
from .vcenter_courses import COURSES

BY_NAME = {course.name: course for course in COURSES}


def walked(encoding: Encoding, course: str = "installed") -> Check:
    """Return the test that both see the same at every step."""
    return partial(test_vcenter_sdk.test_both_see_the_same_at_every_step, encoding=encoding, course=BY_NAME[course])


def found_again(encoding: Encoding) -> Check:
    """Return the test that both log in again, and out."""
    return partial(test_vcenter_sdk.test_both_log_in_again_when_their_session_is_lost, encoding=encoding)


def part(status: str, **members: Any) -> Change:
    """Give tasks of a status further members, or take some away by None; `...` stands for the moment it began."""

    def change(shown: dict[str, Any]) -> dict[str, Any]:
        if shown["status"] != status:
            return shown
        return shown | {name: shown["start_time"] if value is ... else value for name, value in members.items()}

    return returning(Task, "_part", change)


def without_args(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "args"}


def map_as_list(info: Any) -> None:
    if "task" in info:
        info["task"]["subtasks"] = [{"key": key, "value": each} for key, each in info["task"]["subtasks"].items()]


def map_as_object(info: Any) -> None:
    if "task" in info["value"]:
        task = info["value"]["task"]
        task["subtasks"] = {each["key"]: each["value"] for each in task["subtasks"]}


def one_member_more(info: Any) -> None:
    info["percent"] = 42


def unwrapped_time(answer: Any) -> None:
    update = answer["result"].get("output") or {}
    if isinstance(update, dict) and "STRUCTURE" in update:
        (info,) = update["STRUCTURE"].values()
        info["latest_query_time"] = info["latest_query_time"]["OPTIONAL"]


def status_401(reply: Reply) -> None:
    if reply.header("vapi-error"):
        reply.status = 401


FORBIDDEN = "with a field not required for this case = "
MISSING = "missing a required field for this case = "
NO_ANSWER = r"the client \(.*had no answer"
API, REST, RPC = "^/api/appliance/update$", "^/rest/appliance/update$", "^/api$"
MUTANTS = (
    *(
        Mutant(
            f"a RUNNING task with an end_time, {encoding}",
            part("RUNNING", end_time=...),
            walked(encoding),
            f"{FORBIDDEN}end_time",
        )
        for encoding in ("api", "rest", "jsonrpc")
    ),
    Mutant("a RUNNING task without progress", part("RUNNING", progress=None), walked("api"), f"{MISSING}progress"),
    Mutant(
        "a RUNNING task with an error", part("RUNNING", error={"messages": []}), walked("rest"), f"{FORBIDDEN}error"
    ),
    Mutant(
        "a PENDING subtask that has begun",
        part("PENDING", start_time="2026-01-01T00:00:00.000Z"),
        walked("api"),
        f"{FORBIDDEN}start_time",
    ),
    Mutant(
        "a SUCCEEDED task without its end", part("SUCCEEDED", end_time=None), walked("jsonrpc"), f"{MISSING}end_time"
    ),
    Mutant(
        "a FAILED task without its end", part("FAILED", end_time=None), walked("api", "failed"), f"{MISSING}end_time"
    ),
    Mutant(
        "a RUNNING task that tells of its rollback",
        part("RUNNING", auto_rollback_state="ROLLBACK_NOT_STARTED"),
        walked("api", "installed-9.1"),
        f"{FORBIDDEN}auto_rollback_state",
    ),
    Mutant(
        "a message without args", returning(Task, "_message", without_args), walked("api"), "Unable to get field args"
    ),
    Mutant(
        "a time without a zone",
        part("RUNNING", start_time="2026-01-01T00:00:00.000"),
        walked("api"),
        "2026-01-01T00:00:00.000. does not match",
    ),
    Mutant(
        "a map sent as a list on /api",
        answering("vcenter", API, body(map_as_list)),
        walked("api"),
        r"/task/subtasks is \[",
    ),
    Mutant(
        "a map sent as an object on /rest",
        answering("vcenter", REST, body(map_as_object)),
        walked("rest"),
        r"/task/subtasks is \{",
    ),
    Mutant(
        "a member that is not known",
        answering("vcenter", API, body(one_member_more)),
        walked("api"),
        "no member percent",
    ),
    Mutant(
        "an answer without its wrapper on /rest",
        answering("vcenter", REST, body(lambda info: info["value"])),
        walked("rest"),
        NO_ANSWER,
    ),
    Mutant(
        "an answer with a wrapper on /api",
        answering("vcenter", API, body(lambda info: {"value": info})),
        walked("api"),
        NO_ANSWER,
    ),
    Mutant(
        "an optional member without its wrapper",
        answering("vcenter", RPC, body(unwrapped_time)),
        walked("jsonrpc"),
        "expected OptionalValue",
    ),
    Mutant(
        "an answer to another call",
        answering("vcenter", RPC, body(lambda answer: {**answer, "id": "999"})),
        walked("jsonrpc"),
        "JsonRpc20Error",
    ),
    Mutant(
        "an error of JSON-RPC as a status",
        answering("vcenter", RPC, status_401),
        found_again("jsonrpc"),
        "401 Client Error",
    ),
    Mutant(
        "an error on /rest without its type",
        answering("vcenter", REST, body(lambda answer: {"value": answer["value"]})),
        found_again("rest"),
        NO_ANSWER,
    ),
    Mutant(
        "an answer that says it is HTML",
        answering("vcenter", API, header("Content-Type", ".+", "text/html")),
        walked("api"),
        "text/html",
    ),
    Mutant(
        "a session that outlives its logout",
        instead(SessionTable, "close", lambda *_unused: True),
        found_again("api"),
        r"assert not \[\{'id'",
    ),
)
