# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of files that are sent one a second, which is what a sync of Pulp waits for."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EACH_TAKES = 1.0


@dataclass
class Files:
    """`manifests` are lists of files by path."""

    port: int = 0
    manifests: dict[str, str] = field(default_factory=dict)

    def manifest(self, name: str, *, count: int, missing: bool) -> str:
        """Offer files, after which one is listed and missing if asked for; return the address of their list."""
        names = [f"{name}-{number}.bin" for number in range(count)] + (["missing.bin"] if missing else [])
        lines = [f"{each},{hashlib.sha256(each.encode()).hexdigest()},{len(each)}\n" for each in names]
        self.manifests[f"/{name}/PULP_MANIFEST"] = "".join(lines)
        return f"http://127.0.0.1:{self.port}/{name}/PULP_MANIFEST"


@contextmanager
def serving() -> Iterator[Files]:
    """Serve files until the block ends."""
    files = Files()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            manifest = files.manifests.get(self.path)
            if manifest is None:
                time.sleep(EACH_TAKES)  # noqa: TID251 (what is waited for)
            content = (name if manifest is None else manifest).encode()
            self.send_response(404 if name == "missing.bin" else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_unused: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        files.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield files
        server.shutdown()
        thread.join()
