# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the collection on each ansible-core that it supports: sanity, modules to their ends, lines under AWX's engine.

Usage: python -m tests.tools.matrix TARBALL [--few | CORE ...]

--few stands for the oldest and the newest one, and for few Pythons of the plugins.
Without a name, every ansible-core is taken whose Python this machine has. On the oldest and the newest one, sanity
tests are run on the installed tarball, as automation hubs and careful users do, and on the others on the working tree.
Exits with 1 when a check has failed, when the Python of an ansible-core that was named is not there, and when that of
the oldest or the newest one is not.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.tools.ansible_test import BUILD, interpreter

# ansible-core -> a Python that its controller runs on. "pre" is the newest there is, pre-releases included.
CORES = {
    "2.16": "3.10",
    "2.17": "3.10",
    "2.18": "3.11",
    "2.19": "3.11",
    "2.20": "3.12",
    "2.21": "3.13",
    "pre": "3.13",
}
# Both ends of the matrix check what users install
ON_TARBALL = ("2.16", "pre")
LIBRARIES = Path("meta/ee-requirements.txt").absolute()
# The engine of AWX as images have it: this release replaced a method of ansible-core in workers, later ones do not
RUNNER = "ansible-runner == 2.4.0"
LINES = ["-m", "pytest", "tests/awx/test_lines.py", "tests/awx/test_cancel.py", "-q"]
ENDS = ["-m", "pytest", "tests/integration/test_ends.py", "-q", "-n", "4", "--dist", "loadscope"]


def environment(core: str, python: Path) -> Path | None:
    """Make the environment of an ansible-core and return the folder of its commands; None if that failed."""
    wanted = f"== {newest(CORES[core])}" if core == "pre" else f"~= {core}.0"
    return made_from(f"ansible-core {wanted}\n-r {LIBRARIES}\n", BUILD / "matrix" / core, python)


def newest(python: str) -> str:
    """Return the newest ansible-core for a version of Python, pre-releases included.

    An installation that allows pre-releases takes those of every other package as well.
    """
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "index", "versions"]
    command = [*pip, "--pre", "--python-version", python, "ansible-core"]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = re.match(r"ansible-core \((\S+)\)", listed)
    if not found:
        sys.exit(f"pip lists the releases of ansible-core in a new way:\n{listed}")
    return found[1]


def made_from(wanted: str, folder: Path, python: Path) -> Path | None:
    """Make an environment of requirements and return the folder of its commands; None if that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(wanted, encoding="utf-8")
    made = passes([python, Path(__file__).with_name("environment.py"), folder / "venv", requirements])
    return folder / "venv/bin" if made else None


def passes(command: list[str | Path], variables: Mapping[str, str] | None = None) -> bool:
    """Run a command and tell whether it ended well."""
    return subprocess.run(command, env={**os.environ, **(variables or {})}, check=False).returncode == 0


def check(core: str, python: Path, tarball: Path, *, few: bool) -> list[str]:
    """Run the checks on an ansible-core, the second also where the first has failed, and return what has failed."""
    tools = environment(core, python)
    if tools is None:
        return ["environment"]
    of_what: list[str | Path] = ["--tarball", tarball] if core in ON_TARBALL else []
    of_what += ["--few"] if few else []
    checks = {
        "sanity": passes([tools / "python", "-m", "tests.tools.sanity", *of_what]),
        # pytest and the simulator stay in the environment of all tests; Ansible's commands come from this one
        "ends": passes([sys.executable, *ENDS], {"TASKWATCH_ANSIBLE": str(tools)}),
        "lines": lines_are_live(tools),
    }
    return [name for name, passed in checks.items() if not passed]


def lines_are_live(tools: Path) -> bool:
    """Run the tests of progress lines and of a cancelled job under the newest engine of AWX, and under an older one."""
    runner = made_from(RUNNER, BUILD / "matrix/runner", Path(sys.executable))
    variables = {"TASKWATCH_ANSIBLE": str(tools)}
    engines = [{}, {"TASKWATCH_RUNNER": str(runner)}]
    return runner is not None and all(passes([sys.executable, *LINES], {**variables, **each}) for each in engines)


def main() -> int:
    """Check what was asked for and return the exit code."""
    tarball, named = Path(sys.argv[1]).absolute(), sys.argv[2:]
    few = named == ["--few"]
    named = list(ON_TARBALL) if few else named
    wanted, needed = named or list(CORES), named or ON_TARBALL
    if unknown := set(wanted) - CORES.keys():
        sys.exit(f"{', '.join(sorted(unknown))} is not in the matrix, which has {', '.join(CORES)}.")
    lines, bad = [], False
    for core in wanted:
        began = time.monotonic()
        print(f"--- ansible-core {core}, Python {CORES[core]}", flush=True)
        python = interpreter(CORES[core])
        failed = check(core, python, tarball, few=few) if python else ["Python"]
        bad = bad or bool(failed if python else core in needed)
        verdict = "ok" if not failed else f"FAILED: {', '.join(failed)}" if python else "skipped: no such Python here"
        lines.append(f"{core:<5} {CORES[core]:<7} {time.monotonic() - began:5.0f} s  {verdict}")
    print("", "core  Python     time  verdict", *lines, sep="\n")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
