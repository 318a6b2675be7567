# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program in the environment of a service that answers a line of JSON with a line of JSON.

It is how tests speak to the vendors' own clients, which must not meet the collection in one environment.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .process import Program, ServiceError, started, tool

PROGRAMS = Path(__file__).parent / "programs"


@dataclass
class Conversation:
    """Ask, and get an answer. One at a time, whatever thread asks."""

    program: Program
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, **question: Any) -> dict[str, Any]:
        """Return the answer to a question.

        Raises:
            ServiceError: when the program ends instead.
        """
        process = self.program.process
        with self._lock:
            assert process.stdin is not None
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            return self.answer(f"answer to {question}")

    def answer(self, what: str) -> dict[str, Any]:
        """Return the next line that it says.

        Raises:
            ServiceError: when the program ends instead.
        """
        assert self.program.process.stdout is not None
        line = self.program.process.stdout.readline()
        if not line:
            raise ServiceError(f"{self.program.name} gave no {what}:\n{self.program.last_lines}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, **question: Any) -> None:
        """Ask for something to be done."""
        self.ask(**question)

    def state_of(self, task_id: str) -> Any:
        """The word that a vendor's client reads as the state of a task."""
        return self.ask(id=task_id)["state"]


@contextmanager
def speaking(
    service: str, name: str, arguments: Sequence[str], folder: Path, variables: Mapping[str, str]
) -> Iterator[Conversation]:
    """Speak with a program of the folder `programs` until the block ends. It has said that it is ready."""
    command = [tool(service, "python"), str(PROGRAMS / f"{name}.py"), *arguments]
    with (folder / f"{name}.err").open("w", encoding="utf-8") as errors:
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
        with started(name, command, folder, variables, **streams) as program:
            conversation = Conversation(Program(name, program.process, folder / f"{name}.err"))
            conversation.answer("sign that it is ready")
            yield conversation
