# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module again and again as Ansible runs modules: options in, one document of JSON on standard output.

Each call is a fork of a process that has imported the module already: Ansible packs, unpacks and compiles it anew for
each task, which takes a second of CPU. Standard input has one line of options per call, standard output one line with
the call's exit code and what it printed. The argument is the module's name.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any

from ansible.module_utils import basic

from .ansible import PATIENCE


def call(main: Callable[[], None], options: dict[str, Any], printed: IO[bytes]) -> None:
    """Be the module, until it exits; one that hangs is ended."""
    signal.alarm(PATIENCE)
    for stream in (1, 2):
        os.dup2(printed.fileno(), stream)
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    basic._ANSIBLE_PROFILE = "legacy"  # since ansible-core 2.19
    main()


def serve(name: str) -> None:
    """Call the module for each line of standard input."""
    module = importlib.import_module(f"ansible_collections.taskwatch.infra.plugins.modules.{name}")
    for line in sys.stdin:
        with tempfile.TemporaryFile() as printed:
            number = os.fork()
            if number == 0:
                call(module.main, json.loads(line), printed)
                sys.exit(0)
            _number, status = os.waitpid(number, 0)
            printed.seek(0)
            said = {"code": os.waitstatus_to_exitcode(status), "printed": printed.read().decode()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
