# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The one pipeline from options to payload. PRIVATE to the collection.

Called alike by the modules, by controller-side plugins and by tests. It neither prints nor exits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ._assembly import opened, poll_of, secrets_of
from ._context import RunContext, Runtime
from ._errors import TaskwatchError, listed
from ._payload import payload_of, trim_failure, trim_to_budget
from ._signals import Interruption
from ._status import Stats
from ._system import System
from ._wait.observer import Observer
from ._wait.policy import WaitPolicy, WaitSettings
from ._wait.waiter import Waiter, WaitResult

# Tells a module that runs in a process of its own what the inventory calls its system; the action plugin sets it.
INVENTORY_NAME = "TASKWATCH_INVENTORY_NAME"


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
    """Check, or wait for, the tasks that ``params`` names. Every failure is a Result, too."""
    context = RunContext(runtime or Runtime(), secrets_of(system_class, params))
    began = context.runtime.clock()
    extras = dict(system_class.EXTRAS)
    try:
        found = system_class.without_connection(params)
        if found is not None:
            ended, extras = WaitResult([]), {**extras, **found}
        else:
            with Interruption() as interruption:
                with opened(system_class, params, context, before_close=interruption.defer_signals) as system:
                    ended = _worded(_carry_out(system, context, observer), system, context)
                extras = system.extras()
    except TaskwatchError as error:  # of options that make no sense
        ended = WaitResult([], _named(error, context.runtime.inventory_name))
    elapsed = context.runtime.clock() - began
    return _result(params, context, ended, extras, elapsed)


def refused(system_class: type[System], error: TaskwatchError, inventory_name: str | None = None) -> Result:
    """The result of options that do not fit the argument spec: the shape of every failure."""
    error = _named(error, inventory_name)
    payload = payload_of(WaitResult([], error), Stats(), elapsed=0.0, include_raw=False)
    return Result({**payload, **system_class.EXTRAS}, error.message)


def _carry_out(system: System, context: RunContext, observer: Observer | None) -> WaitResult:
    waiter = Waiter(poll_of(system), context, observer)
    ids = system.task_ids()
    if system.params["wait"]:
        return waiter.wait(ids, WaitPolicy(wait_settings(system.params)))
    return waiter.poll_once(ids)


def _worded(ended: WaitResult, system: System, context: RunContext) -> WaitResult:
    """The end with an error that can stand alone."""
    if ended.error is None:
        return ended
    host = host_text(system.params, context.runtime.inventory_name)
    return replace(ended, error=ended.error.with_(message=sentence_of(type(system), system.params, ended.error, host)))


def _result(
    params: Mapping[str, Any], context: RunContext, ended: WaitResult, extras: dict[str, Any], elapsed: float
) -> Result:
    host = host_text(params, context.runtime.inventory_name)
    payload = payload_of(ended, context.stats, elapsed=elapsed, include_raw=params["include_raw"])
    left_out = []
    if not params["include_raw"]:  # which asks for everything
        failed_wait = params["wait"] and ended.error is not None
        left_out = [*(trim_failure(payload["tasks"]) if failed_wait else []), *trim_to_budget(payload["tasks"])]
    told = {
        "payload": {**payload, **extras},
        "msg": ended.error and ended.error.message,
        "warnings": [f"{host}: {warning}" for warning in [*ended.warnings, *left_out]],
    }
    return Result(**context.secrets.scrub(told))


def wait_settings(params: Mapping[str, Any]) -> WaitSettings:
    names = WaitSettings.__dataclass_fields__
    return WaitSettings(**{name: params[name] for name in names if name in params})


def _named(error: TaskwatchError, inventory_name: str | None) -> TaskwatchError:
    """The error of an option, with the host that it was given for."""
    return error.with_(message=f"{inventory_name}: {error.message}") if inventory_name else error


def host_text(params: Mapping[str, Any], inventory_name: str | None) -> str:
    """The system as a sentence names it: its inventory name where there is one, the address if it differs."""
    hostname = str(params["hostname"])
    return f"{inventory_name} ({hostname})" if inventory_name and inventory_name != hostname else hostname


def sentence_of(system_class: type[System], params: Mapping[str, Any], error: TaskwatchError, host: str) -> str:
    """What, which task, on which host, and the reason."""
    option = system_class.ID_OPTION
    ids = list(error.task_ids) or list((option and params.get(option)) or [])
    shown = listed(ids)
    title = system_class.title(params)
    subject = f"{title} {shown}" if option and shown else title
    return f"{subject} on {host}: {error.message}"
