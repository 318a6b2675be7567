# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run in a process of its own: what it takes is read from standard input, what came of it is printed, both as JSON.

Input: the name of a `subject`, `access` to its system, module `options`, and `bomb` to be served, instead of by the
system, answers of that many bytes that were squeezed into few. Output: the type of the `error`, the `msg`, the
`seconds` that it took and `megabytes`, the most memory that the process ever held.
"""

from __future__ import annotations

import io
import json
import resource
import signal
import sys
import time
import zlib
from collections.abc import Mapping
from typing import Any

import requests
import urllib3
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from requests.adapters import BaseAdapter, HTTPAdapter

from tests.faults.subjects import SUBJECTS

MIB = 1024 * 1024
GZIP = 31


class Bomb(BaseAdapter):
    """Answers every request with blanks that were squeezed into a thousandth of their size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        squeezer = zlib.compressobj(wbits=GZIP)
        self._body = b"".join(squeezer.compress(b" " * MIB) for _each in range(size // MIB)) + squeezer.flush()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer a request."""
        del stream, timeout, verify, cert, proxies
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        raw = urllib3.HTTPResponse(io.BytesIO(self._body), headers, 200, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing to close."""


def main() -> None:
    """Run and tell."""
    # The process that runs the tests may ignore some signals, and a child inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    scenario = json.load(sys.stdin)
    subject = next(each for each in SUBJECTS if each.name == scenario["subject"])
    adapter = Bomb(scenario["bomb"]) if scenario.get("bomb") else None
    began = time.monotonic()
    result = run(
        subject.system_class,
        subject.params(scenario["access"], **scenario["options"]),
        runtime=Runtime(adapter=adapter),
    )
    seconds = time.monotonic() - began
    # Linux counts in KiB, macOS in bytes.
    unit = MIB if sys.platform == "darwin" else 1024
    json.dump(
        {
            "error": (result.payload["error"] or {}).get("type"),
            "msg": result.msg,
            "seconds": round(seconds, 2),
            "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
