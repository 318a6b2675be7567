# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Any REST API that a description tells: one system that data configures. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from .._auth.described import described_login
from .._auth.scheme import JSON, LoginScheme
from .._connection import Connection
from .._description.expressions import JMESPATH_IMPORT_ERROR, Answer
from .._description.model import Description, ManyForm
from .._description.reading import read_task
from .._description.samples import play_samples
from .._description.shipped import NAMES, description_of
from .._description.templates import has_controls, is_location, local_target
from .._description.words import is_pattern
from .._documents import object_of, objects_of, read_json, text_of
from .._errors import ErrorType, Retryability, TaskwatchError, bad_response, listed, unusable
from .._options import (
    Spec,
    check_basic,
    connection_spec,
    from_env,
    ids_spec,
    missing_library,
    option_error,
    wait_spec,
)
from .._rest.response import Response
from .._status import PollResult, State, TaskStatus
from .._system import System, explain_json
from .long_poll import LongPoll

# Pages of one answer about many tasks, beyond which it is not believed to end.
MAX_PAGES = 100
# How a system says that it has no such address or method.
_UNKNOWN_REQUEST = frozenset({400, 404, 405, 501})
_ENVIRONMENT = {"username": "REST_TASK_USER", "password": "REST_TASK_PASSWORD", "token": "REST_TASK_TOKEN"}
_NEEDED = {"basic": ("username", "password"), "bearer": ("token",), "oauth2": ("username", "password")}

_HOST = connection_spec("REST_TASK", port=443)
CONNECTION: Spec = {
    **_HOST,
    # Not needed where only samples are played.
    "hostname": {name: value for name, value in _HOST["hostname"].items() if name != "required"},
    "username": from_env("REST_TASK_USER", type="str", aliases=["user"]),
    "password": from_env("REST_TASK_PASSWORD", type="str", no_log=True),
    "token": from_env("REST_TASK_TOKEN", type="str", no_log=True),
}


