# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates begun with VMware's SDK and watched by our module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from com.vmware.appliance.update_client import Pending, Staged
from com.vmware.appliance_client import Update
from com.vmware.vapi.std import errors_client as errors

from .clients.vcenter_encodings import Encoding
from .clients.vcenter_sdk import VcenterSdk
from .rig import Rig
from .vcenter_courses import APPLIANCE
from .walk import walk

OLD, NEW = "8.0.2.00300", "8.0.3.00400"
SCENARIO = {
    "vcenter": {
        "tasks": [{"operation": "none", "from_version": OLD}],
        "starts": [
            {"operation": "stage", "duration": 20},
            {"operation": "install", "duration": 20},
            {"operation": "rollback", "duration": 20},
        ],
    }
}


@contextmanager
def appliance(rig: Rig, encoding: Encoding) -> Iterator[VcenterSdk]:
    """Begin the scenario and log in."""
    rig.begin(SCENARIO)
    client = VcenterSdk(rig.access("vcenter"), encoding)
    client.log_in()
    yield client
    client.log_out()


def watched(rig: Rig, encoding: Encoding, wait_for: str, *ends: str) -> None:
    """Wait with our module, while another of the SDK's clients polls, too."""
    client = VcenterSdk(rig.access("vcenter"), encoding, ends)
    record = walk(rig, APPLIANCE, client, step=5.0, wait_for=wait_for)
    record.check()
    assert record.result.payload["succeeded"]


def test_an_update_is_staged_installed_and_rolled_back(rig: Rig) -> None:
    """Over /rest, where the SDK writes the map of an installation as the appliance wants it."""
    with appliance(rig, "rest") as client:
        pending, staged = client.service(Pending), client.service(Staged)
        assert pending.get(NEW).staged is False
        assert pending.precheck(NEW).reboot_required
        pending.stage(NEW)
        watched(rig, "rest", "staged", "UPDATES_PENDING")
        assert (staged.get().version, pending.get(NEW).staged) == (NEW, True)
        secret = {"vmdir.password": rig.access("vcenter")["password"]}
        assert not pending.validate(NEW, secret).errors
        assert pending.validate(NEW, {"vmdir.password": "wrong"}).errors
        pending.install(NEW, secret)
        watched(rig, "rest", "installed", "UP_TO_DATE")
        assert client.read().version == NEW
        modern = VcenterSdk(rig.access("vcenter"), "api")
        modern.log_in()
        modern.service(Pending).rollback()
        modern.log_out()
        assert str(client.read().state) == "ROLLBACK_IN_PROGRESS"
        rig.move(25)
        assert (str(client.read().state), client.read().version) == ("UP_TO_DATE", OLD)


def test_what_was_staged_is_thrown_away_again(rig: Rig) -> None:
    with appliance(rig, "api") as client:
        pending, staged = client.service(Pending), client.service(Staged)
        pending.stage(NEW)
        rig.move(25)
        assert (staged.get().version, staged.get().staging_complete) == (NEW, True)
        staged.delete()
        assert (str(client.read().state), pending.get(NEW).staged) == ("UP_TO_DATE", False)


def test_refusals_have_the_types_of_the_reference(rig: Rig) -> None:
    with appliance(rig, "rest") as client:
        pending, staged = client.service(Pending), client.service(Staged)
        refusals = {
            errors.NotFound: lambda: pending.get("9.9.9.00000"),
            errors.InvalidArgument: lambda: pending.install(NEW, {"vmdir.password": "wrong"}),
            errors.NotAllowedInCurrentState: staged.get,
            errors.AlreadyInDesiredState: lambda: pending.stage(OLD),
        }
        for kind, call in refusals.items():
            with pytest.raises(kind):
                call()
        pending.stage(NEW)
        for call in (lambda: pending.stage(NEW), client.service(Update).cancel, staged.delete):
            with pytest.raises(errors.NotAllowedInCurrentState):
                call()


def test_what_the_sdk_cannot_ask_for_outside_json_rpc(rig: Rig) -> None:
    """It puts the parameters of a GET into its body, and over /api writes a map as if it were /rest."""
    with appliance(rig, "api") as client:
        pending = client.service(Pending)
        with pytest.raises(errors.InvalidRequest):
            pending.list(Pending.SourceType.LAST_CHECK)
        assert rig.simulator.requests()[-1]["query"] == ""
        with pytest.raises(errors.InvalidRequest):
            pending.validate(NEW, {"vmdir.password": rig.access("vcenter")["password"]})
