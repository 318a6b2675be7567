# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance's update as a scenario describes it, and its outages."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..timeline import Duration, Model, Movement, Seconds, Text

Operation = Literal["install", "stage", "stage_and_install", "rollback", "none"]
OutageAnswer = Literal[
    "text_503",
    "json_503",
    "login_503",
    "refused",
    "reset",
    "hang",
    "tls_cut",
    "tokens_dropped",
    "stray_401",
    "stray_403",
    "stray_404",
    "stray_500",
    "stray_502",
]


class Outage(Model):
    """A stretch of simulated seconds, counted from the start of the work, with an answer of its own."""

    from_: Seconds = Field(alias="from")
    until: Seconds | None = None
    """Needed by all but `tokens_dropped`, which happens at one moment."""
    answer: OutageAnswer

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.answer == "tokens_dropped":
            return self
        if self.until is None or self.until <= self.from_:
            raise ValueError(f"{self.answer} needs an until later than its from")
        return self

    def covers(self, second: float) -> bool:
        """Tell whether it holds at a second of the work."""
        return self.until is not None and self.from_ <= second < self.until


class UpdateEntry(Movement):
    """The appliance's update as a scenario describes it."""

    id: Text | None = None
    """Accepted for symmetry and not used: an appliance has one update."""
    operation: Operation = "install"
    """`none`: an appliance without any task."""
    from_version: Text = "8.0.2.00300"
    version: Text = "8.0.3.00400"
    pending: bool = False
    """With `none`: an update is staged."""
    outage: tuple[Outage, ...] = ()
    rollback: Duration | None = None
    """A failed install is rolled back, which takes so many simulated seconds."""
    rollback_fails: bool = False
    with_task: bool = True
    with_query_time: bool = True
    error: Literal["object", "string", "none"] = "object"
    """Form of the failed task's error."""
    order_mismatch: bool = False
    """`subtask_order` names an id that is not there and leaves one out."""
    total: Annotated[int, Field(ge=0)] = 100
    """What 100 % is called; 0 makes a percentage impossible."""
    message_params: bool = False
    """Named parameters in messages: one more map."""
    state_word: Text | None = None
    """A state that no table knows, while the work goes on."""
    error_text: Text = "The installation of packages failed."

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.end == "cancelled":
            # What a cancelled update leaves behind is documented nowhere
            raise ValueError("an appliance update ends as succeeded, failed or never")
        return self
