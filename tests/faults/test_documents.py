# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents made to hurt their reader, sent with status 200 in the place of the real answer, over HTTPS.

Each is the system's own answer with one thing added, so that nothing else can be the reason for refusing it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock

from taskwatch_simulator.embedded import Simulator
from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.scenario import Scenario
from taskwatch_simulator.world import World
from tests.faults.fake_wire import HOST, FakeWire
from tests.faults.recorder import Recorder
from tests.faults.rehearsal import Rehearsal, rehearse
from tests.faults.subjects import SUBJECTS, Subject

MOST_SECONDS = 10.0
JSON_SUBJECTS = [subject for subject in SUBJECTS if not subject.finds_encoding]
XML_SUBJECTS = [subject for subject in SUBJECTS if subject.finds_encoding]
TEN = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


def _member(text: str) -> Callable[[str], str]:
    """Add a member to the document's first object."""
    return lambda body: body.replace("{", "{" + text + ",", 1)


def _doctype(declaration: str) -> Callable[[str], str]:
    """Declare a document type, and use its entity x in an element of its own."""

    def add(body: str) -> str:
        head, root = re.match(r"(<\?xml.*?\?>)?\s*<(\w+)", body, re.DOTALL).groups()  # type: ignore[union-attr]
        rest = body[len(head or "") :].replace(f"<{root}>", f"<{root}><poison>&x;</poison>", 1)
        return f"{head or ''}<!DOCTYPE {root} {declaration}>{rest}"

    return add


def _element(text: str) -> Callable[[str], str]:
    return lambda body: re.sub(r"(<routeUpdateTaskDetails>)", lambda match: match[1] + text, body, count=1)


HARMLESS: Mapping[str, Callable[[str], str]] = {
    "json": _member('"more": {"a": [1, 2.5, null, true, "x"]}'),
    "xml": _element("<more><a>1</a></more>"),
}
JSON_POISONS: Mapping[str, Callable[[str], str]] = {
    "not-a-number": _member('"more": NaN'),
    "infinity": _member('"more": -Infinity'),
    "beyond-range": _member('"more": 1e999'),
    "huge-integer": _member(f'"more": {"9" * 1_000_000}'),
    "key-twice": _member('"more": 1, "more": 2'),
    "nested-lists": _member(f'"more": {"[" * 100_000}{"]" * 100_000}'),
    "nested-objects": _member('"more": ' + '{"a":' * 5_000 + "1" + "}" * 5_000),
    "not-closed": lambda body: body[:-1],
    "two-documents": lambda body: body + body,
}
XML_POISONS: Mapping[str, Callable[[str], str]] = {
    "entity-bomb": _doctype(f'[<!ENTITY e0 "ha">{TEN}<!ENTITY x "&e9;">]'),
    "long-entity": _doctype(f'[<!ENTITY x "{"a" * 1_000_000}">]'),
    "own-entity": _doctype('[<!ENTITY x "1">]'),
    "entity-loop": _doctype('[<!ENTITY x "&y;"><!ENTITY y "&x;">]'),
    "external-file": _doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]'),
    "external-url": _doctype('[<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]'),
    "parameter-entity": _doctype('[<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY x "1">]'),
    "external-type": _doctype('SYSTEM "http://127.0.0.1:9/x.dtd"'),
    "undeclared-entity": _element("<more>&x;</more>"),
    "nested": _element("<a>" * 5_000 + "</a>" * 5_000),
    "deeper-than-any-answer": _element("<a>" * 100 + "</a>" * 100),
    "not-closed": lambda body: body[:-3],
    "two-documents": lambda body: body + body.partition("?>")[2],
}
POISONED = [(subject, name, poison) for subject in JSON_SUBJECTS for name, poison in JSON_POISONS.items()]
POISONED += [(subject, name, poison) for subject in XML_SUBJECTS for name, poison in XML_POISONS.items()]
UNHARMED = [(subject, HARMLESS["xml" if subject in XML_SUBJECTS else "json"]) for subject in SUBJECTS]


def _named(value: Any) -> str | None:
    return value.name if isinstance(value, Subject) else value if isinstance(value, str) else ""


def _true_answer(subject: Subject) -> Reply:
    """Return what the system says of the task."""
    clock = FakeClock(0.0)
    world = World(Scenario.model_validate(subject.scenario()), clock)
    answers: list[Reply] = []

    def keep(request: Request, reply: Reply) -> Reply:
        if re.search(subject.status.path, request.path):
            answers.append(reply)
        return reply

    access = {**world.access(subject.system), "hostname": HOST, "port": 443, "use_ssl": True, "ca_path": None}
    access["auth_url"] = f"https://{HOST}{access.get('auth_url', '')}"
    wire = FakeWire(world, subject.system, clock, spoil=keep)
    runtime = Runtime(clock=clock, sleep=clock.sleep, adapter=wire)
    result = run(subject.system_class, subject.params(access), observer=Recorder(), runtime=runtime)
    assert result.msg is None
    return answers[-1]


def _sent(subject: Subject, change: Callable[[str], str]) -> dict[str, Any]:
    answer = _true_answer(subject)
    return {
        "kind": "status",
        "status": 200,
        "body": change(answer.body.decode()),
        "content_type": answer.header("Content-Type"),
        "path": subject.status.path,
        "method": subject.status.method,
    }


def _check(seen: Rehearsal) -> None:
    assert seen.seconds < MOST_SECONDS
    assert seen.sessions_left == 0
    assert not seen.leaks
    told = str(seen.result)
    assert "root:" not in told
    assert all(line not in told for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(("subject", "change"), UNHARMED, ids=_named)
def test_what_is_merely_unknown_is_no_reason_to_refuse(
    simulator: Simulator, subject: Subject, change: Callable[[str], str]
) -> None:
    seen = rehearse(simulator, subject, {}, faults=[_sent(subject, change)])
    assert (seen.end, seen.result.payload["state"]) == ("ok", "running"), seen.result.msg


@pytest.mark.parametrize(("subject", "name", "poison"), POISONED, ids=_named)
def test_a_check_refuses_the_document(
    simulator: Simulator, subject: Subject, name: str, poison: Callable[[str], str]
) -> None:
    del name
    seen = rehearse(simulator, subject, {}, faults=[_sent(subject, poison)])
    assert seen.end == "bad_response", seen.result.msg
    assert "defect" not in str(seen.result.msg)
    _check(seen)


@pytest.mark.parametrize(("subject", "name", "poison"), POISONED[:: len(JSON_POISONS) + 1], ids=_named)
def test_a_wait_takes_the_document_for_an_outage(
    simulator: Simulator, subject: Subject, name: str, poison: Callable[[str], str]
) -> None:
    del name

    def finish_when_over() -> None:
        if not simulator.faults():
            simulator.add_task({"system": subject.system, **subject.finished})

    seen = rehearse(
        simulator,
        subject,
        {"wait": True, "wait_sleep": 0.05},
        faults=[{**_sent(subject, poison), "times": 2, "after_requests": 1}],
        between_polls=finish_when_over,
    )
    assert (seen.end, seen.result.payload["state"]) == ("ok", "succeeded"), seen.result.msg
    assert "outage began" in seen.recorder.events
    _check(seen)
