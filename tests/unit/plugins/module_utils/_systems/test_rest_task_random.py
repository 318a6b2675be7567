# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random descriptions, random answers, random ids: what may never happen, never happens."""

from __future__ import annotations

from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._description.words import matches
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Request
from hypothesis import given
from hypothesis import strategies as st

PASSWORD = "s3cret-passw0rd/?#"
ORIGIN = "https://192.0.2.1:443/"
WORDS = st.sampled_from(["done", "Done", "busy", "b*", "?one", "fail", "200", "true", "d[o]ne", "*x*"])
STATES = st.sampled_from(["pending", "running", "failed", "cancelled", "unknown", "succeeded"])
EXPRESSIONS = st.sampled_from(
    [
        "state",
        "data.state",
        "state || data.state",
        "items[0].state",
        "header:X-State",
        "status",
        "to_string(@)",
        "sum(x)",
    ]
)
ADDRESSES = st.sampled_from(
    [
        *("/next", "//evil.example.com/", "https://evil.example.com/x", "http://192.0.2.1/", "\\x", "/a/../../b", ""),
        *("https://192.0.2.1/ok?a=b", "https://192.0.2.1@evil.example.com/", "https://192.0.2.1:443/deep/er"),
        *("?page=2", "next"),
    ]
)
ODD = st.sampled_from([10**400, -0.0, 1e308, float("inf"), float("nan"), "\ud800", "\u0000", "1e999", "0" * 50])
SCALARS = st.none() | st.booleans() | st.integers(-5, 500) | WORDS | st.text(max_size=5) | ADDRESSES | ODD
BODIES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["state", "data", "items", "id", "next", "message", "share", "parts", "at"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
REPLIES = st.builds(
    lambda status, body, address, word: Reply(status, body, {"Location": address, "X-State": word, "Retry-After": "1"}),
    st.sampled_from([200, 200, 200, 202, 204, 302, 401, 403, 404, 409, 500, 503]),
    BODIES | st.binary(max_size=20) | st.just("<html>Sign in</html>"),
    ADDRESSES.filter(bool),
    WORDS,
)
IDS = (
    st.text(alphabet="ab/?#.%é \\@:{}", min_size=1, max_size=12).filter(lambda text: text.strip(" ."))
    | ADDRESSES.filter(bool)
    | st.sampled_from(["a/b", "a?b", "%2e%2e", "{x}"])
)


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    """Descriptions of which most are good."""
    words = {**draw(st.dictionaries(WORDS, STATES, max_size=5)), "made": "succeeded", "broke": "failed"}
    task: dict[str, Any] = {
        "request": {"path": draw(st.sampled_from(["/t/{id}", "/{node}/{id}/s", "/{id}"])), "query": {"q": "{node}"}},
        "state": draw(EXPRESSIONS),
        "words": words,
        "otherwise": draw(st.sampled_from(["unknown", "running", "failed"])),
        "fold_case": draw(st.booleans()),
        "locations": draw(st.booleans()),
        "message": "message",
        "progress": "share",
    }
    if draw(st.booleans()):
        task["follow"] = {
            "status": draw(st.sampled_from([200, 202])),
            "location": draw(st.sampled_from(["header:Location", "next", "at", "items[0].next"])),
        }
    if draw(st.booleans()):
        steps: dict[str, Any] = {"items": "parts", "id": "id", "state": "state", "message": "message"}
        task["steps"] = {
            **steps,
            "progress": "share",
            "total": "at",
            "steps": draw(st.sampled_from([True, dict(steps)])),
        }
    if draw(st.booleans()):
        task |= {"errors": "items", "details": "@", "started_at": "at", "expected_seconds": "share"}
    # Samples that any of these expressions reads alike, whatever the words are
    made = {"state": "made", "data": {"state": "made"}, "items": [{"state": "made"}]}
    broke = {"state": "broke", "data": {"state": "broke"}, "items": [{"state": "broke"}]}
    found: dict[str, Any] = {
        "name": "Thing",
        "source": "a page",
        "task": task,
        "samples": [
            {"answer": made, "headers": {"X-State": "made"}, "expect": {"state": "succeeded"}},
            {"answer": broke, "headers": {"X-State": "broke"}, "expect": {"state": "failed"}},
        ],
    }
    if draw(st.booleans()):
        found["many"] = {
            "path": "/all",
            "items": draw(st.sampled_from(["items", "@", "data"])),
            "id": "id",
            "next": draw(st.sampled_from(["next", "header:Location"])),
        }
    if draw(st.booleans()):
        found["login"] = {
            "kind": "session",
            "request": {"path": "/login", "json": {"p": "{password}"}},
            "take": {"s": "header:Location"},
            "logout": {"path": "{s}"},
        }
    return found


@given(descriptions(), st.lists(IDS, min_size=1, max_size=2), st.lists(REPLIES, min_size=1, max_size=8), st.booleans())
def test_what_may_never_happen(description: dict[str, Any], ids: list[str], replies: list[Reply], wait: bool) -> None:
    asked: list[Request] = []

    def script(request: Request) -> Reply:
        asked.append(request)
        return replies[min(len(asked), len(replies)) - 1]

    played = play(
        RestTask,
        script,
        hostname="192.0.2.1",
        username="netops",
        password=PASSWORD,
        description=description,
        variables={"node": "../n?x#y"},
        task_id=ids,
        wait=wait,
        wait_timeout=30,
        unreachable_timeout=10,
    )
    message = str(played.result.msg)
    assert "defect" not in message
    assert "Traceback" not in message
    for request in asked:
        assert request.url.startswith(ORIGIN)
        assert "s3cret" not in request.url
        assert "evil" not in request.headers.get("Host", "")
    words: dict[str, str] = description["task"]["words"]
    fold = description["task"]["fold_case"]
    for task in played.payload["tasks"]:
        if task["state"] == "succeeded":
            native = str(task["native_state"])
            assert any(
                state == "succeeded" and (matches(word.lower(), native.lower()) if fold else matches(word, native))
                for word, state in words.items()
            )


PATTERNS = st.text(alphabet="ab*?", max_size=8)


@given(PATTERNS, st.text(alphabet="ab", max_size=10))
def test_patterns_match_as_their_signs_say(pattern: str, word: str) -> None:
    def slow(rest: str, left: str) -> bool:
        if not rest:
            return not left
        if rest[0] == "*":
            return any(slow(rest[1:], left[skipped:]) for skipped in range(len(left) + 1))
        return bool(left) and rest[0] in ("?", left[0]) and slow(rest[1:], left[1:])

    assert matches(pattern, word) == slow(pattern, word)


def test_no_pattern_explodes() -> None:
    assert not matches("*a" * 200 + "b", "a" * 5000)
