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
from types import ModuleType
from unittest.mock import patch

from ansible_collections.taskwatch.infra.plugins.module_utils import _assembly, _connection, _run
from ansible_collections.taskwatch.infra.plugins.module_utils._wait import outages, policy, waiter

from tests.faults.plans import Plan

# Each source, its class, and the module that uses the class
SOURCES: dict[str, tuple[ModuleType, str, ModuleType]] = {
    "waiter": (waiter, "Waiter", _run),
    "policy": (policy, "WaitPolicy", _run),
    "outages": (outages, "OutageLedger", waiter),
    "connection": (_connection, "Connection", _assembly),
}


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
        "a good answer does not start the tolerance of an outage anew",
        "outages",
        (
            (
                "for task_id in result.statuses:\n            self._by_task.pop(task_id, None)",
                "for task_id in result.statuses:\n            pass",
            ),
            ("self._by_task.clear()", "pass"),
        ),
    ),
    Plant(
        "an id that the system does not know is waited for",
        "policy",
        (("return bool(board.statuses) and all(task_id in board.statuses for task_id in concerned)", "return True"),),
    ),
    Plant(
        "the last poll at the deadline is left out",
        "waiter",
        (
            ("if now >= deadline:", "if now >= deadline or self._next_poll(now, policy) >= deadline:"),
            ("return self._timed_out(policy)", "return (self._sleep(deadline - now) or self._timed_out(policy))"),
        ),
    ),
    Plant(
        "finished tasks are asked for again",
        "policy",
        (("return ids if board.order is None else self.unfinished(board)", "return ids"),),
    ),
    Plant(
        "an outage at the first poll ends the wait",
        "policy",
        (
            (
                "return error.retryability is Retryability.ALWAYS",
                "return error.retryability is Retryability.ALWAYS and bool(board.statuses)",
            ),
        ),
    ),
    Plant(
        "a cancelled task counts as a success",
        "policy",
        (("if status.done and not status.succeeded]", "if status.state.value == 'failed']"),),
    ),
    Plant(
        "the first finished task ends the wait",
        "policy",
        (("return board.all_done or failed_already", "return len(board.unfinished) < len(board.order or [])"),),
    ),
    Plant(
        "the pause that the system asks for is not kept",
        "waiter",
        (("if asked is not None:", "if False:"),),
    ),
    Plant(
        "a stall is counted while the system is away",
        "waiter",
        (("self._board.skip_outage(ended.since, now)", "pass"),),
        such=lambda plan: "stall_timeout" in plan.options and bool(plan.outages),
    ),
    Plant(
        "a request may take for ever when the time is almost up",
        "waiter",
        (("self._ask(asked, useful_until)", "self._ask(asked, None)"),),
    ),
    Plant(
        "a session is left open at the end",
        "connection",
        (("                self._leave()\n        finally:", "                pass\n        finally:"),),
    ),
    Plant(
        "a lost session is not replaced",
        "connection",
        (("if not self.scheme.can_login_again or spent or not self._budget.may_renew():", "if True:"),),
        such=lambda plan: plan.subject.opens_session and bool(plan.drops),
    ),
)


@contextmanager
def planted(plant: Plant, folder: Path) -> Iterator[None]:
    """Put a copy of a source with the fault in it in the place of the original.

    Raises:
        AssertionError: when a text is not there, or not there once: the source has changed and the plant has to follow.
    """
    original, class_name, user = SOURCES[plant.source]
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
        with patch.object(user, class_name, getattr(module, class_name)):
            yield
