# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Systems of the simulator described in data, so that rest_task_info can be played like every other module."""

from __future__ import annotations

from typing import Any

_TASK = "(TaskList || @) | [0]"
_PARTS = {
    "progress": "percentage",
    "name": "title || messageDisplay",
    "message": "summary[0].description || summary",
}
LXCA_TASK: dict[str, Any] = {
    "name": "Described task",
    "source": "Lenovo XClarity Administrator REST API, GET /tasks/{job_list}",
    "login": {
        "kind": "session",
        "request": {
            "method": "POST",
            "path": "/sessions",
            "json": {"UserId": "{username}", "password": "{password}"},
        },
        "take": {"csrf": "response.session.csrf"},
        "send": {"headers": {"X-Csrf-Token": "{csrf}"}},
        "logout": {"method": "DELETE", "path": "/sessions"},
        "refused": {"statuses": [400], "when": "response.authenticated == `false` || result == 'failure'"},
        "expired": [401],
    },
    "task": {
        "request": {"path": "/tasks/{id}"},
        "state": f"{_TASK}.status",
        "words": {
            "Pending": "pending",
            "Validating": "running",
            "Uploading": "running",
            "Running*": "running",
            "CompleteWithErrors": "failed",
            "Complete": "succeeded",
            "CompleteWithWarnings": "succeeded",
            "Cancelled*": "cancelled",
            "Skipped": "cancelled",
            "Stopped*": "failed",
            "Interrupted": "failed",
        },
        **{key: f"{_TASK}.{text}" for key, text in _PARTS.items() if key == "progress"},
        "name": f"{_TASK} | title || messageDisplay",
        "message": f"{_TASK} | summary[0].description || summary",
        "errors": f"{_TASK} | summary[].description",
        "details": _TASK,
        "started_at": f"{_TASK}.startTime",
        "finished_at": f"{_TASK}.endTime",
        "steps": {"items": f"{_TASK}.children", "id": "jobUID", "state": "status", **_PARTS},
    },
    "samples": [
        {
            "answer": [{"jobUID": "51", "status": "Running", "percentage": 40.0, "children": []}],
            "expect": {"state": "running", "progress": 40},
        },
        {"answer": [{"jobUID": "51", "status": "Complete", "percentage": 100.0}], "expect": {"state": "succeeded"}},
        {
            "answer": [{"jobUID": "51", "status": "StoppedWithError", "summary": [{"description": "No space"}]}],
            "expect": {"state": "failed", "errors": ["No space"]},
        },
    ],
}
LXCA_TASK_BASIC: dict[str, Any] = {**LXCA_TASK, "login": {"kind": "basic"}}
