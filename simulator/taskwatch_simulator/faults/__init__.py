# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults put between a client and a simulated system.

A new kind is a class in a file of this folder, under `registered`; the table in the guide is written from it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter

from .active import ActiveFault, Faults
from .answers import GARBAGE, HTML
from .base import KINDS, Call, Fault

__all__ = ["GARBAGE", "HTML", "KINDS", "ActiveFault", "AnyFault", "Call", "Fault", "Faults", "fault_of"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

if TYPE_CHECKING:
    AnyFault = Fault
else:
    # One class per kind, told apart by the key kind
    AnyFault = Annotated[reduce(or_, KINDS.values()), Field(discriminator="kind")]
_ADAPTER: TypeAdapter[Fault] = TypeAdapter(AnyFault)


def fault_of(description: Mapping[str, Any]) -> Fault:
    """Return the fault that is asked for.

    Raises:
        pydantic.ValidationError: when there is none of this description.
    """
    return _ADAPTER.validate_python(dict(description))
