# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How VMware's SDK understands the appliance's refusals, and the client that it hands to programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from com.vmware.appliance.networking_client import NoProxy
from com.vmware.vapi.std import errors_client as errors
from vmware.vapi.vsphere.client import create_vsphere_client

from .clients.client import SessionLost, Unavailable
from .clients.vcenter_encodings import Encoding
from .clients.vcenter_sdk import VcenterSdk
from .rig import Rig

ENCODINGS = ("api", "rest", "jsonrpc")
UNAVAILABLE = "com.vmware.vapi.endpoint.cis.ServiceUnavailable"
UNAUTHENTICATED = "com.vmware.vapi.endpoint.method.authentication.required"


def refused(act: Callable[[], object]) -> Any:
    """Return the SDK's own exception."""
    with pytest.raises((Unavailable, SessionLost)) as caught:
        act()
    return caught.value.__cause__


def message_ids(error: Any) -> list[str]:
    """Return what the SDK has kept of an error's messages."""
    return [message.id for message in error.messages or []]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_wrong_password_is_not_authenticated(rig: Rig, encoding: Encoding) -> None:
    rig.begin({})
    error = refused(VcenterSdk({**rig.access("vcenter"), "password": "wrong"}, encoding).log_in)
    assert isinstance(error, errors.Unauthenticated)
    assert message_ids(error) == [UNAUTHENTICATED]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_who_never_logged_in_is_not_authenticated(rig: Rig, encoding: Encoding) -> None:
    rig.begin({})
    error = refused(VcenterSdk(rig.access("vcenter"), encoding).poll)
    assert isinstance(error, errors.Unauthenticated)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_who_is_not_in_the_group_is_not_authorized(rig: Rig, encoding: Encoding) -> None:
    rig.begin({"vcenter": {"authorized": False}})
    client = VcenterSdk(rig.access("vcenter"), encoding)
    client.log_in()
    error = refused(client.poll)
    client.log_out()
    assert isinstance(error, errors.Unauthorized)
    # Over /api the SDK goes by the status alone and drops the rest, but not at the login
    assert message_ids(error) == ([] if encoding == "api" else ["com.vmware.vapi.endpoint.method.authorization.denied"])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_login_without_a_backend_is_unavailable(rig: Rig, encoding: Encoding) -> None:
    rig.begin({"vcenter": {"tasks": [{"outage": [{"from": 0, "until": 9, "answer": "login_503"}]}]}})
    error = refused(VcenterSdk(rig.access("vcenter"), encoding).log_in)
    # In both REST flavours the SDK takes any refusal of a login for this one; the message tells
    assert isinstance(error, errors.ServiceUnavailable if encoding == "jsonrpc" else errors.Unauthenticated)
    assert message_ids(error) == [UNAVAILABLE]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_session_is_gone_after_the_logout(rig: Rig, encoding: Encoding) -> None:
    rig.begin({})
    client, other = VcenterSdk(rig.access("vcenter"), encoding), VcenterSdk(rig.access("vcenter"), encoding)
    for each in (client, other):
        each.log_in()
    assert len(rig.simulator.sessions()["vcenter"]) == 2
    client.log_out()
    with pytest.raises(SessionLost):
        client.poll()
    other.poll()
    other.log_out()
    assert rig.simulator.sessions()["vcenter"] == []


@contextmanager
def vsphere_client(access: Mapping[str, Any]) -> Iterator[Any]:
    """Hand out the client that programs use, and let it log out at the end."""
    http = requests.Session()
    http.trust_env, http.verify = False, access["ca_path"]
    server = f"{access['hostname']}:{access['port']}"
    client = create_vsphere_client(server, access["username"], access["password"], session=http)
    try:
        with client:
            yield client
    finally:
        # It logs out once more when it is collected, in whatever thread that happens, be it the simulator's own
        client.session_svc = None


@pytest.mark.parametrize("profile", ["6.7", "8.0", "9.1"])
def test_the_client_that_programs_use(rig: Rig, profile: str) -> None:
    """It speaks JSON-RPC, whatever the release."""
    rig.begin({"vcenter": {"profile": profile, "tasks": [{"operation": "none", "from_version": "7.0.3.00800"}]}})
    access = rig.access("vcenter")
    with vsphere_client(access) as client:
        assert str(client.appliance.Update.get().state) == "UP_TO_DATE"
        version = client.appliance.system.Version.get()
        assert (version.version, version.product) == ("7.0.3.00800", "VMware vCenter Server")
        assert client.session_svc.get().user == access["username"]
        with pytest.raises(errors.OperationNotFound):
            NoProxy(client.appliance.Update._config).get()
        assert len(rig.simulator.sessions()["vcenter"]) == 1
    assert rig.simulator.sessions()["vcenter"] == []
    assert set(rig.asked("vcenter")) == {("POST", "/api")}
