# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Software images of Prisma SD-WAN elements: the cross-check of images, targets, odd records, options."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import (
    ElementImageStatus,
    element_status,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import (
    FIXTURES,
    JSON,
    SCALARS,
    assert_well_formed,
    fixture,
    odd_object,
    one_or_many,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import response
from hypothesis import given
from hypothesis import strategies as st

OLD, NEW, OTHER = "17010000000000044", "17810000000000051", "17990000000000099"
WORDS = json.loads((FIXTURES / "prisma_upgrade_states.json").read_text(encoding="utf-8"))
SUCCESS = {"upgrade_complete", "complete", "done"}


def record(word: Any = "downloading", active: Any = OLD, upgrade: Any = NEW, **more: Any) -> dict[str, Any]:
    return {
        "id": "17900000001230077",
        "element_id": "16540011223340090",
        "active_image_id": active,
        "active_version": "6.3.5-b9",
        "upgrade_image_id": upgrade,
        "previous_image_id": "16800000000000032",
        "rollback_version": "6.1.11-b2",
        "upgrade_state": word,
        "download_percent": 42,
        "failure_info": None,
        "scheduled_download": None,
        "_etag": 3,
        "_error": None,
        **more,
    }


def state_of(word: Any, active: Any = OLD, upgrade: Any = NEW, **targets: Any) -> str:
    return element_status(record(word, active, upgrade), **targets).state.value


def test_the_vendors_own_example_is_pending() -> None:
    (item,) = fixture("prisma_current_status.json")["items"]
    status = element_status(item)
    assert (status.id, status.state.value, status.native_state) == ("string", "pending", "pending")
    assert status.progress is None, "nothing has begun"


@pytest.mark.parametrize("word", WORDS)
def test_only_a_success_word_with_equal_images_is_a_success(word: str) -> None:
    for active, upgrade in [(OLD, NEW), (NEW, NEW), (None, NEW), (OLD, None)]:
        state = state_of(word, active, upgrade)
        assert (state == "succeeded") == (word in SUCCESS and active == upgrade), (active, upgrade)
        if word in SUCCESS and active != upgrade:
            assert state == "unknown", (active, upgrade)


@pytest.mark.parametrize("word", [None, ""])
@pytest.mark.parametrize(
    ("active", "upgrade", "targets", "state"),
    [
        (NEW, NEW, {}, "succeeded"),
        (OLD, NEW, {}, "unknown"),
        (OLD, None, {}, "unknown"),
        (OLD, "", {}, "unknown"),
        (None, None, {}, "unknown"),
        ("", "", {}, "unknown"),
        (NEW, NEW, {"target_image_id": NEW}, "succeeded"),
        (NEW, None, {"target_image_id": NEW}, "succeeded"),
        (OLD, None, {"target_image_id": NEW}, "unknown"),
        (OLD, None, {"target_version": "6.3.5-b9"}, "succeeded"),
        (OLD, None, {"target_version": "6.4.1-b1"}, "unknown"),
        (NEW, NEW, {"target_image_id": OTHER}, "pending"),
        (NEW, NEW, {"target_version": "6.4.1-b1"}, "pending"),
    ],
)
def test_without_a_word_the_images_decide(
    word: str | None, active: Any, upgrade: Any, targets: dict[str, str], state: str
) -> None:
    assert state_of(word, active, upgrade, **targets) == state


@pytest.mark.parametrize(
    ("word", "active", "targets", "state"),
    [
        ("complete", NEW, {"target_image_id": NEW}, "succeeded"),
        ("complete", NEW, {"target_version": "6.3.5-b9"}, "succeeded"),
        ("complete", NEW, {"target_image_id": NEW, "target_version": "6.3.5-b9"}, "succeeded"),
        ("complete", NEW, {"target_image_id": OTHER}, "pending"),
        ("complete", NEW, {"target_version": "6.3.5"}, "pending"),
        ("complete", NEW, {"target_version": "6.3.5-B9"}, "pending"),
        ("complete", NEW, {"target_image_id": NEW, "target_version": "6.4.1-b1"}, "pending"),
        ("complete", OLD, {"target_image_id": OLD}, "unknown"),
        ("downloading", NEW, {"target_image_id": NEW}, "running"),
        ("downloading", OLD, {"target_image_id": OLD}, "running"),
        ("upgrade_failed", NEW, {"target_image_id": NEW}, "failed"),
        ("download_cancelled", NEW, {"target_image_id": NEW}, "cancelled"),
        ("pending", OLD, {"target_version": "6.4.1-b1"}, "pending"),
    ],
)
def test_a_target_makes_each_hop_but_the_last_pending(
    word: str, active: str, targets: dict[str, str], state: str
) -> None:
    assert state_of(word, active, NEW, **targets) == state


def test_a_hop_that_is_not_the_last_says_what_runs() -> None:
    status = element_status(record("complete", NEW, NEW), target_version="6.4.1-b1")
    assert status.message == "the element runs 6.3.5-b9, not yet 6.4.1-b1"


def test_a_success_word_with_another_image_says_so() -> None:
    status = element_status(record("complete"))
    assert status.message == f"'complete', but the active image {OLD} is not the upgrade image {NEW}"
    assert status.warnings == []


@pytest.mark.parametrize(
    "word", ["download_failed", "install_failed", "upgrade_failed", "failed", "download_cancelled"]
)
def test_a_bad_end_carries_failure_info(word: str) -> None:
    """Seen live: downloads that ran out of their interval end as download_cancelled, "timed out"."""
    assert element_status(record(word, failure_info="timed out")).errors == ["timed out"]
    assert element_status(record(word)).errors == [f"the upgrade ended as {word}"]


@pytest.mark.parametrize(
    ("word", "percent", "progress"),
    [
        ("downloading", 42, 42.0),
        ("downloading", "42", 42.0),
        ("downloading", 0, 0.0),
        ("downloading", None, None),
        ("downloading", 101, None),
        ("download", 42, 42.0),
        ("download_complete", 100, None),
        ("installing", 100, None),
        ("upgrade_scheduled", 100, None),
        ("complete", 100, None),
        (None, 100, None),
        ("invalid", 100, None),
    ],
)
def test_progress_is_that_of_a_download_under_way(word: str | None, percent: Any, progress: float | None) -> None:
    assert element_status(record(word, download_percent=percent)).progress == progress


@pytest.mark.parametrize("word", ["paused", "COMPLETE", "Complete!", "completed"])
def test_an_unknown_word_is_never_final(word: str) -> None:
    status = element_status(record(word, NEW, NEW), target_image_id=NEW)
    assert (status.state.value, status.native_state) == ("unknown", word)
    assert len(status.warnings) == 1


def test_a_word_that_the_page_names_without_meaning_is_unknown_without_a_warning() -> None:
    status = element_status(record("invalid", NEW, NEW))
    assert (status.state.value, status.warnings) == ("unknown", [])


def test_the_record_is_kept_under_the_vendors_names() -> None:
    status = element_status(record("downloading"), name="branch-1")
    assert (status.id, status.name, status.message) == ("16540011223340090", "branch-1", "version 6.3.5-b9")
    assert status.details["rollback_version"] == "6.1.11-b2"
    assert status.details["failure_info"] is None


RECORDS = odd_object(
    {
        "upgrade_state": st.one_of(st.sampled_from(WORDS), st.sampled_from(["", " ", None, "paused"])),
        "active_image_id": st.sampled_from([OLD, NEW, None, ""]),
        "upgrade_image_id": st.sampled_from([OLD, NEW, None, ""]),
        "active_version": st.sampled_from(["6.3.5-b9", None]),
        "download_percent": SCALARS,
        "failure_info": SCALARS,
        "element_id": SCALARS,
        "id": SCALARS,
    }
)
TARGETS = st.fixed_dictionaries(
    {"target_image_id": st.sampled_from([None, OLD, NEW]), "target_version": st.sampled_from([None, "6.3.5-b9"])}
)


@given(RECORDS, TARGETS)
def test_no_record_raises_or_passes_for_a_success(body: dict[str, Any], targets: dict[str, Any]) -> None:
    try:
        status = element_status(body, **targets)
    except TaskwatchError:
        return
    assert_well_formed(status)
    if not status.succeeded:
        return
    active, upgrade = body.get("active_image_id"), body.get("upgrade_image_id")
    if targets["target_image_id"] is not None:
        assert str(active).strip() == targets["target_image_id"]
    if targets["target_version"] is not None:
        assert str(body["active_version"]).strip() == targets["target_version"]
    word = str(body.get("upgrade_state") or "").strip()
    # The two documented exceptions from "no success without a success word".
    equal = active is not None and str(active).strip() == str(upgrade).strip()
    assert word in SUCCESS or (not word and (equal or any(targets.values())))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"_error": [{"code": "BAD_QUERY_OR_SORT_PARAMETERS", "message": "Unknown sort field"}]}, None),
        ({"_error": [{"code": "X"}, {"message": "y"}]}, "X; y"),
        ({"_error": {"code": "X", "message": "y"}}, "X: y"),
        ({"error": "invalid_client", "error_description": "No such client"}, "invalid_client; No such client"),
        ({"_error": None}, "'{\"_error\": null}'"),
        ("upstream connect error", "'upstream connect error'"),
    ],
    ids=repr,
)
def test_both_families_of_errors_are_explained(body: Any, said: str | None) -> None:
    expected = said or "BAD_QUERY_OR_SORT_PARAMETERS: Unknown sort field"
    assert ElementImageStatus.explain(response(400, body)) == expected


