# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play the scenario and the playbook of the waiting guide on a terminal, and draw what it showed.

Usage: python -m tests.docsite.record

Takes as long as the wait, a minute. Exits with the playbook's code when it fails.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from taskwatch_simulator import embedded
from taskwatch_simulator.scenario import parse
from tests.support.ansible import TOOLS, Ansible
from tests.support.modules import APPLIANCE
from tests.support.pages import GUIDES, recording
from tests.support.terminal import lines_on_terminal

from .picture import COLUMNS, draw

PICTURE = GUIDES / "images/wait.svg"
PLAYBOOK = "patch_window.yml"


def played() -> list[tuple[float, str]]:
    """Return the lines of the terminal, with the seconds at which they came."""
    scenario, playbook = recording()
    with embedded.running(parse(scenario, "the recording")) as simulator, tempfile.TemporaryDirectory() as folder:
        ansible = Ansible(Path(folder))
        (ansible.folder / PLAYBOOK).write_text(playbook, encoding="utf-8")
        environment = ansible.environment({**APPLIANCE.variables(simulator), "TERM": "xterm-256color"})

        def start(terminal: int) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [TOOLS / "ansible-playbook", PLAYBOOK],
                cwd=ansible.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )

        return list(lines_on_terminal(start, columns=COLUMNS))


def main() -> int:
    """Record, draw and return the exit code."""
    try:
        lines = played()
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    PICTURE.write_text(draw(f"ansible-playbook {PLAYBOOK}", lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
