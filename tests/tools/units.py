# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test units on a copy of the tree: what modules consist of on the oldest Python at hand that they support.

All else that is Ansible's runs on the Python of the controller, which is the one that this tool is started with.
Only tests/unit/plugins is run: the simulator is no plugin, and pytest tests it alone.

Usage: python -m tests.tools.units [ARGUMENT OF ansible-test units ...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.tools import ansible_test

# These may run where the controller is not; ansible-test hides the rest of Ansible from them.
REMOTE = {"modules", "module_utils"}
TESTS = Path("tests/unit/plugins")
REQUIREMENTS = Path("tests/unit/requirements.txt")


def oldest() -> tuple[str, Path]:
    """Return version and path of the oldest Python that the plugins support."""
    for version, path in ansible_test.interpreters().items():
        if tuple(map(int, version.split("."))) >= ansible_test.OLDEST:
            return version, path
    sys.exit("None of this machine's Pythons is one that plugins and ansible-test support.")


def main() -> int:
    """Run ansible-test twice and return the first bad exit code."""
    remote, python = oldest()
    controller = f"{sys.version_info.major}.{sys.version_info.minor}"
    tools = ansible_test.TOOLS
    if remote != controller:
        venv = ansible_test.BUILD / f"units/venv-{remote}"
        made = [python, Path(__file__).with_name("environment.py"), venv, REQUIREMENTS]
        if code := subprocess.run(made, check=False).returncode:
            return code
        tools = venv / "bin"
    folder = ansible_test.tree("units")
    parts = sorted(path.name for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))
    for version, names in (
        (remote, [name for name in parts if name in REMOTE]),
        (controller, [name for name in parts if name not in REMOTE]),
    ):
        arguments = ["units", f"--target-python={version}", *sys.argv[1:], *(f"{TESTS / name}/" for name in names)]
        if code := ansible_test.run(arguments, folder, {}, tools):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
