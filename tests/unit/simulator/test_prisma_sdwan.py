# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prisma SD-WAN: tokens and profile, both forms of paths, the query language, paths of elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from taskwatch_simulator.messages import Reply
from taskwatch_simulator.systems.prisma_fields import ELEMENT_FIELDS, RECORD_FIELDS
from taskwatch_simulator.systems.prisma_paths import PATHS, PathName

from .conftest import Bench, basic

Make = Callable[[str], Bench]
CLIENT = "simulator@1234567890.iam.panserviceaccount.com"
TOKEN = "/auth/v1/oauth2/access_token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GOOD_FORM = b"grant_type=client_credentials&scope=tsg_id%3A1234567890+email+profile"
QUERY = "/sdwan/v2.1/api/software/current_status/query"
LEGACY_QUERY = "/v2.1/api/tenants/1092/software/current_status/query"
STATIC = {"x-auth-token": "0123456789abcdef-region=us"}
ELEMENT = "16540011223340090"
# Would keep the whole simulator busy for hours
ENDLESS = "(.*)" * 9 + r"\9\8\7\6\5\4\3\2\1[^0-9]"
THREE = (
    f"prisma_sdwan: {{tasks: [{{id: '{ELEMENT}', name: b, duration: 100}},"
    " {id: '16540011223340091', name: A, path: stuck},"
    " {id: '16540011223340092', name: c, path: cancelled, duration: 50}]}"
)


def token_reply(bench: Bench, body: bytes = GOOD_FORM, path: str = TOKEN, secret: str = "simulator-secret") -> Reply:
    return bench.call("prisma_sdwan", "POST", path, FORM | basic(CLIENT, secret), body)


def log_in(bench: Bench, profile: bool = True) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token_reply(bench).json()['access_token']}"}
    if profile:
        assert bench.call("prisma_sdwan", "GET", "/sdwan/v2.1/api/profile", headers).status == 200
    return headers


def query(bench: Bench, body: object = None, path: str = QUERY, headers: dict[str, str] | None = None) -> Reply:
    return bench.call("prisma_sdwan", "POST", path, headers or log_in(bench), {} if body is None else body)


def ids(reply: Reply) -> list[str]:
    return [item["element_id"] for item in reply.json()["items"]]


def one(keys: str) -> str:
    return f"prisma_sdwan: {{tasks: [{{id: '{ELEMENT}', duration: 100, {keys}}}]}}"


@pytest.mark.parametrize("path", [TOKEN, "/oauth2/access_token"])
def test_a_token(bench: Make, path: str) -> None:
    reply = token_reply(bench(""), path=path)
    body = reply.json()
    assert reply.status == 200
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 899)
    assert body["access_token"].count(".") == 2
    assert "refresh_token" not in body


@pytest.mark.parametrize(
    ("body", "secret", "status", "error"),
    [
        (GOOD_FORM, "wrong", 401, "invalid_client"),
        (b"grant_type=client_credentials&scope=tsg_id:1", "simulator-secret", 401, "invalid_scope"),
        (b"grant_type=client_credentials", "simulator-secret", 401, "invalid_scope"),
        (b"grant_type=password", "simulator-secret", 400, "unsupported_grant_type"),
        (b"", "simulator-secret", 400, "invalid_request"),
        (b"\xff", "simulator-secret", 400, "invalid_request"),
    ],
)
def test_token_requests_that_are_refused(bench: Make, body: bytes, secret: str, status: int, error: str) -> None:
    run = bench("")
    reply = token_reply(run, body, secret=secret)
    assert (reply.status, reply.json()["error"]) == (status, error)
    assert run.world.sessions()["prisma_sdwan"] == []


def test_a_token_request_needs_a_form(bench: Make) -> None:
    reply = bench("").call("prisma_sdwan", "POST", TOKEN, basic(CLIENT, "simulator-secret"), {"grant_type": "x"})
    assert (reply.status, reply.json()["error"]) == (400, "invalid_request")


