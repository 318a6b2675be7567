# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a command shows on a terminal of its own, and when."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator

ROWS = 40


def lines_on_terminal(start: Callable[[int], subprocess.Popen[bytes]], *, columns: int) -> Iterator[tuple[float, str]]:
    """Yield each line as it comes, with the seconds since `start` was called.

    `start` is given the file descriptor of the terminal and returns the process that writes to it.

    Raises:
        CalledProcessError: when the command fails, after its last line.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    began = time.monotonic()
    with start(slave) as process, os.fdopen(master, "rb", closefd=True) as terminal:
        os.close(slave)
        rest = b""
        while True:
            try:
                piece = terminal.read1(4096)
            except OSError:  # the way Linux says that the other end is closed
                break
            if not piece:
                break
            at = time.monotonic() - began
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield at, line.decode("utf-8", "replace").rstrip("\r")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
