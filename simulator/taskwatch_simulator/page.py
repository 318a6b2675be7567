# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rehearsal page: its files, its live stream, and the file that it is exported to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from .messages import Reply, json_reply, text_reply
from .transports import Transport, Wire
from .world import World

FOLDER = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# Tasks of each system that the page shows; more cannot be read
MOST_TASKS = 40
# Wall seconds between two pictures
INTERVAL = 0.5
# Requests in the export; the newest ones
MOST_REQUESTS = 5000
# Nothing from elsewhere is loaded, and no other page may hold this one in a frame
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PROTECTION = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
]


def part(name: str) -> Reply:
    """Return a file of the page."""
    path = FOLDER / name
    return text_reply(path.read_text(encoding="utf-8"), 200, f"{TYPES[path.suffix]}; charset=utf-8", PROTECTION)


@dataclass(frozen=True)
class Stream(Transport):
    """Server-sent events: a picture of the rehearsal twice a second, with the requests since the one before."""

    world: World
    kind: str = "stream"
    silent: ClassVar[bool] = False

    async def perform(self, wire: Wire, body: bytes) -> None:
        """Send them until the client leaves."""
        del body
        await wire.begin()
        run = number = 0
        while not wire.closed():
            seen = self.world.snapshot(MOST_TASKS)
            if seen["run"] != run:
                run, number = seen["run"], 0
            fresh = self.world.requests_after(number)
            number = int(str(fresh[-1]["number"])) if fresh else number
            await wire.write(f"data: {json.dumps({**seen, 'new_requests': fresh[-MOST_REQUESTS:]})}\n\n".encode())
            await wire.pause(INTERVAL)


def stream(world: World) -> Reply:
    """Return the answer to a page that wants to be kept up to date."""
    headers = [("Content-Type", "text/event-stream; charset=utf-8"), *PROTECTION]
    return Reply(200, headers, transport=Stream(world))


def rehearsal(world: World) -> dict[str, Any]:
    """Return the whole rehearsal as data."""
    return {
        "format": "taskwatch rehearsal 1",
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **world.snapshot(),
        "new_requests": world.requests_after(0)[-MOST_REQUESTS:],
    }


def export_json(world: World) -> Reply:
    """Return the rehearsal as a file of JSON."""
    return json_reply(rehearsal(world), headers=[*PROTECTION, _attachment("json")])


def export_html(world: World) -> Reply:
    """Return the rehearsal as one page that stands alone."""
    # No text may end the element that holds the data
    data = json.dumps(rehearsal(world)).replace("<", "\\u003c")
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    page = page.replace('<link rel="stylesheet" href="page.css">', f"<style>\n{style}</style>")
    held = f'<script type="application/json" id="rehearsal">{data}</script>\n<script>\n{script}</script>'
    page = page.replace('<script src="page.js" defer></script>', "").replace("</body>", f"{held}\n</body>")
    headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), _attachment("html")]
    return text_reply(page, 200, f"{TYPES['.html']}; charset=utf-8", headers)


def _attachment(suffix: str) -> tuple[str, str]:
    return "Content-Disposition", f'attachment; filename="rehearsal.{suffix}"'
