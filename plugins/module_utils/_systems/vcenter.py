# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""VMware vCenter Server Appliance: the state of its own update. PRIVATE to the collection.

Sources: vSphere Automation API, Appliance Update (GET /api/appliance/update, before 7.0 Update 2 GET
/rest/appliance/update), structures Update.Info, TaskInfo and SubtaskInfo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .._auth.scheme import JSON, LoginScheme
from .._auth.vcenter import VcenterSession
from .._documents import object_of, objects_of, read_json, scalars_of, share_of, text_of
from .._errors import bad_response
from .._options import Spec, check_basic, connection_spec, login_spec, wait_spec
from .._rest.response import Response
from .._states import VCENTER_ROLLBACK, VCENTER_TASK, VCENTER_UPDATE, Reading
from .._status import PollResult, State, Step, TaskStatus
from .._system import System, explain_json
from .._versions import same_version
from .vcenter_memory import Memory

TASK_ID = "update"
_PORTS = "the API is on port 443; port 5480 belongs to the appliance's own management interface"

# What a wait is for, and what the two states without work in progress mean then.
_QUIET: Mapping[str, Mapping[str, State]] = {
    "idle": {"UP_TO_DATE": State.SUCCEEDED, "UPDATES_PENDING": State.SUCCEEDED},
    "staged": {"UP_TO_DATE": State.PENDING, "UPDATES_PENDING": State.SUCCEEDED},
    "installed": {"UP_TO_DATE": State.SUCCEEDED, "UPDATES_PENDING": State.PENDING},
}

_ROLLBACK, _INSTALL, _UP_TO_DATE = "ROLLBACK_IN_PROGRESS", "INSTALL_IN_PROGRESS", "UP_TO_DATE"
# Of a task that has succeeded while the appliance still says that work is in progress.
_NOT_YET_THE_END = 99.0


class ApplianceUpdate(System):
    """One appliance and its one update."""

    NAME = "appliance_update_info"
    TITLE = "vCenter appliance"
    ARGUMENT_SPEC: ClassVar[Spec] = {
        **connection_spec("VMWARE", port=443),
        **login_spec("VMWARE"),
        "api": {"type": "str", "choices": ["auto", "api", "rest"], "default": "auto"},
        "wait_for": {"type": "str", "choices": list(_QUIET), "default": "idle"},
        "target_version": {"type": "str"},
        **wait_spec(wait_timeout=7200, unreachable_timeout=1800),
    }

    def __init__(self, params: Mapping[str, Any], connection: Any) -> None:
        super().__init__(params, connection)
        self._clock = connection.context.runtime.clock
        self._memory = Memory(self._clock() if params["wait"] else None)

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        check_basic(params)

    @classmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        return VcenterSession(params["username"], params["password"], params["api"])

    @classmethod
    def explain(cls, response: Response) -> str | None:
        """The messages of an error: at the top under /api, one level down under /rest."""
        if response.is_web_page and response.status in (200, 404):
            return f"a web page: {_PORTS}"
        return explain_json(response, _error_texts)

    def task_ids(self) -> list[str]:
        return [TASK_ID]

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or self.task_ids(), lambda _unused: self._ask())

    def _ask(self) -> TaskStatus:
        response = self.connection.request("GET", "/appliance/update", headers={"Accept": JSON})
        info = update_info(read_json(response.body, "the state of an appliance update in JSON", response.charset))
        old = self._memory.note(info, self._clock())
        goal = Goal(
            self.params["wait_for"],
            (self.params["target_version"] or "").strip() or None,
            self._memory.rolled_back,
            self._memory.install_seen,
            old,
        )
        status = update_status(info, goal, self.connection.client.endpoint.hostname)
        self._memory.judged(info, status.state)
        return status


def update_info(body: Any) -> dict[str, Any]:
    """The structure itself, without the wrapper of the older encoding."""
    info = object_of(body)
    info = object_of(info["value"]) if "value" in info and "state" not in info else info
    if text_of(info.get("state")) is None or not isinstance(info.get("task") or {}, dict):
        raise bad_response("the state of an appliance update with a 'state', and its 'task' as an object", body)
    return info


