# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job finds of a credential: environment variables and files, as AWX makes them.

Source: AWX 24.6.1, awx/main/models/credential.py (CredentialType.inject_credential), and for the built-in VMware type
awx_plugins/credentials/injectors.py (vmware) with AWX's default of its setting VMWARE_VALIDATE_CERTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from taskwatch_simulator.embedded import Simulator


class CannotStart(Exception):
    """AWX refuses to start a job with such a credential, and says why."""


def inject(credential_type: Mapping[str, Any], inputs: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Write the files of a credential to `folder` and return its environment variables.

    `inputs` are those that were given; a string that is blank counts as not given, a boolean that was left out
    is False, and no default of the type is applied.
    """
    missing = [name for name in credential_type["inputs"].get("required", []) if not inputs.get(name)]
    if missing:
        # awx/main/tasks and scheduler word it like this when a job is to begin
        raise CannotStart(
            f"Job cannot start because Credential {credential_type['name']} does not provide one or more required "
            f"fields ({', '.join(sorted(missing))})."
        )
    known: dict[str, Any] = {name: value for name, value in inputs.items() if isinstance(value, bool) or value}
    for field in credential_type["inputs"]["fields"]:
        if field["type"] == "boolean":
            known.setdefault(field["id"], False)
    environment = ImmutableSandboxedEnvironment()
    injectors = credential_type["injectors"]
    names = {}
    for number, (label, template) in enumerate(injectors.get("file", {}).items()):
        path = folder / f"tmp{number}"
        path.write_text(environment.from_string(template).render(known), encoding="utf-8")
        path.chmod(0o600)
        names[label.partition(".")[2]] = str(path)
    tower = {"filename": names.get("", names)}
    return {
        name: environment.from_string(template).render({**known, "tower": tower})
        for name, template in injectors["env"].items()
    }


def inject_vmware(access: Mapping[str, Any]) -> dict[str, str]:
    """Return what AWX's own VMware vCenter type injects; AWX's setting for certificates is off unless changed."""
    return {
        "VMWARE_HOST": str(access["hostname"]),
        "VMWARE_USER": str(access["username"]),
        "VMWARE_PASSWORD": str(access["password"]),
        "VMWARE_VALIDATE_CERTS": "False",
    }


# The option that a field of ours is about, where it has another name
OPTIONS = {"host": "hostname"}


def filled_in(credential_type: Mapping[str, Any], system: str, simulator: Simulator) -> dict[str, Any]:
    """Return the inputs of a credential for a system of the simulator, every field filled in."""
    access = simulator.systems[system]
    found: dict[str, Any] = {}
    for field in credential_type["inputs"]["fields"]:
        name = OPTIONS.get(field["id"], field["id"])
        if name in access:
            found[field["id"]] = str(access[name])
        elif name == "ca" and simulator.ca_path:
            found["ca"] = Path(simulator.ca_path).read_text(encoding="utf-8")
        elif field["type"] == "boolean":
            found[field["id"]] = False
    return found
