# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check description files: ``python -m …module_utils._description.command FILE…``. PRIVATE to the collection.

The command is public. It needs PyYAML and jmespath, and asks no system.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .._errors import TaskwatchError
from .model import parse
from .samples import play_samples
from .shipped import read_yaml


def checked(path: Path) -> str:
    """One line on the description in this file."""
    value = read_yaml(path.read_text(encoding="utf-8"))
    # A file may hold the description itself, or the option of a task.
    if isinstance(value, dict) and set(value) == {"description"}:
        value = value["description"]
    description = parse(value, variables=None)
    played = play_samples(description)
    return f"{description.name}: good, {len(played)} samples read as they say"


def verdict(name: str) -> tuple[bool, str]:
    """Whether the description in this file is good, and what to say of it."""
    try:
        return True, checked(Path(name))
    except TaskwatchError as error:
        return False, error.message
    except (OSError, UnicodeDecodeError) as error:
        return False, f"cannot be read ({error})"


def main(names: list[str]) -> int:
    if not names:
        sys.stderr.write("usage: python -m …_description.command FILE…\n")
        return 2
    verdicts = [verdict(name) for name in names]
    for name, (good, sentence) in zip(names, verdicts):
        (sys.stdout if good else sys.stderr).write(f"{name}: {sentence}\n")
    return 0 if all(good for good, _unused in verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
