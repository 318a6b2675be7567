# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service of a file of tests, and one process of ansible-playbook that goes to all of its ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from .ends import Seen, play
from .process import ServiceError
from .services import SERVICES
from .services.base import Service


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the service that the file names. One that does not start fails each of its tests."""
    name = request.module.SERVICE
    with ExitStack() as stack:
        try:
            found = stack.enter_context(SERVICES[name](tmp_path_factory.mktemp(name)))
        except ServiceError as error:
            pytest.fail(f"{name} does not start: {error}", pytrace=False)
        yield found


@pytest.fixture(scope="module")
def seen(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Seen]:
    """What came of each case."""
    return play(service, tmp_path_factory.mktemp("play"))
