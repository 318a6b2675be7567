# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults to plant into our own sources, to see whether the tests find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ACTION = "plugin_utils/_action.py"
MODULE = "module_utils/_module.py"
UNIT = "tests/unit/plugins"


@dataclass(frozen=True)
class Mutant:
    """A fault: fragments of a source (below plugins/) and what stands in their place.

    A fragment is an expression, a statement or ``if condition``, and must be there once; `where` names the class and
    function in which. `tests` are the unit tests that must find it, none if the soak must; `such` are the plans in
    which the soak can see it at all.
    """

    name: str
    source: str
    changes: tuple[tuple[str, str], ...]
    where: str = ""
    tests: str = ""
    such: Callable[[Any], bool] = lambda _plan: True


def _action(name: str, before: str, after: str, where: str = "") -> Mutant:
    return Mutant(name, ACTION, ((before, after),), where, f"{UNIT}/plugin_utils/test__action.py")


def _module(name: str, before: str, after: str) -> Mutant:
    return Mutant(name, MODULE, ((before, after),), "run_module", f"{UNIT}/module_utils/test__module.py")


_MODE = "TaskStatusAction._in_process"
OF_EXECUTION_MODES = (
    _action("every task runs in-process", "return not any(elsewhere)", "return True", _MODE),
    _action("every task runs as a module", "return not any(elsewhere)", "return False", _MODE),
    _action("a remote connection runs in-process", "self._connection.transport != 'local'", "False", _MODE),
    _action("an async task runs in-process", "self._task.async_val", "False", _MODE),
    _action("a task's environment is ignored", "any(self._task.environment or ())", "False", _MODE),
    _action("become is ignored", "self._becomes_another_user()", "False", _MODE),
    _action(
        "become to the same user is taken for another",
        "bool(wanted != current)",
        "True",
        "TaskStatusAction._becomes_another_user",
    ),
    _action("a missing requests is ignored", "REQUESTS_IMPORT_ERROR is not None", "False", _MODE),
    _action("a missing lxml is ignored", "LXML_IMPORT_ERROR is not None", "False", _MODE),
    _action("the action refuses check mode", "_supports_check_mode = True", "_supports_check_mode = False"),
    _action("the action refuses async", "_supports_async = True", "_supports_async = False"),
    _action("an async module is waited for", "self._task.async_val", "False", "TaskStatusAction._as_module"),
    _action("the action loses warnings", "if outcome.warnings", "if False"),
    _action(
        "a failure in-process is no failure",
        "result.update(failed=True, msg=outcome.msg)",
        "result.update(msg=outcome.msg)",
    ),
    _action("the invocation shows secrets", "_shown(params, spec)", "params"),
    _action("no_log does not silence progress", "self._task.no_log", "False", "TaskStatusAction._reporter"),
    _action("arguments keep their tags", "plain(self._task.args)", "dict(self._task.args)"),
    _action("bad options are let through", "if checked.error_messages", "if False", "TaskStatusAction._ask"),
    _module("the module loses warnings", "module.warn(warning)", "None"),
    _module("a failure of the module is a success", "if result.msg is not None", "if False"),
    _module(
        "a failure of the module has no payload",
        "module.fail_json(msg=result.msg, **result.payload)",
        "module.fail_json(msg=result.msg)",
    ),
    _module("an interrupted module ends well", "raise SystemExit(1) from None", "raise SystemExit(0) from None"),
)


def _soak(
    name: str, source: str, *changes: tuple[str, str], where: str = "", such: Callable[[Any], bool] = lambda _plan: True
) -> Mutant:
    return Mutant(name, f"module_utils/{source}.py", changes, where, such=such)


OF_WAITS = (
    _soak(
        "a good answer does not start the tolerance of an outage anew",
        "_wait/outages",
        ("for task_id in result.statuses: self._by_task.pop(task_id, None)", "pass"),
        ("self._by_task.clear()", "pass"),
        where="OutageLedger.record",
    ),
    _soak(
        "an id that the system does not know is waited for",
        "_wait/policy",
        ("return bool(board.statuses) and all(task_id in board.statuses for task_id in concerned)", "return True"),
    ),
    _soak(
        "the last poll at the deadline is left out",
        "_wait/waiter",
        ("if now >= deadline", "if now >= deadline or self._next_poll(now, policy) >= deadline"),
        ("return self._timed_out(policy)", "return (self._sleep(deadline - now) or self._timed_out(policy))"),
        where="Waiter.wait",
    ),
    _soak(
        "finished tasks are asked for again",
        "_wait/policy",
        ("return ids if board.order is None else self.unfinished(board)", "return ids"),
    ),
    _soak(
        "an outage at the first poll ends the wait",
        "_wait/policy",
        (
            "return error.retryability is Retryability.ALWAYS",
            "return error.retryability is Retryability.ALWAYS and bool(board.statuses)",
        ),
    ),
    _soak(
        "a cancelled task counts as a success",
        "_wait/policy",
        ("status.done and not status.succeeded", "status.state.value == 'failed'"),
        where="WaitPolicy.outcome",
    ),
    _soak(
        "the first finished task ends the wait",
        "_wait/policy",
        ("return board.all_done or failed_already", "return len(board.unfinished) < len(board.order or [])"),
    ),
    _soak("the pause that the system asks for is not kept", "_wait/waiter", ("self._ledger.retry_after", "None")),
    _soak(
        "a request may take for ever when the time is almost up",
        "_wait/waiter",
        ("self._ask(asked, useful_until)", "self._ask(asked, None)"),
    ),
    _soak(
        "a session is left open at the end",
        "_connection",
        ("self._leave()", "None"),
        where="Connection.close",
    ),
    _soak(
        "a lost session is not replaced",
        "_connection",
        ("if not self.scheme.can_login_again or spent or not self._budget.may_renew()", "if True"),
        such=lambda plan: plan.subject.opens_session and bool(plan.drops),
    ),
)


