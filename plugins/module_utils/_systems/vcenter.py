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
from .._states import VCENTER_TASK, VCENTER_UPDATE, Reading
from .._status import PollResult, State, Step, TaskStatus
from .._system import System, explain_json

TASK_ID = "update"

# What a wait is for, and what the two states without work in progress mean then.
_QUIET: Mapping[str, Mapping[str, State]] = {
    "idle": {"UP_TO_DATE": State.SUCCEEDED, "UPDATES_PENDING": State.SUCCEEDED},
    "staged": {"UP_TO_DATE": State.PENDING, "UPDATES_PENDING": State.SUCCEEDED},
    "installed": {"UP_TO_DATE": State.SUCCEEDED, "UPDATES_PENDING": State.PENDING},
}

_ROLLBACK = "ROLLBACK_IN_PROGRESS"
# Since 9.0, and only beside a failed task: any of these means that the update was, is or will be taken back.
_NO_ROLLBACK = frozenset({None, "ROLLBACK_NOT_STARTED"})


class ApplianceUpdate(System):
    """One appliance and its one update. It remembers a rollback until that update has ended and another one begins."""

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
        self._rolled_back = False
        # When the work began that had ended at the last poll; no wait polls again after such an end, a watch may
        self._ended: tuple[str | None] | None = None

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        check_basic(params)

    @classmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        return VcenterSession(params["username"], params["password"], params["api"])

    @classmethod
    def explain(cls, response: Response) -> str | None:
        """The messages of an error: at the top under /api, one level down under /rest."""
        return explain_json(response, _error_texts)

    def task_ids(self) -> list[str]:
        return [TASK_ID]

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or self.task_ids(), lambda _unused: self._ask())

    def _ask(self) -> TaskStatus:
        response = self.connection.request("GET", "/appliance/update", headers={"Accept": JSON})
        info = update_info(read_json(response.body, "the state of an appliance update in JSON", response.charset))
        began = text_of(object_of(info.get("task")).get("start_time"))
        self._rolled_back = shows_rollback(info) or (self._rolled_back and not self._is_other_work(info, began))
        goal = Goal(self.params["wait_for"], self.params["target_version"], self._rolled_back)
        status = update_status(info, goal, self.connection.client.endpoint.hostname)
        self._ended = (began,) if status.done else None
        return status

    def _is_other_work(self, info: Mapping[str, Any], began: str | None) -> bool:
        """Whether another update has begun since the one that had ended; whoever watches on asks about that one."""
        if self._ended is None:
            return False
        busy = VCENTER_UPDATE.read(info["state"]).state is State.RUNNING
        return busy or (began is not None and (began,) != self._ended)


def update_info(body: Any) -> dict[str, Any]:
    """The structure itself, without the wrapper of the older encoding."""
    info = object_of(body)
    info = object_of(info["value"]) if "value" in info and "state" not in info else info
    if text_of(info.get("state")) is None:
        raise bad_response("the state of an appliance update with a 'state'", body)
    return info


def shows_rollback(info: Mapping[str, Any]) -> bool:
    """Whether the appliance is taking the update back, or says that it did or will."""
    task = object_of(info.get("task"))
    return text_of(info.get("state")) == _ROLLBACK or text_of(task.get("auto_rollback_state")) not in _NO_ROLLBACK


@dataclass(frozen=True)
class Goal:
    """What a wait is for, and whether it has seen a rollback, after which it cannot be had any more."""

    wait_for: str = "idle"
    target_version: str | None = None
    rolled_back: bool = False


def update_status(info: Mapping[str, Any], goal: Goal, name: str | None = None) -> TaskStatus:
    """Read the state of an update in the light of what is waited for."""
    reading = VCENTER_UPDATE.read(info.get("state"))
    task = object_of(info.get("task"))
    version = text_of(info.get("version"))
    errors = list(_task_errors(task))
    state, message = _verdict(reading, task, version, goal)
    if state is State.FAILED and message:
        errors.insert(0, message)
    said = _localized(object_of(task.get("progress")).get("message")) or _localized(task.get("description"))
    warning = VCENTER_UPDATE.warning(reading)
    return TaskStatus(
        id=TASK_ID,
        name=name,
        state=state,
        native_state=reading.native,
        # What has not begun has no progress; the task shown is an earlier one.
        progress=None if state is State.PENDING else _progress(task),
        message=message or said or (f"version {version}" if version else None),
        errors=errors,
        started_at=text_of(task.get("start_time")),
        finished_at=text_of(task.get("end_time")),
        details={**scalars_of(task), **scalars_of(info)},
        steps=_subtasks(task),
        raw=dict(info),
        warnings=[warning] if warning else [],
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
    return reading.state, None


def _quiet_verdict(word: str, task: Mapping[str, Any], version: str | None, goal: Goal) -> tuple[State, str | None]:
    """What a state without work in progress means: how the work before it ended counts for more than the word."""
    if goal.rolled_back:
        return State.FAILED, f"the update was rolled back; the appliance is now at {word}"
    if VCENTER_TASK.read(task.get("status")).state is State.FAILED:
        return State.FAILED, f"the last task failed although the appliance says {word}"
    state = _QUIET[goal.wait_for][word]
    if state is State.SUCCEEDED and goal.target_version and version != goal.target_version:
        # Nothing is in progress: a wait for quiet has its end, one for a certain version has not.
        state = State.FAILED if goal.wait_for == "idle" else State.PENDING
        return state, f"the appliance reports version {version or 'none'}, not {goal.target_version}"
    if state is State.PENDING:
        return state, f"the appliance says {word}, so what is waited for has not begun"
    return state, None


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
        if text := _localized(notification.get("message")):
            yield text


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
