# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A description as typed objects, made of a mapping that fits the form. PRIVATE to the collection.

Nothing in this folder talks HTTP. ``form`` and ``shape`` say what a description may hold, ``reading`` reads an answer
by it, ``samples`` plays its samples, ``shipped`` finds those that come with the collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._status import State
from .expressions import Expression, expression_at
from .form import form_error
from .shape import DESCRIPTION
from .templates import (
    PathTemplate,
    Template,
    check_names,
    data_at,
    headers_at,
    rendered_data,
    templates_at,
    templates_in,
)
from .words import Words, check_words

_BODY = ("status", "header")
# The longest that a request is held, in seconds: many proxies end what has been idle for a minute.
MAX_HOLD = 45.0
_SET_VARIABLE = "; set variables.{0}"


@dataclass(frozen=True, eq=False, repr=False)
class RequestForm:
    """A request with placeholders."""

    method: str
    path: Template | None
    query: Mapping[str, Template]
    headers: Mapping[str, Template]
    json: Any
    form: Mapping[str, Template]

    def render(self, values: Mapping[str, str], target: str | None = None) -> tuple[str, dict[str, Any]]:
        """Where to send it, and what. A ``target`` of its own comes with its own query."""
        sent: dict[str, Any] = {"headers": _rendered(self.headers, values)}
        if self.query and target is None:
            sent["query"] = _rendered(self.query, values)
        if self.json is not None:
            sent["json"] = rendered_data(self.json, values)
        if self.form:
            sent["form"] = _rendered(self.form, values)
        if target is None:
            if self.path is None:
                raise AssertionError("a request without an address is refused when the description is read")
            target = self.path.render(values)
        return target, sent

    def in_address(self) -> Iterator[Template]:
        """What becomes part of the URL, which proxies and logs keep."""
        yield from filter(None, [self.path])
        yield from self.query.values()

    def in_message(self) -> Iterator[Template]:
        yield from self.headers.values()
        yield from self.form.values()
        yield from templates_in(self.json)


def _rendered(templates: Mapping[str, Template], values: Mapping[str, str]) -> dict[str, str]:
    return {name: template.render(values) for name, template in templates.items()}


@dataclass(frozen=True, eq=False, repr=False)
class LoginForm:
    kind: str = "none"
    request: RequestForm | None = None
    basic: bool = False
    take: Mapping[str, Expression] = field(default_factory=dict)
    send: Mapping[str, Template] = field(default_factory=dict)
    logout: RequestForm | None = None
    refused: frozenset[int] = frozenset()
    refused_when: Expression | None = None
    expired: frozenset[int] = frozenset({401})
    expires: Expression | None = None

    @property
    def secret_names(self) -> set[str]:
        """What was taken and proves who asks."""
        return {name for template in self.send.values() for name in template.names}


@dataclass(frozen=True, eq=False, repr=False)
class StepsForm:
    """How steps, or the task itself, are read; ``state`` is None for steps without a word."""

    items: Expression | None
    id: Expression | None
    state: Expression | None
    words: Words
    progress: Expression | None
    total: Expression | None
    scale: float
    name: Expression | None
    message: Expression | None
    errors: Expression | None
    details: Expression | None
    steps: StepsForm | None = None
    recursive: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class TaskForm(StepsForm):
    request: RequestForm | None = None
    locations: bool = False
    started_at: Expression | None = None
    finished_at: Expression | None = None
    expected_seconds: Expression | None = None
    not_found: frozenset[int] = frozenset({404})
    not_found_when: Expression | None = None
    follow_status: int | None = None
    follow_location: Expression | None = None
    # Statuses that the words name, so that they are answers and no errors.
    statuses: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False, repr=False)
class ManyForm:
    request: RequestForm
    items: Expression
    id: Expression
    next: Expression | None


