# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of requests in the documentation, held against what each client asks for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from .client_calls import CLIENT_CALLS, Request, asked
from .clients.prisma import on_clock
from .rig import Rig

PAGE = Path(__file__).parents[2] / "docs/docsite/rst/vendor_clients.rst"
ROW = re.compile(r"^   \* - ``(?P<client>.+?)``\n     - (?P<requests>(?:.*\n)+?)     - ", re.MULTILINE)
REQUEST = re.compile(r"\| ``([A-Z]+) (\S+)``")


def documented() -> dict[str, set[Request]]:
    """Return the requests of each client in the page."""
    found: dict[str, set[Request]] = defaultdict(set)
    for row in ROW.finditer(PAGE.read_text(encoding="utf-8")):
        found[row["client"]] |= set(REQUEST.findall(row["requests"]))
    return found


@pytest.fixture(autouse=True)
def _one_clock(rig: Rig) -> Iterator[None]:
    with on_clock(rig.clock.now):
        yield


def test_every_client_is_documented() -> None:
    assert documented().keys() == CLIENT_CALLS.keys()


@pytest.mark.parametrize("client", CLIENT_CALLS)
def test_a_client_asks_for_what_the_page_says(rig: Rig, client: str) -> None:
    system, calls = CLIENT_CALLS[client]
    assert asked(rig, system, calls) == documented()[client]
