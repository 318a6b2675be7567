# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API: what a test or a person asks the simulator itself, all JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field, ValidationError

from .messages import Reply, Request, json_reply
from .mistakes import mistakes
from .origins import foreign
from .page import export_html, export_json, part, stream
from .scenario import SYSTEM_NAMES, Scenario, ScenarioError, load
from .systems.base import BODY_LIMIT, Routes, UnknownRoute
from .timeline import Model
from .world import World

T = TypeVar("T")
FASTEST = 1000.0


class TimeRequest(Model):
    """How fast simulated time is to pass; 0 stops it."""

    speed: Annotated[float, Field(ge=0, le=FASTEST, allow_inf_nan=False)]


class Control:
    """Answers requests to the control port."""

    def __init__(self, world: World) -> None:
        self.world = world

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        reason = foreign(request)
        if reason is not None:
            return _refusal(reason, 403)
        try:
            handler, _arguments = self.ROUTES.find(request)
        except UnknownRoute as unknown:
            if unknown.allowed:
                return _refusal(f"{request.decoded_path} takes {' or '.join(unknown.allowed)}", 405)
            return _refusal(
                f"{request.decoded_path} is unknown; try /, /sessions, /requests, /tasks, /faults, /time, /reset", 404
            )
        if len(request.body) > BODY_LIMIT:
            return _refusal("the body is too large", 413)
        try:
            return handler(self, request)
        except _BadRequest as bad:
            return _refusal(str(bad), 400)

    def _add_task(self, request: Request) -> Reply:
        description = _object(request)
        if description.get("system") not in SYSTEM_NAMES:
            raise _BadRequest(f"system: one of {', '.join(SYSTEM_NAMES)} is needed")
        return json_reply({"id": _checked(self.world.add_task, description)}, 201)

    def _add_fault(self, request: Request) -> Reply:
        return json_reply(_checked(self.world.add_fault, _object(request)).listing(), 201)

    def _reset(self, request: Request) -> Reply:
        wanted = _object(request) if request.body else {}
        unknown = sorted(set(wanted) - {"scenario"})
        if unknown:
            raise _BadRequest(f"{unknown[0]}: this key is not known")
        name = wanted.get("scenario")
        if name is not None and not isinstance(name, str):
            raise _BadRequest("scenario: a name or a file is needed")
        try:
            self.world.reset(None if name is None else load(name))
        except ScenarioError as error:
            raise _BadRequest(str(error)) from None
        return json_reply({})

    def _set_time(self, request: Request) -> Reply:
        try:
            wanted = TimeRequest.model_validate(_object(request))
        except ValidationError as error:
            raise _BadRequest("; ".join(sentence for _where, sentence in mistakes(error, request.json()))) from None
        self.world.set_speed(wanted.speed)
        return json_reply({"speed": wanted.speed})

    ROUTES: ClassVar = Routes(
        ("GET", "/", lambda _self, _request: part("index.html")),
        ("GET", "/page.css", lambda _self, _request: part("page.css")),
        ("GET", "/page.js", lambda _self, _request: part("page.js")),
        ("GET", "/events", lambda self, _request: stream(self.world)),
        ("GET", "/export.html", lambda self, _request: export_html(self.world)),
        ("GET", "/export.json", lambda self, _request: export_json(self.world)),
        ("GET", "/state", lambda self, _request: json_reply(self.world.snapshot())),
        ("POST", "/time", _set_time),
        ("GET", "/sessions", lambda self, _request: json_reply(self.world.sessions())),
        ("GET", "/requests", lambda self, _request: json_reply(self.world.requests())),
        ("GET", "/tasks", lambda self, _request: json_reply(self.world.tasks())),
        ("GET", "/faults", lambda self, _request: json_reply(self.world.faults())),
        ("POST", "/tasks", _add_task),
        ("POST", "/faults", _add_fault),
        ("POST", "/reset", _reset),
    )


class _BadRequest(Exception):
    """One sentence on what is wrong with a request."""


def _checked(add: Callable[[dict[str, Any]], T], description: dict[str, Any]) -> T:
    try:
        return add(description)
    except ValidationError as error:
        told = mistakes(error, description, Scenario)
        raise _BadRequest("; ".join(sentence for _where, sentence in told)) from None


def _object(request: Request) -> dict[str, Any]:
    try:
        data = request.json()
    except ValueError as error:
        raise _BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise _BadRequest("the body must be a JSON object")
    return data


def _refusal(sentence: str, status: int) -> Reply:
    return json_reply({"error": sentence}, status)
