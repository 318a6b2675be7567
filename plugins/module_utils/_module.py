# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that is the same in ``main()`` of all modules. PRIVATE to the collection."""

from __future__ import annotations

import sys

from ansible.module_utils.basic import AnsibleModule

from ._context import Runtime
from ._run import run
from ._signals import Interrupted, orphan_aware_sleep, output_of
from ._system import System


def run_module(system_class: type[System]) -> None:
    """Be the module of this system: options in, payload out, a failure with the payload where one is due."""
    module = AnsibleModule(argument_spec=system_class.ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = run(system_class, module.params, runtime=Runtime(sleep=orphan_aware_sleep(output_of(sys.stdout))))
    except Interrupted:
        raise SystemExit(1) from None  # no process is left to tell
    for warning in result.warnings:
        module.warn(warning)
    if result.msg is not None:
        module.fail_json(msg=result.msg, **result.payload)
    module.exit_json(**result.payload)
