# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No word that a table does not name is judged in silence, wherever in an answer of any module it stands.

Such a word never makes a success, nor a failure that a workflow would take an update back for, and a warning quotes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils import _states
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._states import StateTable, folded
from ansible_collections.taskwatch.infra.plugins.module_utils._status import TaskStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import job_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import export_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import task_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_element import element_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import route_update_status
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import Goal, update_info, update_status
from hypothesis import given
from hypothesis import strategies as st


@dataclass(frozen=True)
class Place:
    """Where a word stands: how an answer with it is read, by which table, and the states that may come of it."""

    read: Callable[[Any, float], TaskStatus]
    table: StateTable
    states: frozenset[str]


def _csv(state: Any, progress: float, result: Any = "SUCCESS", step: Any = "Complete") -> TaskStatus:
    status = {"state": state, "substatus": [{"id": "LOGIN", "status": {"state": step}}]}
    return job_status("1", {"progress": progress, "results": [{"taskid": 1, "result": result, "status": status}]})


def _sdm(word: Any = "Completed", progress: float = 100, *, row: Any = None, **fields: Any) -> TaskStatus:
    rows = [{"objectId": "ID1", "status": "Completed", "pushStatus": "Completed", **(row or {})}]
    counts = {"totalDeviceCount": "100", "updatedCount": str(int(progress)), "rollbackCount": "0"}
    return route_update_status("ID1", {"updateStatus": word, "deviceStatusList": rows, **counts, **fields})


def _vcenter(word: Any = "UP_TO_DATE", status: Any = "SUCCEEDED", step: Any = "SUCCEEDED", **task: Any) -> TaskStatus:
    whole = {"status": status, "subtasks": {"stage": {"status": step}}, **task}
    return update_status(update_info({"state": word, "task": whole}), Goal())


def _prisma(word: Any, percent: float, **fields: Any) -> TaskStatus:
    ids = {"active_image_id": "1", "upgrade_image_id": "2"}
    return element_status({"element_id": "1", "upgrade_state": word, "download_percent": percent, **ids, **fields})


def _task(word: Any, percent: float, *children: Any) -> TaskStatus:
    own = {"jobUID": "1", "status": word, "percentage": percent}
    below = [{"jobUID": "2", "status": child, "percentage": 100} for child in children]
    return task_status("1", [{**own, "children": below}])


OPEN = frozenset({"pending", "running", "unknown"})
UNKNOWN, GOOD = frozenset({"unknown"}), frozenset({"succeeded"})
PLACES: Mapping[str, Place] = {
    "state of an export": Place(
        lambda word, n: export_status("1", {"state": word, "progress": n, "current": "a.zip"}),
        _states.LXCA_EXPORT,
        OPEN,
    ),
    # The word beside the messages decides nothing: the export's own word does.
    "result of an export": Place(
        lambda word, _n: export_status("1", {"state": "complete", "current": "a.zip", "errorMsg": {"result": word}}),
        _states.LXCA_ANSWER,
        GOOD,
    ),
    "state of a device of a CSV job": Place(_csv, _states.LXCA_JOB, UNKNOWN),
    # The contract: a result of a finished device that no table knows is a failure, with its words.
    "result of a device of a CSV job": Place(
        lambda word, n: _csv("Complete", n, word), _states.LXCA_RESULT, frozenset({"failed"})
    ),
    "state of a step of a CSV job": Place(lambda word, _n: _csv("Complete", 100, step=word), _states.LXCA_JOB, GOOD),
    "status of an LXCA task": Place(_task, _states.LXCA_TASK, UNKNOWN),
    "status of a sub-task": Place(lambda word, n: _task("Complete", n, word), _states.LXCA_TASK, GOOD),
    "status of a route update": Place(_sdm, _states.SDM_ROUTE_UPDATE, OPEN),
    "status of a device": Place(lambda word, _n: _sdm(row={"status": word}), _states.SDM_ROUTE_UPDATE, GOOD),
    "push status of a device": Place(lambda word, _n: _sdm(row={"pushStatus": word}), _states.SDM_ROUTE_UPDATE, GOOD),
    "rollback of an update": Place(lambda word, _n: _sdm(rollbackStatus=word), _states.SDM_ROLLBACK, GOOD),
    "rollback of a device": Place(lambda word, _n: _sdm(row={"rollBackStatus": word}), _states.SDM_ROLLBACK, GOOD),
    "state of an appliance": Place(lambda word, _n: _vcenter(word), _states.VCENTER_UPDATE, UNKNOWN),
    "status of its task": Place(lambda word, _n: _vcenter(status=word), _states.VCENTER_TASK, GOOD),
    "status of its subtask": Place(lambda word, _n: _vcenter(step=word), _states.VCENTER_TASK, GOOD),
    "rollback of its task": Place(lambda word, _n: _vcenter(auto_rollback_state=word), _states.VCENTER_ROLLBACK, GOOD),
    "state of an element": Place(_prisma, _states.PRISMA_IMAGE, UNKNOWN),
    # Not the word, but the image makes the success.
    "state of an element that runs what is wanted": Place(
        lambda word, n: _prisma(word, n, upgrade_image_id="1"), _states.PRISMA_IMAGE, GOOD
    ),
}
EACH_PLACE = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
WORDS = st.one_of(
    st.sampled_from(["Paused", "Pending Commit", "PartiallyCompleted", "NotStarted", "N/A", "completed!", "0", "True"]),
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ _-0123456789", min_size=1, max_size=16),
)


@EACH_PLACE
@given(word=WORDS, percent=st.sampled_from([0, 1, 50, 99, 100]))
def test_a_word_that_no_table_names_is_quoted_and_decides_nothing_of_consequence(
    place: Place, word: str, percent: float
) -> None:
    absent = folded(word) in {"", "none", "null"} or "warning" in folded(word)
    if absent or folded(word) in map(folded, place.table.words):
        return
    status = place.read(word, percent)
    assert status.state.value in place.states
    assert any(f"'{word.strip()}'" in warning for warning in status.warnings)


@EACH_PLACE
@pytest.mark.parametrize("odd", [5, 0, True, False, 1.5, {"a": 1}, ["Complete"]], ids=repr)
def test_what_is_no_word_is_a_bad_response_and_no_state(place: Place, odd: Any) -> None:
    with pytest.raises(TaskwatchError) as caught:
        place.read(odd, 50)
    assert caught.value.kind.value == "bad_response"


def test_every_table_is_read_somewhere() -> None:
    assert {id(place.table) for place in PLACES.values()} == set(map(id, _states.TABLES))