@dataclass(frozen=True)
class Goal:
    """What a wait is for, and what it has seen so far.

    After a rollback the goal cannot be had any more. ``install_seen`` tells of an installation in progress,
    ``old_task`` of a task that had ended before the wait began.
    """

    wait_for: str = "idle"
    target_version: str | None = None
    rolled_back: bool = False
    install_seen: bool = False
    old_task: bool = False

    def is_met_by(self, version: str | None) -> bool:
        return not self.target_version or (version is not None and same_version(version, self.target_version))


def update_status(info: Mapping[str, Any], goal: Goal, name: str | None = None) -> TaskStatus:
    """Read the state of an update in the light of what is waited for."""
    reading = VCENTER_UPDATE.read(info.get("state"))
    task = object_of(info.get("task"))
    version = text_of(info.get("version"))
    steps = _subtasks(task)
    state, message = _verdict(reading, task, version, goal)
    said = _localized(object_of(task.get("progress")).get("message")) or _localized(task.get("description"))
    return TaskStatus(
        id=TASK_ID,
        name=name,
        state=state,
        native_state=reading.native,
        progress=_progress_of(state, task),
        message=message or said or (f"version {version}" if version else None),
        errors=_errors(state, message, task, steps),
        started_at=text_of(task.get("start_time")),
        finished_at=text_of(task.get("end_time")),
        details={**scalars_of(task), **scalars_of(info)},
        steps=steps,
        raw=dict(info),
        warnings=list(_warnings(reading, task)),
    )


def _verdict(reading: Reading, task: Mapping[str, Any], version: str | None, goal: Goal) -> tuple[State, str | None]:
    """The state, and the sentence that explains it where the vendor's word alone would mislead."""
    named = version or "an unnamed version"
    if reading.native is not None and reading.native in _QUIET[goal.wait_for]:
        return _quiet_verdict(reading.native, task, version, goal)
    if reading.state is State.FAILED:
        return State.FAILED, f"the update to {named} failed and the appliance cannot recover by itself"
    if reading.native == _ROLLBACK:
        return reading.state, f"the update to {named} failed and is being rolled back"
    if reading.state is State.RUNNING and VCENTER_TASK.read(task.get("status")).state is State.SUCCEEDED:
        # VMware's own sample takes this moment for the end; the first boot of the new version is still to come.
        if reading.native == _INSTALL:
            return reading.state, f"the task of the update to {named} is done, the restart is still to come"
        return reading.state, f"the task is done, the appliance still says {reading.native}"
    return reading.state, None


def _quiet_verdict(word: str, task: Mapping[str, Any], version: str | None, goal: Goal) -> tuple[State, str | None]:
    """What a state without work in progress means: how the work before it ended counts for more than the word."""
    status = VCENTER_TASK.read(task.get("status")).state
    state, met = _QUIET[goal.wait_for][word], goal.is_met_by(version)
    expects_work = not met or (goal.wait_for != "idle" and not goal.target_version)
    if goal.old_task and (status is State.FAILED or (state is State.SUCCEEDED and expects_work)):
        return State.PENDING, f"the last task had ended before this wait began{_times(task)}; a new one may follow"
    if failure := _failure_behind(word, task, version, goal):
        return State.FAILED, failure
    if state is State.SUCCEEDED and not met:
        # Nothing is in progress: a wait for quiet has its end, one for a certain version has not.
        return State.FAILED if goal.wait_for == "idle" else State.PENDING, _other_version(version, goal)
    if state is State.PENDING:
        return state, f"the appliance says {word}, so what is waited for has not begun"
    return state, None


def _failure_behind(word: str, task: Mapping[str, Any], version: str | None, goal: Goal) -> str | None:
    """Why a quiet word is the end of a failure, None if it is not."""
    if goal.rolled_back:
        return f"the update was rolled back; the appliance is now at {word}"
    if VCENTER_TASK.read(task.get("status")).state is State.FAILED:
        return f"the last task failed although the appliance says {word}{_times(task)}"
    if goal.install_seen and word == _UP_TO_DATE and version and not goal.is_met_by(version):
        return f"the installation has ended, and {_other_version(version, goal)}"
    return None


def _other_version(version: str | None, goal: Goal) -> str:
    return f"the appliance reports version {version or 'none'}, not {goal.target_version}"


