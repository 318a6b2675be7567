# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Software images of Prisma SD-WAN elements: the cross-check of images, targets, odd records, options."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_element import (
    Histories,
    History,
    element_status,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
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
def test_a_word_counts_as_a_success_only_without_another_image(word: str) -> None:
    """A missing id is not a different one. Words of work under way need more polls even beside equal ids."""
    for active, upgrade in [(OLD, NEW), (NEW, NEW), (None, NEW), (OLD, None), (None, None), ("none", NEW)]:
        state = state_of(word, active, upgrade)
        good = word in SUCCESS and (active, upgrade) != (OLD, NEW)
        assert (state == "succeeded") == (good or (word == "invalid" and active == upgrade == NEW)), (active, upgrade)
        if word in SUCCESS and (active, upgrade) == (OLD, NEW):
            assert state == "unknown"


def test_a_success_word_without_both_ids_says_that_it_decides_alone() -> None:
    for active, upgrade in [(None, NEW), (OLD, None)]:
        status = element_status(record("complete", active, upgrade))
        assert status.state.value == "succeeded"
        assert "'complete' without both image ids" in status.warnings[0]
        assert "None" not in str([status.message, *status.warnings])


@pytest.mark.parametrize("word", [None, "", "none", "None", "null", "N/A", "-"])
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
    word: str | None, active: Any, upgrade: Any, targets: dict[str, Any], state: str
) -> None:
    status = element_status(record(word, active, upgrade), **targets)
    assert status.state.value == state
    assert status.warnings == (
        [f"The Prisma SD-WAN element image reports the state '{word}'; it is read as no state"] if word else []
    )


@pytest.mark.parametrize(
    ("word", "active", "targets", "state"),
    [
        ("complete", NEW, {"target_image_id": NEW}, "succeeded"),
        ("complete", NEW, {"target_version": "6.3.5-b9"}, "succeeded"),
        ("complete", NEW, {"target_image_id": NEW, "target_version": "6.3.5-b9"}, "succeeded"),
        ("complete", NEW, {"target_image_id": OTHER}, "pending"),
        ("complete", NEW, {"target_version": "6.3.5"}, "succeeded"),
        ("complete", NEW, {"target_version": " 6.3.5-B9 "}, "succeeded"),
        ("complete", NEW, {"target_version": "6.3.5-b10"}, "pending"),
        ("complete", None, {"target_version": "6.3.5-b9"}, "succeeded"),
        ("complete", None, {"target_version": "6.4.1-b1"}, "pending"),
        ("complete", None, {"target_image_id": NEW}, "unknown"),
        ("complete", None, {"target_image_id": NEW, "target_version": "6.3.5-b9"}, "succeeded"),
        ("complete", NEW, {"target_image_id": NEW, "target_version": "6.4.1-b1"}, "pending"),
        ("complete", OLD, {"target_image_id": OLD}, "succeeded"),
        ("upgrading", NEW, {"target_image_id": NEW}, "succeeded"),
        ("downloading", OLD, {"target_version": "6.3.5"}, "succeeded"),
        ("upgrade_failed", NEW, {"target_image_id": NEW}, "succeeded"),
        ("download_cancelled", NEW, {"target_image_id": NEW}, "succeeded"),
        ("upgrade_failed", NEW, {"target_image_id": OTHER}, "failed"),
        ("download_cancelled", NEW, {"target_version": "6.4.1-b1"}, "cancelled"),
        ("paused", NEW, {"target_image_id": NEW}, "succeeded"),
        ("paused", NEW, {"target_image_id": OTHER}, "unknown"),
        ("pending", OLD, {"target_version": "6.4.1-b1"}, "pending"),
    ],
)
def test_a_target_makes_each_hop_but_the_last_pending(
    word: str, active: str, targets: dict[str, Any], state: str
) -> None:
    status = element_status(record(word, active, NEW), **targets)
    assert status.state.value == state
    assert "None" not in str(status.message)
    if state == "succeeded":
        stayed = f"'{word}' although the wanted image runs; it counts as a success"
        assert [warning.endswith(stayed) for warning in status.warnings] == ([] if word in SUCCESS else [True])
        assert status.errors == []


def test_blanks_are_no_target_and_none_of_one() -> None:
    assert state_of("complete", NEW, NEW, target_version=" ", target_image_id="") == "succeeded"
    assert state_of("complete", NEW, NEW, target_image_id=f" {NEW} ") == "succeeded"


def test_what_cannot_be_compared_is_told() -> None:
    status = element_status(record("complete", None), target_image_id=NEW)
    assert status.message == f"the element does not tell whether it runs {NEW}"


GOAL = {"target_version": "6.4.1-b3"}


@pytest.mark.parametrize(
    ("history", "version", "state"),
    [
        (None, "6.3.5-b9", "pending"),
        (History(upgrade_seen=False, before="6.1.1-b1"), "6.3.5-b9", "pending"),
        (History(upgrade_seen=True, before="6.1.1-b1"), "6.3.5-b9", "pending"),
        (History(upgrade_seen=True, before="6.1.1-b1", no_more_hops=True), "6.3.5-b9", "failed"),
        (History(upgrade_seen=True, before="6.3.5-b9"), "6.3.5-b9", "failed"),
        (History(upgrade_seen=True, before="6.3.5-b9"), "6.4.1-b4", "failed"),
        (History(upgrade_seen=True, before="6.3.5-b9"), "6.5.1-b1", "failed"),
        (History(upgrade_seen=True, before="6.3.5-b9"), "6.4.1", "succeeded"),
    ],
)
@pytest.mark.parametrize("word", ["complete", None])
def test_an_upgrade_that_ended_with_another_version_has_failed(
    history: History | None, version: str, state: str, word: str | None
) -> None:
    status = element_status(record(word, NEW, NEW, active_version=version), **GOAL, history=history)
    assert status.state.value == state
    if state == "failed":
        assert status.errors == [f"the upgrade has ended, and the element runs {version}, not 6.4.1-b3"]


