# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The description of a thing, an API that is nowhere."""

from __future__ import annotations

from typing import Any


def described(**task: Any) -> dict[str, Any]:
    """A description that is as short as one can be, with more for its task."""
    return {
        "name": "Thing",
        "source": "https://things.example.com/docs",
        "task": {
            "request": {"path": "/things/{id}"},
            "state": "phase",
            "words": {"busy": "running", "made": "succeeded", "broken": "failed"},
            **task,
        },
        "samples": [
            {"answer": {"phase": "made"}, "expect": {"state": "succeeded"}},
            {"answer": {"phase": "broken"}, "expect": {"state": "failed"}},
        ],
    }