def _times(task: Mapping[str, Any]) -> str:
    """When a task began and ended, in brackets: an operator knows by it which one is meant."""
    began, ended = text_of(task.get("start_time")), text_of(task.get("end_time"))
    parts = [f"started {began}" if began else "", f"ended {ended}" if ended else ""]
    told = ", ".join(filter(None, parts))
    return f" ({told})" if told else ""


def _errors(state: State, message: str | None, task: Mapping[str, Any], steps: list[Step]) -> list[str]:
    """Why it failed: the verdict, the task's own words, then those of its subtasks, each once."""
    own = list(_task_errors(task))
    if state is not State.FAILED:
        return own
    inner = [f"{step.name or step.id}: {text}" for step in steps for text in step.errors if text not in own]
    return list(dict.fromkeys([*([message] if message else []), *own, *inner]))


def _warnings(reading: Reading, task: Mapping[str, Any]) -> Iterator[str]:
    """Every word that no table knows, wherever it stands."""
    told = [VCENTER_UPDATE.warning(reading)]
    holders = [("", task), *((" of a subtask", entry) for entry in _mapping(task.get("subtasks")).values())]
    for of, holder in holders:
        told.append(VCENTER_TASK.warning(VCENTER_TASK.read(holder.get("status")), of=of, read_as=None))
        rollback = VCENTER_ROLLBACK.read(holder.get("auto_rollback_state"))
        told.append(VCENTER_ROLLBACK.warning(rollback, of=of, read_as=None))
    yield from filter(None, told)


def _progress_of(state: State, task: Mapping[str, Any]) -> float | None:
    if state is State.PENDING:
        return None  # what has not begun has no progress; the task shown is an earlier one
    progress = _progress(task)
    if progress is None or state.done or VCENTER_TASK.read(task.get("status")).state is not State.SUCCEEDED:
        return progress
    return min(progress, _NOT_YET_THE_END)


def _progress(task: Mapping[str, Any]) -> float | None:
    progress = object_of(task.get("progress"))
    return share_of(progress.get("completed"), progress.get("total"))


def _subtasks(task: Mapping[str, Any]) -> list[Step]:
    """The subtasks in the order of execution, those that the order forgets last, those it makes up left out."""
    entries = _mapping(task.get("subtasks"))
    order = task.get("subtask_order")
    named = [key for key in map(str, order) if key in entries] if isinstance(order, list) else []
    return [_subtask(key, entries[key]) for key in dict.fromkeys([*named, *entries])]


def _subtask(key: str, entry: Mapping[str, Any]) -> Step:
    reading = VCENTER_TASK.read(entry.get("status"))
    return Step(
        id=key,
        name=_localized(entry.get("description")),
        state=reading.state,
        native_state=reading.native,
        progress=_progress(entry),
        message=_localized(object_of(entry.get("progress")).get("message")),
        errors=list(_task_errors(entry)),
        details=scalars_of(entry),
    )


def _mapping(value: Any) -> dict[str, dict[str, Any]]:
    """A map of objects: an object under /api, a list of key and value under /rest."""
    if isinstance(value, dict):
        return {str(key): object_of(item) for key, item in value.items()}
    pairs = objects_of(value)
    return {str(pair["key"]): object_of(pair.get("value")) for pair in pairs if pair.get("key") is not None}


def _task_errors(task: Mapping[str, Any]) -> Iterator[str]:
    """Texts of ``error`` (an object, a string or nothing) and of the result's notifications of errors."""
    error = task.get("error")
    if text := text_of(error):
        yield text
    yield from _error_texts(error)
    for notification in objects_of(object_of(task.get("result")).get("errors")):
        resolution = _localized(notification.get("resolution"))
        if text := _localized(notification.get("message")) or resolution:
            yield f"{text} ({resolution})" if resolution and resolution != text else text


def _error_texts(body: Any) -> Iterator[str]:
    error = object_of(body)
    for holder in (error, object_of(error.get("value"))):
        for message in objects_of(holder.get("messages")):
            if text := _localized(message):
                yield text


def _localized(message: Any) -> str | None:
    """What to show of a LocalizableMessage."""
    fields = object_of(message)
    return text_of(fields.get("localized")) or text_of(fields.get("default_message")) or text_of(fields.get("id"))
