# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins of all modules share. PRIVATE to the collection.

On the controller a poll needs no process of its own: the task's worker asks the system itself, in a few
milliseconds instead of a few hundred, and can print lines while it waits. Wherever that would change what the
task means, the module runs as modules do, with the same result.
"""

from __future__ import annotations

import multiprocessing
import os
import pwd
from collections.abc import Callable
from typing import Any, ClassVar

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._documents import LXML_IMPORT_ERROR, key_text
from ansible_collections.taskwatch.infra.plugins.module_utils._module import COLLECTION
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import REQUESTS_IMPORT_ERROR
from ansible_collections.taskwatch.infra.plugins.module_utils._run import (
    INVENTORY_NAME,
    Result,
    refused,
    run,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._signals import orphan_watch, own_process_group
from ansible_collections.taskwatch.infra.plugins.module_utils._spec_errors import misfit
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.plugin_utils._lines import line_printer
from ansible_collections.taskwatch.infra.plugins.plugin_utils._progress import ProgressReporter

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Names of the machine that a play runs on: it asks systems, and is none.
CONTROLLER = frozenset({"localhost", "127.0.0.1", "::1"})


class TaskStatusAction(ActionBase):
    """Runs ``SYSTEM`` in-process where that means the same as running the module."""

    _supports_check_mode = True
    _supports_async = True
    SYSTEM: ClassVar[type[System]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = self._module_args()
        if args is None or self._in_process():
            result.update(self._ask(task_vars or {}))
        else:
            result.update(self._as_module(args, task_vars or {}))
        return result

    def _module_args(self) -> dict[str, Any] | None:
        """What the module is called with; None where it would fail alike wherever it ran."""
        args: dict[str, Any] = self._task.args
        return args

    def _in_process(self) -> bool:
        elsewhere = (
            self._connection.transport != "local",
            self._task.async_val,
            any(self._task.environment or ()),
            self._becomes_another_user(),
            REQUESTS_IMPORT_ERROR is not None,
            LXML_IMPORT_ERROR is not None,
        )
        return not any(elsewhere)

    def _becomes_another_user(self) -> bool:
        """Whether become changes anything: many plays say it for every task, also of who is root already."""
        if self._connection.become is None:
            return False
        try:
            current = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:  # as in containers that run under any number
            return True
        wanted: Any = self.get_become_option("become_user")  # type: ignore[no-untyped-call]
        return bool(wanted != current)

    def _as_module(self, args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        name = self._inventory_name(task_vars)
        if name is not None:
            given = self._task.environment or []
            given = given if isinstance(given, list) else [given]
            self._task.environment = [*given, {INVENTORY_NAME: name}]
        # Without it, a module and the worker that reads its output keep each other alive after their controller's end.
        with orphan_watch(parent=_controller()):
            told: dict[str, Any] = self._execute_module(
                module_name=f"{COLLECTION}.{self.SYSTEM.NAME}",
                module_args=args,
                task_vars=task_vars,
                wrap_async=self._task.async_val,
            )
        return told

    def _ask(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        spec = self.SYSTEM.ARGUMENT_SPEC
        given = plain(self._task.args)
        name = self._inventory_name(task_vars)
        checked = ModuleArgumentSpecValidator(spec).validate(given)
        if checked.error_messages:
            error = misfit(f"{COLLECTION}.{self.SYSTEM.NAME}", spec, given, checked.error_messages)
            return _result_of(refused(self.SYSTEM, error, name), None)
        params = checked.validated_parameters
        with own_process_group(), orphan_watch(parent=_controller()) as sleep:
            runtime = Runtime(sleep=sleep, trace=self._trace(params, task_vars), inventory_name=name)
            outcome = run(self.SYSTEM, params, observer=self._reporter(params, task_vars), runtime=runtime)
        return _result_of(outcome, _shown(params, spec) if _returns_invocation(task_vars) else None)

    def _inventory_name(self, task_vars: dict[str, Any]) -> str | None:
        """What the inventory calls the system, None where the inventory's host is only the place that asks it."""
        asks_for_itself = self._connection.transport != "local" and not self._task.delegate_to
        name = plain(task_vars.get("inventory_hostname"))
        return None if asks_for_itself or not name or name in CONTROLLER else str(name)

    def _reporter(self, params: dict[str, Any], task_vars: dict[str, Any]) -> ProgressReporter | None:
        """What reports progress of a wait; None where the task, or its user, wants silence."""
        if not params["wait"] or not params["progress_interval"] or self._task.no_log:
            return None
        hostname = str(params["hostname"])
        host = str(task_vars.get("inventory_hostname") or hostname)
        is_host = hostname in (host, task_vars.get("ansible_host")) or hostname.startswith(f"{host}.")
        return ProgressReporter(
            line_printer(),
            host=host,
            module=self.SYSTEM.NAME,
            appliance=None if is_host else hostname,
            port=params["port"],
        )

    def _trace(self, params: dict[str, Any], task_vars: dict[str, Any]) -> Callable[[str], None] | None:
        """What shows each request with ``-vvv``."""
        if Display().verbosity < 3 or self._task.no_log:
            return None
        print_line = line_printer()
        host = str(task_vars.get("inventory_hostname") or params["hostname"])
        return lambda line: print_line(f"<{host}> {self.SYSTEM.NAME} {line}")


def _controller() -> int | None:
    """The process that started this worker, also after its end, which may come first on a busy machine.

    Ansible forks its workers. A process that another one forked for it has that one for a parent from the beginning.
    """
    parent = multiprocessing.parent_process()
    forked = isinstance(multiprocessing.current_process(), multiprocessing.get_context("fork").Process)
    return parent.pid if parent is not None and forked else None


def _result_of(outcome: Result, invocation: dict[str, Any] | None) -> dict[str, Any]:
    result = dict(outcome.payload)
    if invocation is not None:
        result["invocation"] = {"module_args": invocation}
    if outcome.warnings:
        result["warnings"] = outcome.warnings
    if outcome.msg is not None:
        result.update(failed=True, msg=outcome.msg)
    return result


def _returns_invocation(task_vars: dict[str, Any]) -> bool:
    """Whether modules return how they were called: always before ansible-core 2.22, when asked for since."""
    try:
        return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except AnsibleError:
        return True


def plain(value: Any) -> Any:
    """A task argument without what ansible-core ties to it: tags of origin and trust, and encryption."""
    if isinstance(value, dict):
        # A module gets its arguments as JSON.
        return {key_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    # Not str(): a subclass could hand itself back.
    return str.__str__(value) if isinstance(value, str) else str(value)


def _shown(params: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """The options as a module returns them in ``invocation``: secrets by a placeholder."""
    hidden = {name for name, option in spec.items() if option.get("no_log")}
    return {name: HIDDEN if name in hidden and value is not None else value for name, value in params.items()}
