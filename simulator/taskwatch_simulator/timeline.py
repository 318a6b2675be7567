# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one task moves through simulated time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

End = Literal["succeeded", "failed", "cancelled", "never"]
Phase = Literal["pending", "running", "ended"]
StateWord = Literal["pending", "running", "succeeded", "failed", "cancelled", "unknown"]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Offset = Annotated[float, Field(allow_inf_nan=False)]
Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
# YAML reads 371 and 8.0 as numbers; vendors' ids and releases are text.
Text = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if type(value) in {int, float} else value),
    Field(min_length=1),
    WithJsonSchema({"type": ["string", "number"], "minLength": 1}),
]

LAST_RUNNING_PERCENT = 99.0


class Model(BaseModel):
    """Base of everything that a scenario or a control request may hold: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Movement(Model):
    """Keys that every task shares."""

    begin: Offset = 0
    """Simulated seconds after its creation before the work starts; negative for work that has been going on."""
    duration: Duration = 90
    """Simulated seconds from the start of the work to its end."""
    end: End = "succeeded"
    """How it ends; `never` moves for `duration` and then stays short of the end."""
    progress: Literal["even", "milestones", "stalling", "none"] | list[tuple[Seconds, Percent]] = "even"
    """Shape of the progress, or a list of `[second, percent]` points."""
    stuck_at: Percent | None = None
    """Percent at which it stands still for ever."""
    stops_at: Percent = 60
    """Percent reached by a task that fails or is cancelled."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if isinstance(self.progress, list):
            seconds = [second for second, _percent in self.progress]
            if seconds != sorted(seconds):
                raise ValueError("the points of progress must have ascending seconds")
        return self


@dataclass(frozen=True)
class Moment:
    """Where a task stands: its phase, the share of its duration that is over (0 to 1) and its percent (0 to 100).

    `elapsed` counts simulated seconds since the work began, negative before; it stops when the work ends.
    """

    phase: Phase
    fraction: float
    percent: float
    elapsed: float


def moment(movement: Movement, age: float) -> Moment:
    """Return where a task of `age` simulated seconds stands."""
    elapsed = age - movement.begin
    if elapsed < 0:
        return Moment("pending", 0.0, 0.0, elapsed)
    endless = movement.end == "never" or movement.stuck_at is not None
    fraction = min(elapsed / movement.duration, 1.0)
    if fraction < 1.0 or endless:
        return Moment("running", fraction, _running_percent(movement, elapsed, fraction), elapsed)
    percent = 100.0 if movement.end == "succeeded" else movement.stops_at
    return Moment("ended", 1.0, percent, movement.duration)


def span(movement: Movement, born: float) -> tuple[float, float | None]:
    """Return the simulated seconds at which the work of a task begins and ends, None for an end that never comes."""
    begins = born + movement.begin
    endless = movement.end == "never" or movement.stuck_at is not None
    return begins, None if endless else begins + movement.duration


def expected_state(movement: Movement, where: Moment) -> StateWord:
    """Return the state that a perfect observer would report."""
    if where.phase != "ended":
        return where.phase
    return "running" if movement.end == "never" else movement.end


def _running_percent(movement: Movement, elapsed: float, fraction: float) -> float:
    shape = movement.progress
    if isinstance(shape, list):
        raw = _through(shape, elapsed)
    elif shape == "milestones":
        # The three numbers that Lenovo documents: created, in progress, complete
        raw = 0.0 if fraction < 0.1 else 50.0
    elif shape == "stalling":
        raw = _through([(0.0, 0.0), (0.3, 50.0), (0.8, 50.0), (1.0, 100.0)], fraction)
    elif shape == "none":
        raw = 0.0
    else:
        raw = 100.0 * fraction
    if movement.end in {"failed", "cancelled"} and not isinstance(shape, list):
        raw *= movement.stops_at / 100.0
    ceiling = LAST_RUNNING_PERCENT if movement.stuck_at is None else movement.stuck_at
    return min(raw, ceiling)


def _through(points: list[tuple[float, float]], x: float) -> float:
    """Return the value at x of the line through the points, flat beyond its ends."""
    if not points or x < points[0][0]:
        return 0.0
    for (left, low), (right, high) in pairwise(points):
        if x <= right:
            return high if right <= left else low + (high - low) * (x - left) / (right - left)
    return points[-1][1]
