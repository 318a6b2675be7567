# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids as people hold them, checked once and reported as the system knows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._ids import normalize_ids
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply
from hypothesis import given
from hypothesis import strategies as st

HOST = "lxca.example.com"


@pytest.mark.parametrize(
    ("given_ids", "ids"),
    [
        ([], []),
        (["3", "1", "3", "2", "1"], ["3", "1", "2"]),
        ([" 2893 "], ["2893"]),
        (["371, 372"], ["371", "372"]),
        (["371,372,"], ["371", "372"]),
        (["371\n372\r\n\n373\n"], ["371", "372", "373"]),
        (["1", " ", "", ",", "2"], ["1", "2"]),
        (["a b"], ["a b"]),
        (["3/7 1?#é"], ["3/7 1?#é"]),
    ],
)
@pytest.mark.parametrize("path_on", [None, HOST])
def test_ids_are_split_and_trimmed_and_empty_ones_dropped(
    given_ids: list[str], ids: list[str], path_on: str | None
) -> None:
    assert normalize_ids("job_id", given_ids, path_on=path_on) == ids


@pytest.mark.parametrize(
    ("text", "task_id"),
    [
        ("/csvRequest/jobs/371", "371"),
        ("/jobs/2893", "2893"),
        ("/jobs/2893/", "2893"),
        ("/tasks/51?compact=true", "51"),
        ("/tasks/51#top", "51"),
        ("/rest/v1.3/routeSets/routeUpdates/ID33", "ID33"),
        ("/jobs/a%20b", "a b"),
        (f"https://{HOST}/csvRequest/jobs/371", "371"),
        (f"https://{HOST}:8443/csvRequest/jobs/371/?x=1", "371"),
        (f"HTTPS://{HOST.upper()}./jobs/371", "371"),
        (f" http://{HOST}/jobs/371 ", "371"),
    ],
)
def test_the_last_part_of_a_path_is_the_id_where_an_id_is_one(text: str, task_id: str) -> None:
    """What the Location header of the answer that started the work holds."""
    assert normalize_ids("job_id", [text, text], path_on=HOST) == [task_id]
    assert normalize_ids("job_id", [text]) == [text.strip()], "and nowhere else"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("/tasks?ids=1,2", ["/tasks?ids=1,2"]),
        ("/tasks/1, /tasks/2,", ["/tasks/1", "/tasks/2"]),
        ("https://a.example/t?x=1,2,https://a.example/u", ["https://a.example/t?x=1,2", "https://a.example/u"]),
        ("/tasks/1\n/tasks/2", ["/tasks/1", "/tasks/2"]),
    ],
)
def test_a_url_that_is_an_id_as_it_is_may_hold_commas(text: str, ids: list[str]) -> None:
    assert normalize_ids("task_id", [text]) == ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://other.example.com/jobs/371", "holds a URL of 'other.example.com', which is not the hostname"),
        ("https://user:s3cret@192.0.2.9/jobs/371", "holds a URL of '192.0.2.9', which is not the hostname"),
        (f"https://{HOST}.evil.example/jobs/371", "which is not the hostname"),
        ("https:///jobs/371", "which is not the hostname"),
        ("https://[::1/jobs/371", "holds a URL that cannot be read"),
        (f"https://{HOST}", "holds a path without an id"),
        ("/", "holds a path without an id"),
        ("/jobs/a%2Fb", "holds a path that does not end in an id"),
        ("/jobs/%2e%2e", "holds '..', which cannot be an id"),
        ("/jobs/a%0d%0aX:%20y", "which cannot be an id"),
    ],
)
def test_what_names_no_id_of_this_system_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(TaskwatchError) as caught:
        normalize_ids("job_id", ["1", text], path_on=HOST)
    assert caught.value.kind.value == "bad_request"
    assert caught.value.message.startswith("job_id ")
    assert said in caught.value.message
    assert "s3cret" not in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("task_id", [".", "..", "a\tb", "a\0", "\x7f", "\x1b[31m"])
def test_what_cannot_be_an_id_is_refused(task_id: str) -> None:
    with pytest.raises(TaskwatchError, match=r"job_id holds .*, which cannot be an id") as caught:
        normalize_ids("job_id", [task_id])
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("blank", [[""], [" "], ["\n"], [",", " , "]])
def test_nothing_but_blanks_is_not_the_same_as_nothing(blank: list[str]) -> None:
    """An option that is left out may stand for every task there is; a variable without a value must not."""
    with pytest.raises(TaskwatchError, match="element_id is empty"):
        normalize_ids("element_id", blank)


IDS = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True), min_size=1, max_size=5)


@given(IDS, st.sampled_from([",", ", ", "\n", "\r\n", " ,\n"]), st.sampled_from(["", "/jobs/", f"https://{HOST}/x/"]))
def test_however_they_are_given_the_same_ids_are_asked_for(ids: list[str], between: str, before: str) -> None:
    text = between.join(f"{before}{quote(each)}" for each in ids)
    expected = list(dict.fromkeys(ids))
    assert normalize_ids("job_id", [text], path_on=HOST) == expected
    assert normalize_ids("job_id", expected, path_on=HOST) == expected


CASES: list[tuple[type[System], str, str, Any]] = [
    (CsvJob, "job_id", "/csvRequest/jobs/", {"progress": 10, "results": []}),
    (Task, "task_id", "/tasks/", [{"jobUID": "7", "status": "Running"}]),
]


@pytest.mark.parametrize(("system", "option", "path", "answer"), CASES)
def test_a_task_is_reported_under_its_id(system: type[System], option: str, path: str, answer: Any) -> None:
    options: dict[str, Any] = {**LOGIN, "auth": "basic", option: [f" https://192.0.2.1{path}7, 7", "/jobs/8"]}
    replies = {f"GET {path}7": Reply(200, answer), f"GET {path}8": Reply(404)}
    played = play(system, by_path(replies), **options)
    assert [task["id"] for task in played.payload["tasks"]] == ["7"]
    assert played.error["task_ids"] == ["8"]
    assert str(played.result.msg).startswith(f"{system.TITLE} 8 on 192.0.2.1: ")
    # An error of all tasks names them as they are asked for.
    played = play(system, by_path({}, Reply(401)), **options)
    assert f"{system.TITLE} 7, 8 on" in str(played.result.msg)


def test_an_update_may_be_named_by_its_path() -> None:
    asked = ["/rest/v1.3/routeSets/routeUpdates/ID33"]
    played = play(RouteUpdate, by_path({}, Reply(404)), **LOGIN, task_id=asked)
    assert "ID33 on" in str(played.result.msg)


def test_each_module_of_lxca_takes_the_others_name_of_the_option() -> None:
    assert Task.ARGUMENT_SPEC["task_id"]["aliases"] == ["task_ids", "job_id", "job_ids"]
    assert CsvJob.ARGUMENT_SPEC["job_id"]["aliases"] == ["job_ids", "task_id", "task_ids"]
