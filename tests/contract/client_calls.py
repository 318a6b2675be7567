# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One calls per client through everything that it can ask the simulator for, for the table of the documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import pylxca
import requests
from com.vmware.appliance.update_client import Pending, Staged
from com.vmware.appliance_client import Update
from com.vmware.vapi.std import errors_client as errors
from pylxca.pylxca_api.lxca_rest import lxca_rest

from .clients.lxca import PylxcaExport, PylxcaJob
from .clients.prisma import CloudgenixPassword, CloudgenixToken, PrismaSase, Sdk
from .clients.vcenter_encodings import Encoding
from .clients.vcenter_modules import AnsibleModule, ApplianceInfo, ApplianceUpdateInfo
from .clients.vcenter_sdk import VcenterSdk
from .prisma_fleet import FIRST
from .rig import Rig

Request = tuple[str, str]
Tour = Callable[[Rig], None]
NEW = "8.0.3.00400"
SCENARIO: Mapping[str, Any] = {
    "lxca": {"tasks": [{"kind": "export", "id": "12"}, {"kind": "csv_job", "id": "371"}, {"kind": "task", "id": "51"}]},
    "vcenter": {"tasks": [{"operation": "none", "from_version": "8.0.2.00300"}], "starts": [{"operation": "stage"}]},
    "prisma_sdwan": {"tasks": [{"id": str(FIRST), "path": "idle"}]},
}
# What stands for an id in the documentation
PLACEHOLDERS = {
    rf"/{NEW}\b": "/{version}",
    "/1092\\b": "/{tenant}",
    f"/{FIRST}\\b": "/{element}",
    "/(371|51|12)\\b": "/{id}",
}


def asked(rig: Rig, system: str, calls: Tour) -> set[Request]:
    """Return what a calls asks for, with placeholders for ids and the action that a path may have."""
    rig.begin(SCENARIO)
    calls(rig)
    found = set()
    for each in rig.simulator.requests():
        path, action = str(each["path"]), re.search(r"action=[a-z-]+", str(each["query"]))
        for pattern, name in PLACEHOLDERS.items():
            path = re.sub(pattern, name, path)
        assert each["system"] == system
        found.add((str(each["method"]), path + (f"?{action[0]}" if action else "")))
    return found


def _all(calls: Iterable[Callable[[], object]]) -> None:
    for call in calls:
        with suppress(errors.Error, requests.HTTPError):
            call()


def _sdk(rig: Rig, encoding: Encoding) -> None:
    client = VcenterSdk(rig.access("vcenter"), encoding)
    client.log_in()
    client.poll()
    if encoding != "jsonrpc":
        pending, staged, secret = client.service(Pending), client.service(Staged), {"vmdir.password": "wrong"}
        _all((partial(pending.get, NEW), partial(pending.precheck, NEW), partial(pending.validate, NEW, secret)))
        _all((partial(pending.install, NEW, secret), partial(pending.stage_and_install, NEW, secret), pending.rollback))
        _all((partial(pending.list, Pending.SourceType.LOCAL), partial(pending.stage, NEW), staged.get, staged.delete))
        _all((client.service(Update).cancel,))
    client.log_out()


def _module(rig: Rig, module: type[AnsibleModule]) -> None:
    module(rig.access("vcenter")).poll()


def _prisma(rig: Rig, client: type[Sdk]) -> None:
    made = client(rig.access("prisma_sdwan"))
    made.log_in()
    made.poll()
    sdk, element = made.sdk, str(FIRST)
    sdk.get.elements()
    sdk.post.element_query({})
    sdk.get.element_images()
    sdk.put.software_state(element, sdk.get.software_state(element).cgx_content)
    sdk.post.tenant_element_operations(element, {"action": "abort_upgrade", "parameters": None})
    made.log_out()


def _pylxca(rig: Rig) -> None:
    client = PylxcaExport(rig.access("lxca"), ["12"])
    client.log_in()
    client.poll()
    jobs = PylxcaJob(rig.access("lxca"), ["371"])
    jobs.connection = client.connection
    jobs.poll()
    pylxca.tasks(client.connection)
    pylxca.tasks(client.connection, jobUID="51")
    session = client.connection.get_session()
    _all((partial(lxca_rest().put_updaterepo, client.url, session, "export", "fix-1", None, "all", None),))
    client.log_out()


# By the name that a client has in the documentation: its system and its calls
CLIENT_CALLS: Mapping[str, tuple[str, Tour]] = {
    "vmware-vcenter, /api": ("vcenter", partial(_sdk, encoding="api")),
    "vmware-vcenter, /rest": ("vcenter", partial(_sdk, encoding="rest")),
    "vmware-vcenter, JSON-RPC": ("vcenter", partial(_sdk, encoding="jsonrpc")),
    "vmware.vmware.appliance_info": ("vcenter", partial(_module, module=ApplianceInfo)),
    "vmware.vmware_rest.appliance_update_info": ("vcenter", partial(_module, module=ApplianceUpdateInfo)),
    "prisma_sase": ("prisma_sdwan", partial(_prisma, client=PrismaSase)),
    "cloudgenix, static token": ("prisma_sdwan", partial(_prisma, client=CloudgenixToken)),
    "cloudgenix, email and password": ("prisma_sdwan", partial(_prisma, client=CloudgenixPassword)),
    "pylxca": ("lxca", _pylxca),
}
