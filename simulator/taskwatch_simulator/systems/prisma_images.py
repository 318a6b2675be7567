# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant's catalogue of images: which version has which id.

Source: Prisma SD-WAN API, "Get Element Images (v2.4)".
"""

from __future__ import annotations

from collections.abc import Iterable

from .prisma_fields import common

FIRST_IMAGE = 17010000000000044


class Images:
    """The images, in the order in which they became known."""

    def __init__(self, versions: Iterable[str]) -> None:
        self._ids: dict[str, str] = {}
        for version in versions:
            self.id_of(version)

    def id_of(self, version: str) -> str:
        """Return the id of a version's image, which is added where it is new."""
        return self._ids.setdefault(version, str(FIRST_IMAGE + 100 * len(self._ids)))

    def version_of(self, image_id: str) -> str | None:
        """Return the version of an image, or nothing where there is none of that id."""
        return next((version for version, each in self._ids.items() if each == image_id), None)

    def listing(self, ticks: int) -> list[dict[str, object]]:
        """Return the images as they are listed, all of them released."""
        return [
            {
                "id": image_id,
                "version": version,
                "state": "release",
                "description": None,
                "eol_date": None,
                "is_lts": False,
                "recommended_release": False,
                **common(1, ticks, ticks),
            }
            for version, image_id in self._ids.items()
        ]