class RestTask(System):
    """A task of an API that a description tells how to ask and how to read."""

    NAME = "rest_task_info"
    TITLE = "REST task"
    ID_OPTION = "task_id"
    ARGUMENT_SPEC: ClassVar[Spec] = {
        **CONNECTION,
        "api": {"type": "str", "choices": list(NAMES)},
        "description": {"type": "dict"},
        "variables": {"type": "dict", "default": {}},
        "wait_for": {"type": "list", "elements": "str", "default": []},
        "samples_only": {"type": "bool", "default": False},
        **ids_spec("task_id"),
        **wait_spec(),
    }
    EXTRAS: ClassVar[Mapping[str, Any]] = {"samples": []}

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        super().__init__(params, connection)
        self._description = description_of(params)
        self._origin = connection.client.endpoint.origin
        self._values = dict(params["variables"])
        held = self._description.long_poll
        self._long_poll = None if held is None else LongPoll(held.most, params)
        # Where the monitor of a task has moved to.
        self._moved: dict[str, str] = {}

    # -- options --------------------------------------------------------------------------------------------------

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        if not params["task_id"]:
            raise option_error("task_id", "is required" if params["task_id"] is None else "is empty")
        super().check(params)
        description = _checked(params)
        _check_credentials(description, params)
        _check_goals(description, params["wait_for"])

    @classmethod
    def without_connection(cls, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {"samples": play_samples(_checked(params))} if params["samples_only"] else None

    @classmethod
    def title(cls, params: Mapping[str, Any]) -> str:
        try:
            return description_of(params).name
        except TaskwatchError:
            return cls.TITLE

    @classmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        return described_login(description_of(params).login, params)

    @classmethod
    def explain(cls, response: Response) -> str | None:
        return explain_json(response, error_texts)

    def task_ids(self) -> list[str] | None:
        ids = list(self.params["task_id"])
        for task_id in ids:
            self._target(task_id)
        return ids

    # -- polls ----------------------------------------------------------------------------------------------------

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        asked = list(ids or [])
        many, single = self._description.many, self._description.task.request
        if many is None or (len(asked) == 1 and single is not None):
            # A request that is held keeps every other task waiting.
            return self.ask_each(asked, self._ask_long if len(asked) == 1 else self._ask)
        found = self._ask_many(many, asked)
        left = [task_id for task_id in asked if task_id not in found.statuses]
        if single is not None and left:
            # A list of what is under way does not hold what has ended.
            rest = self.ask_each(left, self._ask)
            found.statuses.update(rest.statuses)
            found.errors.extend(rest.errors)
        else:
            found.errors.extend(_absent(task_id) for task_id in left)
        return PollResult({i: found.statuses[i] for i in asked if i in found.statuses}, found.errors)

    def _target(self, task_id: str) -> str | None:
        """The address of a task whose id is one; None where the request of the description has it."""
        task = self._description.task
        if not (task.locations and is_location(task_id)):
            if task.request is not None and task.request.path is not None:
                return None
            if not task.locations:
                return None
            raise option_error("task_id", f"must be an absolute path or a URL of {self._origin}, not '{task_id}'")
        try:
            return local_target(task_id, self._origin)
        except ValueError as reason:
            raise option_error("task_id", f"'{task_id}' {reason}") from None

    def _ask_long(self, task_id: str) -> TaskStatus:
        """Ask so that the answer comes with the end of the task, where the system can do that and there is time."""
        long_poll = self._long_poll
        if long_poll is None:
            return self._ask(task_id)
        clock = self.connection.context.runtime.clock
        began = clock()
        seconds = long_poll.seconds(task_id, began, self.connection.deadline)
        status = None if seconds is None else self._ask_held(task_id, seconds)
        try:
            # An error of a request that was held proves nothing: a proxy may have cut it, and LXD tells failures so.
            plain = self._ask(task_id) if status is None else status
        except TaskwatchError:
            long_poll.failed()
            raise
        if seconds is None:
            long_poll.answered(plain)
        elif long_poll.was_held(plain, clock() - began, seconds) and plain.poll_after is None:
            plain.poll_after = 0.0
        return plain

    def _ask_held(self, task_id: str, seconds: int) -> TaskStatus | None:
        try:
            return self._ask(task_id, seconds)
        except TaskwatchError:
            if not self.connection.client.may_repeat:
                raise
            return None

    def _ask(self, task_id: str, hold: int | None = None) -> TaskStatus:
        task = self._description.task
        target = self._moved.get(task_id) or self._target(task_id)
        method = "GET"
        sent: dict[str, Any] = {}
        values = {**self._values, "id": task_id}
        if task.request is not None:
            method = task.request.method
            target, sent = task.request.render(values, target)
        held, accepted, base = self._description.long_poll, task.statuses, str(target)
        if held is not None and hold is not None:
            # What a system says that knows no such request must not be taken for the end of the session.
            accepted |= _UNKNOWN_REQUEST
            target, sent = held.render(base, sent, {**values, "seconds": str(hold)})
        response = self._send(method, str(target), sent, accepted=accepted)
        if self._long_poll is not None and hold is not None and response.status in _UNKNOWN_REQUEST - task.statuses:
            self._long_poll.unknown()
            raise unusable("it knows no request that it would hold", response.status)
        answer = self._answer(response, needs_body=task.state is not None and task.state.needs_body)
        self._follow(task_id, answer, base)
        status = read_task(task, self._description.name, task_id, answer)
        status.poll_after = response.retry_after
        return status

    def _send(self, method: str, target: str, sent: dict[str, Any], accepted: frozenset[int]) -> Response:
        headers = {"Accept": JSON, **sent.pop("headers", {})}
        try:
            return self.connection.request(method, target, accepted, headers=headers, **sent)
        except TaskwatchError as error:
            not_found = error.http_status in self._description.task.not_found and error.http_status not in (401, 403)
            if not not_found or error.kind is ErrorType.NOT_FOUND:
                raise
            sentence = f"the system does not know it: {error.message}"
            raise TaskwatchError(
                ErrorType.NOT_FOUND, sentence, retryability=Retryability.IF_SEEN, http_status=error.http_status
            ) from None

    def _answer(self, response: Response, *, needs_body: bool) -> Answer:
        # The login page of a front end comes with 200, too.
        if response.is_web_page:
            raise bad_response("an answer about a task", response.body, http_status=response.status)
        try:
            body = read_json(response.body, f"{self._description.name} in JSON", response.charset)
        except TaskwatchError:
            if needs_body:
                raise
            body = None
        return Answer(response.status, response.headers, body)

    def _follow(self, task_id: str, answer: Answer, base: str) -> None:
        """Ask at the address that the answer names from now on."""
        task = self._description.task
        if task.follow_location is None or answer.status != task.follow_status:
            return
        address = task.follow_location.find(answer)
        if address is None:
            return
        self._moved[task_id] = self._local(address, base, "the monitor of the task")

    def _local(self, address: Any, base: str, what: str) -> str:
        try:
            return local_target(address, self._origin, base)
        except ValueError as reason:
            raise TaskwatchError(
                ErrorType.BAD_RESPONSE, f"its answer names '{address}' as {what}, which {reason}", http_status=200
            ) from None

    def _ask_many(self, many: ManyForm, asked: Sequence[str]) -> PollResult:
        """What the one request for all tasks says of those asked for."""
        wanted = {self._moved.get(task_id) or self._comparable(task_id): task_id for task_id in asked}
        found: dict[str, TaskStatus] = {}
        for answer, poll_after in self._pages(many, asked):
            items = many.items.find(answer)
            if not isinstance(items, list):
                raise unusable(f"found no list at '{many.items.text}' in {answer.shown}", answer.status)
            for item in items:
                part = Answer(answer.status, answer.headers, item)
                task_id = wanted.get(self._comparable(text_of(many.id.find(part)) or ""))
                if task_id is not None and task_id not in found:
                    found[task_id] = read_task(self._description.task, self._description.name, task_id, part)
                    found[task_id].poll_after = poll_after
            if len(found) == len(wanted):
                break
        return PollResult(found)

    def _comparable(self, task_id: str) -> str:
        """An id as lists hold it: a URL of this origin is its path."""
        if self._description.task.locations and is_location(task_id):
            try:
                return local_target(task_id, self._origin)
            except ValueError:
                return task_id
        return task_id

    def _pages(self, many: ManyForm, asked: Sequence[str]) -> Iterator[tuple[Answer, float | None]]:
        values = {**self._values, "ids": ",".join(asked)}
        target, sent = many.request.render(values)
        seen: set[str] = set()
        while True:
            response = self._send(many.request.method, target, dict(sent), accepted=frozenset())
            answer = self._answer(response, needs_body=True)
            yield answer, response.retry_after
            address = _next_address(many, answer)
            if address is None:
                return
            # The address of a page has a query of its own.
            target, sent = self._local(address, target, "the next page"), {**sent, "query": {}}
            if target in seen or len(seen) >= MAX_PAGES:
                raise unusable(f"its pages of tasks do not end (after {len(seen) + 1})", answer.status)
            seen.add(target)


_ERROR_KEYS = (
    "message",
    "msg",
    "detail",
    "error_description",
    "error_message",
    "title",
    "reason",
    "error",
    "errors",
    "faultstring",
)


def error_texts(body: Any) -> Iterator[str]:
    """The texts that an error body is likely to have, whatever the system."""
    for part in objects_of(body):
        for key in _ERROR_KEYS:
            yield from _texts_of(part.get(key))
        for inner in objects_of(object_of(part).get("@Message.ExtendedInfo")):
            yield from filter(None, [text_of(inner.get("Message"))])


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        # Ironic's error is JSON in a text of its JSON.
        inner = _json_in(value) if value.lstrip().startswith("{") else None
        yield from list(error_texts(inner)) or filter(str.strip, [value])
    elif isinstance(value, list):
        yield from error_texts(value)
        yield from (item for item in value if isinstance(item, str))
    elif isinstance(value, dict):
        # Proxmox VE names the parameter that each text is about.
        fields = (f"{name}: {text}" for name, text in value.items() if isinstance(text, str) and text.strip())
        yield from list(error_texts(value)) or fields


def _json_in(text: str) -> Any:
    try:
        return read_json(text.encode(errors="replace"), "an error in JSON")
    except TaskwatchError:
        return None


def _absent(task_id: str) -> TaskwatchError:
    return TaskwatchError(
        ErrorType.NOT_FOUND, "the answer holds no such task", retryability=Retryability.IF_SEEN, task_ids=(task_id,)
    )


def _next_address(many: ManyForm, answer: Answer) -> Any:
    """Where the next page is, None for the last one."""
    if many.next is None:
        return None
    value = many.next.find(answer)
    if many.next.kind == "header" and isinstance(value, str) and value.lstrip().startswith("<"):
        # RFC 8288: <address>; rel="next", …
        links = [link.partition(";") for link in value.split(",")]
        return next((address.strip(" <>") for address, _unused, rest in links if "next" in rest.lower()), None)
    return value or None


def _checked(params: Mapping[str, Any]) -> Description:
    """The description that the options name, once they make sense themselves."""
    if JMESPATH_IMPORT_ERROR is not None:
        raise missing_library("jmespath")
    api, description = params["api"], params["description"]
    if api is not None and description is not None:
        raise option_error("api", "and description are both set; give one of them")
    if api is None and description is None:
        raise option_error("api", f"or description is required; shipped are {listed(NAMES, most=len(NAMES))}")
    for name, value in params["variables"].items():
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise option_error(f"variables.{name}", "must be text")
        if not str(value).strip() or has_controls(str(value)):
            raise option_error(f"variables.{name}", "is empty or holds a line break or another control character")
    return description_of(params)


def _check_credentials(description: Description, params: Mapping[str, Any]) -> None:
    """Every option that the login needs."""
    kind = description.login.kind
    needed = [*_NEEDED.get(kind, ()), *sorted(_ENVIRONMENT.keys() & description.placeholders())]
    if description.login.basic:
        needed += ["username", "password"]
    for name in needed:
        if name in description.login.take:
            continue
        if not params[name]:
            raise option_error(
                name, f"is required by the login of {description.name} (environment variable {_ENVIRONMENT[name]})"
            )
        if has_controls(params[name]):
            raise option_error(name, "holds a line break or another control character")
    if kind == "basic" or description.login.basic:
        check_basic(params)


def _check_goals(description: Description, goals: Sequence[str]) -> None:
    words = description.task.words
    for goal in goals:
        if not goal.strip("*? "):
            raise option_error("wait_for", f"holds '{goal}', which would call every word a success")
        if not is_pattern(goal) and words.named(goal) in (State.FAILED, State.CANCELLED):
            state = words.named(goal)
            raise option_error(
                "wait_for", f"holds '{goal}', which means {state.value if state else ''} in {description.name}"
            )
