# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON Schema of scenarios, by which editors complete and check them."""

from __future__ import annotations

import json

from .scenario import Scenario


def schema_text() -> str:
    """Return the schema, made from the classes that check a scenario."""
    schema = Scenario.model_json_schema(by_alias=True)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
