# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Oracle Communications Session Delivery Manager (SDM): route updates on devices. PRIVATE to the collection.

Source: Oracle, REST API for Session Delivery Manager 9.0.1 and newer, "Get Status by Task ID", and the release notes
of 8.2.5 and 9.0.1 for how lists nest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .._auth.scheme import JSON, XML, LoginScheme
from .._auth.sdm import SdmSession
from .._documents import (
    LXML_IMPORT_ERROR,
    number_of,
    object_of,
    read_json,
    read_xml,
    scalars_of,
    share_of,
    text_of,
)
from .._errors import TaskwatchError, bad_response, listed, one_line, shortened
from .._options import Spec, connection_spec, ids_spec, login_spec, missing_library, option_error, wait_spec
from .._rest.client import path_of
from .._rest.response import Response
from .._states import SDM_ROLLBACK, SDM_ROUTE_UPDATE, Reading, folded
from .._status import PollResult, State, Step, TaskStatus
from .._system import LONGEST_EXPLANATION, System, explain_json, explain_text

_ROOT = "routeUpdateTaskDetails"
_FIELDS = frozenset({"updateStatus", "totalDeviceCount", "updatedCount", "deviceStatusList", "errorHandling"})
_ROW_FIELDS = frozenset(
    {
        "deviceGroupId",
        "objectId",
        "preUpdateVersion",
        "pushStatus",
        "rollBackDate",
        "rollBackFailureMsg",
        "rollBackStatus",
        "routeSetId",
        "routeUpdateTaskId",
        "status",
        "updateDate",
        "updateFailureMsg",
        "updateVersion",
    }
)
# Texts in a field for failures that tell of none, folded.
_NO_TEXT = frozenset({"", "null", "nil", "none", "n/a", "na", "ok", "success", "successful", "completed", "noerror"})
_LOCKED = "the task still holds its device locks until it is committed or rolled back"
# Which of the two is left to do is for Route Manager to say.
_LOCKED_AFTER_ROLLBACK = "the task still holds its device locks until it is closed in Route Manager"


class RouteUpdate(System):
    """A route set pushed to devices. Finished is not final: the devices stay locked until commit or rollback."""

    NAME = "route_update_info"
    TITLE = "SDM route update"
    ID_OPTION = "task_id"
    ID_ENDS_PATH = True
    GONE = "may have been committed, rolled back or cancelled in the meantime"
    ARGUMENT_SPEC: ClassVar[Spec] = {
        **connection_spec("SDM", port=8443),
        **login_spec("SDM"),
        "api_version": {"type": "str", "default": "v1.3"},
        "response_format": {"type": "str", "choices": ["xml", "json"], "default": "xml"},
        **ids_spec("task_id", required=True),
        **wait_spec(),
    }

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        super().check(params)
        if params["response_format"] == "xml" and LXML_IMPORT_ERROR is not None:
            raise missing_library("lxml")
        if not re.fullmatch(r"v\d+(\.\d+)*", params["api_version"]):
            raise option_error("api_version", f"must look like v1.3, not {params['api_version']!r}")

    @classmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        media_type = XML if params["response_format"] == "xml" else JSON
        return SdmSession(params["username"], params["password"], params["api_version"], media_type)

    @classmethod
    def explain(cls, response: Response) -> str | None:
        """No error body is documented: XML, JSON, a web page and nothing at all have to do."""
        if "xml" not in response.content_type:
            return explain_json(response, lambda body: scalars_of(body).values())
        try:
            _unused, data = read_xml(response.body, "an error in XML")
        except TaskwatchError:
            return explain_text(response)
        said = one_line("; ".join(str(text) for text in scalars_of(data).values() if text) or text_of(data) or "")
        return shortened(said, LONGEST_EXPLANATION) if said else explain_text(response)

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or [], self._ask)

    def _ask(self, task_id: str) -> TaskStatus:
        target = path_of("rest", self.params["api_version"], "routeSets", "routeUpdates", task_id)
        media_type = XML if self.params["response_format"] == "xml" else JSON
        response = self.connection.request("GET", target, headers={"Accept": media_type})
        return route_update_status(task_id, read_details(response, media_type))


