# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session Delivery Manager has no client of its vendor's: schemas hold every answer, beside our module's reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.faults.subjects import SUBJECTS

from .clients.client import SessionLost, Unavailable
from .clients.sdm import SdmReader
from .clients.sdm_rules import JSON, LISTS, XML, Rules
from .rig import Rig
from .walk import Walk, walk

SUBJECT = {XML: "routes-xml", JSON: "routes-json"}
BY_MEDIA = {media: next(each for each in SUBJECTS if each.name == name) for media, name in SUBJECT.items()}
FAILS = {"group": "ID13", "end": "failed", "message": "Device is not reachable"}
# Every policy, every end, no device, one, several
TASKS: tuple[Mapping[str, Any], ...] = (
    {"id": "ID33", "devices": 3},
    {"id": "ID34", "devices": [{"group": "ID11"}, {"group": "ID12"}, FAILS], "error_handling": "rollback"},
    {"id": "ID35", "devices": [FAILS, {"group": "ID12"}], "error_handling": "abort"},
    {"id": "ID36", "devices": [FAILS, {"group": "ID12"}], "error_handling": "skip"},
    {"id": "ID37", "devices": 0, "end": "failed"},
    {"id": "ID38", "devices": 0},
    {"id": "ID39", "devices": 1, "notes": "change 4711 <&>"},
)
IDS = [str(each["id"]) for each in TASKS]
# Enough where the question is about sessions, outages and names
FEW = IDS[:3]
WORKING = ("pending", "running")
# No word for a task that has not begun is documented, so it cannot be told
UNTOLD = {"pending": "running"}
# Such a word allows no verdict where there is no device left to wait for
UNTOLD |= {f"{each['id']} {state}": "unknown" for each in TASKS if each["devices"] == 0 for state in WORKING}
every_media = pytest.mark.parametrize("media", [XML, JSON], ids=["xml", "json"])


def scenario(**options: Any) -> dict[str, Any]:
    return {"sdm": {**options, "tasks": [{"begin": 3, "duration": 24, **each} for each in TASKS]}}


def play(rig: Rig, media: str, rules: Rules, ids: Sequence[str] = IDS, **options: Any) -> Walk:
    client = SdmReader(rig.access("sdm"), ids, media, rules)
    return walk(rig, BY_MEDIA[media], client, ids=ids, step=3.0, words=UNTOLD, **options)


@every_media
@pytest.mark.parametrize("release", LISTS)
def test_every_release_nests_as_documented(rig: Rig, release: str, media: str) -> None:
    rig.begin(scenario(release=release))
    record = play(rig, media, Rules(release))
    record.check()
    assert set(record.states()) == {"Pending", "Running", "Completed", "Failed"}
    assert record.result.payload["counts"] == {"succeeded": 3, "failed": 4}
    assert not rig.simulator.sessions()["sdm"]


@every_media
@pytest.mark.parametrize("item", ["updateDeviceStatus", "deviceStatus", "deviceStatusList"])
def test_items_of_a_wrapper_have_any_of_three_names(rig: Rig, item: str, media: str) -> None:
    rig.begin(scenario(release="8.2.2", item_name=item))
    play(rig, media, Rules("8.2.2"), FEW).check()


@pytest.mark.parametrize("release", [name for name, (_xml, lists) in LISTS.items() if lists == "flat"])
def test_a_lone_row_without_its_list(rig: Rig, release: str) -> None:
    rig.begin({"sdm": {"release": release, "collapse_single": True, "tasks": [{"id": "ID39", "devices": 1}]}})
    client = SdmReader(rig.access("sdm"), ["ID39"], JSON, Rules(release, collapse_single=True))
    walk(rig, BY_MEDIA[JSON], client, ids=["ID39"], step=10.0).check()


@every_media
@pytest.mark.parametrize("status", [200, 204])
def test_a_lost_session_is_found_again(rig: Rig, media: str, status: int) -> None:
    rig.begin(scenario(logout_status=status))
    record = play(rig, media, Rules(), FEW, events={3: lambda: rig.drop_sessions("sdm")})
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.again] == [3]
    assert record.result.payload["stats"]["logins"] == 2


