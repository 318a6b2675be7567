# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a description may hold, and the one sentence that each mistake gets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._description.model import Description, parse
from ansible_collections.taskwatch.infra.plugins.module_utils._description.samples import play_samples
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shape import DESCRIPTION
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from hypothesis import given
from hypothesis import strategies as st

GOOD: dict[str, Any] = {
    "name": "Thing",
    "source": "https://things.example.com/docs",
    "login": {
        "kind": "session",
        "request": {"path": "/login", "json": {"user": "{username}", "password": "{password}"}},
        "take": {"ticket": "ticket", "session": "header:Location"},
        "send": {"headers": {"X-Ticket": "{ticket}"}},
        "logout": {"path": "{session}"},
    },
    "task": {
        "request": {"path": "/nodes/{node}/things/{id}"},
        "state": "phase",
        "words": {"busy": "running", "OK": "succeeded", "bad*": "failed"},
        "progress": "share",
        "scale": 100,
        "errors": "why",
    },
    "samples": [
        {"answer": {"phase": "busy", "share": 0.5}, "expect": {"state": "running", "progress": 50}},
        {"answer": {"phase": "OK"}, "expect": {"state": "succeeded"}},
        {"answer": {"phase": "bad-luck", "why": "No luck"}, "expect": {"state": "failed", "errors": ["No luck"]}},
    ],
}
VARIABLES = {"node": "n1"}


def checked(value: Any, variables: dict[str, str] | None = None) -> Description:
    """A description that was read and proven."""
    description = parse(value, variables=VARIABLES if variables is None else variables)
    play_samples(description)
    return description


def refused(value: Any, variables: dict[str, str] | None = None) -> str:
    with pytest.raises(TaskwatchError) as caught:
        checked(value, variables)
    assert caught.value.kind is ErrorType.BAD_REQUEST
    assert "\n" not in caught.value.message
    return caught.value.message


def sentence_of(value: Any) -> str | None:
    """What is wrong with a description, None if nothing is."""
    try:
        checked(value)
    except TaskwatchError as error:
        return error.message if error.kind is ErrorType.BAD_REQUEST else error.kind.value
    return None


def put(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for part in path[:-1]:
            data = data[part]
        data[path[-1]] = value

    return change


def rename(*path: Any, to: str) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for part in path[:-1]:
            data = data[part]
        data[to] = data.pop(path[-1])

    return change


def drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for part in path[:-1]:
            data = data[part]
        del data[path[-1]]

    return change


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    value = copy.deepcopy(GOOD)
    change(value)
    return value


def test_a_good_description_is_good() -> None:
    assert checked(GOOD).name == "Thing"


HELD = {"append": "/wait", "query": {"timeout": "{seconds}"}}


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ({}, "has no placeholder {seconds} in query or headers, so the system would hold as it likes"),
        ({**HELD, "quer": {}}, ".quer: is not known; did you mean query?"),
        ({**HELD, "append": "wait"}, ".append: must begin with one slash, not 'wait'"),
        ({**HELD, "append": "/../x"}, ".append: holds an empty segment, or one of dots alone"),
        ({**HELD, "append": "/{seconds}"}, ".append: the placeholder {seconds} has no value"),
        ({**HELD, "most": 0}, ".most: must be a number greater than 0, not '0'"),
        ({**HELD, "query": {"t": "{second}"}}, ".query.t: the placeholder {second} has no value; set variables.second"),
        ({**HELD, "query": {"t": "{ticket}"}}, ".query.t: the placeholder {ticket} belongs to the login alone"),
        ({"headers": {"Host": "{seconds}"}}, ".headers.Host: is a header that the request sets itself"),
    ],
)
def test_what_is_wrong_with_a_long_poll(held: dict[str, Any], sentence: str) -> None:
    said = refused({**GOOD, "pace": {"long_poll": held}})
    assert said.startswith("description.pace.long_poll")
    assert sentence in said


