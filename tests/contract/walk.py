# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait of our module from start to end, with a vendor's client beside it at every poll."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result, run
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult

from tests.faults.subjects import Subject

from .clients.client import Client, Observation, SessionLost, Unavailable
from .rig import Rig


@dataclass
class Moment:
    """What both saw at one moment: our tasks and the client's by their ids, None for no answer of any use.

    `expected` are the simulator's own states, `again` tells whether the client had to log in again first, and `reason`
    is what it said instead of an answer.
    """

    second: float
    ours: Mapping[str, Mapping[str, Any]] | None
    theirs: Observation | None
    expected: Mapping[str, str]
    again: bool = False
    reason: str = ""

    def disagreements(self) -> Iterator[str]:
        """Yield a sentence for whatever the two do not see alike."""
        if self.ours is None or self.theirs is None:
            if (self.ours is None) != (self.theirs is None):
                blind = "our module" if self.ours is None else f"the client ({self.reason})"
                yield f"second {self.second:g}: {blind} had no answer"
            return
        # Ours asks for what has not ended, the client for everything
        for task_id, task in self.ours.items():
            if task_id not in self.theirs:
                yield f"second {self.second:g}, {task_id}: the client does not see it"
            for name, value in self.theirs.get(task_id, {}).items():
                said = _said(task, name, value)
                if said != value:
                    yield f"second {self.second:g}, {task_id}: {name} is {value!r} to the client and {said!r} to us"
            if task["state"] != self.expected.get(task_id, task["state"]):
                yield f"second {self.second:g}, {task_id}: we say {task['state']}, and it is {self.expected[task_id]}"


@dataclass
class Walk:
    """A whole wait: every moment of it, and what our module returned."""

    client: Client
    moments: list[Moment] = field(default_factory=list)
    result: Result = field(default_factory=lambda: Result({}))

    def check(self) -> None:
        """Let both agree on everything at every moment, and every answer be as the vendor writes it.

        Raises:
            AssertionError: with the first few departures and disagreements.
        """
        assert self.moments, self.result.msg
        found = list(dict.fromkeys(self.client.departures + self.disagreements()))
        if not any(each.theirs for each in self.moments):
            found.append(f"{self.client.name} saw nothing at all: {self.moments[-1].reason}")
        assert not found, "\n".join(found[:5])

    def disagreements(self) -> list[str]:
        """Return a sentence for whatever the two did not see alike."""
        return [sentence for each in self.moments for sentence in each.disagreements()]

    def states(self) -> list[str]:
        """Return the vendor's words in the order in which the client met them, repetitions left out."""
        words = [str(task["native_state"]) for each in self.moments for task in (each.theirs or {}).values()]
        return list(dict.fromkeys(words))


def walk(
    rig: Rig,
    subject: Subject,
    client: Client,
    *,
    ids: Sequence[str] = (),
    step: float = 2.0,
    events: Mapping[int, Callable[[], None]] | None = None,
    words: Mapping[str, str] | None = None,
    **options: Any,
) -> Walk:
    """Wait with our module, polling every `step` seconds; before poll number N, counted from 0, `events[N]` happens.

    `words` are the simulator's states that cannot be told from others by what the vendor says, and those others; a
    key may be a task's id and its state.
    """
    record = Walk(client)
    waiting = dict(events or {})

    class Watched(subject.system_class):  # type: ignore[name-defined, misc]
        def poll(self, wanted: Sequence[str] | None) -> PollResult:
            waiting.pop(len(record.moments), lambda: None)()
            error, poll = None, PollResult()
            try:
                poll = super().poll(wanted)
            except TaskwatchError as met:
                error = met
            ours = None if error or poll.errors else {key: each.as_dict() for key, each in poll.statuses.items()}
            record.moments.append(_moment(rig, client, ours, words or {}))
            if error is not None:
                raise error
            return poll

    id_option = subject.system_class.ID_OPTION
    asked = {id_option: list(ids)} if id_option and ids else {}
    params = subject.params(
        rig.access(subject.system),
        wait=True,
        wait_sleep=step,
        wait_timeout=40 * step,
        unreachable_timeout=20 * step,
        **asked,
        **options,
    )
    runtime = Runtime(clock=rig.clock.now, sleep=rig.move, jitter=lambda: 0.5)
    client.log_in()
    try:
        record.result = run(Watched, params, runtime=runtime)
    finally:
        # A walk that went astray may end without a session
        with contextlib.suppress(SessionLost):
            client.log_out()
    return record


def _moment(rig: Rig, client: Client, ours: Mapping[str, Mapping[str, Any]] | None, words: Mapping[str, str]) -> Moment:
    """Let the client poll, after one more login if it has lost its session."""
    expected = {}
    for each in rig.simulator.tasks():
        state = str(each["state"])
        task_id = "update" if each["kind"] == "update" else str(each["id"])
        expected[task_id] = words.get(f"{task_id} {state}", words.get(state, state))
    moment = Moment(rig.clock.now(), ours, None, expected)
    try:
        try:
            moment.theirs = client.poll()
        except SessionLost:
            moment.again = True
            client.log_in()
            moment.theirs = client.poll()
    except (Unavailable, SessionLost) as error:
        moment.reason = str(error)
    return moment


def _said(task: Mapping[str, Any], name: str, wanted: object) -> object:
    """Return what our task says under a name that the client's observation has, in the form of `wanted`."""
    if name == "steps":
        return [(step["id"], step["native_state"], step["progress"]) for step in task["steps"]]
    value = task[name] if name in task else task.get("details", {}).get(name)
    return datetime.fromisoformat(value) if isinstance(wanted, datetime) and isinstance(value, str) else value
