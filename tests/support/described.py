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
        # The body has it, too; a cookie arrives even if the body does not
        "take": {"csrf": "cookie:csrf"},
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
            "Complete*Errors": "failed",
            "Complete*": "succeeded",
            "Cancel*": "cancelled",
            "Skipped": "cancelled",
            "Stopped*": "failed",
            "Failed": "failed",
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
LXCA_EXPORT: dict[str, Any] = {
    "name": "Described export",
    "source": "Lenovo XClarity Administrator REST API, GET /updateRepositories/firmware/status",
    "login": LXCA_TASK["login"],
    "task": {
        "request": {
            "path": "/updateRepositories/firmware/status",
            "query": {"tasktype": "EXPORTREPOSITORY", "taskid": "{id}"},
        },
        # The envelope of an idle appliance says complete, too, and names no file
        "state": "current && state || (state == 'complete' && 'no file') || state",
        "words": {
            "complete": "succeeded",
            "success": "succeeded",
            "canceled": "cancelled",
            "cancelled": "cancelled",
            "aborted": "cancelled",
            "error": "failed",
            "fail*": "failed",
            "no file": "unknown",
            "*": "running",
        },
        "fold_case": True,
        "name": "current",
        "progress": "progress",
        "errors": "errorMsg.messages[].text",
    },
    "samples": [
        {"answer": {"state": "complete", "current": "fw.zip"}, "expect": {"state": "succeeded", "name": "fw.zip"}},
        {"answer": {"state": "complete", "current": ""}, "expect": {"state": "unknown"}},
        {"answer": {"state": "error"}, "expect": {"state": "failed"}},
    ],
}
PRISMA_ELEMENT: dict[str, Any] = {
    "name": "Described element",
    "source": "Palo Alto Networks: Get Image Status of Element (v2.1)",
    "task": {
        "state": "upgrade_state",
        "words": {
            "*pending": "running",
            "pending": "pending",
            "init": "pending",
            "waiting*": "pending",
            "*scheduled": "pending",
            "upgrade_complete": "succeeded",
            "complete": "succeeded",
            "done": "succeeded",
            "*failed": "failed",
            "*_abort": "cancelled",
            "*_cancelled": "cancelled",
            "invalid": "unknown",
            "*": "running",
        },
        "progress": "download_percent",
        "errors": "failure_info",
    },
    "many": {
        "method": "POST",
        "path": "/sdwan/v2.1/api/software/current_status/query",
        "json": {"limit": 100},
        "items": "items",
        "id": "element_id",
    },
    "samples": [
        {"answer": {"element_id": "1", "upgrade_state": "upgrade_complete"}, "expect": {"state": "succeeded"}},
        {"answer": {"element_id": "1", "upgrade_state": "install_failed"}, "expect": {"state": "failed"}},
    ],
}
LXCA_TASK_BASIC: dict[str, Any] = {**LXCA_TASK, "login": {"kind": "basic"}}
