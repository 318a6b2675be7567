# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every word of every table, against tables written from the vendors' pages and not from the source."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils import _states
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._states import StateTable, folded
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import FIXTURES, TEXTS
from hypothesis import given

# GET /updateRepositories/firmware/status: canceled, complete, error; success and failure from the import pages.
EXPORT = """
aborted cancelled
complete succeeded
success succeeded
canceled cancelled
cancelled cancelled
error failed
failure failed
failed failed
"""
ANSWER = """
informational succeeded
success succeeded
warning succeeded
failure failed
failed failed
error failed
"""
# The eight states of the job framework, both spellings of the family, and two words reported from the field.
JOB = """
Pending pending
Running running
Running_With_Errors running
Complete succeeded
Cancelled cancelled
Cancelled_With_Errors cancelled
Stopped_With_Error failed
Interrupted failed
RunningWithErrors running
RunningWithWarnings running
CompleteWithWarnings succeeded
Complete_With_Warnings succeeded
CompleteWithErrors failed
CancelledWithErrors cancelled
StoppedWithError failed
StoppedWithErrors failed
Canceled cancelled
Failed failed
"""
RESULT = """
SUCCESS succeeded
DONE succeeded
COMPLETE succeeded
INCOMPLETE failed
OTHER_FAIL failed
"""
# The fifteen states of Lenovo's Puppet module, and those of the job framework.
TASK = (
    JOB
    + """
Skipped cancelled
StoppedWithWarnings failed
Unknown unknown
Uploading running
Validating running
"""
)
# The only two words that Oracle shows for an end, and those of an update that was cancelled.
ROUTE_UPDATE = """
Completed succeeded
Failed failed
Cancelled cancelled
Canceled cancelled
Aborted cancelled
"""
# Unknown stands beside updates that were not rolled back.
ROLLBACK = """
Unknown unknown
InProgress running
Running running
RollingBack running
Completed succeeded
RolledBack succeeded
Failed failed
"""
# Update.State; what the two quiet words mean is decided in the light of what is waited for.
APPLIANCE = """
UP_TO_DATE succeeded
UPDATES_PENDING succeeded
STAGE_IN_PROGRESS running
INSTALL_IN_PROGRESS running
ROLLBACK_IN_PROGRESS running
INSTALL_FAILED failed
"""
# Task.Status.
APPLIANCE_TASK = """
PENDING pending
RUNNING running
BLOCKED running
SUCCEEDED succeeded
FAILED failed
"""
# TaskInfo.auto_rollback_state.
APPLIANCE_ROLLBACK = """
ROLLBACK_NOT_STARTED pending
ROLLBACK_IN_PROGRESS running
ROLLBACK_SUCCEEDED succeeded
ROLLBACK_FAILED failed
"""
# upgrade_state, in the classes that the collection documents.
ELEMENT = """
pending pending
init pending
waiting_download_time pending
download_scheduled pending
waiting_install_time pending
upgrade_scheduled pending
discovery running
download_discovery running
download_init running
download running
downloading running
download_complete running
verify running
verifying running
install running
installing running
upgrade_init running
upgrade running
upgrading running
in-progress running
download_cancel_pending running
upgrade_cancel_pending running
abort_download_pending running
abort_upgrade_pending running
upgrade_complete succeeded
complete succeeded
done succeeded
download_failed failed
install_failed failed
upgrade_failed failed
failed failed
download_abort cancelled
download_cancelled cancelled
upgrade_abort cancelled
upgrade_cancelled cancelled
invalid unknown
"""

EXPECTED = [
    (_states.LXCA_EXPORT, EXPORT, "folded"),
    (_states.LXCA_ANSWER, ANSWER, "folded"),
    (_states.LXCA_JOB, JOB, "told"),
    (_states.LXCA_RESULT, RESULT, "folded"),
    (_states.LXCA_TASK, TASK, "told"),
    (_states.SDM_ROUTE_UPDATE, ROUTE_UPDATE, "folded"),
    (_states.SDM_ROLLBACK, ROLLBACK, "folded"),
    (_states.VCENTER_UPDATE, APPLIANCE, "exact"),
    (_states.VCENTER_TASK, APPLIANCE_TASK, "exact"),
    (_states.VCENTER_ROLLBACK, APPLIANCE_ROLLBACK, "exact"),
    (_states.PRISMA_IMAGE, ELEMENT, "exact"),
]
ROWS: list[tuple[StateTable, str, str, str]] = [
    (table, *line.split(), spelling)  # type: ignore[misc]
    for table, text, spelling in EXPECTED
    for line in text.strip().splitlines()
    if line
]
REMARKED = {"CompleteWithWarnings", "Complete_With_Warnings", "warning"}
EACH_WORD = pytest.mark.parametrize(
    ("table", "word", "state", "spelling"), ROWS, ids=[f"{t.endpoint}-{t.subject}-{w}" for t, w, *_rest in ROWS]
)
EACH_TABLE = pytest.mark.parametrize("table", _states.TABLES, ids=[f"{t.endpoint}-{t.subject}" for t in _states.TABLES])