def read_details(response: Response, asked_for: str) -> Any:
    """The answer as data, read as what it is rather than as what was asked for."""
    expected = "the details of a route update"
    is_json = "json" in response.content_type or ("xml" not in response.content_type and asked_for == JSON)
    if is_json:
        return read_json(response.body, f"{expected} in JSON", response.charset)
    root, data = read_xml(response.body, f"{expected} in XML")
    if root != _ROOT:
        raise bad_response(f"{expected} in XML, <{_ROOT}>", response.body)
    return data


def route_update_status(task_id: str, body: Any) -> TaskStatus:
    """Read the details of a route update, decoded from XML or JSON alike."""
    details = _details_of(body)
    reading = SDM_ROUTE_UPDATE.read(details.get("updateStatus"))
    devices = [_device(row, number) for number, row in enumerate(_rows(details.get("deviceStatusList")), start=1)]
    rollback = _Rollback.of(details, devices)
    state = _verdict(reading, details, devices, rollback)
    for device in devices:
        device.settle(state)
    failed = sum(device.step.state is State.FAILED for device in devices)
    errors = [f"{device.name}: {text}" for device in devices for text in device.step.errors]
    if rollback.told and state is State.FAILED:
        errors.append(rollback.sentence)
    return TaskStatus(
        id=task_id,
        state=state,
        native_state=reading.native,
        progress=share_of(details.get("updatedCount"), details.get("totalDeviceCount")),
        message=_message(details, state, failed, rollback),
        errors=errors,
        finished_at=_latest(devices) if state.done else None,
        details=scalars_of(details, "deviceStatusList"),
        steps=[device.step for device in devices],
        raw=body,
        warnings=list(_warnings(reading, state, devices, rollback)),
    )


def _details_of(body: Any) -> dict[str, Any]:
    """The details, also below a root key, as a JSON binding that keeps the name of the XML root writes them."""
    details = object_of(body)
    if not _FIELDS & details.keys():
        details = object_of(details.get(_ROOT) if _ROOT in details else next(iter(details.values()), None))
    if not _FIELDS & details.keys():
        raise bad_response("the details of a route update with an 'updateStatus'", body)
    return details


@dataclass
class _Device:
    """One device of an update, its own words, and a failure text beside them."""

    step: Step
    own: Reading
    push: Reading
    rollback: Reading
    text: str | None

    @property
    def name(self) -> str:
        return self.step.name or self.step.id

    @property
    def finished(self) -> bool:
        return self.step.state.done

    @property
    def doubtful(self) -> bool:
        """Whether a text tells of a failure and no word says how the device ended."""
        return self.text is not None and folded(self.text) not in _NO_TEXT and not self.own.known

    def settle(self, task: State) -> None:
        """A device without a word that the table knows is part of what runs, or of what allows no verdict."""
        if not self.own.known and not self.finished and task is State.RUNNING:
            self.step.state = State.RUNNING


@dataclass(frozen=True)
class _Rollback:
    """What the answer says of a rollback. Only known words and the count can tell that there was one."""

    readings: tuple[Reading, ...]
    counted: bool

    @classmethod
    def of(cls, details: Mapping[str, Any], devices: Sequence[_Device]) -> _Rollback:
        """The task and its rows spell the field differently."""
        own = SDM_ROLLBACK.read(details.get("rollbackStatus"))
        count = number_of(details.get("rollbackCount"))
        return cls((own, *(device.rollback for device in devices)), count is not None and count > 0)

    def _has(self, state: State) -> bool:
        return any(reading.known and reading.state is state for reading in self.readings)

    @property
    def told(self) -> bool:
        return self.counted or any(self._has(state) for state in (State.RUNNING, State.SUCCEEDED, State.FAILED))

    @property
    def sentence(self) -> str:
        if self._has(State.FAILED):
            return "a rollback failed"
        if self._has(State.RUNNING):
            return "the update is being rolled back"
        return "the update was rolled back"


