# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as ansible-core would hand them over: validated against the argument spec, defaults filled in."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System


class Refused(Exception):
    """ansible-core itself refused the options, with these messages."""


def params_of(system_class: type[System], **given: Any) -> dict[str, Any]:
    """The options of a module after ansible-core's own checks, conversions, defaults and fallbacks."""
    result = ModuleArgumentSpecValidator(system_class.ARGUMENT_SPEC).validate(given)
    if result.error_messages:
        raise Refused("; ".join(result.error_messages))
    return dict(result.validated_parameters)