@given(
    st.one_of(st.binary(max_size=100), JSON, odd_object({"_error": one_or_many(odd_object({"code": SCALARS}))})),
    st.sampled_from(["", "application/json", "text/html"]),
)
def test_explaining_never_raises(body: Any, content_type: str) -> None:
    said = ElementImageStatus.explain(response(400, body, content_type))
    assert said is None or 0 < len(said) <= 501


UNIFIED = {"client_id": "sim@1234567890.iam.example.com", "client_secret": "cl1ent-secret", "tsg_id": "1234567890"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "client_id and client_secret and tsg_id missing"),
        ({"client_id": "a", "tsg_id": "b"}, "client_secret missing"),
        ({**UNIFIED, "client_secret": ""}, "client_secret missing"),
        ({**UNIFIED, "auth_url": "http://auth.example.com/token"}, "auth_url must be"),
        ({**UNIFIED, "auth_url": "ftp://auth.example.com/token", "use_ssl": False}, "auth_url must be"),
        ({**UNIFIED, "auth_url": "auth.example.com"}, "auth_url must be"),
        ({**UNIFIED, "auth_url": "https://"}, "auth_url must be"),
        ({**UNIFIED, "auth_url": "https://[::1"}, "auth_url must be"),
        ({**UNIFIED, "auth_url": "https://auth.example.com:99999/"}, "auth_url must be"),
        ({**UNIFIED, "page_size": 0}, "page_size must be between 1 and 1000, not 0"),
        ({**UNIFIED, "page_size": 1001}, "page_size must be between 1 and 1000, not 1001"),
        ({**UNIFIED, "query": {"limit": 1}}, "query holds limit; it takes "),
        ({**UNIFIED, "query": {"dest_page": 1, "getDeleted": True}}, "query holds dest_page; it takes "),
        ({**UNIFIED, "query": {"nonsense": 1, "rubbish": 2}}, "query holds nonsense, rubbish; it takes "),
        ({**UNIFIED, "element_id": ["1", " "]}, "element_id holds an empty id"),
        ({"auth_token": "abc-token\n"}, "auth_token must be printable ASCII"),
        ({"auth_token": "abc token"}, "auth_token must be printable ASCII"),
        ({"auth_token": "abc-tok→n"}, "auth_token must be printable ASCII"),
        ({"auth_token": "abc-token", "tenant_id": ".."}, "tenant_id must consist of"),
        ({"auth_token": "abc-token", "tenant_id": "1092/.."}, "tenant_id must consist of"),
        ({**UNIFIED, "tsg_id": "1 email"}, "tsg_id must consist of"),
    ],
    ids=repr,
)
def test_options_that_cannot_be_used_are_refused_by_name(options: dict[str, Any], said: str) -> None:
    played = play(ElementImageStatus, by_path({}), **options)
    assert str(played.result.msg).startswith(said)
    assert (played.error["type"], played.sent) == ("bad_request", [])
    assert "abc" not in str(played.result.msg), "a token is not quoted"
    assert played.payload["envelope"] == {}, "every end has the same keys"
