# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of this folder share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from taskwatch_simulator.embedded import Simulator, running
from tests.support.ansible import OPTIONS


@pytest.fixture(autouse=True, scope="session")
def _no_inherited_settings() -> Iterator[None]:
    """Nothing in the developer's environment may decide how a request travels or whom it trusts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.lower().endswith("_proxy") or name.startswith(OPTIONS):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """One simulator for all tests of a process; each test begins by resetting it."""
    with running("all_succeed") as simulator:
        yield simulator
