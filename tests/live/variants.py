# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shipped descriptions with another login, where a service has one that the shipped form does not use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from ansible_collections.taskwatch.infra.plugins.module_utils._description.shipped import FOLDER

# Pulp 3: POST and DELETE of /login/, with the cookies of Django
PULP_SESSION: dict[str, Any] = {
    "kind": "session",
    "request": {"path": "/pulp/api/v3/login/", "basic": True},
    "take": {"csrf": "cookie:csrftoken"},
    "send": {"headers": {"X-CSRFToken": "{csrf}"}},
    "logout": {"method": "DELETE", "path": "/pulp/api/v3/login/"},
}


def description_of(api: str, **changed: Any) -> dict[str, Any]:
    """A shipped description with other parts."""
    text = (FOLDER / f"{api}.yml").read_text(encoding="utf-8")
    return {**yaml.safe_load(text), **changed}


def variants_of(service: str) -> Mapping[str, Mapping[str, Any]]:
    """Options beside those of a service, by what they are called."""
    if service == "pulp":
        return {"session": {"description": description_of("pulp_task", login=PULP_SESSION)}}
    return {}
