# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a line of progress leaves a worker of ansible-core. PRIVATE to the collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.utils.display import Display


def line_printer(display: Any = None) -> Callable[[str], None]:
    """Return what prints a line at once, on standard error: a callback that writes JSON needs standard output alone.

    In a worker, ``Display.display`` only puts the line into the queue to the main process. ansible-runner up to 2.4.0
    replaces that method with one that writes events to the worker's own standard error as well: an empty event beside
    each line, and a warning since ansible-core 2.19. So the line goes into the queue directly. The queue is a private
    attribute; without it, the method is called.
    """
    display = display or Display()

    def print_line(line: str) -> None:
        send = getattr(getattr(display, "_final_q", None), "send_display", None)
        if callable(send):
            send("display", line, stderr=True)
        else:
            display.display(line, stderr=True)

    return print_line
