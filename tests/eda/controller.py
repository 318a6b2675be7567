# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of an automation controller's REST API as ansible-rulebook uses to launch a job template and wait for it.

Sources: ansible-rulebook 1.3.2, job_template_runner.py and shared_job_monitor.py; AWX 24.6.1, awx/api/views, for the
rule that a survey's answer in text must be text.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

TOKEN = "token-of-the-test"


@dataclass
class Controller:
    """A controller that has every job template that it is asked for. `launched` is name and payload of each job."""

    url: str = ""
    launched: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def variables(self, name: str) -> list[dict[str, Any]]:
        """Return the extra variables of each job of a template."""
        return [payload["extra_vars"] for launched, payload in self.launched if launched == name]

    def answer(self, request: Request) -> Any:
        """Return the body of an answer."""
        parts = request.path.strip("/").split("/")[2:]
        if parts == ["config"]:
            return {"version": "24.6.1"}
        if parts == ["unified_job_templates"]:
            return self._template(request.args["name"])
        if parts[:1] == ["job_templates"] and parts[2:] == ["launch"]:
            payload = request.get_json()
            self.launched.append((self.names[int(parts[1])], payload))
            number = len(self.launched)
            return {"id": number, "url": f"/api/v2/jobs/{number}/", "created": "2026-01-01T00:00:00Z"}
        if parts == ["jobs"]:
            ids = [int(each) for each in request.args["id__in"].split(",")]
            return {"results": [self._job(each) for each in ids]}
        raise AssertionError(f"nothing answers {request.method} {request.path}")

    def _template(self, name: str) -> dict[str, Any]:
        if name not in self.names:
            self.names.append(name)
        number = self.names.index(name)
        asks = dict.fromkeys(("limit", "labels", "inventory", "variables"), False)
        template = {
            "id": number,
            "type": "job_template",
            "name": name,
            "summary_fields": {"organization": {"name": "Default"}},
            "related": {"launch": f"/api/v2/job_templates/{number}/launch/"},
            **{f"ask_{what}_on_launch": asked for what, asked in asks.items()},
        }
        return {"count": 1, "next": None, "results": [template]}

    @staticmethod
    def _job(number: int) -> dict[str, Any]:
        return {"id": number, "status": "successful", "created": "2026-01-01T00:00:00Z", "artifacts": {}}


@contextmanager
def serving() -> Iterator[Controller]:
    """Serve a controller on the loopback address until the block ends."""
    controller = Controller()

    @Request.application
    def application(request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response(status=401)
        return Response(json.dumps(controller.answer(request)), content_type="application/json")

    server = make_server("127.0.0.1", 0, application, threaded=True)
    controller.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="controller", daemon=True)
    thread.start()
    try:
        yield controller
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
