# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Attributes that all modules share, and one action group per system.

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Whether the module runs in check mode, and what it does there.
    support: full
    details:
      - This module only reads, so it checks and waits in check mode exactly as it does otherwise.
      - Login and logout are the only requests that leave a trace on the system.
  diff_mode:
    description: Whether the module shows a difference between before and after.
    support: N/A
    details:
      - This module changes nothing, so there is no difference to show.
  idempotent:
    description: Whether a second run with the same options reports no change.
    support: full
    details:
      - RV(changed) is always V(false).
  platform:
    description: The kind of operating system on which the module itself can run.
    platforms: posix
    support: full
  async:
    description: Whether the module can be used with the C(async) keyword.
    support: full
seealso:
  - ref: ansible_collections.taskwatch.infra.docsite.which_module
    description: All modules of this collection, and which task each of them reads.
"""

    ACTIONGROUP_LXCA = r"""
options: {}
attributes:
  action_group:
    description: The groups under which C(module_defaults) can set options of this module.
    support: full
    membership:
      - taskwatch.infra.lxca
      - taskwatch.infra.all
"""

    ACTIONGROUP_SDM = r"""
options: {}
attributes:
  action_group:
    description: The groups under which C(module_defaults) can set options of this module.
    support: full
    membership:
      - taskwatch.infra.sdm
      - taskwatch.infra.all
"""

    ACTIONGROUP_VCENTER = r"""
options: {}
attributes:
  action_group:
    description: The groups under which C(module_defaults) can set options of this module.
    support: full
    membership:
      - taskwatch.infra.vcenter
      - taskwatch.infra.all
"""

    ACTIONGROUP_PRISMA_SDWAN = r"""
options: {}
attributes:
  action_group:
    description: The groups under which C(module_defaults) can set options of this module.
    support: full
    membership:
      - taskwatch.infra.prisma_sdwan
      - taskwatch.infra.all
"""

    ACTIONGROUP_REST = r"""
options: {}
attributes:
  action_group:
    description: The groups under which C(module_defaults) can set options of this module.
    support: full
    membership:
      - taskwatch.infra.rest
      - taskwatch.infra.all
"""
