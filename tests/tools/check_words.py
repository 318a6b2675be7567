# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find words that the project does not use: persons for mechanisms, and names for which the field has others.

Each pattern says what to write in its place. Exits with 1 when a file holds one of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("plugins", "extensions", "playbooks", "simulator", "tests", "docs", "README.md", "CONTRIBUTING.md")
SUFFIXES = frozenset({".py", ".yml", ".rst", ".md", ".js", ".html", ".toml"})
# These name the words on purpose.
EXEMPT = frozenset({"tests/tools/check_words.py", "tests/unit/tools/test_check_words.py"})

PATTERNS = {
    r"(?i)\b(whoever|nobody|somebody|anybody)\b": "name the mechanism or the role",
    r"(?i)\b(vouch(es)?|borne with|let in again)\b": "say what is checked or tolerated",
    r"(?i)\b(a|one|each|the|first|last|next|every|two|all) looks?\b(?! (at home|back))": "poll, or check in guides",
    r"\b(Surroundings|Narrator|HangUpAdapter|LoginRefused|Witness|Troubles)\b": "see the terms below this table",
    r"\b(attentive_sleep|begin_look|look_once|lighten|_epitaph|_discreet|hang_up|LAST_WORDS|LAST_ANSWER)\b": "as above",
    r"\bPatience\b": "Retryability",
}
# The field's terms: Runtime, ProgressReporter, InterruptibleAdapter, LoginFailed, Recorder, fault cases;
# orphan_watch, begin_poll, poll_once, trim_to_budget, _failure_text, _redact, abort, LOGOUT_GRACE, REQUEST_GRACE.


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the word and what to write in its place."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, instead in PATTERNS.items():
            for match in re.finditer(pattern, line):
                yield number, match.group(), instead


def main() -> int:
    """Print every finding of the tracked files."""
    listed = subprocess.run(["git", "ls-files", "-z", *FOLDERS], capture_output=True, check=True, text=True).stdout  # noqa: S607
    count = 0
    for name in filter(None, listed.split("\0")):
        path = Path(name)
        if path.suffix not in SUFFIXES or name in EXEMPT or not path.is_file():
            continue
        for number, word, instead in findings(path.read_text(encoding="utf-8")):
            print(f"{name}:{number}: '{word}': {instead}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
