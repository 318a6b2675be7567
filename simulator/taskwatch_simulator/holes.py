# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses that neither accept nor refuse connections, as behind a firewall that drops packets."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field

# One connection fills the queue of a socket that accepts none; a second one makes sure of it
FILLERS = 2


@dataclass
class Hole:
    """A bound socket whose queue of connections is full: the system drops what else arrives."""

    holder: socket.socket
    fillers: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.holder.listen(0)
        for _number in range(FILLERS):
            filler = socket.socket(self.holder.family, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(self.holder.getsockname())
            self.fillers.append(filler)

    def close(self) -> None:
        """Give the address up."""
        for each in (*self.fillers, self.holder):
            with contextlib.suppress(OSError):
                each.close()
