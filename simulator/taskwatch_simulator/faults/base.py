# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every fault has: which requests it hits and for how long. A kind of fault is a class, registered here.

The documentation string of a class is its row in the guide; `tests/tools/write_faults.py` writes the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from ..messages import Reply, Request
from ..timeline import Duration, Model, Seconds

if TYPE_CHECKING:
    from ..systems.base import PortMode, System

SystemName = Literal["lxca", "sdm", "vcenter", "prisma_sdwan"]


@dataclass
class Call:
    """One request to one system, on its way through the faults that concern it."""

    system: System[Any]
    request: Request
    delay: float = 0.0
    """Wall seconds that the answer takes longer."""
    kinds: list[str] = field(default_factory=list)
    """Kinds of the faults that have acted on it."""

    def answer(self) -> Reply:
        """Carry the request out and return the true answer."""
        return self.system.handle(self.request)


class Fault(Model):
    """One fault as asked for; the class of its kind adds its own keys and says what becomes of a request."""

    port: ClassVar[PortMode | None] = None
    """How the port is served while it lasts: such a fault acts before there is a request."""

    system: SystemName
    kind: str
    times: Annotated[int, Field(ge=1)] | None = None
    """How many matching requests it hits."""
    seconds: Duration | None = None
    """Wall seconds that it lasts, counted from the moment it begins to act."""
    after_requests: Annotated[int, Field(ge=0)] = 0
    """How many matching requests pass first."""
    from_: Annotated[Seconds, Field(alias="from")] = 0
    """Simulated second of the run from which it acts."""
    until: Seconds | None = None
    """Simulated second of the run at which it is over."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.until is not None and self.until <= self.from_:
            raise ValueError(f"until must be later than from, which is {self.from_:g}")
        return self

    def mode(self) -> PortMode | None:
        """Return how the port is served while the fault lasts."""
        return self.port

    def limit(self) -> int | None:
        """Return how many requests it hits at most."""
        return self.times

    def concerns(self, request: Request, system: System[Any]) -> bool:
        """Tell whether a request to its system is one of those that it hits."""
        del request, system
        return True

    def act(self, call: Call) -> Reply | None:
        """Return what the client gets, or None to let the request go on to the next fault and to the system."""
        raise NotImplementedError

    def act_at_once(self, system: System[Any]) -> bool:
        """Do what needs no request, where nothing says when; return whether that was all."""
        del system
        return False


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return text


class RequestFault(Fault):
    """A fault of certain requests."""

    path: Annotated[str, AfterValidator(_pattern)] | None = None
    """Regular expression that must be found in the request's path."""
    method: str | None = None

    def concerns(self, request: Request, system: System[Any]) -> bool:
        """Compare method and path."""
        del system
        if self.method is not None and self.method.upper() != request.method:
            return False
        return self.path is None or re.search(self.path, request.decoded_path) is not None


class LosingFault(RequestFault):
    """A fault in place of the true answer."""

    executed: bool = False
    """The request has its effect all the same, and only its answer is lost."""

    def act(self, call: Call) -> Reply:
        """Return what stands in for the answer."""
        if self.executed:
            call.answer()
        return self.stand_in()

    def stand_in(self) -> Reply:
        """Return it."""
        raise NotImplementedError


KINDS: dict[str, type[Fault]] = {}
T = TypeVar("T", bound=Fault)


def registered(kind: type[T]) -> type[T]:
    """Add a class to the kinds that can be asked for; its field `kind` names it."""
    KINDS[str(kind.model_fields["kind"].default)] = kind
    return kind
