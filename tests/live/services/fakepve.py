# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fakepve: the API of Proxmox VE, with tickets, UPIDs and locks of guests."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.certificates import issue
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import closed_port

from tests.live.conversation import speaking
from tests.live.process import answers, run, started, tool

from .base import Service

PASSWORD = "s3cret-of-pve"
LOGIN = {"username": "root@pam", "password": PASSWORD}
# Guests by how long they take to start, in seconds
GUESTS = {"good": 30, "bad": 8, "long": 600}
EACH = 20
ERROR = "start failed: command '/usr/bin/kvm -id 200' failed: exit code 1"


def guests() -> list[dict[str, Any]]:
    """Guests of each course, as the file of the command line has them."""
    kinds = enumerate(GUESTS.items(), 1)
    return [
        {
            "vmid": 100 * kind + number,
            "name": f"{course}-{number}",
            "start_secs": seconds,
            **({"start_error": ERROR} if course == "bad" else {}),
        }
        for kind, (course, seconds) in kinds
        for number in range(EACH)
    ]


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Serve until the block ends."""
    port = closed_port()
    (folder / "guests.json").write_text(json.dumps({"guests": guests()}), encoding="utf-8")
    version = run([tool("fakepve", "fakepve"), "--version"], folder, {}).split()[-1]
    authority = issue(folder, "authority", is_ca=True)
    own = str(issue(folder, "fakepve", authority).path)
    command = [tool("fakepve", "fakepve"), "guests.json", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--cert", own, "--key", own]
    with started("fakepve", command, folder, {"PVE_PASS": PASSWORD}) as program:
        program.until(lambda: answers(port), "an open port")
        pve = _Pve(f"https://127.0.0.1:{port}/api2/json", str(authority.path))
        yield Service(
            name="fakepve",
            api="proxmox_task",
            version=version,
            port=port,
            tls=True,
            options={**LOGIN, "variables": {"node": "pve1"}},
            begin=pve.begin,
            unknown="UPID:pve1:00000001:00000002:65F00000:qmstart:100:root@pam:",
            # Proxmox VE answers 400, fakepve 500
            unknown_as="server_error",
            secrets=(PASSWORD, "PVE:root@pam:"),
            wrong_login={"password": "wr0ng-password"},
            client=lambda: speaking("fakepve", "proxmoxer_client", [str(port)], folder, {"PVE_PASS": PASSWORD}),
        )


class _Pve:
    """Starts guests; each is started once."""

    def __init__(self, url: str, authority: str) -> None:
        self._url, self._authority = url, authority
        self._guests = {name: itertools.count(100 * kind) for kind, name in enumerate(GUESTS, 1)}

    def begin(self, course: str, _seconds: float) -> str:
        session = requests.Session()
        # Also against variables that name other authorities
        session.trust_env = False
        session.verify = self._authority
        login = session.post(f"{self._url}/access/ticket", data=LOGIN, timeout=30).json()["data"]
        session.cookies.set("PVEAuthCookie", login["ticket"])
        session.headers["CSRFPreventionToken"] = login["CSRFPreventionToken"]
        guest = next(self._guests[course])
        begun = session.post(f"{self._url}/nodes/pve1/qemu/{guest}/status/start", timeout=30)
        begun.raise_for_status()
        upid: str = begun.json()["data"]
        return upid