def test_every_new_token_needs_its_profile_call(bench: Make) -> None:
    run = bench(THREE)
    for _time in range(2):
        headers = log_in(run, profile=False)
        refused = query(run, headers=headers)
        assert refused.status == 403
        assert refused.json()["_error"][0]["code"]
        profile = run.call("prisma_sdwan", "GET", "/sdwan/v2.1/api/profile", headers).json()
        assert profile["tenant_id"] == "1092"
        assert query(run, headers=headers).status == 200


def test_logout_ends_the_token(bench: Make) -> None:
    run = bench(THREE)
    headers = log_in(run)
    assert len(run.world.sessions()["prisma_sdwan"]) == 1
    assert run.call("prisma_sdwan", "GET", "/sdwan/v2.0/api/logout", headers).status == 200
    assert run.world.sessions()["prisma_sdwan"] == []
    assert query(run, headers=headers).status == 401


@pytest.mark.parametrize("status", [401, 403])
def test_tokens_end_however_much_they_are_used(bench: Make, status: int) -> None:
    run = bench(f"prisma_sdwan: {{expires_in: 100, expired_status: {status}}}")
    headers = log_in(run)
    for second in (50, 99):
        assert query(run.at(second), headers=headers).status == 200
    assert query(run.at(100), headers=headers).status == status
    assert run.world.sessions()["prisma_sdwan"] == []


def test_the_static_token_needs_no_profile_and_is_no_session(bench: Make) -> None:
    run = bench(THREE)
    reply = query(run, path=LEGACY_QUERY, headers=STATIC)
    assert (reply.status, reply.json()["tenant_id"]) == (200, "1092")
    assert run.world.sessions()["prisma_sdwan"] == []
    profile = run.call("prisma_sdwan", "GET", "/v2.1/api/profile", STATIC)
    assert profile.json()["tenant_id"] == "1092"


def test_forms_do_not_mix(bench: Make) -> None:
    run = bench(THREE)
    assert query(run, headers=STATIC).status == 401
    assert query(run, path=LEGACY_QUERY, headers=log_in(run)).status == 401
    assert query(run, path=LEGACY_QUERY.replace("1092", "7"), headers=STATIC).status == 403
    assert query(run, path=LEGACY_QUERY, headers={"x-auth-token": "wrong"}).status == 401
    assert "tenant_id" not in query(run).json()


def test_legacy_login_by_password(bench: Make) -> None:
    run = bench(THREE)
    body = {"email": "operator@example.com", "password": "simulator-password"}
    reply = run.call("prisma_sdwan", "POST", "/v2.0/api/login", body=body)
    token = reply.json()["x_auth_token"]
    assert "-" in token
    cookie = str(reply.header("Set-Cookie")).partition(";")[0]
    assert query(run, path=LEGACY_QUERY, headers={"Cookie": cookie}).status == 200
    assert query(run, path=LEGACY_QUERY, headers={"x-auth-token": token}).status == 200
    assert run.call("prisma_sdwan", "GET", "/v2.0/api/logout", {"Cookie": cookie}).status == 200
    assert query(run, path=LEGACY_QUERY, headers={"Cookie": cookie}).status == 401
    wrong = run.call("prisma_sdwan", "POST", "/v2.0/api/login", body=body | {"password": "no"})
    assert wrong.status == 401


def test_pages(bench: Make) -> None:
    run = bench("prisma_sdwan: {tasks: [{id: '100', name: branch, count: 25}]}")
    headers = log_in(run)
    for first in ({}, {"dest_page": 0}, {"dest_page": 1}):
        page = query(run, {"limit": 10, **first}, headers=headers)
        assert ids(page) == [str(100 + each) for each in range(10)]
        assert (page.json()["count"], page.json()["total_count"]) == (10, 25)
    assert len(ids(query(run, {"limit": "10", "dest_page": "3"}, headers=headers))) == 5
    assert ids(query(run, {"limit": 10, "dest_page": 4}, headers=headers)) == []


