# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prisma SD-WAN: upgrades that clients order, schedule and abort, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench, basic

Make = Callable[[str], Bench]
ELEMENT = "16540011223340090"
OLD, NEW = "6.3.5-b9", "6.4.1-b3"
STATIC = {"x-auth-token": "0123456789abcdef-region=us"}


def scenario(starts: str = "") -> str:
    return f"prisma_sdwan: {{tasks: [{{id: '{ELEMENT}', path: idle}}], starts: [{starts}]}}"


def send(bench: Bench, method: str, path: str, body: object = None, version: str = "v2.0") -> Reply:
    return bench.call("prisma_sdwan", method, f"/{version}/api/tenants/1092{path}", STATIC, body)


def state(bench: Bench, element: str = ELEMENT) -> dict[str, Any]:
    reply = send(bench, "GET", f"/elements/{element}/software/state")
    assert reply.status == 200
    return dict(reply.json())


def image(bench: Bench, version: str = NEW) -> str:
    listed = send(bench, "GET", "/element_images", version="v2.4").json()["items"]
    return str(next(each["id"] for each in listed if each["version"] == version))


def order(bench: Bench, version: str = NEW, changes: dict[str, Any] | None = None) -> Reply:
    """Order an upgrade as the vendor's tools do: read the state, change it, put it back."""
    body = {**state(bench), "image_id": image(bench, version), **(changes or {})}
    return send(bench, "PUT", f"/elements/{ELEMENT}/software/state", body)


def record(bench: Bench) -> dict[str, Any]:
    return dict(send(bench, "POST", "/software/current_status/query", {}, "v2.1").json()["items"][0])


def abort(bench: Bench, element: str = ELEMENT, body: object = None) -> Reply:
    body = {"action": "abort_upgrade", "parameters": None} if body is None else body
    return send(bench, "POST", f"/elements/{element}/operations", body)


def code(reply: Reply) -> str:
    return str(reply.json()["_error"][0]["code"])


def test_an_upgrade_from_order_to_active_image(bench: Make) -> None:
    run = bench(scenario("{duration: 60}")).at(10)
    before = state(run)
    ordered = order(run)
    assert (ordered.status, ordered.json()["_etag"]) == (200, before["_etag"] + 1)
    assert (ordered.json()["image_id"], state(run)["image_id"]) == (image(run), image(run))
    assert (record(run)["upgrade_state"], record(run)["active_version"]) == ("pending", OLD)
    assert run.at(40).task(ELEMENT)["state"] == "running"
    done = record(run.at(70))
    assert (done["upgrade_state"], done["active_version"], done["rollback_version"]) == ("upgrade_complete", NEW, OLD)
    assert done["active_image_id"] == done["upgrade_image_id"] == image(run)
    assert run.task(ELEMENT)["state"] == "succeeded"
    assert order(run, OLD).status == 200
    assert record(run)["previous_image_id"] == image(run, OLD)


def test_a_scenario_says_how_it_ends(bench: Make) -> None:
    run = bench(scenario("{path: install_failed, duration: 10, failure_info: No space}, {duration: 10}"))
    order(run)
    failed = record(run.at(10))
    assert (failed["upgrade_state"], failed["failure_info"], failed["active_version"]) == (
        "install_failed",
        "No space",
        OLD,
    )
    order(run)
    assert record(run.at(20))["active_version"] == NEW


def test_the_unified_form_takes_orders_as_well(bench: Make) -> None:
    run = bench(scenario())
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    client = basic("simulator@1234567890.iam.panserviceaccount.com", "simulator-secret")
    grant = b"grant_type=client_credentials&scope=tsg_id:1234567890"
    token = run.call("prisma_sdwan", "POST", "/auth/v1/oauth2/access_token", form | client, grant).json()[
        "access_token"
    ]
    bearer = {"Authorization": f"Bearer {token}"}
    path = f"/sdwan/v2.0/api/elements/{ELEMENT}/software/state"
    assert run.call("prisma_sdwan", "GET", path, bearer).status == 403
    run.call("prisma_sdwan", "GET", "/sdwan/v2.1/api/profile", bearer)
    body = run.call("prisma_sdwan", "GET", path, bearer).json() | {"image_id": image(run)}
    assert run.call("prisma_sdwan", "PUT", path, bearer, body).status == 200


def test_windows_for_download_and_upgrade(bench: Make) -> None:
    run = bench(scenario("{duration: 60}"))
    windows = {"scheduled_download": "01-31-2026 08:16:00", "scheduled_upgrade": "01-31-2026 08:20:00"}
    ordered = order(run, changes={**windows, "download_interval": 30})
    assert ordered.status == 200
    shown = record(run.at(59))
    assert (shown["upgrade_state"], shown["scheduled_upgrade"]) == ("download_scheduled", "01-31-2026 08:20:00")
    assert (shown["download_interval"], shown["upgrade_interval"]) == (30, None)
    words: list[str] = []
    for second in range(60, 400):
        word = record(run.at(second))["upgrade_state"]
        if words[-1:] != [word]:
            words.append(word)
    assert words[0] == "pending"
    assert words[-5:] == ["upgrade_scheduled", "installing", "upgrade_init", "upgrading", "upgrade_complete"]
    run = bench(scenario("{duration: 60}"))
    order(run, changes={"scheduled_upgrade": windows["scheduled_upgrade"]})
    assert record(run)["upgrade_state"] == "pending"
    assert record(run.at(299))["upgrade_state"] == "upgrade_scheduled"
    assert record(run.at(301))["upgrade_state"] == "installing"