@every_media
@pytest.mark.parametrize("kind", ["refuse", "reset", "tls_cut"])
def test_both_are_blind_in_the_same_outages(rig: Rig, media: str, kind: str) -> None:
    rig.begin(scenario())
    strike = {"system": "sdm", "kind": kind, "seconds": 5}
    record = play(rig, media, Rules(), FEW, events={3: lambda: rig.simulator.add_fault(strike)})
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.theirs is None] == [3, 4]


@every_media
@pytest.mark.parametrize("form", ["empty", "xml", "json", "html"])
def test_every_refusal_is_one_that_its_page_lists(rig: Rig, form: Any, media: str) -> None:
    rig.begin(scenario(error_body=form))
    reader = SdmReader(rig.access("sdm"), IDS, media, Rules(errors=form))
    wrong = SdmReader({**rig.access("sdm"), "password": "wrong"}, IDS, media, Rules(errors=form))
    with pytest.raises(SessionLost):
        wrong.log_in()
    with pytest.raises(SessionLost):
        reader.poll()
    reader.log_in()
    task = "/v1.3/routeSets/routeUpdates/ID33"
    refusals: list[tuple[str, str, Mapping[str, Any] | None, int]] = [
        ("GET", "/v1.3/routeSets/routeUpdates/ID999", None, 404),
        ("GET", "/v1.1/routeSets/routeUpdates/ID33", None, 404),
        ("DELETE", task, None, 405),
        ("POST", f"{task}/action", {"type": "Commit"}, 400),
        ("POST", f"{task}/action", {"type": "Nonsense"}, 400),
        ("POST", "/v1.3/routeSets/devices/action", {}, 400),
        ("POST", "/v1.3/routeSets/999/devices/action", {"deviceGroupId": "ID21"}, 404),
        ("POST", "/v9.9/admin/login", {"userName": "netops", "password": "wrong"}, 404),
        ("POST", "/v1.3/admin/login", {"userName": "netops"}, 400),
    ]
    for verb, path, body, status in refusals:
        with pytest.raises(Unavailable, match=str(status)):
            reader.ask(verb, path, body)
    with pytest.raises(Unavailable, match="406"):
        reader.ask("GET", task, Accept="text/plain")
    reader.log_out()
    assert reader.departures + wrong.departures == []


@every_media
def test_who_may_not_read_is_refused(rig: Rig, media: str) -> None:
    rig.begin(scenario(authorized=False))
    reader = SdmReader(rig.access("sdm"), IDS, media)
    reader.log_in()
    with pytest.raises(Unavailable, match="403"):
        reader.poll()
    reader.log_out()
    assert reader.departures == []


@every_media
def test_a_push_is_started_watched_and_committed(rig: Rig, media: str) -> None:
    rig.begin({"sdm": {"starts": [{"duration": 20}]}})
    reader = SdmReader(rig.access("sdm"), [], media)
    reader.log_in()
    push = {"name": "march-push", "routeSets": [{"routeSetId": "2"}]}
    reader.ask("POST", "/v1.3/routeSets/devices/action", push)
    with pytest.raises(Unavailable, match="400"):
        reader.ask("POST", "/v1.3/routeSets/devices/action", push)
    ids = [str(each["id"]) for each in rig.simulator.tasks() if each["system"] == "sdm"]
    record = walk(rig, BY_MEDIA[media], SdmReader(rig.access("sdm"), ids, media), ids=ids, step=5.0)
    record.check()
    assert record.result.payload["succeeded"]
    reader.ask("POST", f"/v1.3/routeSets/routeUpdates/{ids[0]}/action", {"type": "Commit"})
    with pytest.raises(Unavailable, match="404"):
        reader.ask("GET", f"/v1.3/routeSets/routeUpdates/{ids[0]}")
    reader.log_out()
    assert reader.departures == []