def test_sizes_of_pages(bench: Make) -> None:
    run = bench("prisma_sdwan: {default_limit: 7, max_limit: 12, tasks: [{id: '100', count: 25}]}")
    assert len(ids(query(run))) == 7
    assert len(ids(query(run, {"limit": 500}))) == 12


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"element_id": {"in": [ELEMENT, "16540011223340092", "7"]}}, [0, 2]),
        ({"element_id": {"eq": ELEMENT}}, [0]),
        ({"element_id": {"neq": ELEMENT}}, [1, 2]),
        ({"element_id": {"re": "9[12]$"}}, [1, 2]),
        ({"element_id": {"gt": ELEMENT}}, [1, 2]),
        ({"element_id": {"lte": ELEMENT}}, [0]),
        ({"upgrade_state": {"in": ["downloading"]}}, [0, 1, 2]),
        ({"download_percent": {"gt": 40}}, [0, 2]),
        ({"failure_info": {"eq": None}}, [0, 1, 2]),
        ({"or": {"element_id": {"re": "91$"}, "download_percent": {"gt": 50}}}, [0, 1]),
        ({"element_id": {"in": []}}, []),
    ],
)
def test_filters(bench: Make, wanted: dict[str, Any], found: list[int]) -> None:
    run = bench(THREE).at(40)
    reply = query(run, {"query_params": wanted})
    assert ids(reply) == [str(int(ELEMENT) + each) for each in found]
    assert reply.json()["total_count"] == len(found)


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ({"element_id": "desc"}, "210"),
        ({"id": "asc"}, "012"),
        ({"download_percent": "desc"}, "021"),
        ({"upgrade_state": "asc", "id": "desc"}, "210"),
    ],
)
def test_order(bench: Make, order: dict[str, str], found: str) -> None:
    run = bench(THREE).at(30)
    assert ids(query(run, {"sort_params": order})) == [str(int(ELEMENT) + int(each)) for each in found]


def test_order_of_names_with_and_without_case(bench: Make) -> None:
    run = bench(THREE)
    path = "/sdwan/v3.2/api/elements/query"
    for ignore, expected in ((False, ["A", "b", "c"]), (True, ["A", "b", "c"])):
        body = {"sort_params": {"name": "asc"}, "sort_case_insensitive": ignore}
        assert [item["name"] for item in query(run, body, path).json()["items"]] == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "INVALID_JSON"),
        (b"{", "INVALID_JSON"),
        (b"[1]", "INVALID_JSON_INPUT"),
        ({"query": {}}, "INVALID_JSON_EXTRA_ATTRIBUTE"),
        ({"limit": 0}, "INVALID_JSON_INPUT"),
        ({"limit": True}, "INVALID_JSON_INPUT"),
        ({"dest_page": -1}, "INVALID_JSON_INPUT"),
        ({"query_params": []}, "INVALID_JSON_INPUT"),
        ({"query_params": {"nonsense": {"in": []}}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"query_params": {"element_id": {"like": "x"}}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"query_params": {"element_id": "x"}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"query_params": {"element_id": {"re": "("}}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        # Would keep the whole simulator busy for hours
        (
            {"query_params": {"element_id": {"re": "(.*)" * 9 + r"\9\8\7\6\5\4\3\2\1[^0-9]"}}},
            "BAD_QUERY_OR_SORT_PARAMETERS",
        ),
        (b'{"query_params":' + b'{"or":' * 700 + b"{}" + b"}" * 701, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"query_params": {"element_id": {"in": "x"}}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"sort_params": {"nonsense": "asc"}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"sort_params": {"id": "up"}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"aggregate": {"field": "download_percent", "operator": "median"}}, "BAD_QUERY_OR_SORT_PARAMETERS"),
        ({"retrieved_fields": "id", "retrieved_fields_mask": True}, "INVALID_JSON_INPUT"),
    ],
)
def test_queries_with_a_fault(bench: Make, body: object, code: str) -> None:
    reply = query(bench(THREE), body)
    assert (reply.status, reply.json()["_error"][0]["code"]) == (400, code)


