# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sum up every run of pytest in a log of nox, gate by gate, and tell how it all ended.

Usage: totals.py LOG CODE
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

GATE = re.compile(r"nox > Running session (\S+)")
ENDED = re.compile(r"(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in ([\d.]+)s(?: \([\d:]+\))?(?: =+)?")
COUNT = re.compile(r"(\d+) ([a-z]+)")


def main() -> int:
    """Print one line for each run, and one for all of them."""
    counts: Counter[str] = Counter()
    gate, seconds = "", 0.0
    for line in Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace").splitlines():
        if found := GATE.search(line):
            gate = found[1]
        elif ended := ENDED.fullmatch(line.strip()):
            print(f"{gate}: {ended[0].strip('= ')}")
            seconds += float(ended[2])
            counts.update({word.removesuffix("s"): int(number) for number, word in COUNT.findall(ended[1])})
    told = ", ".join(f"{number} {word}" for word, number in counts.items())
    verdict = "all gates passed" if sys.argv[2] == "0" else f"FAILED with exit code {sys.argv[2]}"
    print(f"{verdict}; pytest: {told or 'nothing was run'} in {seconds:.2f}s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
