# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the event source, checked as a module's options are. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._assembly import checked
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._options import MAX_SECONDS, Spec
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._spec_errors import misfit
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.plugin_utils._watch import WatchSettings

SOURCE = "taskwatch.infra.task_status"
ARGUMENT_SPEC: Spec = {
    "module": {"type": "str", "required": True, "choices": list(SYSTEMS)},
    "options": {"type": "dict", "default": {}},
    "interval": {"type": "float"},
    "until_finished": {"type": "bool", "default": True},
}
# Options of every module that mean nothing to a watch, and why.
WITHOUT_MEANING: Mapping[str, str] = {
    "wait": "a source always waits",
    "wait_timeout": "a watch has no deadline",
    "wait_sleep": "the argument interval says how often to poll",
    "poll_interval": "the argument interval says how often to poll",
    "fail_fast": "a watch goes on with the other tasks",
    "wait_timeout_is_failure": "a watch has no deadline",
    "progress_interval": "a rulebook is told of changes alone",
}


class WatchFailed(Exception):
    """Why there is nothing to watch, or no more: one sentence. ansible-rulebook prints it and ends."""


@dataclass(frozen=True)
class Asked:
    """What the arguments ask for; ``params`` are those of the module, complete and checked."""

    system_class: type[System]
    params: dict[str, Any]
    settings: WatchSettings


def read_arguments(args: Mapping[str, Any], *, warn: Callable[[str], None]) -> Asked:
    """What to watch, and how.

    Raises:
        WatchFailed: with one sentence that names the argument or option.
    """
    given = _validated(ARGUMENT_SPEC, _without_blanks(args), SOURCE, SOURCE)
    system_class = SYSTEMS[given["module"]]
    interval = given["interval"]
    if interval is not None and not 0 < interval <= MAX_SECONDS:
        raise WatchFailed(f"{SOURCE}: interval must be more than 0 seconds and at most 31 days, not {interval:g}")
    place = f"{SOURCE}: options of {system_class.NAME}"
    options = _without_blanks(given["options"])
    for name in sorted(WITHOUT_MEANING.keys() & options.keys()):
        warn(f"{place}: {name} is ignored, because {WITHOUT_MEANING[name]}")
        del options[name]
    params = _validated(system_class.ARGUMENT_SPEC, options, system_class.NAME, place)
    try:
        checked(system_class, params)
    except TaskwatchError as error:
        raise WatchFailed(f"{place}: {error.message}") from None
    settings = WatchSettings(
        interval=interval,
        until_finished=given["until_finished"],
        stall_timeout=params["stall_timeout"],
        unreachable_timeout=params["unreachable_timeout"],
        expected_duration=params["expected_duration"],
    )
    return Asked(system_class, params, settings)


def _validated(spec: Spec, values: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    """The values as the spec of ``name`` wants them."""
    result = ArgumentSpecValidator(spec).validate(values)
    if result.error_messages:
        raise WatchFailed(f"{place}: {misfit(name, spec, values, result.error_messages).message}")
    return dict(result.validated_parameters)


def _without_blanks(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; a variable without a value renders as an empty text."""
    return {str(name): value for name, value in values.items() if value is not None and str(value).strip() != ""}
