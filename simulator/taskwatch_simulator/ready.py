# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ready file: where each system listens, and how to log in."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .server import Server


def ready_data(server: Server, ca_path: str | None) -> dict[str, Any]:
    """Return what the ready file holds."""
    return {
        "pid": os.getpid(),
        "ca_path": ca_path,
        "systems": server.systems(),
        "control_url": server.control_url,
    }


def write_ready(path: Path, ready: Mapping[str, Any]) -> None:
    """Write the ready file in one step, readable by its owner only, because it holds passwords."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(ready, file, indent=2)
        file.write("\n")
    Path(name).replace(path)
