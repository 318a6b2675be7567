# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches on a fake clock: what each poll brings is a function of the seconds since the watch began."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ansible_collections.taskwatch.infra.plugins.module_utils._assembly import secrets_of
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.prisma_sdwan import StaticToken
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.scheme import LoginScheme
from ansible_collections.taskwatch.infra.plugins.module_utils._context import RunContext, Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._options import (
    Spec,
    connection_spec,
    ids_spec,
    login_spec,
    wait_spec,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.response import Response
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import Interrupted
from ansible_collections.taskwatch.infra.plugins.module_utils._status import PollResult, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.plugin_utils._events import Event, Events
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchSettings, watch
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.waits import Seen

HOSTNAME = "192.0.2.1"
PASSWORD = "s3cret-password"
SETTINGS = {"interval": None, "until_finished": True, "stall_timeout": 0.0, "unreachable_timeout": 300.0}
Script = Callable[[float, "Sequence[str] | None"], Sequence[Seen]]


class Watched:
    """A watch of made-up things; ``until`` is the second at which it is ended.

    ``events`` are what it told, ``warnings`` the sentences beside them, ``looks`` moments and ids of all polls.
    """

    def __init__(
        self,
        script: Script,
        ids: Sequence[str] | None = ("1",),
        *,
        until: float = 10.0**9,
        options: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        self.clock = FakeClock()
        self.began = self.clock()
        self.script = script
        self.until = until
        self.moments: list[float] = []
        self.events: list[Event] = []
        self.warnings: list[str] = []
        self.polls: list[tuple[float, list[str] | None]] = []
        system_class = _system_of(self, ids)
        params = params_of(
            system_class,
            hostname=HOSTNAME,
            username="netops",
            password=PASSWORD,
            task_id=list(ids or ["all"]),
            **(options or {}),
        )
        runtime = Runtime(clock=self.clock, sleep=self._sleep, jitter=lambda: 0.5)
        context = RunContext(runtime, secrets_of(system_class, params))
        events = Events(
            self._put,
            module="thing_info",
            params=params,
            secrets=context.secrets,
            clock=self.clock,
            warn=self.warnings.append,
        )
        self.outcome: TaskwatchError | None = None
        self.interrupted = False
        chosen = WatchSettings(**{**SETTINGS, **settings})
        try:
            self.outcome = watch(system_class, params, chosen, observer=events, context=context)
        except Interrupted:
            self.interrupted = True

    @property
    def elapsed(self) -> float:
        return self.clock() - self.began

    def _put(self, event: Event) -> None:
        self.moments.append(round(self.elapsed, 3))
        self.events.append(event)

    def _sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.elapsed >= self.until:
            raise Interrupted

    def told(self, key: str) -> list[Any]:
        """What the events of one kind say, in order."""
        return [event[key] for event in self.events if key in event]

    def states(self, task_id: str = "1") -> list[tuple[str | None, str, float | None]]:
        """Previous state, state and percent of the events of one task."""
        return [
            (event["previous_state"], event["task"]["state"], event["task"]["progress"])
            for event in self.events
            if "task" in event and event["task"]["id"] == task_id
        ]


def _system_of(watched: Watched, ids: Sequence[str] | None) -> type[System]:
    class Thing(System):
        NAME = "thing_info"
        TITLE = "Thing"
        ID_OPTION = "task_id"
        ARGUMENT_SPEC: ClassVar[Spec] = {
            **connection_spec("THING", port=443),
            **login_spec("THING"),
            **ids_spec("task_id"),
            **wait_spec(),
        }

        @classmethod
        def scheme(cls, params: Any) -> LoginScheme:
            return StaticToken(params["password"])

        @classmethod
        def explain(cls, _answer: Response) -> str | None:
            return None

        def task_ids(self) -> list[str] | None:
            return None if ids is None else list(ids)

        def poll(self, ids: Sequence[str] | None) -> PollResult:
            assert len(watched.polls) < 100_000, "a busy loop"
            watched.polls.append((round(watched.elapsed, 3), None if ids is None else list(ids)))
            seen = watched.script(watched.elapsed, ids)
            return PollResult(
                {item.id: item for item in seen if isinstance(item, TaskStatus)},
                [item for item in seen if isinstance(item, TaskwatchError)],
            )

    return Thing