def test_a_long_poll_is_a_request_for_the_task_with_more() -> None:
    held = checked({**GOOD, "pace": {"long_poll": {**HELD, "headers": {"Prefer": "wait={seconds}"}}}}).long_poll
    assert held is not None
    target, sent = held.render("/a/7/?x=1", {"headers": {"A": "b"}, "query": {"c": "d"}}, {"seconds": "20"})
    assert target == "/a/7/wait?x=1"
    assert sent == {"headers": {"A": "b", "Prefer": "wait=20"}, "query": {"c": "d", "timeout": "20"}}


def test_pace_is_found_where_it_belongs() -> None:
    assert "; it belongs into pace" in refused({**GOOD, "long_poll": HELD})


# Ten slips of the keyboard, as people make them
TYPOS = {
    "word": (
        put("task", "words", "OK", value="suceeded"),
        (
            "description.task.words.OK: must be pending, running, succeeded, failed, cancelled, unknown, not "
            "'suceeded'; did you mean succeeded?"
        ),
    ),
    "key of the task": (
        rename("task", "words", to="wrods"),
        "description.task.wrods: is not known; did you mean words?",
    ),
    "key at the top": (rename("samples", to="sample"), "description.sample: is not known; did you mean samples?"),
    "kind of login": (
        put("login", "kind", value="sesion"),
        "description.login.kind: must be none, basic, bearer, header, session, oauth2, not 'sesion'; did you mean",
    ),
    "placeholder": (
        put("task", "request", "path", value="/nodes/{nod}/things/{id}"),
        "description.task.request.path: the placeholder {nod} has no value; set variables.nod; did you mean node?",
    ),
    "expression": (
        put("task", "state", value="phase["),
        "description.task.state: is not JMESPath: 'phase['",
    ),
    "function": (
        put("task", "state", value="lenght(phase)"),
        "description.task.state: JMESPath has no function lenght(); did you mean length?",
    ),
    "key in the wrong place": (
        put("progress", value="share"),
        "description.progress: is not known; it belongs into task",
    ),
    "key of the request": (
        rename("task", "request", "path", to="pfad"),
        "description.task.request.pfad: is not known; known here: method, path, query, headers, json, form",
    ),
    "sample": (
        put("samples", 1, "answer", "phase", value="Ok"),
        "description.samples[1].expect.state: reads as unknown 'Ok', not as succeeded",
    ),
}


@pytest.mark.parametrize("typo", TYPOS)
def test_a_typo_gets_one_sentence_with_its_place(typo: str) -> None:
    change, sentence = TYPOS[typo]
    assert refused(changed(change)).startswith(sentence)


