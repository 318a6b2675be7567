# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every word of every table, against tables written from the vendors' pages and not from the source."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils import _states
from ansible_collections.taskwatch.infra.plugins.module_utils._states import StateTable
from ansible_collections.taskwatch.infra.plugins.module_utils._status import State
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.documents import FIXTURES, TEXTS
from hypothesis import given

# GET /updateRepositories/firmware/status: canceled, complete, error; success and failure from the import pages.
EXPORT = """
complete succeeded
success succeeded
canceled cancelled
cancelled cancelled
error failed
failure failed
failed failed
"""
# The eight states of the job framework.
JOB = """
Pending pending
Running running
Running_With_Errors running
Complete succeeded
Cancelled cancelled
Cancelled_With_Errors cancelled
Stopped_With_Error failed
Interrupted failed
"""
# The fifteen states of Lenovo's Puppet module, the eight of the job framework, and what Stopped_With_Error may be here.
TASK = """
Complete succeeded
Cancelled cancelled
CancelledWithErrors cancelled
CompleteWithErrors failed
CompleteWithWarnings succeeded
Interrupted failed
Pending pending
Running running
RunningWithErrors running
RunningWithWarnings running
Skipped cancelled
StoppedWithWarnings failed
Unknown unknown
Uploading running
Validating running
Running_With_Errors running
Cancelled_With_Errors cancelled
Stopped_With_Error failed
StoppedWithError failed
StoppedWithErrors failed
"""
# The only two words that Oracle shows for an end.
ROUTE_UPDATE = """
Completed succeeded
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
    (_states.LXCA_EXPORT, EXPORT, "folds case", "running"),
    (_states.LXCA_JOB, JOB, "exact", "unknown"),
    (_states.LXCA_TASK, TASK, "exact", "unknown"),
    (_states.SDM_ROUTE_UPDATE, ROUTE_UPDATE, "folds case", "running"),
    (_states.VCENTER_UPDATE, APPLIANCE, "exact", "unknown"),
    (_states.VCENTER_TASK, APPLIANCE_TASK, "exact", "unknown"),
    (_states.PRISMA_IMAGE, ELEMENT, "exact", "unknown"),
]
ROWS: list[tuple[StateTable, str, str]] = [
    (table, line.split()[0], line.split()[1])
    for table, text, _case, _other in EXPECTED
    for line in text.strip().splitlines()
]
IDS = [table.endpoint for table, *_rest in EXPECTED]


@pytest.mark.parametrize(("table", "word", "state"), ROWS, ids=[f"{t.endpoint}-{w}" for t, w, _s in ROWS])
def test_each_word_has_the_state_of_its_page(table: StateTable, word: str, state: str) -> None:
    reading = table.read(word)
    assert (reading.state.value, reading.native, reading.known) == (state, word, True)
    assert table.warning(reading) is None
    assert table.read(f" {word}\n").state.value == state, "blanks around a word do not count"


@pytest.mark.parametrize(("table", "text", "case", "otherwise"), EXPECTED, ids=IDS)
def test_no_table_knows_a_word_more_or_less(table: StateTable, text: str, case: str, otherwise: str) -> None:
    words = {line.split()[0] for line in text.strip().splitlines()}
    if case == "folds case":
        words = {word.lower() for word in words}
    assert set(table.words) == words
    assert table.otherwise.value == otherwise


def test_every_table_is_listed_and_names_its_source() -> None:
    assert set(map(id, _states.TABLES)) == {id(table) for table, *_rest in EXPECTED}
    for table in _states.TABLES:
        assert re.match(r"(Lenovo|Oracle|VMware|Palo Alto Networks): \w", table.source)


@pytest.mark.parametrize(("table", "word", "state"), ROWS, ids=[f"{t.endpoint}-{w}" for t, w, _s in ROWS])
def test_case_matters_only_where_a_vendor_mixes_it(table: StateTable, word: str, state: str) -> None:
    for other in (word.upper(), word.lower(), word.swapcase()):
        reading = table.read(other)
        assert reading.native == other, "the vendor's own spelling is shown"
        if other == word or table in (_states.LXCA_EXPORT, _states.SDM_ROUTE_UPDATE):
            assert reading.state.value == state, other
        else:
            assert reading.state is State.UNKNOWN, other


def test_the_36_words_are_those_of_the_vendors_page() -> None:
    page = json.loads((FIXTURES / "prisma_upgrade_states.json").read_text(encoding="utf-8"))
    assert len(page) == len(set(page)) == 36
    assert set(_states.PRISMA_IMAGE.words) == set(page)


@pytest.mark.parametrize("table", _states.TABLES, ids=IDS)
@pytest.mark.parametrize("word", ["Paused", "completed!", "COMPLETE_", "succeed", "0", "True", "⏳"])
def test_an_unknown_word_is_never_final_and_is_shown_as_it_came(table: StateTable, word: str) -> None:
    reading = table.read(word)
    assert not reading.state.done
    assert reading.native == word
    warning = table.warning(reading)
    if table.otherwise is State.UNKNOWN:
        assert warning == (
            f"{table.endpoint} reports the state '{word}', which this collection does not know; "
            "it counts as neither finished nor a success"
        )
    else:
        assert warning is None, "where no word is documented for work under way, every word may be one"


@pytest.mark.parametrize("table", _states.TABLES, ids=IDS)
@pytest.mark.parametrize("nothing", [None, ""])
def test_no_word_is_never_final_and_nothing_to_warn_of(table: StateTable, nothing: str | None) -> None:
    reading = table.read(nothing)
    assert reading.native is None
    assert not reading.state.done
    assert table.warning(reading) is None


@pytest.mark.parametrize("table", _states.TABLES, ids=IDS)
@pytest.mark.parametrize("odd", [True, 0, 1.5, {"a": 1}, ["Complete"]], ids=repr)
def test_what_is_no_word_is_never_final(table: StateTable, odd: object) -> None:
    assert not table.read(odd).state.done


@pytest.mark.parametrize("table", _states.TABLES, ids=IDS)
@given(word=TEXTS)
def test_only_words_of_a_table_are_final(table: StateTable, word: str) -> None:
    if table.read(word).state.done:
        assert word.strip().lower() in {known.lower() for known in table.words}
