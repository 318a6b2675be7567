# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Connection and login to Lenovo XClarity Administrator (LXCA).

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name or address of the XClarity Administrator, without scheme and port.
      - If it is not set, the environment variable E(LXCA_HOST) is used.
    type: str
    required: true
    aliases:
      - host
  port:
    description:
      - Port of the REST API.
      - If it is not set, the environment variable E(LXCA_PORT) is used.
    type: int
    default: 443
  username:
    description:
      - Account to log in with.
      - If it is not set, the environment variable E(LXCA_USER) is used.
    type: str
    required: true
    aliases:
      - user
  password:
    description:
      - Password of O(username).
      - If it is not set, the environment variable E(LXCA_PASSWORD) is used.
    type: str
    required: true
  auth:
    description:
      - How to authenticate.
      - V(session) logs in once, sends the CSRF token with each request, and logs out at the end.
      - V(basic) sends O(username) and O(password) with each request. The XClarity Administrator counts every
        request as a login then.
    type: str
    choices:
      - session
      - basic
    default: session
  validate_certs:
    description:
      - Whether to check the certificate of the XClarity Administrator.
      - If it is not set, the environment variable E(LXCA_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the PEM certificates of the authorities to trust. An XClarity Administrator with the
        certificate it was delivered with, or with one of an internal authority, needs it.
      - If it is not set, the environment variable E(LXCA_CA_PATH) is used.
    type: path
notes:
  - XClarity Administrator answers 403 to an account without the privilege for the request, and may answer a
    wrong password with 403 instead of 401.
"""
