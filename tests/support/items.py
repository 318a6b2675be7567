# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pytest's items were parametrized with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest


def params_of(item: pytest.Item) -> Mapping[str, Any]:
    """Return the parameters of an item by name, none where it has none."""
    params: Mapping[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return params
