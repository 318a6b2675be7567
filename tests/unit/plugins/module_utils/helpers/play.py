# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run from options to payload, on a transport without sockets and a clock that only moves in sleeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._run import Result, run
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.observer import Observer

from .clock import FakeClock
from .options import params_of
from .transport import Reply, Request, Script, ScriptedAdapter

# Options that every run needs; 192.0.2.1 is an address that is never assigned.
LOGIN: dict[str, Any] = {"hostname": "192.0.2.1", "username": "netops", "password": "s3cret-password"}
# What each module needs at least: what its spec requires, and where that is not enough, what is named here.
_MORE: Mapping[str, dict[str, Any]] = {
    "element_image_status_info": {"auth_token": "0123-static"},
    "rest_task_info": {**LOGIN, "api": "pulp_task", "task_id": ["1"]},
}
NEEDED: Mapping[str, dict[str, Any]] = {
    name: {option: LOGIN.get(option, ["1"]) for option, spec in system.ARGUMENT_SPEC.items() if spec.get("required")}
    | dict(_MORE.get(name, {}))
    for name, system in SYSTEMS.items()
}


@dataclass
class Played:
    """What a run returned and what it did."""

    result: Result
    adapter: ScriptedAdapter
    clock: FakeClock

    @property
    def payload(self) -> dict[str, Any]:
        return self.result.payload

    @property
    def task(self) -> dict[str, Any]:
        """The only task."""
        (task,) = self.payload["tasks"]
        return dict(task)

    @property
    def error(self) -> dict[str, Any]:
        error = self.payload["error"]
        assert error is not None, "the run was expected to fail"
        return dict(error)

    @property
    def sent(self) -> list[str]:
        return self.adapter.sent


def play(
    system_class: type[System],
    script: Script,
    *,
    observer: Observer | None = None,
    clock: FakeClock | None = None,
    **options: Any,
) -> Played:
    """Run a system against a script; ``options`` are those of its module."""
    clock = clock or FakeClock()
    adapter = ScriptedAdapter(script)
    runtime = Runtime(clock=clock, sleep=clock.sleep, jitter=lambda: 0.5, adapter=adapter)
    result = run(system_class, params_of(system_class, **options), observer=observer, runtime=runtime)
    return Played(result, adapter, clock)


def by_path(replies: Mapping[str, Any], otherwise: Any = None) -> Script:
    """A script that looks up "METHOD /path" (the query left out): a Reply, an exception, or a list of them in turn."""
    turns = {key: list(value) for key, value in replies.items() if isinstance(value, list)}

    def script(request: Request) -> Reply | Exception:
        key = f"{request.method} {request.path.partition('?')[0]}"
        value = replies.get(key, otherwise)
        if key in turns:
            # The last one stays.
            value = turns[key].pop(0) if len(turns[key]) > 1 else turns[key][0]
        if value is None:
            raise AssertionError(f"nothing answers {key}")
        return value if isinstance(value, (Reply, Exception)) else Reply(200, value)

    return script
