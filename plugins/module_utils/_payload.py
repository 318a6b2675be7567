# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The result that all modules share. PRIVATE to the collection."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ._status import Stats, mean_progress, overall
from ._waiter import Ending


def payload_of(ending: Ending, stats: Stats, *, elapsed: float, include_raw: bool) -> dict[str, Any]:
    """The documented return values; every end has the same keys. ``elapsed`` is seconds.

    A task that was asked for and never seen is neither done nor a success, so the whole is not, either.
    """
    statuses, error = ending.statuses, ending.error
    complete = bool(statuses) and ending.complete
    tasks = []
    for status in statuses:
        task = status.as_dict()
        if include_raw:
            task["raw"] = status.raw
        tasks.append(task)
    return {
        "changed": False,
        "state": overall(status.state for status in statuses).value,
        "done": complete and all(status.done for status in statuses),
        "succeeded": complete and all(status.succeeded for status in statuses),
        "progress": mean_progress(status.progress for status in statuses),
        "counts": dict(Counter(status.state.value for status in statuses)),
        "timed_out": ending.timed_out,
        "elapsed": round(elapsed, 1),
        "tasks": tasks,
        "stats": stats.as_dict(),
        "error": None if error is None else error.as_dict(),
    }
