# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Client, connection and system of one run, put together in one place. PRIVATE to the collection."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ._connection import Connection
from ._context import RunContext
from ._errors import ErrorType, TaskwatchError
from ._options import check_common, endpoint_of, without_line_break
from ._rest.client import RestClient
from ._rest.endpoint import Endpoint
from ._rest.interruptible import InterruptibleAdapter
from ._secrets import Secrets
from ._status import PollResult
from ._system import System
from ._wait.board import Ids


def secrets_of(system_class: type[System], params: Mapping[str, Any]) -> Secrets:
    """What is not to be shown of these options."""
    secrets = Secrets()
    for name, option in system_class.ARGUMENT_SPEC.items():
        if option.get("no_log"):
            for value in (params.get(name), without_line_break(params.get(name))):
                secrets.add(value)
    return secrets


def checked(system_class: type[System], params: Mapping[str, Any]) -> tuple[Endpoint, dict[str, Any]]:
    """The endpoint of options that make sense, and the normalized options; one sentence for those that do not."""
    check_common(params, system_class.ARGUMENT_SPEC)
    normal = system_class.normalize(params)
    system_class.check(normal)
    return endpoint_of(normal), normal


@contextmanager
def opened(
    system_class: type[System],
    params: Mapping[str, Any],
    context: RunContext,
    *,
    before_close: Callable[[], None] = lambda: None,
) -> Iterator[System]:
    """The system that these options describe. Its session is closed in every end.

    ``before_close`` is called first, so that nothing interrupts the logout. An end that is no error of ours, such as
    a signal, ends the requests under way and gives the logout a few seconds.
    """
    endpoint, params = checked(system_class, params)
    adapter = context.runtime.adapter
    if adapter is None:
        adapter = InterruptibleAdapter()
        context = replace(context, runtime=replace(context.runtime, adapter=adapter))
    connection = Connection(RestClient(endpoint, context), system_class.scheme(params), system_class.explain)
    deadline = None
    try:
        yield system_class(params, connection)
    except BaseException as reason:
        if not isinstance(reason, Exception):
            before_close()
            if isinstance(adapter, InterruptibleAdapter):
                adapter.stop_new()
                adapter.abort()
            # With no time left a logout still gets the few seconds of a last request.
            deadline = context.runtime.clock()
        raise
    finally:
        before_close()
        connection.close(deadline)


def poll_of(system: System) -> Callable[[Ids, float | None], PollResult]:
    """How a waiter polls this system. Whatever a poll ends in is a PollResult without secrets, or a TaskwatchError."""

    def poll(ids: Ids, useful_until: float | None) -> PollResult:
        system.connection.begin_poll(useful_until)
        try:
            result = system.poll(ids)
        except TaskwatchError as error:
            result = PollResult(errors=[error])
        except Exception as defect:
            raise _defect(defect) from defect
        if result.statuses or not result.errors:
            system.connection.state_read()
        return _redact(result, system.connection.context.secrets)

    return poll


def _redact(result: PollResult, secrets: Secrets) -> PollResult:
    """The result without secrets in the texts that observers show; a login page may echo what it was sent."""
    for status in result.statuses.values():
        texts = [status.name, status.native_state, status.message, status.errors]
        status.name, status.native_state, status.message, status.errors = secrets.scrub(texts)
    errors = [error.with_(message=secrets.scrub(error.message)) for error in result.errors]
    return PollResult(result.statuses, errors)


def _defect(error: Exception) -> TaskwatchError:
    """An error that our code did not foresee, in one sentence with the place to report."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return TaskwatchError(
        ErrorType.BAD_RESPONSE,
        f"the answer could not be read because of a defect in this collection ({type(error).__name__}: {error}, "
        f"{place}); please report it with the answer",
    )
