# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rest_task_info on fakepve, over TLS as well."""

from __future__ import annotations

import hashlib
import ssl
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of

from .matrix import Compared, Matrix
from .services.base import Service

SERVICE = "fakepve"


class TestEnds(Matrix):
    """As on every service."""


class TestClient(Compared):
    """As on every service whose vendor has a client."""


@pytest.mark.parametrize("known", [True, False])
def test_its_certificate_is_trusted_by_its_fingerprint_alone(service: Service, known: bool) -> None:
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", service.port)))
    fingerprint = hashlib.sha256(der).hexdigest()
    options: dict[str, Any] = {"api": service.api, **service.options, "hostname": "127.0.0.1", "port": service.port}
    wrong = "0" * len(fingerprint)
    params = params_of(
        RestTask,
        **options,
        task_id=[service.begin("long", 600)],
        cert_fingerprint=fingerprint if known else wrong,
    )
    result = run(RestTask, params)
    assert (result.payload["error"] or {}).get("type") == (None if known else "tls")
    assert result.payload["state"] == ("running" if known else "unknown")
