# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module called many times without a playbook: a process as Ansible starts one, for a twentieth of its cost."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .ansible import COLLECTIONS, COMMANDS, ROOT, inherited

PROGRAM = "tests.support.module_process"


class ModuleCalls:
    """A module that waits for calls; `printed` is all that it has written so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.printed = ""

    def call(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Call the module and return its result as a playbook registers it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(dict(options)), file=self._process.stdin, flush=True)
        told = json.loads(self._process.stdout.readline())
        self.printed += told["printed"]
        # One document, and nothing beside it
        result: dict[str, Any] = json.loads(told["printed"])
        result.setdefault("failed", False)
        assert told["code"] == int(result["failed"]), told
        # Ansible leaves it in the results of loops alone
        del result["invocation"]
        if "warnings" in result:
            result["warnings"] = [_text_of(each) for each in result["warnings"]]
        return result


def _text_of(warning: Any) -> str:
    """Return the text of a warning, which ansible-core 2.19 and later wrap on the way to the controller."""
    return warning if isinstance(warning, str) else str(warning["event"]["msg"])


@contextmanager
def module_calls(name: str) -> Iterator[ModuleCalls]:
    """Let a module wait for calls until the block ends."""
    process = subprocess.Popen(
        [str(COMMANDS / "python"), "-m", PROGRAM, name],
        env={**inherited(), "PYTHONPATH": os.pathsep.join(map(str, (COLLECTIONS, ROOT)))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield ModuleCalls(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
