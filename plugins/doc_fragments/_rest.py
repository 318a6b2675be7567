# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Connection and login to the system of a description.

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name or address of the system, without scheme and port. Required unless only samples are checked.
      - If it is not set, the environment variable E(REST_TASK_HOST) is used.
    type: str
    aliases:
      - host
  port:
    description:
      - Port of the REST API.
      - If it is not set, the environment variable E(REST_TASK_PORT) is used.
    type: int
    default: 443
  username:
    description:
      - Account to log in with, or the client ID with a login by OAuth 2.0. Needed where the description says so.
      - If it is not set, the environment variable E(REST_TASK_USER) is used.
    type: str
    aliases:
      - user
  password:
    description:
      - Password of O(username), or the secret of the client.
      - If it is not set, the environment variable E(REST_TASK_PASSWORD) is used.
    type: str
  token:
    description:
      - Token for the logins C(bearer) and C(header).
      - If it is not set, the environment variable E(REST_TASK_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether to check the certificate of the system.
      - If it is not set, the environment variable E(REST_TASK_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the PEM certificates of the authorities to trust, for a certificate of an internal authority.
      - If it is not set, the environment variable E(REST_TASK_CA_PATH) is used.
    type: path
"""