def test_deleted_elements_are_told_on_request(bench: Make) -> None:
    run = bench("prisma_sdwan: {tasks: [{id: '1'}, {id: '2', deleted: true}]}")
    plain = query(run).json()
    assert (plain["deleted_ids"], plain["deleted_count"], plain["total_count"]) == (None, 0, 1)
    told = query(run, {"getDeleted": True}).json()
    assert (told["deleted_ids"], told["deleted_count"], told["total_count"]) == (["2"], 1, 1)


def test_fewer_fields(bench: Make) -> None:
    run = bench(THREE)
    fields = ["element_id", "upgrade_state"]
    item = query(run, {"retrieved_fields": fields, "retrieved_fields_mask": True}).json()["items"][0]
    assert set(item) == {"id", *fields}
    assert set(query(run, {"retrieved_fields": [], "retrieved_fields_mask": False}).json()["items"][0]) == RECORD_FIELDS


def test_aggregates(bench: Make) -> None:
    run = bench(THREE).at(40)
    body: dict[str, object] = {"aggregate": {"field": "download_percent", "operator": "max"}}
    assert query(run, body).json()["aggregate"]["data"] == [{"value": 72}]
    body = {"aggregate": {"field": "element_id", "operator": "count"}, "group_by": ["upgrade_state"]}
    assert query(run, body).json()["aggregate"]["data"] == [{"upgrade_state": "downloading", "value": 3}]


def test_records_have_every_field_and_nulls_for_absent_values(bench: Make) -> None:
    item = query(bench(THREE)).json()["items"][0]
    assert set(item) == RECORD_FIELDS
    assert item["previous_image_id"] is None
    assert item["_error"] is None


def test_elements_have_the_names(bench: Make) -> None:
    run = bench(THREE)
    listed = run.call("prisma_sdwan", "GET", "/sdwan/v3.2/api/elements", log_in(run)).json()
    assert [(item["id"][-2:], item["name"]) for item in listed["items"]] == [("90", "b"), ("91", "A"), ("92", "c")]
    assert set(listed["items"][0]) == ELEMENT_FIELDS
    some = query(run, {"query_params": {"id": {"in": [ELEMENT]}}}, "/sdwan/v3.2/api/elements/query").json()
    assert [item["name"] for item in some["items"]] == ["b"]


def test_a_road_to_success(bench: Make) -> None:
    run = bench(one("path: upgrade"))
    words: list[str] = []
    states_seen: list[str] = []
    for second in range(101):
        item = query(run.at(second)).json()["items"][0]
        if not words or words[-1] != item["upgrade_state"]:
            words.append(item["upgrade_state"])
        states_seen.append(run.task(ELEMENT)["state"])
        assert (item["active_image_id"] == item["upgrade_image_id"]) == (second == 100)
    assert words == [
        "pending",
        "init",
        "download_discovery",
        "download_init",
        "downloading",
        "download_complete",
        "verifying",
        "installing",
        "upgrade_init",
        "upgrading",
        "upgrade_complete",
    ]
    assert states_seen == sorted(states_seen, key=["pending", "running", "succeeded"].index)
    item = query(run).json()["items"][0]
    assert (item["active_version"], item["rollback_version"]) == ("6.3.5-b9", "6.1.11-b2")
    assert item["software_version_change_time"] == 1769847400000


@pytest.mark.parametrize("path", [each for each in get_args(PathName) if each != "custom"])
def test_ends_of_all_roads(bench: Make, path: PathName) -> None:
    run = bench(one(f"path: {path}")).at(100)
    item = query(run).json()["items"][0]
    state = run.task(ELEMENT)["state"]
    assert item["upgrade_state"] == PATHS[path].final.word
    assert state == PATHS[path].truth
    if state == "succeeded":
        assert item["active_image_id"] == item["upgrade_image_id"]
    else:
        assert item["active_image_id"] != item["upgrade_image_id"]
    assert (item["failure_info"] is not None) == (state in {"failed", "cancelled"})


