# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to mutant a departure from the vendor's behaviour into the running simulator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.world import World

from .rig import Rig

Check = Callable[[Rig], None]
Change = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Mutant:
    """A departure, the test that must notice it, and a regular expression that this test's complaint must match."""

    name: str
    planted: Change
    check: Check
    complaint: str


def wrapped(owner: Any, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Change:
    """Put something around a function of the simulator."""
    return lambda: patch.object(owner, name, wrapper(getattr(owner, name)))


def returning(owner: Any, name: str, change: Callable[[Any], Any]) -> Change:
    """Let a function of the simulator return something else."""
    return wrapped(owner, name, lambda original: lambda *given, **options: change(original(*given, **options)))


def instead(owner: Any, name: str, replacement: Callable[..., Any]) -> Change:
    """Let a function of the simulator do something else."""
    return lambda: patch.object(owner, name, replacement)


def answering(system: str, path: str, change: Callable[[Reply], None], verb: str = "") -> Change:
    """Let answers of a system be sent otherwise, to requests whose path and verb match."""
    original = World.handle

    def handle(self: World, name: str, request: Request) -> Reply:
        reply = original(self, name, request)
        if name == system and re.search(path, request.decoded_path) and request.method.startswith(verb):
            change(reply)
        return reply

    return lambda: patch.object(World, "handle", handle)


def body(change: Callable[[Any], Any]) -> Callable[[Reply], None]:
    """Change the JSON body of an answer that has one; `change` returns another value, or None for the one given."""

    def apply(reply: Reply) -> None:
        if reply.body:
            data = reply.json()
            changed = change(data)
            reply.body = json.dumps(data if changed is None else changed).encode()

    return apply


def text(pattern: str, replacement: str) -> Callable[[Reply], None]:
    """Replace the first match in the body of an answer."""

    def apply(reply: Reply) -> None:
        reply.body = re.sub(pattern, replacement, reply.body.decode(), count=1, flags=re.DOTALL).encode()

    return apply


def header(name: str, pattern: str, replacement: str) -> Callable[[Reply], None]:
    """Replace the first match in every header of a name; one that becomes empty is left out."""

    def apply(reply: Reply) -> None:
        changed = [
            (key, re.sub(pattern, replacement, value, count=1) if key.lower() == name.lower() else value)
            for key, value in reply.headers
        ]
        reply.headers[:] = [(key, value) for key, value in changed if value]

    return apply