def _unit(name: str, source: str, before: str, after: str, where: str = "", tests: str = "") -> Mutant:
    tests = tests or f"module_utils/test_{source.replace('/', '_')}.py"
    return Mutant(name, f"module_utils/{source}.py", ((before, after),), where, f"{UNIT}/{tests}")


_REST, _WIRE = "module_utils/test__rest.py", "module_utils/test__rest_wire.py"
_BUDGET = "module_utils/test__login_refusals.py"
_CREDENTIALS = "module_utils/test__credentials_in_requests.py"
OF_REQUESTS = (
    _unit(
        "a pause that is asked for is lost",
        "_rest/response",
        "response.retry_after",
        "None",
        "error_from_response",
        _REST,
    ),
    _unit(
        "a gateway's error gets no second try",
        "_rest/response",
        "response.status in (502, 503, 504)",
        "False",
        "error_from_response",
        _REST,
    ),
    _unit(
        "credentials follow a redirect to another host",
        "_rest/client",
        "if same_origin and (request.method == 'GET' or response.status in _KEEPS_METHOD)",
        "if True",
        tests=_REST,
    ),
    _unit("an answer may be of any size", "_rest/client", "if size > self._max_body", "if False", tests=_WIRE),
    _unit("an answer may drip for ever", "_rest/client", "if late", "if False", tests=_WIRE),
    _unit(
        "a refusal whose text is lost is none",
        "_rest/client",
        "if received.status_code < 400",
        "if True",
        tests=_WIRE,
    ),
    _unit(
        "the environment decides whom to trust",
        "_rest/client",
        "self.session.trust_env = False",
        "self.session.trust_env = True",
        tests=_WIRE,
    ),
    _unit("an id becomes another URL", "_rest/client", "quote(segment, safe='')", "segment", "path_of", _REST),
    _unit(
        "a failed login is tried for every task",
        "_login_budget",
        "error.with_(affects_all_tasks=True)",
        "error",
        tests="module_utils/test__connection.py",
    ),
    _unit(
        "a refused login is tried again",
        "_login_budget",
        "if not self._has_worked or self._refused >= REFUSED_TRIES",
        "if False",
        tests=_BUDGET,
    ),
    _unit("odd answers to a login are tried for ever", "_login_budget", "self._odd < ODD_TRIES", "True", tests=_BUDGET),
    _unit(
        "refused logins follow at once",
        "_login_budget",
        "self._not_before = self._clock() + REFUSED_PAUSE",
        "pass",
        "LoginBudget._refusal",
        "module_utils/test__connection.py",
    ),
    _unit(
        "an answer that cannot be read proves the password",
        "_assembly",
        "if result.statuses or not result.errors",
        "if True",
        "poll_of",
        _CREDENTIALS,
    ),
    _unit(
        "the state of a task proves the password too late for the others",
        "_system",
        "self.connection.state_read()",
        "None",
        "System.ask_each",
        _CREDENTIALS,
    ),
    _unit(
        "threads do not share the failure of a second login",
        "_connection",
        "if self._failure is not None and not doubtful",
        "if False",
        "Connection._renew",
    ),
    _unit("threads log in again one by one", "_connection", "if self._epoch == epoch", "if True"),
    _unit(
        "a logout that fails hides what went before",
        "_connection",
        "self.context.stats.logout_failures += counted",
        "raise",
        "Connection._leave",
    ),
    _unit("a login is not counted", "_connection", "self.context.stats.logins += 1", "pass", "Connection._login"),
    _unit("secrets stay in the result", "_run", "context.secrets.scrub(told)", "told", "_result"),
    _unit(
        "bad options break the run",
        "_run",
        "ended = WaitResult([], _named(error, context.runtime.inventory_name))",
        "raise",
        "run",
    ),
)
# Which the number of scenarios that each mutant gets is too few to find
OF_STALLS = (
    _unit(
        "a stall is counted while the system is away",
        "_wait/waiter",
        "self._board.skip_outage(ended.since, now)",
        "pass",
        tests="module_utils/test__waiter_outages.py",
    ),
)
MUTANTS: tuple[Mutant, ...] = (*OF_WAITS, *OF_STALLS, *OF_REQUESTS, *OF_EXECUTION_MODES)
