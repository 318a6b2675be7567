# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What ends a wait, and what it tolerates. PRIVATE to the collection.

The loop in ``waiter`` asks a policy after each poll.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .._errors import ErrorType, Retryability, TaskwatchError
from .._status import PollResult
from .board import Ids, TaskBoard
from .outages import Outage, OutageLedger, too_long
from .sentences import ended_badly, first_of, stalled


@dataclass(frozen=True)
class WaitSettings:
    """The wait options of the contract, in seconds; ``wait_sleep`` is None for the adaptive schedule.

    ``longest_gap`` bounds that schedule beyond its own limits.
    """

    wait_timeout: float
    wait_sleep: float | None
    unreachable_timeout: float
    stall_timeout: float
    progress_interval: float
    expected_duration: float | None = None
    longest_gap: float = math.inf
    fail_fast: bool = False
    wait_timeout_is_failure: bool = True


class WaitPolicy:
    """Waits until every task has ended, or the first one badly with ``fail_fast``.

    Subclasses change single decisions. Moments are those of the wait's clock, in seconds.
    """

    def __init__(self, settings: WaitSettings) -> None:
        self.settings = settings

    # -- which tasks ----------------------------------------------------------------------------------------------

    def ids_to_poll(self, board: TaskBoard, ids: Ids) -> Ids:
        """What to ask for: first what the caller named, then what has not ended."""
        return ids if board.order is None else self.unfinished(board)

    def unfinished(self, board: TaskBoard) -> list[str]:
        """The tasks that the wait still is about."""
        return board.unfinished

    def is_over(self, board: TaskBoard) -> bool:
        failed_already = self.settings.fail_fast and any(
            status.done and not status.succeeded for status in board.statuses.values()
        )
        return board.all_done or failed_already

    def outcome(self, board: TaskBoard) -> TaskwatchError | None:
        """The error of a wait that is over, None if every task has ended well."""
        bad = [status for status in board.ordered if status.done and not status.succeeded]
        return ended_badly(bad) if bad else None

    # -- errors and outages ---------------------------------------------------------------------------------------

    def screen(self, result: PollResult, _board: TaskBoard) -> PollResult:
        """The poll without the errors that this wait settles by itself."""
        return result

    def recorded(self, result: PollResult, board: TaskBoard, ledger: OutageLedger) -> None:
        """A poll was taken in."""

    def tolerates(self, error: TaskwatchError, board: TaskBoard) -> bool:
        """Whether the wait goes on; an unknown id is a matter of its task, all else of the whole system."""
        if error.retryability is Retryability.IF_SEEN:
            concerned = error.task_ids if error.kind is ErrorType.NOT_FOUND else ()
            return bool(board.statuses) and all(task_id in board.statuses for task_id in concerned)
        return error.retryability is Retryability.ALWAYS

    def intolerable(self, result: PollResult, board: TaskBoard) -> TaskwatchError | None:
        return first_of(error for error in result.errors if not self.tolerates(error, board))

    def outage_deadline(self, outage: Outage) -> float:
        """Latest time at which this outage is still tolerated."""
        return outage.since + self.settings.unreachable_timeout

    def overdue(self, ledger: OutageLedger, now: float) -> TaskwatchError | None:
        """The error of an outage, of the system or of one task, that has lasted too long."""
        late = (outage for outage in ledger.outages if now >= self.outage_deadline(outage))
        return next((too_long(outage, now) for outage in late), None)

    # -- standstills ----------------------------------------------------------------------------------------------

    def stall(self, board: TaskBoard, now: float) -> TaskwatchError | None:
        """The error of tasks none of which has moved for too long."""
        unfinished = self.unfinished(board)
        still_for = now - board.last_change(unfinished)
        if not unfinished or still_for < self.settings.stall_timeout:
            return None
        return stalled(board, unfinished, still_for)
