# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator, and pages of it in the Chromium of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from taskwatch_simulator.embedded import Simulator, running

DESKTOP, PHONE = (1280, 900), (390, 844)
SIZES = {"desktop": DESKTOP, "phone": PHONE}
OpenPage = Callable[..., Page]
# Milliseconds for what a busy machine does slowly
PATIENCE = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; its own sandbox does not work for root, and only this machine's pages are opened."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("the tests of the rehearsal page need Chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve tasks that end within a minute."""
    with running("all_succeed", speed=5) as served:
        yield served


@pytest.fixture
def page_of(browser: Browser, simulator: Simulator) -> Iterator[OpenPage]:
    """Return an opener of the rehearsal page; at the end no page may have had an error in its console."""
    errors: list[str] = []
    contexts = []

    def note(message: Any) -> None:
        if message.type == "error":
            errors.append(message.text)

    def open_page(
        size: str = "desktop", scheme: str = "light", address: str | None = None, *, watch: bool = True
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if watch:
            page.on("console", note)
            page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address or simulator.control_url)
        if address is None:
            page.wait_for_selector(".bar")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
