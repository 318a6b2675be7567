# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say what keeps the working tree from being released, before anything is built of it.

Usage: release.py

Exits with 1 and one sentence for each obstacle.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

CHANGELOG = Path("changelogs/changelog.yaml")
FRAGMENTS = Path("changelogs/fragments")
NOTES = Path("CHANGELOG.rst")
RELEASE = re.compile(r"\d+\.\d+\.\d+")


def git(*arguments: str) -> str:
    """Return what git prints; nothing when it refuses."""
    done = subprocess.run(["git", *arguments], check=False, capture_output=True, text=True)  # noqa: S607
    return done.stdout.rstrip() if done.returncode == 0 else ""


def version() -> str:
    """Return the version of galaxy.yml."""
    return str(yaml.safe_load(Path("galaxy.yml").read_text(encoding="utf-8"))["version"])


def obstacles() -> Iterator[str]:
    """Yield a sentence for each reason not to release."""
    wanted = version()
    if not RELEASE.fullmatch(wanted):
        yield f"galaxy.yml has version {wanted}; a release has three numbers and nothing behind them."
    if changed := git("status", "--porcelain"):
        yield f"The working tree is not what is committed:\n{changed}"
    tagged = git("rev-parse", "--verify", "--quiet", f"refs/tags/{wanted}^{{commit}}")
    if tagged and tagged != git("rev-parse", "HEAD"):
        yield f"The tag {wanted} is on another commit; raise the version in galaxy.yml."
    yield from missing_notes(wanted)


def missing_notes(wanted: str) -> Iterator[str]:
    """Yield a sentence for whatever the release notes lack."""
    if not CHANGELOG.is_file() or not NOTES.is_file():
        yield f"{CHANGELOG} or {NOTES} is missing; run antsibull-changelog release."
        return
    releases = yaml.safe_load(CHANGELOG.read_text(encoding="utf-8"))["releases"]
    if wanted not in releases:
        yield f"{CHANGELOG} has no release notes for {wanted}; run antsibull-changelog release."
    elif not releases[wanted].get("changes", {}).get("release_summary"):
        yield f"The release notes for {wanted} have no summary; add a fragment with release_summary."
    if pending := sorted(path.name for path in FRAGMENTS.glob("*.y*ml")):
        yield f"Fragments are not in the release notes yet: {', '.join(pending)}; run antsibull-changelog release."
    if f"v{wanted}\n===" not in NOTES.read_text(encoding="utf-8"):
        yield f"{NOTES} does not speak of {wanted}; run antsibull-changelog generate."


def main() -> int:
    """Print the obstacles and return the exit code."""
    found = list(obstacles())
    print(*found, sep="\n", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
