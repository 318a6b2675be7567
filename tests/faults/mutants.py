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
    _action("become is ignored", "self._connection.become is not None", "False", _MODE),
    _action("a missing requests is ignored", "REQUESTS_IMPORT_ERROR is not None", "False", _MODE),
    _action("a missing lxml is ignored", "LXML_IMPORT_ERROR is not None", "False", _MODE),
    _action("the action refuses check mode", "_supports_check_mode = True", "_supports_check_mode = False"),
    _action("the action refuses async", "_supports_async = True", "_supports_async = False"),
    _action("an async module is waited for", "self._task.async_val", "False", "TaskStatusAction.run"),
    _action("the action loses warnings", "if outcome.warnings", "if False"),
    _action(
        "a failure in-process is no failure",
        "result.update(failed=True, msg=outcome.msg)",
        "result.update(msg=outcome.msg)",
    ),
    _action("the invocation shows secrets", "_shown(params, spec)", "params"),
    _action("no_log does not silence progress", "self._task.no_log", "False"),
    _action("arguments keep their tags", "plain(self._task.args)", "dict(self._task.args)"),
    _action("bad options are let through", "if checked.error_messages", "if False"),
    _module("the module loses warnings", "module.warn(warning)", "None"),
    _module("a failure of the module is a success", "if result.msg is not None", "if False"),
    _module(
        "a failure of the module has no payload",
        "module.fail_json(msg=result.msg, **result.payload)",
        "module.fail_json(msg=result.msg)",
    ),
    _module("an interrupted module ends well", "raise SystemExit(1) from None", "raise SystemExit(0) from None"),
)
MUTANTS: tuple[Mutant, ...] = (*OF_EXECUTION_MODES,)
