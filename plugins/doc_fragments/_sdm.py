# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Connection and login to Oracle Communications Session Delivery Manager (SDM).

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name or address of the Session Delivery Manager, without scheme and port.
      - If it is not set, the environment variable E(SDM_HOST) is used.
    type: str
    required: true
    aliases:
      - host
  port:
    description:
      - Port of the REST API. It is chosen when the Session Delivery Manager is installed.
      - If it is not set, the environment variable E(SDM_PORT) is used.
      - An installation without TLS listens on V(8080) in Oracle's samples and needs O(use_ssl=false).
    type: int
    default: 8443
  username:
    description:
      - Account to log in with.
      - If it is not set, the environment variable E(SDM_USER) is used.
    type: str
    required: true
    aliases:
      - user
  password:
    description:
      - Password of O(username).
      - If it is not set, the environment variable E(SDM_PASSWORD) is used.
    type: str
    required: true
  validate_certs:
    description:
      - Whether to check the certificate of the Session Delivery Manager.
      - If it is not set, the environment variable E(SDM_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the PEM certificates of the authorities to trust, for a certificate that is self-signed or
        of an internal authority.
      - If it is not set, the environment variable E(SDM_CA_PATH) is used.
    type: path
"""