@EACH_WORD
def test_each_word_has_the_state_of_its_page(table: StateTable, word: str, state: str, spelling: str) -> None:
    reading = table.read(word)
    assert (reading.state.value, reading.native, reading.known) == (state, word, True)
    assert (table.warning(reading) is None) == (word not in REMARKED)
    assert table.read(f" {word}\n").state.value == state, "blanks around a word do not count"
    assert table.fold == (spelling != "exact")


@pytest.mark.parametrize(("table", "text"), [row[:2] for row in EXPECTED], ids=[row[0].endpoint for row in EXPECTED])
def test_no_table_knows_a_word_more_or_less(table: StateTable, text: str) -> None:
    assert set(table.words) == {line.split()[0] for line in text.split("\n") if line}


def test_every_table_is_listed_and_names_its_source() -> None:
    assert set(map(id, _states.TABLES)) == {id(table) for table, *_rest in EXPECTED}
    for table in _states.TABLES:
        assert re.match(r"(Lenovo|Oracle|VMware|Palo Alto Networks): \w", table.source)


@EACH_WORD
def test_spelling_matters_only_where_a_vendor_does_not_mix_it(
    table: StateTable, word: str, state: str, spelling: str
) -> None:
    for other in (word.upper(), word.lower(), word.swapcase(), word.replace("_", " "), f"{word[:2]}-{word[2:]}"):
        reading = table.read(other)
        assert reading.native == other, "the vendor's own spelling is shown"
        if other in table.words:
            continue
        if spelling == "exact":
            assert (reading.state, reading.known) == (State.UNKNOWN, False), other
            continue
        assert (reading.state.value, reading.known) == (state, True), other
        told = table.warning(reading) or ""
        assert (f"'{other}'" in told) == (spelling == "told" or word in REMARKED)


def test_the_36_words_are_those_of_the_vendors_page() -> None:
    page = json.loads((FIXTURES / "prisma_upgrade_states.json").read_text(encoding="utf-8"))
    assert len(page) == len(set(page)) == 36
    assert set(_states.PRISMA_IMAGE.words) == set(page)


@EACH_TABLE
@pytest.mark.parametrize("word", ["Paused", "completed!", "succeed", "0", "True", "⏳"])
@pytest.mark.parametrize(
    ("read_as", "consequence"),
    [
        (State.UNKNOWN, "it counts as neither finished nor a success"),
        (State.PENDING, "it counts as pending"),
        (State.RUNNING, "it counts as running"),
        (State.FAILED, "it counts as a failure"),
    ],
)
def test_an_unknown_word_is_never_final_and_is_quoted(
    table: StateTable, word: str, read_as: State, consequence: str
) -> None:
    reading = table.read(word)
    assert (reading.state, reading.native, reading.known) == (State.UNKNOWN, word, False)
    assert table.warning(reading, of=" of a device", read_as=read_as) == (
        f"{table.endpoint} reports {table.subject} of a device '{word}', which this collection does not know; "
        f"{consequence}; please report it"
    )


@pytest.mark.parametrize("table", [_states.LXCA_JOB, _states.LXCA_TASK], ids=["job", "task"])
@pytest.mark.parametrize(
    ("word", "state", "consequence"),
    [
        ("completed", "succeeded", "it counts as a success"),
        ("Completed_With_Warnings", "succeeded", "it counts as a success"),
        ("complete with warning", "succeeded", "it counts as a success"),
        ("CompletedWithErrors", "failed", "it counts as a failure"),
        ("Complete_With_Warnings_And_Errors", "failed", "it counts as a failure"),
        ("CompleteWithFailures", "failed", "it counts as a failure"),
        ("CANCELLED_BY_USER", "cancelled", "it counts as cancelled"),
        ("Canceled-With-Warnings", "cancelled", "it counts as cancelled"),
    ],
)
def test_a_family_of_words_has_one_state_and_each_is_quoted(
    table: StateTable, word: str, state: str, consequence: str
) -> None:
    reading = table.read(word)
    assert (reading.state.value, reading.native, reading.known) == (state, word, True)
    assert table.warning(reading) == f"{table.endpoint} reports the state '{word}'; {consequence}"


@EACH_TABLE
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_word_is_never_final_and_nothing_to_warn_of(table: StateTable, nothing: str | None) -> None:
    reading = table.read(nothing)
    assert (reading.state, reading.native, reading.known) == (State.UNKNOWN, None, False)
    assert table.warning(reading) is None


@EACH_TABLE
@pytest.mark.parametrize("odd", [True, 0, 5, 1.5, {"a": 1}, ["Complete"], {}, []], ids=repr)
def test_what_is_no_word_is_a_bad_response(table: StateTable, odd: object) -> None:
    with pytest.raises(TaskwatchError, match=f"expected {table.subject} of .* as a word, got ") as caught:
        table.read(odd)
    assert caught.value.kind is ErrorType.BAD_RESPONSE


@EACH_TABLE
@given(word=TEXTS)
def test_only_words_of_a_table_are_final_and_no_other_word_is_silent(table: StateTable, word: str) -> None:
    reading = table.read(word)
    named = folded(word) in map(folded, table.words)
    if named or not word.strip() or any(fnmatchcase(folded(word), folded(family)) for family in table.patterns):
        return
    assert reading.state is State.UNKNOWN
    assert f"'{word.strip()}'" in str(table.warning(reading))
