# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The form of a description: every key, what it takes and what it is for. PRIVATE to the collection.

The one place of these facts: the reader, the JSON Schema for editors and the reference in the guide come from here.
"""

from __future__ import annotations

from .._status import State
from .form import Anything, Choice, Field, Flag, ListOf, MapOf, Node, Number, OneOf, Record, Status, Text

LOGIN_KINDS = ("none", "basic", "bearer", "header", "session", "oauth2")
PROVEN = ("documents", "recordings", "service", "assumption")
STATES = tuple(state.value for state in State)

_EXPRESSION = Text()
_TEMPLATE = Text(scalar=True)
_TEMPLATES = MapOf(_TEMPLATE)

_SENT = {
    "query": Field(_TEMPLATES, "Parameters behind the question mark. Placeholders are quoted."),
    "headers": Field(_TEMPLATES, "Further headers. Host, Content-Length and the like are refused."),
    "json": Field(Anything(), "Body of a POST, PUT or PATCH, sent as JSON. Placeholders stand inside texts."),
    "form": Field(_TEMPLATES, "Body of a POST, PUT or PATCH, sent as an HTML form."),
}
_PATH = Field(
    Text(), "Absolute path. Each placeholder fills one segment, or a part of one, and is quoted.", required=True
)


def _method(*words: str) -> Field:
    return Field(Choice(words), "Method of the request.", default=words[0])


_LOGIN_REQUEST = Record(
    "The request that opens a session",
    {
        "method": _method("POST", "GET", "PUT"),
        "path": _PATH,
        **_SENT,
        "basic": Field(Flag(), "Send username and password by HTTP Basic with this request.", default="false"),
    },
)
_LOGOUT = Record(
    "The request that closes a session",
    {
        "method": _method("DELETE", "POST", "GET"),
        "path": Field(
            Text(),
            "Absolute path, or one placeholder that was taken and holds an absolute path or a URL of the same origin.",
            required=True,
        ),
        **_SENT,
    },
)


def _statuses(title: str, statuses: str, when: str) -> OneOf:
    """A list of statuses, or these and an expression for what is told in a body."""
    told = {"statuses": Field(ListOf(Status()), statuses), "when": Field(_EXPRESSION, when)}
    return OneOf({list: ListOf(Status()), dict: Record(title, told)})


_REFUSED = _statuses(
    "How a login is refused",
    "Statuses, beside 401 and 403.",
    "JMESPath into the body that is true when the login is refused.",
)
_NOT_FOUND = _statuses(
    "How an unknown task is told",
    "Statuses.",
    "JMESPath into the body that is true when there is no such task.",
)
LOGIN = Record(
    "Login",
    {
        "kind": Field(
            Choice(LOGIN_KINDS),
            "none; basic, with username and password; bearer, with token; header, with what `send` says; "
            "session, opened by a request; oauth2, client credentials with username and password as the client.",
            default="none",
        ),
        "request": Field(_LOGIN_REQUEST, "The request that opens a session, or the one for a token."),
        "take": Field(
            MapOf(_EXPRESSION),
            "What to take from the answer to the login: a name, and JMESPath into the body, `header:NAME` or "
            "`cookie:NAME`.",
        ),
        "send": Field(
            Record("What every request carries", {"headers": Field(_TEMPLATES, "Headers with what was taken.")}),
            "What every request carries then. Cookies of the system are sent without being named.",
        ),
        "logout": Field(_LOGOUT, "The request that closes the session, where the API has one."),
        "refused": Field(
            _REFUSED, "Statuses by which a login is refused, or `statuses` and `when`.", default="[401, 403]"
        ),
        "when": Field(_EXPRESSION, "The same as `refused.when`."),
        "expired": Field(
            ListOf(Status()), "Statuses by which the system says that the session has ended.", default="[401]"
        ),
        "expires": Field(_EXPRESSION, "JMESPath into the answer to the login: seconds that the session lasts."),
    },
)
_WORDS = MapOf(Choice(STATES), least=1)


def _steps() -> Node:
    return STEPS


_STEP_KEYS = {
    "progress": Field(_EXPRESSION, "JMESPath to the percentage."),
    "total": Field(_EXPRESSION, "JMESPath to the whole of which progress is a part, as in 3 of 12."),
    "scale": Field(Number(), "What a progress of 1 is in percent: 100 for fractions.", default="1"),
    "name": Field(_EXPRESSION, "JMESPath to what a person would call it."),
    "message": Field(_EXPRESSION, "JMESPath to what it is doing."),
    "errors": Field(_EXPRESSION, "JMESPath to a text or a list of texts. Read when it has failed."),
    "details": Field(
        _EXPRESSION, "JMESPath to the object whose plain fields are returned as details.", default="the answer"
    ),
}
STEPS = Record(
    "Steps",
    {
        "items": Field(_EXPRESSION, "JMESPath to the list of steps.", required=True),
        "id": Field(_EXPRESSION, "JMESPath in a step to its id.", default="its place, from 1"),
        "state": Field(_EXPRESSION, "JMESPath in a step to its word."),
        "words": Field(_WORDS, "Words of the steps.", default="those of the task"),
        **_STEP_KEYS,
        "steps": Field(
            lambda: OneOf({bool: Flag(only=True), dict: _steps()}),
            "Steps of a step: a form of their own, or true for this same one.",
        ),
    },
)
_TASK_REQUEST = Record(
    "The request for one task",
    {
        "method": _method("GET", "POST"),
        "path": Field(Text(), "Absolute path. Not needed where every id is a location."),
        **_SENT,
    },
)
TASK = Record(
    "Task",
    {
        "request": Field(_TASK_REQUEST, "The request that tells the state of one task, with the placeholder `{id}`."),
        "locations": Field(
            Flag(),
            "Whether an id may be an absolute path or a URL of the same origin, as a Location header holds it.",
            default="false",
        ),
        "state": Field(
            _EXPRESSION,
            "Where the word is: JMESPath into the body, `status` for the HTTP status, or `header:NAME`. A field of the "
            "body that is called status is written `@.status`.",
            required=True,
        ),
        "words": Field(
            _WORDS,
            "Word, or a pattern with * and ?, to pending, running, succeeded, failed, cancelled or unknown. A whole "
            "word is looked up before any pattern, patterns in the order in which they stand.",
            required=True,
        ),
        "otherwise": Field(
            Choice(("unknown", "running", "failed")),
            "State of a word that `words` does not name. A warning quotes the word.",
            default="unknown",
        ),
        "fold_case": Field(Flag(), "Whether words are compared without regard to case.", default="false"),
        **_STEP_KEYS,
        "started_at": Field(_EXPRESSION, "JMESPath to the moment at which the task began."),
        "finished_at": Field(_EXPRESSION, "JMESPath to the moment at which it ended."),
        "expected_seconds": Field(_EXPRESSION, "JMESPath to the seconds that the system expects the task to take."),
        "steps": Field(_steps, "Parts of the task that have a state of their own."),
        "not_found": Field(
            _NOT_FOUND,
            "Statuses by which the system says that there is no such task, or `statuses` and `when`.",
            default="[404]",
        ),
        "answers": Field(
            ListOf(Status()),
            "Statuses beside 2xx whose bodies are answers about the task, too, for APIs that tell a failure by one.",
        ),
        "follow": Field(
            Record(
                "A monitor that moves",
                {
                    "status": Field(Status(), "The status that comes with a new address.", default="202"),
                    "location": Field(_EXPRESSION, "Where the address is.", default="header:Location"),
                },
            ),
            "Ask at the address that an answer names from then on. Only on the same origin.",
        ),
    },
)
LONG_POLL = Record(
    "A request that the system holds until the task has ended",
    {
        "append": Field(Text(), "Path behind that of the task, such as /wait.", default="the path of the task itself"),
        "query": Field(_TEMPLATES, "Parameters, with the placeholder `{seconds}`: how long the system may hold it."),
        "headers": Field(_TEMPLATES, "The same as headers."),
        "most": Field(
            Number(), "The longest time to ask for, in seconds. No request is held for longer than 45.", default="45"
        ),
    },
)
PACE = Record(
    "Pace",
    {
        "long_poll": Field(
            LONG_POLL,
            "How to ask so that the system answers only once the task has ended, or time is up. Used in waits for one "
            "task that has not ended, unless `wait_sleep` is set. Every other poll, and every check, asks plainly.",
        ),
    },
)
MANY = Record(
    "Many tasks in one answer",
    {
        "method": _method("GET", "POST"),
        "path": _PATH,
        **_SENT,
        "items": Field(
            _EXPRESSION, "JMESPath to the list of tasks. Each is read as the answer about its task.", required=True
        ),
        "id": Field(_EXPRESSION, "JMESPath in a task to its id.", required=True),
        "next": Field(_EXPRESSION, "Where the address of the next page is: JMESPath, or `header:Link`."),
    },
)
SAMPLE = Record(
    "Sample",
    {
        "status": Field(Status(), "HTTP status of the answer.", default="200"),
        "headers": Field(_TEMPLATES, "Headers of the answer."),
        "answer": Field(Anything(), "Body of the answer, as data."),
        "expect": Field(
            Record(
                "What a sample reads as",
                {
                    "state": Field(Choice(STATES), "The state that the sample has to read as."),
                    "error": Field(Choice(("not_found", "bad_response")), "The error, instead of a state."),
                    "native_state": Field(Text(scalar=True), "The word."),
                    "progress": Field(Number(zero=True), "The percentage."),
                    "name": Field(Text(), "The name."),
                    "message": Field(Text(), "The message."),
                    "errors": Field(ListOf(Text()), "The errors."),
                    "steps": Field(ListOf(Choice(STATES)), "The states of the steps."),
                },
            ),
            "What the sample has to read as.",
            required=True,
        ),
    },
)
DESCRIPTION = Record(
    "Description",
    {
        "name": Field(Text(), "What messages call a task.", required=True),
        "source": Field(Text(), "Where the words come from: a page, a standard.", required=True),
        "proven": Field(
            Choice(PROVEN),
            "What has proven it: documents, recordings, or a service not written here; assumption where a word or its "
            "meaning could not be looked up, and the notes say which.",
        ),
        "notes": Field(ListOf(Text()), "What its user should know."),
        "variables": Field(MapOf(Text()), "The placeholders that the user fills in, and what each is."),
        "login": Field(LOGIN, "How to log in.", default="kind: none"),
        "task": Field(TASK, "How to ask for one task, and how to read the answer.", required=True),
        "many": Field(MANY, "One request that answers for many tasks. Used when more than one is asked for."),
        "pace": Field(PACE, "How the system would like to be polled."),
        "samples": Field(
            ListOf(SAMPLE, least=2),
            "Answers and what they have to read as, with at least one success and one failure.",
            required=True,
        ),
    },
)
