# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The one road from options to payload. PRIVATE to the collection.

Called alike by the modules, by controller-side plugins and by the event source. It neither prints nor exits.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ._connection import Connection
from ._errors import ErrorType, TaskwatchError
from ._options import check_common, endpoint_of
from ._payload import payload_of, trim_to_budget
from ._rest import Endpoint, RestClient
from ._secrets import Secrets
from ._signals import Interruption
from ._status import PollResult, Stats
from ._system import System
from ._waiter import SLEEP, Ids, Observer, Waiter, WaitResult, WaitSettings

W = TypeVar("W", bound=Waiter)


@dataclass(frozen=True)
class Runtime:
    """What a run takes from its surroundings; tests hand in a fake clock and a transport without sockets."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = SLEEP
    jitter: Callable[[], float] = random.random
    adapter: Any = None


@dataclass
class Result:
    """``payload`` is the return value; ``msg`` is the sentence of a failure, None if all is well."""

    payload: dict[str, Any]
    msg: str | None = None
    warnings: list[str] = field(default_factory=list)


def run(
    system_class: type[System],
    params: Mapping[str, Any],
    *,
    observer: Observer | None = None,
    runtime: Runtime | None = None,
) -> Result:
    """Look at, or wait for, the tasks that ``params`` names. Every failure is a Result, too."""
    runtime = runtime or Runtime()
    began = runtime.clock()
    secrets, stats = secrets_of(system_class, params), Stats()
    extras = dict(system_class.EXTRAS)
    try:
        endpoint = checked(system_class, params)
    except TaskwatchError as error:
        ending = WaitResult([], error)
    else:
        client = RestClient(endpoint, secrets=secrets, stats=stats, clock=runtime.clock, adapter=runtime.adapter)
        connection = Connection(client, system_class.scheme(params), system_class.explain)
        system = system_class(params, connection)
        with Interruption() as interruption:
            try:
                ending = _carry_out(system, runtime, observer)
            finally:
                interruption.defer_signals()
                connection.close()
        extras = system.extras()
        if ending.error is not None:
            ending.error.message = sentence_of(system_class, params, ending.error)
    payload = payload_of(ending, stats, elapsed=runtime.clock() - began, include_raw=params["include_raw"])
    # Whoever asks for everything gets everything.
    left_out = [] if params["include_raw"] else trim_to_budget(payload["tasks"])
    told = {
        "payload": {**payload, **extras},
        "msg": ending.error and ending.error.message,
        "warnings": [f"{params['hostname']}: {warning}" for warning in [*ending.warnings, *left_out]],
    }
    return Result(**secrets.scrub(told))


def secrets_of(system_class: type[System], params: Mapping[str, Any]) -> Secrets:
    """What is not to be shown of these options."""
    secrets = Secrets()
    for name, option in system_class.ARGUMENT_SPEC.items():
        if option.get("no_log"):
            secrets.add(params.get(name))
    return secrets


def checked(system_class: type[System], params: Mapping[str, Any]) -> Endpoint:
    """The endpoint of options that make sense; one sentence for those that do not."""
    check_common(params)
    system_class.check(params)
    return endpoint_of(params)


def _carry_out(system: System, runtime: Runtime, observer: Observer | None) -> WaitResult:
    waiter = waiter_of(Waiter, system, runtime, observer=observer)
    if system.params["wait"]:
        return waiter.wait(system.task_ids(), wait_settings(system.params))
    return waiter.poll_once(system.task_ids())


def waiter_of(kind: type[W], system: System, runtime: Runtime, **more: Any) -> W:
    """A waiter of this kind that looks at this system; whatever a look ends in is a Look or a TaskwatchError."""
    client = system.connection.client

    def poll(ids: Ids) -> PollResult:
        system.connection.begin_poll()
        try:
            seen = system.poll(ids)
        except TaskwatchError as error:
            seen = PollResult(errors=[error])
        except Exception as defect:
            raise _defect(defect) from defect
        return _redact(seen, client.secrets)

    def limit(moment: float | None) -> None:
        client.until = moment

    return kind(
        poll,
        clock=runtime.clock,
        sleep=runtime.sleep,
        jitter=runtime.jitter,
        stats=client.stats,
        limit=limit,
        **more,
    )


def _redact(poll: PollResult, secrets: Secrets) -> PollResult:
    """The look without secrets in the texts that observers show; a login page may echo what it was sent."""
    for error in poll.errors:
        error.message = secrets.scrub(error.message)
    for status in poll.statuses.values():
        texts = [status.name, status.native_state, status.message, status.errors]
        status.name, status.native_state, status.message, status.errors = secrets.scrub(texts)
    return poll


def _defect(error: Exception) -> TaskwatchError:
    """An error that none of our code foresaw, said in one sentence with the place to report."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return TaskwatchError(
        ErrorType.BAD_RESPONSE,
        f"the answer could not be read because of a defect in this collection ({type(error).__name__}: {error}, "
        f"{place}); please report it with the answer",
    )


def wait_settings(params: Mapping[str, Any]) -> WaitSettings:
    return WaitSettings(
        timeout=params["wait_timeout"],
        sleep=params["wait_sleep"],
        unreachable=params["unreachable_timeout"],
        stall=params["stall_timeout"],
        heartbeat=params["progress_interval"],
    )


def sentence_of(system_class: type[System], params: Mapping[str, Any], error: TaskwatchError) -> str:
    """What, which task, on which host, and the reason."""
    option = system_class.ID_OPTION
    ids = list(error.task_ids) or list((option and params.get(option)) or [])
    shown = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    subject = f"{system_class.TITLE} {shown}" if option and shown else system_class.TITLE
    return f"{subject} on {params['hostname']}: {error.message}"
