# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether links and pictures of built pages lead somewhere inside the site. Other hosts are not asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html


def broken(site: Path, pages: Iterable[Path]) -> tuple[int, list[str]]:
    """Return how many links stay inside the site, and one sentence for each that leads nowhere."""
    count = 0
    faults = []
    for page in pages:
        for target in _targets(page):
            link = urlsplit(target)
            if link.scheme or link.netloc:
                continue
            count += 1
            file = (page.parent / unquote(link.path)).resolve() if link.path else page
            if not file.is_relative_to(site) or not file.is_file():
                faults.append(f"{page.relative_to(site)}: {target} is not part of the site")
            elif link.fragment and unquote(link.fragment) not in _anchors(file):
                faults.append(f"{page.relative_to(site)}: {target} names no place on that page")
    return count, faults


def _targets(page: Path) -> Iterator[str]:
    """Yield what a page links to and shows; each once."""
    found = {str(target) for target in _read(page).xpath("//@href | //@src")}
    yield from sorted(found - {"", "#"})


@cache
def _anchors(page: Path) -> frozenset[str]:
    return frozenset(str(name) for name in _read(page).xpath("//@id | //a/@name"))


def _read(page: Path) -> html.HtmlElement:
    return html.parse(str(page)).getroot()
