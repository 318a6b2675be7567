# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all endpoints of LXCA share: the texts of its error bodies, whichever family they are of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca import Lxca
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    JSON,
    SCALARS,
    odd_object,
    one_or_many,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import response
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"statusCode": 400, "statusDescription": "Bad id", "messages": [{"text": "No.", "recovery": ""}]},
            "No.; Bad id",
        ),
        ({"result": "warning", "messages": {"text": "A single object."}}, "A single object."),
        ({"messages": "none"}, '\'{"messages": "none"}\''),
        ("<html>Forbidden</html>", "'<html>Forbidden</html>'"),
        (b"\xff\xfe\x00", "\ufffd"),
    ],
)
def test_every_family_of_error_bodies_is_explained(body: Any, said: str) -> None:
    assert said in str(Lxca.explain(response(400, body, "text/html")))


def test_nothing_is_explained_by_an_empty_body() -> None:
    assert Lxca.explain(response(400, b" ")) is None


MESSAGES = odd_object({"text": SCALARS, "explanation": SCALARS, "recovery": one_or_many(odd_object({"text": SCALARS}))})
ERRORS = odd_object({"result": SCALARS, "statusDescription": SCALARS, "messages": one_or_many(MESSAGES)})


@given(st.one_of(st.binary(max_size=100), JSON, ERRORS), st.sampled_from(["", "application/json", "text/html"]))
def test_explaining_never_raises(body: Any, content_type: str) -> None:
    said = Lxca.explain(response(500, body, content_type))
    assert said is None or (said and len(said) <= 501)
