# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's own certificate authority and its certificate for the loopback names."""

from __future__ import annotations

import functools
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Identity:
    """A certificate authority and the server's certificate under it."""

    authority: trustme.CA
    context: ssl.SSLContext


_making = threading.Lock()


def identity() -> Identity:
    """Return the authority and the server's certificate, made once per process however many threads ask."""
    with _making:
        return _made()


@functools.cache
def _made() -> Identity:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*NAMES).configure_cert(context)
    return Identity(authority, context)


def write_ca(folder: Path) -> str:
    """Write the authority's certificate into a folder and return the file's path."""
    path = folder / "ca.pem"
    identity().authority.cert_pem.write_to_path(str(path))
    return str(path)
