# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ironic: API and conductor in one process, with hardware that is fake and takes its time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import closed_port

from tests.live.conversation import speaking
from tests.live.process import Program, run, started, tool

from .base import Service

PASSWORD = "s3cret-of-ironic"
# Deploying takes this long for each of three steps, inspecting this long
DEPLOYING, INSPECTING = 10, 600
CONFIGURATION = """
[DEFAULT]
auth_strategy = noauth
rpc_transport = none
host = localhost
my_ip = 127.0.0.1
state_path = {folder}
enabled_hardware_types = fake-hardware
enabled_bios_interfaces = fake
enabled_boot_interfaces = fake
enabled_console_interfaces = no-console
enabled_deploy_interfaces = fake
enabled_firmware_interfaces = no-firmware
enabled_inspect_interfaces = fake
enabled_management_interfaces = fake
enabled_network_interfaces = noop
enabled_power_interfaces = fake
enabled_raid_interfaces = fake
enabled_rescue_interfaces = fake
enabled_storage_interfaces = noop
enabled_vendor_interfaces = fake
[api]
host_ip = 127.0.0.1
port = {port}
[conductor]
automated_clean = false
sync_power_state_interval = -1
[database]
connection = sqlite:///{folder}/ironic.sqlite
[fake]
deploy_delay = {deploying}
inspect_delay = {inspecting}
[oslo_concurrency]
lock_path = {folder}
[service_catalog]
endpoint_override = http://127.0.0.1:{port}
"""


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Serve until the block ends."""
    port = closed_port()
    file = folder / "ironic.conf"
    values = {"folder": folder, "port": port, "deploying": DEPLOYING, "inspecting": INSPECTING}
    file.write_text(CONFIGURATION.format(**values), encoding="utf-8")
    run([tool("ironic", "ironic-dbsync"), "--config-file", str(file), "create_schema"], folder, {})
    url = f"http://127.0.0.1:{port}"
    with started("ironic", [tool("ironic", "ironic"), "--config-file", str(file)], folder, {}) as program:
        nodes = _Nodes(f"{url}/v1", program)
        program.until(nodes.has_conductor, "a conductor that is alive")
        yield Service(
            name="ironic",
            api="ironic_node",
            version=run([tool("ironic", "python"), "-c", VERSION], folder, {}).strip(),
            port=port,
            options={"token": PASSWORD},
            begin=nodes.begin,
            unknown="no-such-node",
            secrets=(PASSWORD,),
            client=lambda: speaking("ironic", "openstack_client", [url], folder, {}),
        )


class _Nodes:
    """Enrols nodes and lets them be deployed, or fail in cleaning, or be inspected for long."""

    def __init__(self, url: str, program: Program) -> None:
        self._url, self._program = url, program
        self._numbers = itertools.count(1)
        self._session = requests.Session()
        self._session.headers["X-OpenStack-Ironic-API-Version"] = "latest"

    def has_conductor(self) -> bool:
        try:
            conductors = self._session.get(f"{self._url}/conductors", timeout=5).json()["conductors"]
        except (requests.RequestException, ValueError, KeyError):
            return False
        return any(each["alive"] for each in conductors)

    def begin(self, course: str, _seconds: float) -> str:
        name = f"node-{next(self._numbers)}"
        self._ask("POST", "/nodes", {"driver": "fake-hardware", "name": name})
        self._provision(name, "manage", "manageable")
        if course == "long":
            self._provision(name, "inspect")
        elif course == "bad":
            # Nothing in the hardware knows such a step
            step = {"interface": "deploy", "step": "erase_everything"}
            self._provision(name, "clean", clean_steps=[step])
        else:
            self._provision(name, "provide", "available")
            image = {"image_source": "http://127.0.0.1/image", "image_checksum": "0" * 32}
            self._ask("PATCH", f"/nodes/{name}", [{"op": "add", "path": "/instance_info", "value": image}])
            self._provision(name, "active")
        return name

    def _provision(self, name: str, target: str, reached: str | None = None, **more: Any) -> None:
        self._ask("PUT", f"/nodes/{name}/states/provision", {"target": target, **more})
        if reached is not None:
            self._program.until(lambda: self._state(name) == reached, f"{name} that is {reached}")

    def _state(self, name: str) -> Any:
        return self._ask("GET", f"/nodes/{name}")["provision_state"]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, self._url + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


VERSION = "from importlib.metadata import version; print(version('ironic'))"