@dataclass(frozen=True, eq=False, repr=False)
class LongPollForm:
    """What turns the request for a task into one that the system holds for ``most`` seconds or less."""

    append: PathTemplate | None
    query: Mapping[str, Template]
    headers: Mapping[str, Template]
    most: float

    def render(self, target: str, sent: Mapping[str, Any], values: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """The request for a task, as one that is held."""
        path, _mark, query = target.partition("?")
        if self.append is not None:
            path = path.rstrip("/") + self.append.render(values)
        asked = {**sent.get("query", {}), **_rendered(self.query, values)}
        headers = {**sent.get("headers", {}), **_rendered(self.headers, values)}
        return f"{path}?{query}" if query else path, {**sent, "query": asked, "headers": headers}

    def templates(self) -> list[Template]:
        return [*filter(None, [self.append]), *self.query.values(), *self.headers.values()]


@dataclass(frozen=True, eq=False, repr=False)
class Sample:
    path: str
    status: int
    headers: Mapping[str, str]
    answer: Any
    expect: Mapping[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Description:
    name: str
    source: str
    login: LoginForm
    task: TaskForm
    many: ManyForm | None
    long_poll: LongPollForm | None
    samples: Sequence[Sample]

    def placeholders(self) -> set[str]:
        """Every name that stands in a request."""
        login, many = self.login, self.many
        forms = [login.request, login.logout, self.task.request, many.request if many else None]
        found = [part for form in forms if form for part in (*form.in_address(), *form.in_message())]
        if self.long_poll is not None:
            found += [part for part in self.long_poll.templates() if "seconds" not in part.names]
        return {name for template in [*found, *login.send.values()] for name in template.names}


def parse(value: Any, *, variables: Mapping[str, str] | None) -> Description:
    """The description as objects; one sentence with a path for whatever is wrong with it.

    ``variables`` are those of the user, None where the values do not matter.
    """
    path = "description"
    form = DESCRIPTION.read(value, path)
    names = _Names(form, variables)
    login = _login(form.get("login", {}), f"{path}.login", names)
    task = _task(form["task"], f"{path}.task", names)
    many = _many(form["many"], f"{path}.many", names) if "many" in form else None
    if task.request is None and many is None and not task.locations:
        raise form_error(f"{path}.task.request", "is missing (the request that tells the state of one task)")
    held = form.get("pace", {}).get("long_poll")
    long_poll = None if held is None else _long_poll(held, f"{path}.pace.long_poll", names, task)
    samples = [
        Sample(
            f"{path}.samples[{place}]",
            part.get("status", 200),
            part.get("headers", {}),
            part.get("answer"),
            part["expect"],
        )
        for place, part in enumerate(form["samples"])
    ]
    return Description(form["name"].strip(), form["source"].strip(), login, task, many, long_poll, samples)


class _Names:
    """Which placeholders may stand where. A name maps to nothing where it may, else to why it may not."""

    def __init__(self, form: Mapping[str, Any], variables: Mapping[str, str] | None) -> None:
        self._variables = variables
        self._declared = set(form.get("variables", {}))
        self.taken: set[str] = set(form.get("login", {}).get("take", {}))
        if form.get("login", {}).get("kind") == "oauth2":
            self.taken |= {"access_token"}

    def check(self, templates: Iterator[Template], allowed: Mapping[str, str]) -> None:
        for template in templates:
            free = dict.fromkeys(self._free(template), "")
            check_names(template, {**free, **allowed}, _SET_VARIABLE)

    def _free(self, template: Template) -> set[str]:
        """Names that the user's variables give a value, all of them where no values are there yet."""
        if self._variables is not None:
            return set(self._variables)
        if self._declared:
            return self._declared
        return set(template.names)


_NOT_IN_ADDRESS = "is a secret, which must not become part of an address"
_LOGIN_ONLY = "belongs to the login alone"
_CREDENTIALS = ("username", "password", "token")


def _request(form: Mapping[str, Any], path: str, method: str, *, anywhere: bool = False) -> RequestForm:
    bodies = [key for key in ("json", "form") if key in form]
    method = form.get("method", method)
    if len(bodies) > 1:
        raise form_error(f"{path}.form", "cannot stand beside json; a request has one body")
    if bodies and method in ("GET", "DELETE"):
        raise form_error(f"{path}.{bodies[0]}", f"cannot go with {method}; set method: POST")
    text = form.get("path")
    location = anywhere and text is not None and text.startswith("{") and text.endswith("}") and text.count("{") == 1
    return RequestForm(
        method=method,
        path=None if text is None else (Template if location else PathTemplate)(text, f"{path}.path"),
        query=templates_at(form.get("query", {}), f"{path}.query"),
        headers=headers_at(form.get("headers", {}), f"{path}.headers"),
        json=data_at(form["json"], f"{path}.json") if "json" in form else None,
        form=templates_at(form.get("form", {}), f"{path}.form"),
    )


def _login(form: Mapping[str, Any], path: str, names: _Names) -> LoginForm:
    kind = form.get("kind", "none")
    _check_login_keys(form, kind, path)
    request = _request(form["request"], f"{path}.request", "POST") if "request" in form else None
    take = {
        key: Expression(text, f"{path}.take.{key}", kinds=("header", "cookie"))
        for key, text in form.get("take", {}).items()
    }
    send = headers_at(form.get("send", {}).get("headers", {}), f"{path}.send.headers")
    logout = _request(form["logout"], f"{path}.logout", "DELETE", anywhere=True) if "logout" in form else None
    refused, when = _told(form.get("refused", []), f"{path}.refused", [])
    when = when or expression_at(form, "when", path, kinds=("header",))
    expires = expression_at(form, "expires", path, kinds=("header",))
    if kind == "oauth2":
        expires = expires or Expression("expires_in", f"{path}.expires")
        take = take or {"access_token": Expression("access_token", f"{path}.take.access_token", kinds=())}
        send = send or headers_at({"Authorization": "Bearer {access_token}"}, f"{path}.send.headers")
    login = LoginForm(
        kind=kind,
        request=request,
        basic=form.get("request", {}).get("basic", False),
        take=take,
        send=send,
        logout=logout,
        refused=refused,
        refused_when=when,
        expired=frozenset(form.get("expired", [401])),
        expires=expires,
    )
    _check_login_names(login, names)
    return login


def _check_login_keys(form: Mapping[str, Any], kind: str, path: str) -> None:
    """Which keys go with which kind of login."""
    needed = {"session": ("request",), "oauth2": ("request",), "header": ("send",)}.get(kind, ())
    for key in needed:
        if key not in form:
            raise form_error(f"{path}.{key}", f"is missing; the login kind {kind} needs it")
    useful = {"session": None, "oauth2": None, "header": {"send", "expired"}}.get(kind, {"expired"})
    for key in form:
        if useful is not None and key not in useful | {"kind"}:
            raise form_error(f"{path}.{key}", f"has no meaning with the login kind {kind}")
    if kind == "session" and not form.get("take") and form.get("send"):
        raise form_error(f"{path}.take", "is missing; send has nothing to send without it")


def _check_login_names(login: LoginForm, names: _Names) -> None:
    secrets = dict.fromkeys(_CREDENTIALS, _NOT_IN_ADDRESS)
    own = dict.fromkeys(_CREDENTIALS, "")
    taken = dict.fromkeys(names.taken, "")
    if login.request is not None:
        names.check(login.request.in_address(), {**secrets, "username": ""})
        names.check(login.request.in_message(), own)
    if login.kind == "header":
        names.check(iter(login.send.values()), own)
    elif login.send:
        names.check(iter(login.send.values()), {**dict.fromkeys(_CREDENTIALS, _LOGIN_ONLY), **taken})
    if login.logout is not None:
        sent = dict.fromkeys(login.secret_names & names.taken, _NOT_IN_ADDRESS)
        names.check(login.logout.in_address(), {**secrets, **taken, **sent})
        names.check(login.logout.in_message(), {**dict.fromkeys(_CREDENTIALS, _LOGIN_ONLY), **taken})


def _task(form: Mapping[str, Any], path: str, names: _Names) -> TaskForm:
    request = _request(form["request"], f"{path}.request", "GET") if "request" in form else None
    if request is not None:
        if request.path is None and not form.get("locations", False):
            raise form_error(f"{path}.request.path", "is missing; only with locations: true every id may be a path")
        _check_task_names(request, f"{path}.request", names, needs_id=not form.get("locations", False))
    words = _words(form, path)
    state = Expression(form["state"], f"{path}.state", kinds=_BODY)
    if state.kind == "status" and not words.reads_numbers:
        sentence = "is the HTTP status, and no word is a number; write @.status for the field of the answer"
        raise form_error(f"{path}.state", f"'status' {sentence}")
    follow = form.get("follow")
    not_found, absent = _told(form.get("not_found", [404]), f"{path}.not_found", [404])
    return TaskForm(
        items=None,
        id=None,
        state=state,
        words=words,
        **_common(form, path),
        steps=_steps(form["steps"], f"{path}.steps", words) if "steps" in form else None,
        request=request,
        locations=form.get("locations", False),
        started_at=expression_at(form, "started_at", path, kinds=_BODY),
        finished_at=expression_at(form, "finished_at", path, kinds=_BODY),
        expected_seconds=expression_at(form, "expected_seconds", path, kinds=_BODY),
        not_found=not_found,
        not_found_when=absent,
        follow_status=None if follow is None else follow.get("status", 202),
        follow_location=None
        if follow is None
        else Expression(follow.get("location", "header:Location"), f"{path}.follow.location", kinds=_BODY),
        statuses=_statuses(state, words, not_found) | (frozenset(form.get("answers", ())) - not_found),
    )


# What these mean is no matter of a task unless the description names them one by one.
_NO_VERDICTS = frozenset({401, 403, 408, 429})


def _statuses(state: Expression, words: Words, not_found: frozenset[int]) -> frozenset[int]:
    """The statuses that are words of the task."""
    if state.kind != "status":
        return frozenset()
    named = {status for status in range(100, 600) if words.named(str(status)) is not None}
    exact = {status for status in named if words.names_exactly(str(status))}
    plain = {status for status in named if status < 500 and status not in _NO_VERDICTS}
    return frozenset((exact | plain) - not_found)


def _told(form: Any, path: str, default: Sequence[int]) -> tuple[frozenset[int], Expression | None]:
    """Statuses, and an expression for what is told in a body."""
    if not isinstance(form, dict):
        return frozenset(form), None
    return frozenset(form.get("statuses", default)), expression_at(form, "when", path, kinds=("header",))


def _words(form: Mapping[str, Any], path: str) -> Words:
    fold_case = form.get("fold_case", False)
    states = check_words(form["words"], f"{path}.words", fold_case=fold_case)
    if State.SUCCEEDED not in states.values():
        raise form_error(f"{path}.words", "has no word for success, so no wait could end well")
    return Words(states, otherwise=State(form.get("otherwise", "unknown")), fold_case=fold_case)


def _common(form: Mapping[str, Any], path: str) -> dict[str, Any]:
    """What a task and a step have alike."""
    read = {
        key: expression_at(form, key, path, kinds=_BODY)
        for key in ("progress", "total", "name", "message", "errors", "details")
    }
    return {**read, "scale": form.get("scale", 1.0)}


def _steps(form: Mapping[str, Any], path: str, words: Words) -> StepsForm:
    own = Words(check_words(form["words"], f"{path}.words", fold_case=False)) if "words" in form else words
    inner = form.get("steps")
    return StepsForm(
        items=Expression(form["items"], f"{path}.items", kinds=()),
        id=expression_at(form, "id", path, kinds=()),
        state=expression_at(form, "state", path, kinds=()),
        words=own,
        **_common(form, path),
        steps=_steps(inner, f"{path}.steps", own) if isinstance(inner, dict) else None,
        recursive=inner is True,
    )


def _many(form: Mapping[str, Any], path: str, names: _Names) -> ManyForm:
    request = _request(form, path, "GET")
    _check_task_names(request, path, names, needs_id=False)
    return ManyForm(
        request=request,
        items=Expression(form["items"], f"{path}.items", kinds=()),
        id=Expression(form["id"], f"{path}.id", kinds=()),
        next=expression_at(form, "next", path, kinds=_BODY),
    )


def _long_poll(form: Mapping[str, Any], path: str, names: _Names, task: TaskForm) -> LongPollForm:
    if task.request is None and not task.locations:
        raise form_error(path, "needs task.request, whose task it waits for")
    held = LongPollForm(
        append=PathTemplate(form["append"], f"{path}.append") if "append" in form else None,
        query=templates_at(form.get("query", {}), f"{path}.query"),
        headers=headers_at(form.get("headers", {}), f"{path}.headers"),
        most=form.get("most", MAX_HOLD),
    )
    kept = {**dict.fromkeys(_CREDENTIALS, _LOGIN_ONLY), **dict.fromkeys(names.taken, _LOGIN_ONLY), "id": ""}
    names.check(filter(None, [held.append]), kept)
    names.check(iter([*held.query.values(), *held.headers.values()]), {**kept, "seconds": ""})
    if not any("seconds" in part.names for part in (*held.query.values(), *held.headers.values())):
        raise form_error(path, "has no placeholder {seconds} in query or headers, so the system would hold as it likes")
    return held


def _check_task_names(request: RequestForm, path: str, names: _Names, *, needs_id: bool) -> None:
    many = path.endswith(".many")
    kept = {**dict.fromkeys(_CREDENTIALS, _LOGIN_ONLY), **dict.fromkeys(names.taken, _LOGIN_ONLY)}
    allowed = {**kept, "ids": ""} if many else {**kept, "id": ""}
    names.check(request.in_address(), allowed)
    names.check(request.in_message(), allowed)
    used = {name for template in (*request.in_address(), *request.in_message()) for name in template.names}
    if needs_id and "id" not in used:
        raise form_error(path, "has no placeholder {id}, so every task would be asked for alike")