def test_the_next_hop_has_ten_minutes_to_begin() -> None:
    histories, done = Histories(), record("complete", NEW, NEW, active_version="6.3.5-b9")
    histories.note("1", record("downloading", active_version="6.1.1-b1"), 0.0)
    assert histories.note("1", done, 100.0) == History(upgrade_seen=True, before="6.1.1-b1")
    assert not histories.note("1", done, 699.0).no_more_hops
    assert histories.note("1", done, 700.0).no_more_hops
    assert not histories.note("1", record("pending"), 800.0).no_more_hops
    assert not histories.note("1", done, 900.0).no_more_hops
    histories.judged("1", State.FAILED)
    assert histories.note("1", done, 901.0) == History(upgrade_seen=False, before="6.3.5-b9")


# What a wait for the image alone makes of a record: word, percent, state.
DOWNLOADS = """
download_complete 100 succeeded
download_complete 0 succeeded
downloading 100 succeeded
downloading 99 running
download_discovery 0 running
upgrade_scheduled 100 succeeded
upgrade_scheduled 0 pending
waiting_install_time 0 succeeded
installing 0 succeeded
complete 0 succeeded
pending 100 pending
download_scheduled 100 pending
download_failed 100 failed
install_failed 100 failed
download_cancelled 100 cancelled
paused 100 unknown
invalid 100 unknown
none 100 succeeded
none 50 unknown
"""


@pytest.mark.parametrize("line", DOWNLOADS.split("\n")[1:-1])
def test_a_wait_for_the_download_ends_with_the_image_on_the_element(line: str) -> None:
    word, percent, state = line.split()
    status = element_status(record(word, download_percent=int(percent)), wait_for="downloaded")
    assert status.state.value == state
    if state == "succeeded":
        assert status.message == "the image is downloaded; the installation is still to come"
        assert (status.progress == 100) == (percent == "100")
    if word == "paused":
        assert "'paused'" in status.warnings[0]


def test_the_image_that_was_downloaded_has_to_be_the_one_that_is_wanted() -> None:
    for goal, state in ((NEW, "succeeded"), (OTHER, "pending"), (OLD, "succeeded")):
        status = element_status(record("download_complete"), wait_for="downloaded", target_image_id=goal)
        assert status.state.value == state, goal
    assert state_of("download_complete") == "running", "an upgrade has not ended with its download"


@pytest.mark.parametrize(
    ("word", "fields", "said"),
    [
        ("upgrade_scheduled", {"scheduled_upgrade": "11-22-2026 01:00:00"}, "upgrade scheduled for 11-22-2026"),
        ("waiting_install_time", {"scheduled_upgrade": "11-22-2026 01:00:00"}, "upgrade scheduled for 11-22-2026"),
        ("download_complete", {"scheduled_upgrade": "11-22-2026 01:00:00"}, "upgrade scheduled for 11-22-2026"),
        ("download_scheduled", {"scheduled_download": "11-21-2026 22:00:00"}, "download scheduled for 11-21-2026"),
        ("download_scheduled", {"scheduled_upgrade": "11-22-2026 01:00:00"}, "upgrade scheduled for 11-22-2026"),
        ("pending", {"scheduled_download": "11-21-2026 22:00:00"}, "download scheduled for 11-21-2026"),
        ("installing", {"scheduled_upgrade": "11-22-2026 01:00:00"}, None),
        ("upgrade_scheduled", {"scheduled_upgrade": "none"}, None),
    ],
)
def test_a_schedule_is_told(word: str, fields: dict[str, str], said: str | None) -> None:
    message = str(element_status(record(word, **fields)).message)
    assert message == "version 6.3.5-b9" if said is None else (message.startswith(said) and message.endswith(" UTC"))


@pytest.mark.parametrize("odd", [5, True, ["complete"], {"state": "complete"}], ids=repr)
def test_what_is_no_word_is_a_bad_response(odd: Any) -> None:
    with pytest.raises(TaskwatchError, match="as a word") as caught:
        element_status(record(odd))
    assert caught.value.kind.value == "bad_response"
    if not isinstance(odd, int) or isinstance(odd, bool):
        with pytest.raises(TaskwatchError, match="the field active_image_id of an element as a text"):
            element_status(record("complete", odd))


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
    status = element_status(record(word), target_image_id=NEW)
    assert (status.state.value, status.native_state) == ("unknown", word)
    assert len(status.warnings) == 1
    assert f"'{word}'" in status.warnings[0]


def test_a_word_that_the_page_names_without_meaning_is_unknown_without_a_warning() -> None:
    status = element_status(record("invalid"))
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
    # No success without a success word, the wanted image or version, or equal images beside a word that says nothing.
    active, upgrade = (str(body.get(f"{name}_image_id") or "").strip() or None for name in ("active", "upgrade"))
    word = str(body.get("upgrade_state") or "").strip()
    if targets["target_image_id"] is not None and active is not None:
        assert active == targets["target_image_id"]
    if not any(targets.values()):
        assert active == upgrade or (word in SUCCESS and None in (active, upgrade))
        assert word in SUCCESS or word not in WORDS or word == "invalid"


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
        ({**UNIFIED, "element_id": [" "]}, "element_id is empty"),
        ({"auth_token": "abc-\ntoken"}, "auth_token must be printable ASCII"),
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
