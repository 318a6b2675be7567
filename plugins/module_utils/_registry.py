# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Every module's system by the module's name: the one list of them. PRIVATE to the collection.

The event source and the tests treat all modules alike. A module imports its own system alone: all that it imports
travels to the managed host with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ._system import System
from ._systems.lxca_csv_job import CsvJob
from ._systems.lxca_export import RepoExport
from ._systems.lxca_task import Task
from ._systems.prisma_sdwan import ElementImageStatus
from ._systems.rest_task import RestTask
from ._systems.sdm import RouteUpdate
from ._systems.vcenter import ApplianceUpdate

_SYSTEMS: tuple[type[System], ...] = (
    RepoExport,
    CsvJob,
    Task,
    RouteUpdate,
    ApplianceUpdate,
    ElementImageStatus,
    RestTask,
)

SYSTEMS: Mapping[str, type[System]] = MappingProxyType({system.NAME: system for system in _SYSTEMS})
