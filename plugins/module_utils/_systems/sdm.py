# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Oracle Communications Session Delivery Manager (SDM): route updates on devices. PRIVATE to the collection.

Source: Oracle, REST API for Session Delivery Manager 9.0.1 and newer, "Get Status by Task ID", and the release notes
of 8.2.5 and 9.0.1 for how lists nest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .._auth.scheme import JSON, XML, LoginScheme
from .._auth.sdm import SdmSession
from .._documents import (
    LXML_IMPORT_ERROR,
    number_of,
    object_of,
    objects_of,
    read_json,
    read_xml,
    scalars_of,
    share_of,
    text_of,
)
from .._errors import TaskwatchError, bad_response, shortened
from .._options import Spec, connection_spec, ids_spec, login_spec, missing_library, option_error, wait_spec
from .._rest.client import path_of
from .._rest.response import Response
from .._states import SDM_ROUTE_UPDATE
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
# The word beside a task that was never rolled back; it is no error.
_NO_ROLLBACK = frozenset({"", "unknown"})


class RouteUpdate(System):
    """A route set pushed to devices. Finished is not final: the devices stay locked until commit or rollback."""

    NAME = "route_update_info"
    TITLE = "SDM route update"
    ID_OPTION = "task_id"
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
        said = "; ".join(str(text) for text in scalars_of(data).values() if text) or text_of(data)
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
    details = object_of(body)
    if not _FIELDS & details.keys():
        raise bad_response("the details of a route update with an 'updateStatus'", body)
    reading = SDM_ROUTE_UPDATE.read(details.get("updateStatus"))
    devices = [_device(row, number) for number, row in enumerate(_rows(details.get("deviceStatusList")), start=1)]
    state = reading.state
    errors = [f"{device.name or device.id}: {text}" for device in devices for text in device.errors]
    failed = sum(device.state is State.FAILED for device in devices)
    rolled_back = _rolled_back(details, devices)
    if state is State.SUCCEEDED and (failed or rolled_back):
        state = State.FAILED
    if rolled_back and state is State.FAILED:
        errors.append("the update was rolled back")
    return TaskStatus(
        id=task_id,
        state=state,
        native_state=reading.native,
        progress=share_of(details.get("updatedCount"), details.get("totalDeviceCount")),
        message=_message(details, state, failed, rolled_back),
        errors=errors,
        finished_at=_latest(devices) if state.done else None,
        details=scalars_of(details, "deviceStatusList"),
        steps=devices,
        raw=body,
    )


def _rolled_back(details: dict[str, Any], devices: list[Step]) -> bool:
    """Whether a rollback was done, on the task or on any device. The two spell the field differently."""
    words = [details.get("rollbackStatus"), *(device.details.get("rollBackStatus") for device in devices)]
    tried = any((text_of(word) or "").lower() not in _NO_ROLLBACK for word in words)
    return tried or bool(number_of(details.get("rollbackCount")))


def _message(details: dict[str, Any], state: State, failed: int, rolled_back: bool) -> str:
    updated, total = text_of(details.get("updatedCount")), text_of(details.get("totalDeviceCount"))
    parts = [f"{updated} of {total} devices updated"] if updated and total else []
    if failed:
        parts.append(f"{failed} failed")
    if rolled_back:
        parts.append("rolled back")
    said = ", ".join(parts) or "no devices named"
    if not state.done:
        return said
    return f"{said}; the task still holds its device locks until it is committed or rolled back"


def _rows(value: Any) -> list[dict[str, Any]]:
    """The device rows, however the release nests them: repeated, in a list, or in a wrapper with an item name."""
    if isinstance(value, dict) and not _ROW_FIELDS & value.keys():
        return [row for item in value.values() for row in _rows(item)]
    if isinstance(value, list):
        return [row for item in value for row in _rows(item)]
    return objects_of(value)


def _device(row: dict[str, Any], number: int) -> Step:
    reading = SDM_ROUTE_UPDATE.read(row.get("status"))
    push = SDM_ROUTE_UPDATE.read(row.get("pushStatus"))
    texts = [text_of(row.get("updateFailureMsg")), text_of(row.get("rollBackFailureMsg"))]
    errors = [text for text in texts if text]
    state = reading.state
    if State.FAILED in (reading.state, push.state) or errors:
        # The row's own word may be about the last thing tried; a failure text is empty when all is well.
        state = State.FAILED
    group = text_of(row.get("deviceGroupId"))
    return Step(
        id=text_of(row.get("objectId")) or str(number),
        name=group,
        state=state,
        native_state=reading.native,
        message=f"push {text_of(row.get('pushStatus')) or 'not begun'}",
        errors=errors or (["the update failed without a reason"] if state is State.FAILED else []),
        details=scalars_of(row),
    )


def _latest(devices: list[Step]) -> str | None:
    # ISO 8601 without a zone, so the greatest text is the latest moment.
    return max(
        (str(device.details["updateDate"]) for device in devices if device.details.get("updateDate")),
        default=None,
    )