@pytest.mark.parametrize(
    ("second", "words"),
    [(20, ("abort_download_pending", "download_abort")), (45, ("abort_upgrade_pending", "upgrade_abort"))],
)
def test_an_abort_settles_after_a_while(bench: Make, second: float, words: tuple[str, str]) -> None:
    run = bench(scenario("{duration: 60}"))
    order(run)
    assert abort(run.at(second)).status == 200
    assert (record(run)["upgrade_state"], run.task(ELEMENT)["state"]) == (words[0], "running")
    refused = abort(run)
    assert (refused.status, code(refused)) == (400, "COMMAND_NOT_SUPPORTED")
    ended = record(run.at(second + 5))
    assert (ended["upgrade_state"], ended["active_version"], run.task(ELEMENT)["state"]) == (
        words[1],
        OLD,
        "cancelled",
    )


@pytest.mark.parametrize("second", [55, 60])
def test_too_late_for_an_abort(bench: Make, second: float) -> None:
    run = bench(scenario("{duration: 60}"))
    order(run)
    refused = abort(run.at(second))
    assert (refused.status, code(refused)) == (400, "COMMAND_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"more": 1}, "INVALID_JSON_EXTRA_ATTRIBUTE"),
        ({"_etag": 7}, "INVALID_JSON_COMMON_ATTR_MISMATCH"),
        ({"_schema": 1}, "INVALID_JSON_COMMON_ATTR_MISMATCH"),
        ({"id": "1"}, "INVALID_JSON_COMMON_ATTR_MISMATCH"),
        ({"image_id": None}, "ELEMENT_STATE_UPDATE_INVALID_IMAGE"),
        ({"image_id": "six"}, "ELEMENT_STATE_UPDATE_INVALID_IMAGE"),
        ({"image_id": "17"}, "ELEMENT_STATE_UPDATE_INVALID_IMAGE"),
        ({"scheduled_download": "2026-01-31 10:00:00"}, "ELEMENT_STATE_UPDATE_INVALID_TIME"),
        ({"scheduled_download": "13-31-2026 10:00:00"}, "ELEMENT_STATE_UPDATE_INVALID_TIME"),
        ({"scheduled_upgrade": 5}, "ELEMENT_STATE_UPDATE_INVALID_TIME"),
        ({"scheduled_download": "01-31-2025 10:00:00"}, "SOFTWARE_CONFIG_INVALID_DOWNLOAD_TIME"),
        ({"scheduled_upgrade": "01-31-2025 10:00:00"}, "SOFTWARE_CONFIG_INVALID_UPGRADE_TIME"),
        (
            {"scheduled_download": "01-31-2026 10:00:00", "scheduled_upgrade": "01-31-2026 09:00:00"},
            "SOFTWARE_CONFIG_INCOMPATIBLE_SCHEDULES",
        ),
        ({"download_interval": 60}, "SOFTWARE_CONFIG_INVALID_DOWNLOAD_INTERVAL"),
        ({"upgrade_interval": True}, "SOFTWARE_CONFIG_INVALID_UPGRADE_INTERVAL"),
        ({"interface_ids": ["1", "1"]}, "SOFTWARE_CONFIG_INVALID_INTERFACES"),
        ({"interface_ids": list("12345")}, "SOFTWARE_CONFIG_INVALID_INTERFACES"),
        ({"interface_ids": "1"}, "SOFTWARE_CONFIG_INVALID_INTERFACES"),
        ({"interface_ids": [[]]}, "SOFTWARE_CONFIG_INVALID_INTERFACES"),
    ],
)
def test_orders_with_a_fault(bench: Make, changes: dict[str, object], wanted: str) -> None:
    run = bench(scenario())
    refused = order(run, changes=changes)
    assert (refused.status, code(refused)) == (400, wanted)
    assert state(run)["_etag"] == 1


def test_a_state_that_has_changed_meanwhile_cannot_be_put_back(bench: Make) -> None:
    run = bench(scenario())
    read = {**state(run), "image_id": image(run)}
    assert order(run).status == 200
    refused = send(run, "PUT", f"/elements/{ELEMENT}/software/state", read)
    assert (refused.status, code(refused)) == (400, "INVALID_JSON_COMMON_ATTR_MISMATCH")


def test_an_order_for_the_active_image_has_nothing_to_do(bench: Make) -> None:
    run = bench(scenario())
    assert order(run, OLD).status == 200
    assert run.task(ELEMENT)["state"] == "succeeded"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"", "INVALID_JSON"),
        (b"[]", "INVALID_JSON_INPUT"),
        (b'{"action": "abort_upgrade", "parameters": NaN}', "INVALID_JSON"),
        ({"action": "dance"}, "COMMAND_NOT_SUPPORTED"),
        ({"action": "abort_upgrade", "more": 1}, "INVALID_JSON_EXTRA_ATTRIBUTE"),
        ({"action": "abort_upgrade"}, "COMMAND_NOT_SUPPORTED"),
    ],
)
def test_operations_with_a_fault(bench: Make, body: object, wanted: str) -> None:
    refused = abort(bench(scenario()), body=body)
    assert (refused.status, code(refused)) == (400, wanted)


def test_elements_that_are_not_there(bench: Make) -> None:
    run = bench(scenario())
    for reply in (
        send(run, "GET", "/elements/1/software/state"),
        send(run, "PUT", "/elements/1/software/state", {}),
        abort(run, "1"),
    ):
        assert (reply.status, code(reply)) == (404, "ELEMENT_NOT_FOUND")