def test_an_element_is_out_of_reach_while_it_reboots(bench: Make) -> None:
    run = bench(one("path: upgrade")).at(90)
    first = query(run).json()["items"][0]
    path = "/sdwan/v3.2/api/elements"
    assert first["upgrade_state"] == "upgrading"
    assert not run.call("prisma_sdwan", "GET", path, log_in(run)).json()["items"][0]["connected"]
    later = query(run.at(95)).json()["items"][0]
    assert later["_updated_on_utc"] == first["_updated_on_utc"]
    assert run.at(100).call("prisma_sdwan", "GET", path, log_in(run)).json()["items"][0]["connected"]


def test_a_hop_is_not_the_wanted_version(bench: Make) -> None:
    run = bench(one("path: multi_hop"))
    versions = {query(run.at(second)).json()["items"][0]["active_version"] for second in range(101)}
    assert versions == {"6.1.11-b2", "6.3.5-b9", "6.4.1-b3"}
    hops = [
        second for second in range(100, 201) if query(run.at(second)).json()["items"][0]["active_version"] == "6.3.5-b9"
    ]
    assert hops == []


def test_schedules_are_written_month_first(bench: Make) -> None:
    item = query(bench(one("path: scheduled"))).json()["items"][0]
    assert (item["scheduled_download"], item["scheduled_upgrade"]) == ("01-31-2026 08:15:10", "01-31-2026 08:16:00")


def test_a_road_of_ones_own(bench: Make) -> None:
    last = "{state: BRAND_NEW, seconds: 1, download_percent: 7}"
    states = f"[{{state: in-progress, seconds: 5}}, {{state: null, seconds: 5}}, {last}]"
    run = bench(one(f"path: custom, final_truth: unknown, states: {states}"))
    seen = [query(run.at(second)).json()["items"][0]["upgrade_state"] for second in (0, 5, 10)]
    assert seen == ["in-progress", None, "BRAND_NEW"]
    assert run.task(ELEMENT) | {"percent": 0} == {
        "system": "prisma_sdwan",
        "id": ELEMENT,
        "kind": "element",
        "state": "unknown",
        "percent": 0,
        "native_state": "BRAND_NEW",
    }


def test_begin_and_stagger(bench: Make) -> None:
    run = bench("prisma_sdwan: {tasks: [{id: '1', count: 3, begin: 10, stagger: 5, duration: 10, path: cancelled}]}")
    states = {second: [task["state"] for task in run.at(second).world.tasks()[-3:]] for second in (0, 20, 25, 30)}
    assert states[0] == ["pending"] * 3
    assert states[20][0] == "cancelled"
    assert states[25][:2] == ["cancelled"] * 2
    assert states[30] == ["cancelled"] * 3


def test_stuck_where_the_scenario_says(bench: Make) -> None:
    item = query(bench(one("path: stuck, stuck_at: 77")).at(5000)).json()["items"][0]
    assert (item["upgrade_state"], item["download_percent"]) == ("downloading", 77)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", QUERY, 405), ("POST", "/sdwan/v2.2/api/software/current_status/query", 404), ("GET", "/", 404)],
)
def test_calls_that_do_not_exist(bench: Make, method: str, path: str, status: int) -> None:
    reply = bench("").call("prisma_sdwan", method, path)
    assert (reply.status, reply.json()["_status_code"]) == (status, str(status))


def test_a_role_that_may_not_read(bench: Make) -> None:
    run = bench("prisma_sdwan: {authorized: false}")
    headers = log_in(run)
    assert query(run, headers=headers).status == 403
    assert run.call("prisma_sdwan", "GET", "/sdwan/v2.0/api/logout", headers).status == 200
