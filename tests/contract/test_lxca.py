# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo's client and our modules, side by side through exports, bulk jobs and other tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pylxca
import pytest
import requests
from pylxca.pylxca_api.lxca_rest import lxca_rest

from tests.faults.subjects import SUBJECTS, Subject

from .clients.client import SessionLost, Unavailable
from .clients.lxca import Pylxca, PylxcaExport, PylxcaJob, PylxcaTask
from .rig import Rig
from .walk import Walk, walk

BY_NAME = {each.name: each for each in SUBJECTS}
OUTAGES: tuple[Mapping[str, Any], ...] = (
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "refuse"},
    {"kind": "html"},
)
BROKEN = {"address": "192.0.2.56", "end": "failed", "fails_at": "CONFIGURATION"}


@dataclass(frozen=True)
class Kind:
    """One of our modules, pylxca's way to see the same, tasks with every end, and the words that these meet."""

    subject: Subject
    client: type[Pylxca]
    tasks: tuple[Mapping[str, Any], ...]
    words: frozenset[str]

    def scenario(self, count: int | None = None) -> dict[str, Any]:
        """Return the first tasks, or all of them, each with a time to wait before it."""
        tasks = [{"begin": 3, "duration": 30, "id": self.ids()[place], **each} for place, each in enumerate(self.tasks)]
        return {"lxca": {"tasks": tasks[:count]}}

    def ids(self, count: int | None = None) -> list[str]:
        """Return the ids of these tasks."""
        return [str(500 + place) for place, _task in enumerate(self.tasks)][:count]


KINDS = (
    Kind(
        BY_NAME["export-session"],
        PylxcaExport,
        (
            {"kind": "export"},
            {"kind": "export", "progress": [(0, 50)]},
            {"kind": "export", "end": "failed", "message": "There is not enough disk space."},
            {"kind": "export", "end": "cancelled"},
        ),
        frozenset({"created", "running", "complete", "error", "canceled"}),
    ),
    Kind(
        BY_NAME["csv-session"],
        PylxcaJob,
        (
            {"kind": "csv_job"},
            {"kind": "csv_job", "job_done": True, "devices": 3},
            {"kind": "csv_job", "end": "failed", "fails_at": "INVENTORY"},
            {"kind": "csv_job", "end": "cancelled"},
            {"kind": "csv_job", "devices": [{"address": "192.0.2.55"}, BROKEN]},
            {"kind": "csv_job", "devices": [{"end": "failed", "errors_from": 20}]},
        ),
        frozenset({"INCOMPLETE", "Running", "Complete", "Stopped_With_Error", "Cancelled", "Running_With_Errors"}),
    ),
    Kind(
        BY_NAME["task-session"],
        PylxcaTask,
        (
            {"kind": "task"},
            {"kind": "task", "end": "failed", "errors_from": 30},
            {"kind": "task", "end": "cancelled"},
            {"kind": "task", "final_word": "CompleteWithWarnings", "warnings_from": 30},
        ),
        frozenset(
            {
                *("Pending", "Running", "Complete", "CompleteWithErrors", "Cancelled", "CompleteWithWarnings"),
                *("RunningWithErrors", "RunningWithWarnings"),
            }
        ),
    ),
)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.client.__name__)


def play(rig: Rig, kind: Kind, count: int | None = None, **options: Any) -> Walk:
    """Walk the first tasks of a kind, or all of them."""
    rig.begin(kind.scenario(count))
    client = kind.client(rig.access("lxca"), kind.ids(count))
    return walk(rig, kind.subject, client, ids=kind.ids(count), **options)


@every_kind
def test_both_see_the_same_at_every_step(rig: Rig, kind: Kind) -> None:
    record = play(rig, kind)
    record.check()
    assert set(record.states()) == kind.words
    assert not any(moment.again for moment in record.moments)
    assert record.result.payload["done"]
    assert not rig.simulator.sessions()["lxca"]


@every_kind
def test_a_lost_session_is_found_again(rig: Rig, kind: Kind) -> None:
    record = play(rig, kind, 2, events={5: lambda: rig.drop_sessions("lxca")})
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.again] == [5]
    assert record.result.payload["stats"]["logins"] == 2
    assert not rig.simulator.sessions()["lxca"]


@every_kind
@pytest.mark.parametrize("fault", OUTAGES, ids=lambda fault: str(fault.get("status", fault["kind"])))
def test_both_are_blind_in_the_same_outages(rig: Rig, kind: Kind, fault: Mapping[str, Any]) -> None:
    def strike() -> None:
        rig.simulator.add_fault({"system": "lxca", "seconds": 5, **fault})

    record = play(rig, kind, 2, step=4.0, events={3: strike})
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.theirs is None] == [3, 4]
    assert record.result.payload["done"]


def test_a_wrong_password_opens_nothing(rig: Rig) -> None:
    rig.begin({})
    with pytest.raises(Unavailable, match="returned nothing"):
        PylxcaTask({**rig.access("lxca"), "password": "wrong"}, []).log_in()
    assert not rig.simulator.sessions()["lxca"]


def test_a_closed_port_looks_the_same_as_a_wrong_password(rig: Rig) -> None:
    rig.begin({})
    rig.simulator.add_fault({"system": "lxca", "kind": "refuse", "seconds": 1})
    with pytest.raises(Unavailable, match="returned nothing"):
        PylxcaTask(rig.access("lxca"), []).log_in()


def test_the_cookie_alone_is_not_enough(rig: Rig) -> None:
    rig.begin(KINDS[0].scenario())
    client = PylxcaExport(rig.access("lxca"), KINDS[0].ids())
    client.log_in()
    session = client.connection.get_session()
    assert {"JSESSIONID", "csrf"} <= set(session.cookies.keys())
    token = session.headers.pop("X-Csrf-Token")
    with pytest.raises(SessionLost, match="403"):
        client.poll()
    session.headers["X-Csrf-Token"] = token
    assert client.poll()
    client.log_out()
    assert not rig.simulator.sessions()["lxca"]


def test_work_begun_with_pylxca_is_watched_by_us(rig: Rig) -> None:
    """Its command refuses to export, and its own request for it forgets the names; a plain one does it."""
    rig.begin({"lxca": {"starts": [{"kind": "export", "duration": 20, "progress": [(0, 10), (20, 99)]}]}})
    client = PylxcaExport(rig.access("lxca"), [])
    client.log_in()
    session, target = client.connection.get_session(), f"{client.url}/updateRepositories/firmware"
    with pytest.raises(requests.HTTPError, match="400"):
        lxca_rest().put_updaterepo(client.url, session, "export", "fix-1,fix-2", None, "all", None)
    started = lxca_rest().put_method(f"{target}?action=export&filetypes=all", session, {"fixids": ["fix-1"]}).json()
    (task,) = pylxca.tasks(client.connection, jobUID=str(started["jobid"]))["TaskList"]
    assert task["status"] == "Running"
    client.log_out()
    ids = [str(started["taskid"])]
    record = walk(rig, BY_NAME["export-session"], PylxcaExport(rig.access("lxca"), ids), ids=ids)
    record.check()
    assert record.result.payload["succeeded"]
