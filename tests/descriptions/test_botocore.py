# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The waiters of botocore said as descriptions, and judged alike.

A waiter has acceptors in order: a kind (path, pathAll, pathAny, status, error), what is expected, what it means. The
body of an answer is what botocore hands to its acceptors: the parsed answer, with `Error.Code` where there is an error.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._description.expressions import Answer
from ansible_collections.taskwatch.infra.plugins.module_utils._description.model import Description, parse
from ansible_collections.taskwatch.infra.plugins.module_utils._description.reading import read_task
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from botocore.waiter import AcceptorConfig
from jmespath.exceptions import JMESPathError

Waiter = dict[str, Any]
Acceptor = dict[str, Any]
STATES = {"success": "succeeded", "failure": "failed", "retry": "running"}
# Statuses by which an answer may tell an error that an acceptor reads
ERRORS = [400, 404, 409, 410]
LEAST_SHARE = 95


def waiters() -> Iterator[tuple[str, Waiter]]:
    """Yield the waiters of each service, in each version of its API."""
    folder = Path(botocore.__file__).parent / "data"
    for service in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(service.glob("*/waiters-2.json*"))
        for file in files:
            data = json.loads(file.read_text(encoding="utf-8"))
            yield from ((f"{service.name}.{file.parent.name}.{name}", each) for name, each in data["waiters"].items())


ALL = dict(waiters())


def literal(value: Any) -> str:
    """Return a value as a literal of JMESPath."""
    return "`" + json.dumps(value).replace("`", "\\`") + "`"


def condition(acceptor: Acceptor) -> str:
    """Return the expression that is true where an acceptor matches.

    Raises:
        ValueError: with the reason why the form cannot say it.
    """
    kind, expected, path = acceptor["matcher"], acceptor["expected"], acceptor.get("argument")
    # An error has no fields, and functions refuse what is not there
    good = "Error == `null` &&"
    if kind == "path":
        return f"({good} ({path}) == {literal(expected)})"
    if kind == "pathAll":
        return (
            f"({good} ({path}) | (type(@) == 'array' && length(@) > `0` && length([?@ != {literal(expected)}]) == `0`))"
        )
    if kind == "pathAny":
        return f"({good} ({path}) | (type(@) == 'array' && length([?@ == {literal(expected)}]) > `0`))"
    if kind == "error":
        if isinstance(expected, bool):
            return "(Error.Code != `null`)" if expected else "(Error.Code == `null`)"
        return f"(Error.Code == {literal(expected)})"
    raise ValueError("a status beside a path: an expression sees the body alone")


def described(waiter: Waiter) -> dict[str, Any]:
    """Return a waiter as a description.

    Raises:
        ValueError: with the reason why the form cannot say it.
    """
    acceptors = waiter["acceptors"]
    kinds = {acceptor["matcher"] for acceptor in acceptors}
    task: dict[str, Any] = {"request": {"path": "/{id}"}, "otherwise": "running", "not_found": []}
    if kinds <= {"status"}:
        task["state"] = "status"
        task["words"] = {str(acceptor["expected"]): STATES[acceptor["state"]] for acceptor in reversed(acceptors)}
    else:
        words = {f"{acceptor['state']} by {number}": acceptor for number, acceptor in enumerate(acceptors)}
        chain = " || ".join(f"{_condition(acceptor)} && '{word}'" for word, acceptor in words.items())
        task["state"] = f"{chain} || 'other'"
        task["words"] = {**{word: STATES[acceptor["state"]] for word, acceptor in words.items()}, "other": "running"}
        task["answers"] = ERRORS
    return {"name": "AWS", "source": "botocore", "task": task, "samples": [SAMPLE, SAMPLE]}


def _condition(acceptor: Acceptor) -> str:
    if acceptor["matcher"] == "status" and acceptor["expected"] == 200:
        # What is no error is an answer
        return "(Error.Code == `null`)"
    return condition(acceptor)


# parse() plays no samples
SAMPLE = {"answer": {}, "expect": {"state": "running"}}


def said(waiter: Waiter) -> Description | str:
    """Return a waiter as a description that was read, or the reason why it is none."""
    try:
        return parse(described(waiter), variables={})
    except ValueError as reason:
        return str(reason)
    except TaskwatchError as error:
        return error.message


def test_nearly_every_waiter_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {name: said(waiter) for name, waiter in ALL.items()}
    reasons = Counter(outcome for outcome in outcomes.values() if isinstance(outcome, str))
    share = 100 * (len(ALL) - reasons.total()) / len(ALL)
    with capsys.disabled():
        print(f"\n{len(ALL)} waiters, {share:.1f} % said; the others: {dict(reasons)}")  # noqa: T201
    assert len(ALL) > 600
    assert share >= LEAST_SHARE, {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, str)}


def answers_for(acceptor: Acceptor) -> Iterator[dict[str, Any]]:
    """Yield parsed answers that an acceptor may match, and one that it may not."""
    yield {}
    yield {"Error": {"Code": "SomethingElse"}}
    if acceptor["matcher"] == "error" and isinstance(acceptor["expected"], str):
        yield {"Error": {"Code": acceptor["expected"]}}
    path = acceptor.get("argument", "")
    for value in (acceptor["expected"], "SOMETHING"):
        if not path.replace(".", "").replace("[]", "").replace("[0]", "").isalnum():
            continue
        built: Any = value
        for part in reversed(path.split(".")):
            is_list = part.endswith("]")
            built = {part.partition("[")[0]: [built] if is_list else built}
        yield built


# As botocore's acceptors
NATIVE = {"success": "succeeded", "failure": "failed", "retry": "running", None: "running"}


def test_each_is_judged_as_botocore_judges_it() -> None:
    compared = 0
    for name, waiter in ALL.items():
        description = said(waiter)
        if isinstance(description, str) or description.task.state is None or description.task.state.kind != "json":
            continue
        acceptors = [AcceptorConfig(acceptor) for acceptor in waiter["acceptors"]]
        for acceptor in waiter["acceptors"]:
            for body in answers_for(acceptor):
                parsed = {**body, "ResponseMetadata": {"HTTPStatusCode": 400 if "Error" in body else 200}}
                try:
                    native = next((each.state for each in acceptors if each.matcher_func(parsed)), None)
                except JMESPathError:
                    continue  # botocore's wait would end with this error
                status = read_task(description.task, "AWS", "1", Answer(200, {}, parsed))
                assert status.state.value == NATIVE[native], (name, body, waiter["acceptors"])
                compared += 1
    assert compared > 3000
