# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must never be shown: no secret survives in any form in which it may be written."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import (
    ErrorType,
    TaskwatchError,
    bad_response,
    excerpt,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._payload import payload_of
from ansible_collections.taskwatch.infra.plugins.module_utils._secrets import MASK, MIN_LENGTH, Secrets
from ansible_collections.taskwatch.infra.plugins.module_utils._status import Stats, Step, TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.waiter import WaitResult
from hypothesis import given
from hypothesis import strategies as st

AWKWARD = [
    "plain-password",
    "pa ss/wo+rd%",
    'pa"ss\\word',
    "pa<ss>&word'",
    "pässwörd→",
    "pass\nword",
    "p?a=s&s#w",
    "\U0001f511key",
]

SPELLINGS: dict[str, Any] = {
    "as it is": str,
    "quoted": quote,
    "quoted whole": lambda text: quote(text, safe=""),
    "quoted in lower case": lambda text: quote(text, safe="").lower() if quote(text, safe="") != text else text,
    "in a form": quote_plus,
    "in a query": lambda text: urlencode({"password": text}),
    "as JSON": json.dumps,
    "as JSON in its own script": lambda text: json.dumps(text, ensure_ascii=False),
    "as XML": escape,
    "as HTML": html.escape,
    "as Python": repr,
}


@pytest.mark.parametrize("secret", AWKWARD)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_secret_survives(secret: str, spelling: str) -> None:
    secrets = Secrets()
    secrets.add(secret)
    spelt = SPELLINGS[spelling](secret)
    told = {"msg": f"it said: {spelt}.", "tasks": [{spelt: spelt, "raw": {"a": ["b", [spelt]]}}]}
    scrubbed = secrets.scrub(told)
    shown = json.dumps(scrubbed, ensure_ascii=False)
    for spell in SPELLINGS.values():
        assert str(spell(secret)).strip("\"'") not in shown
    assert shown.count(MASK) == 4
    assert scrubbed["msg"].startswith("it said: ")


@pytest.mark.parametrize("secret", AWKWARD)
def test_a_login_is_hidden_in_the_form_of_http_basic_too(secret: str) -> None:
    secrets = Secrets()
    secrets.add_login("netops", secret)
    sent = base64.b64encode(f"netops:{secret}".encode()).decode()
    assert secrets.scrub(f"Authorization: Basic {sent}, {secret}") == f"Authorization: Basic {MASK}, {MASK}"
    assert secrets.scrub("netops") == "netops", "a user's name is no secret"


def test_a_secret_that_holds_another_leaves_nothing_behind() -> None:
    secrets = Secrets()
    secrets.add("token")
    secrets.add("token-and-more")
    assert secrets.scrub("token-and-more, token") == f"{MASK}, {MASK}"


def test_what_is_too_short_to_hide_is_left_alone() -> None:
    secrets = Secrets()
    for value in (None, "", "abc"):
        secrets.add(value)
    assert secrets.scrub({"abc": "abc"}) == {"abc": "abc"}
    secrets.add("abcd")
    assert secrets.scrub("abcd") == MASK
    assert MIN_LENGTH == 4, "as in ansible-core"


@pytest.mark.parametrize("value", [None, True, 1, 2.5, [], {}, {"a": [None, False, 0.5]}])
def test_everything_but_texts_stays_what_it_is(value: Any) -> None:
    secrets = Secrets()
    secrets.add("secret-token")
    both = secrets.scrub([value, "secret-token"])
    assert both == [value, MASK]
    assert secrets.scrub(value) is value, "an answer without secrets is not copied"


@pytest.mark.parametrize("at", range(90, 130))
def test_no_part_of_a_secret_survives_where_an_answer_is_cut(at: int) -> None:
    """The first characters of an answer are shown; a secret may lie across the end of them."""
    secret = "my-very-secret-password-value"
    secrets = Secrets()
    secrets.add(secret)
    shown = secrets.scrub(excerpt("x" * at + secret + "y" * 50))
    assert secret[:MIN_LENGTH] not in shown


def test_a_secret_with_blanks_in_a_row_is_hidden_where_blanks_are_joined() -> None:
    secrets = Secrets()
    secrets.add("two  blanks\tin a row")
    assert secrets.scrub(excerpt("<p>two  blanks\tin a row</p>")) == f"'<p>{MASK}</p>'"


def test_a_bad_response_hides_the_secret_that_it_quotes() -> None:
    secrets = Secrets()
    secrets.add("s3cret-token")
    error = bad_response("a status", b'{"value": "s3cret-token"')
    assert secrets.scrub(error.message) == f'expected a status, got \'{{"value": "{MASK}"\''


def test_half_a_surrogate_pair_is_no_reason_to_fail() -> None:
    secrets = Secrets()
    secrets.add("pass\udc80word")
    secrets.add_login("us\udc80er", "pass\udc80word")
    assert secrets.scrub("pass\udc80word") == MASK


@given(
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=MIN_LENGTH, max_size=12),
    before=st.text(max_size=10),
    after=st.text(max_size=10),
)
def test_whatever_stands_around_it_a_secret_is_gone(secret: str, before: str, after: str) -> None:
    secrets = Secrets()
    secrets.add(secret)
    scrubbed = secrets.scrub({"a": [before + secret + after]})
    if secret not in MASK:
        assert secret not in scrubbed["a"][0].replace(MASK, "")


def test_no_word_of_ours_as_a_secret_takes_a_key_away() -> None:
    status = TaskStatus(id="1", steps=[Step(id="a")], details={"updateStatus": 1}, raw={"state": {"done": "x"}})
    error = TaskwatchError(ErrorType.TASK_FAILED, "it says what it says")
    payload = payload_of(WaitResult([status], error), Stats(), elapsed=1.0, include_raw=True)
    ours = set(_keys({**payload, "tasks": [{**payload["tasks"][0], "details": {}, "raw": {}}]}))
    assert {"done", "counts", "logout_failures", "http_status", "native_state", "unknown"} <= ours
    for secret in ours:
        secrets = Secrets()
        secrets.add(secret)
        assert set(_keys(secrets.scrub({**payload, "msg": f"{secret} failed"}))) >= ours


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(part)


@pytest.mark.parametrize("secret", ["done", "state"])
def test_a_secret_is_hidden_in_the_keys_of_an_answer(secret: str) -> None:
    secrets = Secrets()
    secrets.add(secret)
    assert secrets.scrub({"raw": [{secret: {secret: secret}}]}) == {"raw": [{MASK: {MASK: MASK}}]}
    assert secrets.scrub({"details": {f"x-{secret}": 1}}) == {"details": {f"x-{MASK}": 1}}
