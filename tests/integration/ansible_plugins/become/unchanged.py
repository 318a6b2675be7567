# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Becomes the same user: takes the way of `become` without needing another user's rights."""

from __future__ import annotations

from typing import Any

from ansible.plugins.become import BecomeBase

DOCUMENTATION = """
name: unchanged
short_description: Become the same user
description: Runs a command as it is, through the machinery of become.
options:
  become_user:
    description: Who to become.
    default: root
    vars:
      - name: ansible_become_user
"""


class BecomeModule(BecomeBase):
    """Wraps a command as every become plugin does, and adds nothing."""

    name = "unchanged"

    def build_become_command(self, cmd: str, shell: object) -> str:
        # Ansible's base class carries no annotations
        base: Any = super()
        base.build_become_command(cmd, shell)
        return str(base._build_success_command(cmd, shell))
