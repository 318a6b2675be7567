# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that is the same in ``main()`` of all modules. PRIVATE to the collection."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._context import Runtime
from ._run import INVENTORY_NAME, refused, run
from ._signals import Interrupted, orphan_watch, output_of
from ._spec_errors import spec_error
from ._system import System

COLLECTION = "taskwatch.infra"


class TaskModule(AnsibleModule):
    """The module of a system. Options that do not fit its argument spec fail with the payload, too."""

    def __init__(self, system_class: type[System]) -> None:
        self._system_class = system_class
        self.inventory_name = os.environ.get(INVENTORY_NAME) or None
        self._given: dict[str, Any] | None = None
        super().__init__(  # type: ignore[no-untyped-call]
            argument_spec=system_class.ARGUMENT_SPEC, supports_check_mode=True
        )
        self._given = None  # the spec is satisfied

    def _load_params(self) -> None:
        super()._load_params()  # type: ignore[no-untyped-call]
        self._given = dict(self.params)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        if self._given is not None:
            name = f"{COLLECTION}.{self._system_class.NAME}"
            error = spec_error(name, self._system_class.ARGUMENT_SPEC, self._given)
            if error is not None:
                result = refused(self._system_class, error, self.inventory_name)
                msg, kwargs = str(result.msg), {**kwargs, **result.payload}
        super().fail_json(msg=msg, **kwargs)
        raise SystemExit(1)  # never reached: fail_json has ended the process


def run_module(system_class: type[System]) -> None:
    """Be the module of this system: options in, payload out, a failure with the payload where one is due."""
    module = TaskModule(system_class)
    # On standard output there is the result alone; ANSIBLE_DEBUG sends what is traced to the log of the machine.
    trace = None if module.no_log else module.debug
    try:
        with orphan_watch(output_of(sys.stdout)) as sleep:
            runtime = Runtime(sleep=sleep, trace=trace, inventory_name=module.inventory_name)
            result = run(system_class, module.params, runtime=runtime)
    except Interrupted:
        raise SystemExit(1) from None  # no process is left to tell
    for warning in result.warnings:
        module.warn(warning)
    if result.msg is not None:
        module.fail_json(msg=result.msg, **result.payload)
    module.exit_json(**result.payload)
