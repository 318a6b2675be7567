# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins, pages, refusals and orders, as Palo Alto Networks' SDKs make and understand them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .clients.client import SessionLost
from .clients.prisma import CloudgenixPassword, CloudgenixToken, PrismaSase, Sdk, on_clock, told
from .prisma_fleet import CLIENTS, FIRST, fleet
from .rig import Rig
from .walk import walk

STATUS = "/software/current_status/query"
every_client = pytest.mark.parametrize("client", CLIENTS)


@pytest.fixture(autouse=True)
def _one_clock(rig: Rig) -> Iterator[None]:
    with on_clock(rig.clock.now):
        yield


def logged_in(rig: Rig, client: type[Sdk], **options: Any) -> Sdk:
    made = client(rig.access("prisma_sdwan"), **options)
    made.log_in()
    return made


LOGINS = {
    PrismaSase: [
        ("POST", "/auth/v1/oauth2/access_token"),
        ("GET", "/sdwan/v2.1/api/profile"),
        ("GET", "/sdwan/v2.13/api"),
    ],
    CloudgenixToken: [("GET", "/v2.1/api/profile"), ("GET", "/v2.13/api/tenants/1092")],
    CloudgenixPassword: [("POST", "/v2.0/api/login"), ("GET", "/v2.1/api/profile"), ("GET", "/v2.13/api/tenants/1092")],
}


@every_client
def test_a_login_is_these_requests(rig: Rig, client: type[Sdk]) -> None:
    rig.begin({})
    made = logged_in(rig, client)
    assert rig.asked("prisma_sdwan") == LOGINS[client]
    assert made.sdk.tenant_id == "1092"
    assert (len(rig.simulator.sessions()["prisma_sdwan"]) == 0) == (client is CloudgenixToken)
    made.log_out()
    assert not rig.simulator.sessions()["prisma_sdwan"]


WRONG = (
    (PrismaSase, "client_secret"),
    (PrismaSase, "client_id"),
    (PrismaSase, "tsg_id"),
    (CloudgenixToken, "auth_token"),
    (CloudgenixPassword, "password"),
)


@pytest.mark.parametrize(("client", "name"), WRONG)
def test_wrong_credentials_open_nothing(rig: Rig, client: type[Sdk], name: str) -> None:
    rig.begin({})
    with pytest.raises(SessionLost):
        client({**rig.access("prisma_sdwan"), name: "0-wrong"}).log_in()
    assert not rig.simulator.sessions()["prisma_sdwan"]


def test_a_new_token_needs_its_profile_call(rig: Rig) -> None:
    rig.begin(fleet(["upgrade"]))
    client = PrismaSase(rig.access("prisma_sdwan"))
    client.token_without_profile()
    with pytest.raises(SessionLost):
        client.poll()
    assert rig.simulator.requests()[-1]["status"] == 403
    assert told(client.sdk.get.profile())["tenant_id"] == "1092"
    assert set(client.poll()) == {str(FIRST)}
    client.log_out()


@every_client
def test_pages_hold_every_element_once(rig: Rig, client: type[Sdk]) -> None:
    rig.begin(fleet(["upgrade"] * 5))
    made = logged_in(rig, client, page_size=2)
    found = [item["element_id"] for item in made.pages({"sort_params": {"id": "asc"}})]
    assert found == [str(FIRST + number) for number in range(5)]
    assert sum(STATUS in path for _method, path in rig.asked("prisma_sdwan")) == 3
    query = made.sdk.post.software_current_status_query
    beyond = told(query({"limit": 2, "dest_page": 4}))
    assert (beyond["items"], beyond["count"], beyond["total_count"]) == ([], 0, 5)
    first, same = (told(query({"limit": 2, "dest_page": page}))["items"] for page in (0, 1))
    assert [item["id"] for item in first] == [item["id"] for item in same]
    made.log_out()


@every_client
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sort_params": {"nonsense": "asc"}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"nonsense": 1}, "INVALID_JSON_EXTRA_ATTRIBUTE"),
    ],
)
def test_the_sdks_read_the_reason_of_a_refusal(rig: Rig, client: type[Sdk], query: dict[str, Any], code: str) -> None:
    rig.begin(fleet(["upgrade"]))
    made = logged_in(rig, client)
    answer = made.sdk.post.software_current_status_query(query)
    assert (answer.cgx_status, answer.status_code) == (False, 400)
    assert code in str(answer.cgx_errors)
    assert code in str(answer.cgx_content["_error"])
    made.log_out()


@every_client
def test_names_come_from_the_elements(rig: Rig, client: type[Sdk]) -> None:
    rig.begin(fleet(["upgrade", "abort"]))
    made = logged_in(rig, client)
    for answer in (made.sdk.get.elements(), made.sdk.post.element_query({"sort_params": {"id": "asc"}})):
        assert [item["name"] for item in told(answer)["items"]] == ["branch-0", "branch-1"]
    made.log_out()


@every_client
def test_an_upgrade_is_ordered_by_the_sdk_and_watched_by_us(rig: Rig, client: type[Sdk]) -> None:
    rig.begin({"prisma_sdwan": {"tasks": [{"id": str(FIRST), "path": "idle"}], "starts": [{"duration": 40}]}})
    made = logged_in(rig, client)
    images = {image["version"]: image["id"] for image in told(made.sdk.get.element_images())["items"]}
    state = dict(told(made.sdk.get.software_state(str(FIRST))))
    old = dict(state)
    state["image_id"] = images["6.4.1-b3"]
    told(made.sdk.put.software_state(str(FIRST), state))
    # The vendor's own scripts read, change and put back; a request that puts an old state back is refused
    again = made.sdk.put.software_state(str(FIRST), {**old, "image_id": images["6.4.1-b3"]})
    assert "INVALID_JSON_COMMON_ATTR_MISMATCH" in str(again.cgx_errors)
    record = walk(rig, CLIENTS[client], client(rig.access("prisma_sdwan")), ids=[str(FIRST)], step=5.0)
    record.check()
    assert record.result.payload["tasks"][0]["details"]["active_version"] == "6.4.1-b3"
    made.log_out()


@every_client
def test_an_upgrade_is_aborted_by_the_sdk_and_seen_by_us(rig: Rig, client: type[Sdk]) -> None:
    rig.begin(fleet(["upgrade"]))
    made = logged_in(rig, client)

    def abort() -> None:
        told(made.sdk.post.tenant_element_operations(str(FIRST), {"action": "abort_upgrade", "parameters": None}))

    watcher = client(rig.access("prisma_sdwan"))
    record = walk(rig, CLIENTS[client], watcher, ids=[str(FIRST)], step=5.0, events={2: abort})
    record.check()
    assert record.result.payload["state"] == "cancelled"
    made.log_out()
