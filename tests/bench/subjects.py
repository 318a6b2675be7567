# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks that are compared: a vCenter appliance's update seen by us, and by what people would take otherwise."""

from __future__ import annotations

from typing import Any

from .rig import Simulator, Tasks

IN_PROCESS = "in-process"
MODULE = "module"
URI = "uri"
VMWARE_REST = "vmware_rest"
IDLE = "nothing"
LABELS = {
    IN_PROCESS: "`taskwatch.infra.appliance_update_info`, in-process",
    MODULE: "`taskwatch.infra.appliance_update_info`, as a module",
    URI: "`ansible.builtin.uri`: login, GET, logout",
    VMWARE_REST: "`vmware.vmware_rest.appliance_update_info`",
    IDLE: "`ansible.builtin.debug`: Ansible alone",
}
USER_LOGIN = ("hostname", "port", "username", "password")
CONNECTION = {
    "vcenter": USER_LOGIN,
    "lxca": USER_LOGIN,
    "prisma_sdwan": ("hostname", "port", "client_id", "client_secret", "tsg_id", "auth_url"),
}
LOGINS = {("POST", "/api/session"), ("POST", "/rest/com/vmware/cis/session"), ("POST", "/sessions")}
# What a loop around `uri` waits for the end of
WORKING = ["STAGE_IN_PROGRESS", "INSTALL_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"]


def options(simulator: Simulator, system: str) -> dict[str, Any]:
    """Return our connection options for a system."""
    facts = simulator.system(system)
    return {**{name: facts[name] for name in CONNECTION[system]}, "ca_path": simulator.ca_path}


def ours(simulator: Simulator, **wanted: Any) -> Tasks:
    """Poll, or wait, with our module."""
    return [{"taskwatch.infra.appliance_update_info": {**options(simulator, "vcenter"), **wanted}}]


def ours_as_module(simulator: Simulator) -> Tasks:
    """Poll with our module in a process of its own, as any task with an `environment` does."""
    (task,) = ours(simulator)
    return [{**task, "environment": {"LC_ALL": "C.UTF-8"}}]


def uri(simulator: Simulator, **loop: Any) -> Tasks:
    """Poll with `uri` as a careful author does: one login, one logout. `loop` holds the keywords around `until`."""
    facts = simulator.system("vcenter")
    origin = f"https://{facts['hostname']}:{facts['port']}/api"
    trust = {"ca_path": simulator.ca_path}
    session = {"headers": {"vmware-api-session-id": "{{ login.json }}"}}
    account = {"url_username": facts["username"], "url_password": facts["password"], "force_basic_auth": True}
    login = {**trust, **account, "url": f"{origin}/session", "method": "POST", "status_code": 201}
    poll = {**trust, **session, "url": f"{origin}/appliance/update"}
    logout = {**trust, **session, "url": f"{origin}/session", "method": "DELETE", "status_code": 204}
    return [
        {"ansible.builtin.uri": login, "register": "login"},
        {"ansible.builtin.uri": poll, "register": "update", **loop},
        {"ansible.builtin.uri": logout},
    ]


def vmware_rest(simulator: Simulator, **loop: Any) -> Tasks:
    """Poll with VMware's collection, which takes no file with a certificate authority."""
    facts = simulator.system("vcenter")
    wanted = {
        "vcenter_hostname": f"{facts['hostname']}:{facts['port']}",
        "vcenter_username": facts["username"],
        "vcenter_password": facts["password"],
        "vcenter_validate_certs": False,
    }
    return [{"vmware.vmware_rest.appliance_update_info": wanted, "register": "update", **loop}]


POLLS = {IN_PROCESS: ours, MODULE: ours_as_module, URI: uri, VMWARE_REST: vmware_rest}


def until(answer: str, retries: int, delay: float) -> dict[str, Any]:
    """Return the keywords that poll again until no work is in progress."""
    return {"until": f"update.{answer}.state not in {WORKING}", "retries": retries, "delay": delay}


def nothing(count: int) -> Tasks:
    """As many tasks that do nothing: what Ansible costs by itself."""
    return [{"ansible.builtin.debug": {"msg": "nothing"}} for _number in range(count)]