SLIPS = {
    "no mapping": (lambda _data: None, "description: must be a mapping, not a list"),
    "otherwise succeeded": (
        put("task", "otherwise", value="succeeded"),
        "description.task.otherwise: must be unknown, running, failed, not 'succeeded'",
    ),
    "everything is a success": (
        put("task", "words", "*", value="succeeded"),
        "description.task.words.*: would call every word a success; name the words that are one",
    ),
    "no success": (
        put("task", "words", value={"busy": "running"}),
        "description.task.words: has no word for success, so no wait could end well",
    ),
    "no source": (drop("source"), "description.source: is missing (Where the words come from: a page, a standard.)"),
    "status without numbers": (
        put("task", "state", value="status"),
        "description.task.state: 'status' is the HTTP status, and no word is a number; write @.status for the field",
    ),
    "password in a path": (
        put("login", "request", "path", value="/login/{password}"),
        "description.login.request.path: the placeholder {password} is a secret, which must not become part of",
    ),
    "token in a query": (
        put("login", "request", "query", value={"t": "{token}"}),
        "description.login.request.query.t: the placeholder {token} is a secret, which must not become part",
    ),
    "ticket in a path": (
        put("login", "logout", "path", value="/sessions/{ticket}"),
        "description.login.logout.path: the placeholder {ticket} is a secret, which must not become part of an address",
    ),
    "password in the task's request": (
        put("task", "request", "headers", value={"X": "{password}"}),
        "description.task.request.headers.X: the placeholder {password} belongs to the login alone",
    ),
    "another host": (
        put("task", "request", "path", value="//evil.example.com/{id}"),
        "description.task.request.path: must begin with one slash",
    ),
    "a URL": (
        put("task", "request", "path", value="https://evil.example.com/{id}"),
        "description.task.request.path: must begin with one slash",
    ),
    "dots": (
        put("task", "request", "path", value="/a/../{id}"),
        "description.task.request.path: holds an empty segment, or one of dots alone",
    ),
    "a query in the path": (
        put("task", "request", "path", value="/things/{id}?x=1"),
        "description.task.request.path: must not hold ? or #; parameters go into query",
    ),
    "the header Host": (
        put("task", "request", "headers", value={"Host": "evil.example.com"}),
        "description.task.request.headers.Host: is a header that the request sets itself",
    ),
    "a header of two lines": (
        put("login", "send", "headers", value={"X": "a\r\nHost: b"}),
        "description.login.send.headers.X: holds a line break or another control character",
    ),
    "no id": (
        put("task", "request", "path", value="/things"),
        "description.task.request: has no placeholder {id}, so every task would be asked for alike",
    ),
    "body of a GET": (
        put("task", "request", "json", value={"id": "{id}"}),
        "description.task.request.json: cannot go with GET; set method: POST",
    ),
    "key of another login": (
        put("login", value={"kind": "basic", "take": {"a": "b"}}),
        "description.login.take: has no meaning with the login kind basic",
    ),
    "session without a request": (
        put("login", value={"kind": "session"}),
        "description.login.request: is missing; the login kind session needs it",
    ),
    "no failure": (
        drop("samples", 2),
        "description.samples: hold no failure; add the answer of a task that has ended badly",
    ),
    "no sample at all": (put("samples", value=[]), "description.samples: must hold at least 2, not 0"),
    "sample without a state": (
        put("samples", 0, "answer", value={}),
        "description.samples[0]: found no state at 'phase' in '{}'; expected is running",
    ),
    "folded twice": (
        put("task", value={**GOOD["task"], "fold_case": True, "words": {"ok": "failed", "OK": "succeeded"}}),
        "description.task.words.OK: is also failed, as fold_case reads both words alike",
    ),
    "status beyond": (
        put("task", "not_found", value=[1000]),
        "description.task.not_found[0]: must be an HTTP status from 100 to 599, not '1000'",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_gets_one_sentence_with_its_place(slip: str) -> None:
    change, sentence = SLIPS[slip]
    value: Any = changed(change) if slip != "no mapping" else []
    assert refused(value).startswith(sentence)


def test_true_and_numbers_are_words_where_they_are_named() -> None:
    task = {**GOOD["task"], "words": {True: "succeeded", False: "running", 500: "failed"}}
    samples = [
        {"answer": {"phase": True}, "expect": {"state": "succeeded"}},
        {"answer": {"phase": 500}, "expect": {"state": "failed"}},
    ]
    assert sentence_of({**GOOD, "task": task, "samples": samples}) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


def places_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a description that can be spoilt."""
    parts = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [place for key, part in parts for place in [(*path, key), *places_of(part, (*path, key))]]


@given(st.sampled_from(places_of(GOOD)), VALUES)
def test_whatever_stands_somewhere_is_good_or_gets_a_sentence(place: tuple[Any, ...], value: Any) -> None:
    said = sentence_of(changed(put(*place, value=value)))
    assert said is None or said.startswith("description")


def test_what_the_form_says_of_each_key_is_a_sentence() -> None:
    for name, part in DESCRIPTION.fields.items():
        assert part.doc.endswith("."), name
