# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Connection and login to Palo Alto Networks Prisma SD-WAN.

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name of the API host, without scheme and port.
      - With O(auth_token) it is the host of the region, such as V(api.us.cloudgenix.com).
      - If it is not set, the environment variable E(PRISMASASE_HOST) is used.
    type: str
    default: api.sase.paloaltonetworks.com
    aliases:
      - host
  port:
    description:
      - Port of the API.
    type: int
    default: 443
  client_id:
    description:
      - Client ID of the service account. O(client_secret) and O(tsg_id) are needed with it.
      - If it is not set, the environment variable E(PRISMASASE_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - Secret of O(client_id).
      - If it is not set, the environment variable E(PRISMASASE_CLIENT_SECRET) is used.
    type: str
  tsg_id:
    description:
      - ID of the tenant service group that the access token is for.
      - If it is not set, the environment variable E(PRISMASASE_TSG_ID) is used.
    type: str
  auth_url:
    description:
      - URL that issues access tokens. It must begin with V(https://), except with O(use_ssl=false).
      - If it is not set, the environment variable E(PRISMASASE_AUTH_URL) is used.
    type: str
    default: https://auth.apps.paloaltonetworks.com/auth/v1/oauth2/access_token
  auth_token:
    description:
      - Static token of the legacy API, sent as C(x-auth-token).
      - If it is not set, the environment variable E(X_AUTH_TOKEN) is used.
      - It is ignored when O(client_id), O(client_secret) and O(tsg_id) are set.
    type: str
  tenant_id:
    description:
      - ID of the tenant in the paths of the legacy API. If it is not known, the profile of O(auth_token)
        tells it.
      - If it is not set, the environment variable E(PRISMASASE_TENANT_ID) is used.
    type: str
  validate_certs:
    description:
      - Whether to check the certificates of the API host and of the host in O(auth_url).
      - If it is not set, the environment variable E(PRISMASASE_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the PEM certificates of the authorities to trust, for example behind a proxy that opens
        TLS.
      - If it is not set, the environment variable E(PRISMASASE_CA_PATH) is used.
    type: path
notes:
  - Either O(client_id), O(client_secret) and O(tsg_id), or O(auth_token) must be given. If both are, the
    client credentials win.
  - Access tokens last 15 minutes. A wait renews them in time, with the profile request that Prisma SD-WAN
    demands after each new token.
"""
