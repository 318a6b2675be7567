# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of connections and ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from ..messages import Reply, Request
from ..systems.base import PortMode, System
from ..transports import REFUSED, TLS_CUT, Close
from ..transports import Hang as HangTransport
from ..transports import Reset as ResetTransport
from .base import Call, Fault, LosingFault, registered


@registered
class Reset(LosingFault):
    """The connection is reset when the request has come."""

    kind: Literal["reset"] = "reset"

    def stand_in(self) -> Reply:
        """Return nothing but the reset."""
        return Reply(transport=ResetTransport())


@registered
class Hang(LosingFault):
    """No answer, for as long as the client waits."""

    kind: Literal["hang"] = "hang"

    def stand_in(self) -> Reply:
        """Return nothing, and never."""
        return Reply(transport=HangTransport())


@registered
class CloseReused(LosingFault):
    """A connection that has carried a request before ends without a byte of an answer. A new connection is served.

    So it is when a server gives an idle connection up at the moment in which the client uses it again.
    """

    kind: Literal["close_reused"] = "close_reused"

    def concerns(self, request: Request, system: System[Any]) -> bool:
        """Spare the first request of a connection."""
        return request.reused and super().concerns(request, system)

    def stand_in(self) -> Reply:
        """Return nothing but the end of the connection."""
        return Reply(transport=Close())


class PortFault(Fault):
    """A fault of the whole port, which acts before there is a request."""

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, data: Any) -> Any:
        given = set(data) if isinstance(data, Mapping) else set()
        kind = cls.model_fields["kind"].default
        if given & {"path", "method"}:
            raise ValueError(f"{kind} concerns the whole port, so it takes neither path nor method")
        if "executed" in given:
            raise ValueError(f"under {kind} no request arrives, so none can be executed")
        if "times" in given and cls.port != "tls_cut":
            raise ValueError(f"{kind} takes seconds instead of times, because a closed port cannot count")
        return data


@registered
class Refuse(PortFault):
    """The port is closed, and opened again afterwards.

    Takes ``seconds``, not ``times``, because a closed port cannot count.
    """

    port: ClassVar[PortMode | None] = "refused"
    kind: Literal["refuse"] = "refuse"

    def act(self, call: Call) -> Reply:
        """Reset a connection that was open already."""
        del call
        return Reply(transport=REFUSED)


@registered
class BlackHole(PortFault):
    """Connections are neither accepted nor refused, as behind a firewall that drops packets.

    With ``address`` (``::1``, ``127.0.0.1``) that address of the port, beside the one that is served: the name
    ``localhost`` then has two addresses, and one of them leads nowhere. Takes ``seconds``, not ``times``.
    """

    port: ClassVar[PortMode | None] = "black_hole"
    kind: Literal["black_hole"] = "black_hole"
    address: Literal["::1", "127.0.0.1"] | None = None

    def mode(self) -> PortMode | None:
        """Leave the served address alone where another one is meant."""
        return self.port if self.address is None else None

    def act(self, call: Call) -> Reply | None:
        """Answer nothing on a connection that was open already."""
        del call
        return Reply(transport=HangTransport()) if self.address is None else None


@registered
class TlsCut(PortFault):
    """The connection ends in the middle of the handshake; ``times`` counts connections."""

    port: ClassVar[PortMode | None] = "tls_cut"
    kind: Literal["tls_cut"] = "tls_cut"

    def act(self, call: Call) -> Reply:
        """Reset a connection that was open already."""
        del call
        return Reply(transport=TLS_CUT)
