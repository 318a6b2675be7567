# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Connection options that have the same meaning and default for every system.

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  use_ssl:
    description:
      - Whether to speak HTTPS.
      - With V(false) everything, credentials included, crosses the network in clear text over plain HTTP.
        It is meant for installations without TLS and for rehearsals on one machine.
    type: bool
    default: true
  timeout:
    description:
      - Seconds that one request may take, from connecting to the last byte of the answer.
      - It does not bound a wait, O(wait_timeout) does.
    type: float
    default: 30
  cert_fingerprint:
    description:
      - SHA-256 fingerprint of the certificate of the system. It has 64 hexadecimal digits, with or without
        colons.
      - The certificate that has it is trusted, whatever its name, age and issuer, and no other one. It is
        compared before any credential is sent, also with O(validate_certs=false).
      - It is for the system itself. A login server of its own, such as that of Prisma SD-WAN, proves itself by
        its authority.
      - If it is not set, the environment variable of the system is used, which is E(LXCA_CERT_FINGERPRINT),
        E(SDM_CERT_FINGERPRINT), E(VMWARE_CERT_FINGERPRINT), E(PRISMASASE_CERT_FINGERPRINT) or
        E(REST_TASK_CERT_FINGERPRINT).
    type: str
  client_cert:
    description:
      - File with the client certificate to show to the system, in PEM format. It may hold the key as well.
      - If it is not set, the environment variable of the system is used, which is E(LXCA_CLIENT_CERT),
        E(SDM_CLIENT_CERT), E(VMWARE_CLIENT_CERT), E(PRISMASASE_CLIENT_CERT) or E(REST_TASK_CLIENT_CERT).
    type: path
  client_key:
    description:
      - File with the key of O(client_cert), in PEM format and without a passphrase.
      - If it is not set, the environment variable of the system is used, which is E(LXCA_CLIENT_KEY),
        E(SDM_CLIENT_KEY), E(VMWARE_CLIENT_KEY), E(PRISMASASE_CLIENT_KEY) or E(REST_TASK_CLIENT_KEY).
    type: path
  use_proxy:
    description:
      - Whether a proxy that the environment names is used. With V(false) the connection is direct, whatever
        E(https_proxy) says.
      - If it is not set, the environment variable of the system is used, which is E(LXCA_USE_PROXY),
        E(SDM_USE_PROXY), E(VMWARE_USE_PROXY), E(PRISMASASE_USE_PROXY) or E(REST_TASK_USE_PROXY).
    type: bool
    default: true
requirements:
  - python >= 3.9
  - requests >= 2.32.4
notes:
  - An option that the task sets wins over its environment variable, and an environment variable that is
    empty counts as not set. The variables are read where the module runs, so a delegated task needs them
    there.
  - Authorities are those of O(ca_path), else of E(REQUESTS_CA_BUNDLE), else of E(CURL_CA_BUNDLE), else of
    E(SSL_CERT_FILE) and E(SSL_CERT_DIR) or the system's store, together with those that C(requests) brings.
  - Proxies come from E(https_proxy), E(http_proxy), E(all_proxy) and E(no_proxy) alone, never from the
    settings of the operating system.
  - A session that the module opened is closed in every end, also after a failure, a timeout or an
    interrupt. Only a process that is killed with C(SIGKILL) leaves its session to the idle timeout of the
    system.
  - A login that the system refuses fails at once, so that a wrong password does not lock the account. Only
    if a login has worked before in the same wait, it is tried twice more, 60 seconds apart.
  - Passwords, client secrets and tokens appear in no message, no URL and no log line.
"""