def _verdict(reading: Reading, details: Mapping[str, Any], devices: Sequence[_Device], rollback: _Rollback) -> State:
    """What the task's own word, the words of its devices and the count of devices come to."""
    if reading.state is State.SUCCEEDED:
        if rollback.told or any(device.step.state is State.FAILED for device in devices):
            return State.FAILED
        # Neither a success nor, without an unmistakable word, a failure that a rollback would be started for.
        return State.UNKNOWN if any(device.doubtful for device in devices) else State.SUCCEEDED
    if reading.known:
        return reading.state
    updated, total = number_of(details.get("updatedCount")), number_of(details.get("totalDeviceCount"))
    outstanding = updated is not None and total is not None and updated < total
    return State.RUNNING if outstanding or not all(device.finished for device in devices) else State.UNKNOWN


def _warnings(reading: Reading, state: State, devices: Sequence[_Device], rollback: _Rollback) -> Iterator[str]:
    """Every word that no table knows, and failure texts that do not count."""
    if reading.native is None:
        yield f"{SDM_ROUTE_UPDATE.endpoint} reports no state; it counts as {state.value}"
    told = [SDM_ROUTE_UPDATE.warning(reading, read_as=state)]
    told += [
        SDM_ROUTE_UPDATE.warning(word, of=" of a device", read_as=device.step.state)
        for device in devices
        for word in (device.own, device.push)
        if (word.native, device.step.state) != (reading.native, state)  # told of the update already
    ]
    told += [SDM_ROLLBACK.warning(word, read_as=None) for word in rollback.readings]
    yield from filter(None, told)
    texts: dict[str, list[str]] = {}
    for device in devices:
        if device.text is not None and device.step.state is not State.FAILED:
            texts.setdefault(device.text, []).append(f"{device.name} ({device.own.native or 'no status'})")
    for text, names in texts.items():
        yield (
            f"{SDM_ROUTE_UPDATE.endpoint} reports the failure text '{text}' of {listed(names)}; "
            "without the status Failed it does not count as a failure"
        )


def _message(details: Mapping[str, Any], state: State, failed: int, rollback: _Rollback) -> str:
    updated, total = text_of(details.get("updatedCount")), text_of(details.get("totalDeviceCount"))
    parts = [f"{updated} of {total} devices updated"] if updated and total else []
    if failed:
        parts.append(f"{failed} failed")
    if rollback.told:
        parts.append(rollback.sentence)
    said = ", ".join(parts) or "no devices named"
    if not state.done:
        return said
    return f"{said}; {_LOCKED_AFTER_ROLLBACK if rollback.told else _LOCKED}"


def _rows(value: Any) -> list[dict[str, Any]]:
    """The device rows, however the release nests them: repeated, in a list, or in a wrapper with an item name."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return []
    if isinstance(value, list):
        return [row for item in value for row in _rows(item)]
    if not isinstance(value, dict):
        raise bad_response("a list of devices in 'deviceStatusList'", value)
    if _ROW_FIELDS & value.keys():
        return [value]
    return [row for item in value.values() if isinstance(item, (dict, list)) for row in _rows(item)]


def _device(row: dict[str, Any], number: int) -> _Device:
    own, push = SDM_ROUTE_UPDATE.read(row.get("status")), SDM_ROUTE_UPDATE.read(row.get("pushStatus"))
    texts = [text_of(row.get("updateFailureMsg")), text_of(row.get("rollBackFailureMsg"))]
    text = "; ".join(filter(None, texts)) or None
    failed = State.FAILED in (own.state, push.state)
    step = Step(
        id=text_of(row.get("objectId")) or str(number),
        name=text_of(row.get("deviceGroupId")),
        state=State.FAILED if failed else own.state,
        native_state=own.native,
        message=f"push {push.native or 'not begun'}",
        errors=[text or "the update failed without a reason"] if failed else [],
        details=scalars_of(row),
    )
    return _Device(step, own, push, SDM_ROLLBACK.read(row.get("rollBackStatus")), text)


def _latest(devices: Sequence[_Device]) -> str | None:
    # ISO 8601 without a zone, so the greatest text is the latest moment.
    dates = [text_of(device.step.details.get("updateDate")) for device in devices]
    return max(filter(None, dates), default=None)
