# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Connection and login to a VMware vCenter Server Appliance.

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name or address of the vCenter Server Appliance, without scheme and port.
      - If it is not set, the environment variable E(VMWARE_HOST) is used.
    type: str
    required: true
    aliases:
      - host
  port:
    description:
      - Port of the REST API.
      - If it is not set, the environment variable E(VMWARE_PORT) is used.
    type: int
    default: 443
  username:
    description:
      - Account to log in with, such as V(administrator@vsphere.local).
      - If it is not set, the environment variable E(VMWARE_USER) is used.
    type: str
    required: true
    aliases:
      - user
  password:
    description:
      - Password of O(username).
      - If it is not set, the environment variable E(VMWARE_PASSWORD) is used.
    type: str
    required: true
  validate_certs:
    description:
      - Whether to check the certificate of the appliance.
      - If it is not set, the environment variable E(VMWARE_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the PEM certificates of the authorities to trust, for a certificate of an internal
        authority.
      - If it is not set, the environment variable E(VMWARE_CA_PATH) is used.
    type: path
notes:
  - E(VMWARE_HOST), E(VMWARE_USER), E(VMWARE_PASSWORD) and E(VMWARE_VALIDATE_CERTS) are what the VMware
    vCenter credential of AWX sets, so it works with this module as it is.
"""
