# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection ships for AWX, as data, and the folders that it lies in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.ansible import ROOT

FOLDER = ROOT / "extensions/awx"
PLAYBOOKS = ROOT / "playbooks"


def _all_of(kind: str) -> dict[str, dict[str, Any]]:
    """Return every file of one kind by the name without its ending."""
    files = sorted((FOLDER / kind).glob("*.yml"))
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


CREDENTIAL_TYPES = _all_of("credential_types")
JOB_TEMPLATES = _all_of("job_templates")
WORKFLOWS = _all_of("workflows")


def path_of(template: dict[str, Any]) -> Path:
    """Return the playbook of a job template."""
    return PLAYBOOKS / str(template["playbook"])
