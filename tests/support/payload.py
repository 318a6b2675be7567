# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of the return values that all modules share, as their documentation has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

_TABLE: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "tools/returns.yml").read_text(encoding="utf-8")
)
PAYLOAD = frozenset(_TABLE) - {"msg"}
STATS = frozenset(_TABLE["stats"]["contains"])
ERROR = frozenset(_TABLE["error"]["contains"])
TASK = frozenset(_TABLE["tasks"]["contains"]) - {"raw"}
STEP = frozenset(_TABLE["tasks"]["contains"]["steps"]["contains"])
# In the order in which one of them becomes the state of all tasks together
STATES = ("failed", "cancelled", "unknown", "running", "pending", "succeeded")
FINISHED = frozenset({"succeeded", "failed", "cancelled"})


def payload_faults(payload: Mapping[str, Any], extras: Iterable[str] = ()) -> list[str]:
    """Return what is missing in, or does not belong to, the return values; `extras` are a module's own keys."""
    faults = _key_faults("payload", payload, PAYLOAD | set(extras))
    faults += _key_faults("stats", payload.get("stats") or {}, STATS)
    for task in payload.get("tasks") or []:
        faults += _key_faults(f"task {task.get('id')}", {**task, "raw": None}, TASK | {"raw"})
        faults += _step_faults(task.get("steps") or [])
    if payload.get("error") is not None:
        faults += _key_faults("error", payload["error"], ERROR)
    return faults


def _step_faults(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    faults: list[str] = []
    for step in steps:
        faults += _key_faults(f"step {step.get('id')}", step, STEP)
        faults += _step_faults(step.get("steps") or [])
    return faults


def _key_faults(name: str, given: Mapping[str, Any], wanted: Iterable[str]) -> list[str]:
    odd = sorted(given.keys() ^ set(wanted))
    return [f"{name} lacks or should not have {', '.join(odd)}"] if odd else []
