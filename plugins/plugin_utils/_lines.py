# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a line of progress leaves a worker of ansible-core. PRIVATE to the collection."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ansible.utils.display import Display

# ansible-runner, the engine of AWX, names here the folder that its display writes events to.
RUNNER_FOLDER = "AWX_ISOLATED_DATA_DIR"


def line_printer(display: Any = None) -> Callable[[str], None]:
    """Return what prints a line at once, on standard error: a callback that writes JSON needs standard output alone.

    In a worker, ``Display.display`` only puts the line into the queue to the main process. ansible-runner up to 2.4.0
    replaces that method with one that writes events to the worker's own standard error as well: an empty event beside
    each line, and a warning since ansible-core 2.19. So the line goes into the queue directly. The queue is a private
    attribute; without it, the method is called.

    Under ansible-runner, standard output and standard error are one terminal, and its marks around a line make an event
    of it. With ansible-core 2.16 the marks go to standard output wherever the line goes, so the line goes there, too.
    """
    display = display or Display()
    stderr = RUNNER_FOLDER not in os.environ

    def print_line(line: str) -> None:
        send = getattr(getattr(display, "_final_q", None), "send_display", None)
        if callable(send):
            send("display", line, stderr=stderr)
        else:
            display.display(line, stderr=stderr)

    return print_line
