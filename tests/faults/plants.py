# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults planted into copies of our own sources, to see whether the soak finds them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from ansible_collections.taskwatch.infra.plugins.module_utils import _connection, _run, _waiter

from tests.faults.plans import Plan

SOURCES = {"_waiter": _waiter, "_connection": _connection}
CLASSES = {"_waiter": "Waiter", "_connection": "Connection"}


@dataclass(frozen=True)
class Plant:
    """A fault: texts of a source and what stands in their place.

    `such` are the stories in which it can show at all.
    """

    name: str
    source: str
    changes: tuple[tuple[str, str], ...]
    such: Callable[[Plan], bool] = lambda _plan: True


PLANTS = (
    Plant(
        "a good answer does not start the patience with an outage anew",
        "_waiter",
        (("self._away.pop(task_id, None)", "pass"), ("self._away.clear()", "pass")),
    ),
    Plant(
        "an id that the system does not know is waited for",
        "_waiter",
        (("return bool(self._statuses) and all(task_id in self._statuses for task_id in concerned)", "return True"),),
    ),
    Plant(
        "the last look at the deadline is left out",
        "_waiter",
        (
            ("if now >= deadline:", "if now >= deadline or self._next_look(now, settings) >= deadline:"),
            (
                "return self._ending(self._too_late(settings), timed_out=True)",
                "return (self._pause(deadline, 0) or self._ending(self._too_late(settings), timed_out=True))",
            ),
        ),
    ),
    Plant(
        "finished tasks are asked for again",
        "_waiter",
        (("self._ask(ids if self._order is None else self._unfinished())", "self._ask(ids)"),),
    ),
    Plant(
        "an outage at the first look ends the wait",
        "_waiter",
        (
            (
                "return error.retryability is Retryability.ALWAYS",
                "return error.retryability is Retryability.ALWAYS and bool(self._statuses)",
            ),
        ),
    ),
    Plant(
        "a cancelled task counts as a success",
        "_waiter",
        (("if not status.succeeded]", "if status.state is State.FAILED]"),),
    ),
    Plant(
        "the first finished task ends the wait",
        "_waiter",
        (("and not self._unfinished()", "and len(self._unfinished()) < len(self._order)"),),
    ),
    Plant(
        "the pause that the system asks for is not kept",
        "_waiter",
        (("if asked:", "if False:"),),
    ),
    Plant(
        "a stall is counted while nobody can be asked",
        "_waiter",
        (("track.changed_at += now - max(track.changed_at, outage.since)", "pass"),),
        such=lambda plan: "stall_timeout" in plan.options and bool(plan.outages),
    ),
    Plant(
        "a request may take for ever when the time is almost up",
        "_waiter",
        (("self._limit(min(", "(lambda _moment: None)(min("),),
    ),
    Plant(
        "a session is left open at the end",
        "_connection",
        (("                self._leave()\n        finally:", "                pass\n        finally:"),),
    ),
    Plant(
        "a lost session is not replaced",
        "_connection",
        (("if self._again_spent or not self.scheme.can_login_again:", "if True:"),),
        such=lambda plan: plan.subject.opens_session and bool(plan.drops),
    ),
)


@contextmanager
def planted(plant: Plant, folder: Path) -> Iterator[None]:
    """Put a copy of a source with the fault in it in the place of the original.

    Raises:
        AssertionError: when a text is not there, or not there once: the source has changed and the plant has to follow.
    """
    original = SOURCES[plant.source]
    text = Path(str(original.__file__)).read_text(encoding="utf-8")
    for before, after in plant.changes:
        assert text.count(before) == 1, f"{plant.source}.py holds {before!r} {text.count(before)} times"
        text = text.replace(before, after)
    copy = folder / f"{plant.source}.py"
    copy.write_text(text, encoding="utf-8")
    name = f"{original.__name__}_planted"
    spec = importlib.util.spec_from_file_location(name, copy)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {name: module}):
        spec.loader.exec_module(module)
        class_name = CLASSES[plant.source]
        with patch.object(_run, class_name, getattr(module, class_name)):
            yield
