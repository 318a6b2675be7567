# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs against a scripted controller: both logins, paging with its guards, names, absent elements."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._systems import prisma_sdwan
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import Played, by_path, play
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply, Request

UNIFIED = {"client_id": "sim@1234567890.iam.example.com", "client_secret": "cl1ent-secret", "tsg_id": "1234567890"}
AUTH_URL = "https://auth.apps.paloaltonetworks.com/auth/v1/oauth2/access_token"
QUERY = "POST /sdwan/v2.1/api/software/current_status/query"
LOGIN = ["POST /auth/v1/oauth2/access_token", "GET /sdwan/v2.1/api/profile"]
LOGOUT = "GET /sdwan/v2.0/api/logout"
LEGACY = "POST /v2.1/api/tenants/1092/software/current_status/query"


def record(number: int, word: str | None = "downloading", **more: Any) -> dict[str, Any]:
    return {"id": f"9{number}", "element_id": f"{number}", "upgrade_state": word, "download_percent": number, **more}


def page(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"_schema": 0, "_status_code": "200", "count": len(items), "items": list(items), "deleted_ids": None, **more}


class Controller:
    """Serves the elements by page, as asked, and keeps what was asked."""

    def __init__(self, *elements: dict[str, Any], total: bool = True, ignores_pages: bool = False) -> None:
        self.elements = elements
        self.total = total
        self.ignores_pages = ignores_pages
        self.queries: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Reply:
        if "token" in request.path:
            return Reply(200, {"access_token": "bearer-token-1", "token_type": "Bearer", "expires_in": 899})
        if request.path.endswith(("profile", "logout")):
            return Reply(200, {"tenant_id": "1092"})
        query = json.loads(request.body)
        self.queries.append(query)
        elements = self.elements
        if "element_id" in query["query_params"]:
            wanted = query["query_params"]["element_id"]["in"]
            elements = tuple(element for element in elements if element["element_id"] in wanted)
        first = 0 if self.ignores_pages else (query["dest_page"] - 1) * query["limit"]
        counted = {"total_count": len(elements)} if self.total else {}
        return Reply(200, page(*elements[first : first + query["limit"]], **counted))


def poll(controller: Any, **options: Any) -> Played:
    return play(ElementImageStatus, controller, **{**UNIFIED, **options})


def ids_of(played: Played) -> list[str]:
    return [task["id"] for task in played.payload["tasks"]]


def test_one_look_with_client_credentials() -> None:
    played = poll(Controller(record(1)))
    token, profile, asked, logout = played.adapter.requests
    assert played.sent == [*LOGIN, QUERY, LOGOUT]
    assert token.url == AUTH_URL
    assert token.headers["Authorization"].startswith("Basic ")
    assert token.body == "grant_type=client_credentials&scope=tsg_id%3A1234567890+email+profile"
    for request in (profile, asked, logout):
        assert request.headers["Authorization"] == "Bearer bearer-token-1"
        assert request.url.startswith("https://api.sase.paloaltonetworks.com:443/sdwan/")
        assert "X-PANW-Region" not in request.headers
    assert json.loads(asked.body) == {"query_params": {}, "sort_params": {"id": "asc"}, "limit": 100, "dest_page": 1}
    assert played.payload["stats"]["logins"] == 1
    assert played.payload["envelope"] == {
        "_schema": 0,
        "_status_code": "200",
        "count": 1,
        "deleted_ids": None,
        "total_count": 1,
    }


def test_a_line_break_at_the_end_of_a_secret_is_not_part_of_it() -> None:
    """As files and the output of commands have it."""
    played = poll(Controller(record(1)), **{name: f"{value}\r\n" for name, value in UNIFIED.items()})
    assert played.result.msg is None
    token = played.adapter.requests[0]
    login = b64decode(token.headers["Authorization"].partition(" ")[2]).decode()
    assert login == f"{UNIFIED['client_id']}:{UNIFIED['client_secret']}"
    assert "tsg_id%3A1234567890+email" in token.body
    legacy = play(ElementImageStatus, Controller(record(1)), auth_token="0123-static\n", tenant_id="1092\n")
    assert (legacy.result.msg, legacy.sent) == (None, [LEGACY])
    assert legacy.adapter.requests[0].headers["x-auth-token"] == "0123-static"


def test_another_token_url_is_used_as_given() -> None:
    played = poll(Controller(record(1)), auth_url="https://auth.example.com:8443/token?x=1", hostname="192.0.2.1")
    assert played.adapter.requests[0].url == "https://auth.example.com:8443/token?x=1"
    hosts = {request.url.split("/")[2] for request in played.adapter.requests[1:]}
    assert hosts == {"192.0.2.1:443"}, "the token goes nowhere else"


def test_a_static_token_finds_its_tenant_and_is_not_logged_out() -> None:
    played = play(ElementImageStatus, Controller(record(1)), auth_token="0123-static")
    assert played.sent == ["GET /v2.1/api/profile", LEGACY]
    assert {request.headers["x-auth-token"] for request in played.adapter.requests} == {"0123-static"}
    assert played.payload["stats"]["logins"] == 0


def test_a_tenant_that_is_given_is_not_asked_for() -> None:
    played = play(ElementImageStatus, Controller(record(1)), auth_token="0123-static", tenant_id="1092")
    assert played.sent == [LEGACY]


@pytest.mark.parametrize("profile", [{}, {"tenant_id": None}, {"tenant_id": ""}, {"tenant_id": {}}, []])
def test_a_profile_without_a_tenant_is_a_bad_response(profile: Any) -> None:
    played = play(ElementImageStatus, by_path({"GET /v2.1/api/profile": Reply(200, profile)}), auth_token="0123-static")
    assert played.error["type"] == "bad_response"
    assert "'tenant_id'" in str(played.result.msg)


@pytest.mark.parametrize(("count", "size", "pages"), [(0, 2, 1), (1, 2, 1), (2, 2, 1), (3, 2, 2), (4, 2, 2), (5, 2, 3)])
def test_pages_end_with_the_full_count(count: int, size: int, pages: int) -> None:
    controller = Controller(*map(record, range(count)))
    played = poll(controller, page_size=size)
    assert [query["dest_page"] for query in controller.queries] == list(range(1, pages + 1))
    assert {query["limit"] for query in controller.queries} == {size}
    assert ids_of(played) == [str(number) for number in range(count)]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 2), (4, 3), (5, 4)])
def test_without_a_count_pages_end_with_an_empty_one(count: int, pages: int) -> None:
    controller = Controller(*map(record, range(count)), total=False)
    played = poll(controller, page_size=2)
    assert len(controller.queries) == pages
    assert len(ids_of(played)) == count


def test_a_server_that_ignores_the_page_number_is_not_asked_for_ever() -> None:
    controller = Controller(*map(record, range(5)), ignores_pages=True)
    assert ids_of(poll(controller, page_size=3)) == ["0", "1", "2"]
    assert len(controller.queries) == 2


@pytest.mark.parametrize("total", [0, None, -1, "many", {}, 4])
def test_an_odd_count_loses_no_element(total: Any) -> None:
    pages = [page(record(1), record(2), total_count=total), page(record(3), total_count=total), page(total_count=total)]
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: pages}
    assert ids_of(poll(by_path(replies, {}))) == ["1", "2", "3"]


def test_a_count_may_be_a_text() -> None:
    pages = [page(record(1), total_count="2"), page(record(2), total_count="2"), page(record(3))]
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: pages}
    assert ids_of(poll(by_path(replies, {}))) == ["1", "2"]


def test_an_endless_server_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prisma_sdwan, "MAX_PAGES", 7)
    asked = []

    def controller(request: Request) -> Reply:
        if not request.path.endswith("query"):
            return Reply(200, {"access_token": "bearer-token-1", "expires_in": 899})
        asked.append(request)
        return Reply(200, page(record(len(asked))))

    played = poll(controller)
    assert len(asked) == 7
    assert played.error["type"] == "bad_response"


def test_rows_that_shift_between_pages_count_once() -> None:
    """While upgrades run, a row may be on two pages, and an element may have two rows: the newest one counts."""
    first = page(record(1), record(2, "downloading", _updated_on_utc=10), total_count=4)
    newer = {**record(2, "upgrading", _updated_on_utc=20), "id": "9200"}
    second = page(record(1), newer, record(3), total_count=4)
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: [first, second, page()]}
    played = poll(by_path(replies, {}))
    assert [(task["id"], task["native_state"]) for task in played.payload["tasks"]] == [
        ("1", "downloading"),
        ("2", "upgrading"),
        ("3", "downloading"),
    ]


def test_an_older_row_of_an_element_does_not_count() -> None:
    older = {**record(1, "complete", _updated_on_utc="10"), "id": "900"}
    played = poll(Controller(record(1, "upgrading", _updated_on_utc=20), older))
    assert played.task["native_state"] == "upgrading"


@pytest.mark.parametrize("items", [None, [], [None, 7, "x", []], [{}], [{"id": "", "upgrade_state": "complete"}]])
def test_items_that_are_no_elements_are_left_out(items: Any) -> None:
    replies = {
        "POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"},
        QUERY: Reply(200, {"items": items}),
    }
    played = poll(by_path(replies, {}))
    assert played.result.msg is None
    assert (ids_of(played), played.payload["state"], played.payload["done"]) == ([], "unknown", False)


@pytest.mark.parametrize("body", [[], None, '"x"', 7, {"items": {}}, {"items": "none"}])
def test_what_is_no_page_is_a_bad_response(body: Any) -> None:
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: Reply(200, body)}
    played = poll(by_path(replies, {}))
    assert played.error["type"] == "bad_response"
    assert "a page of elements with 'items'" in str(played.result.msg)


def test_elements_are_asked_for_by_filter_and_told_in_the_order_of_the_option() -> None:
    controller = Controller(*map(record, range(5)))
    played = poll(controller, element_id=["3", "1", "3"], query_params={"upgrade_state": {"in": ["downloading"]}})
    assert controller.queries[0]["query_params"] == {
        "upgrade_state": {"in": ["downloading"]},
        "element_id": {"in": ["3", "1"]},
    }
    assert ids_of(played) == ["3", "1"]


def test_an_element_that_the_answer_does_not_hold_is_named() -> None:
    played = poll(Controller(record(1)), element_id=["1", "77", "78"])
    assert (played.error["type"], played.error["task_ids"]) == ("not_found", ["77", "78"])
    assert str(played.result.msg).startswith("Prisma SD-WAN element 77, 78 on api.sase.paloaltonetworks.com: ")
    assert ids_of(played) == ["1"]


def test_an_odd_record_is_an_error_of_its_element_alone() -> None:
    played = poll(Controller(record(1), record(2, 5)), element_id=["1", "2"])  # type: ignore[arg-type]
    assert (played.error["type"], played.error["task_ids"]) == ("bad_response", ["2"])
    assert ids_of(played) == ["1"]


class Named(Controller):
    """A controller that knows the names of its elements."""

    def __init__(self, names: dict[str, str], *elements: dict[str, Any]) -> None:
        super().__init__(*elements)
        self.names = names

    def __call__(self, request: Request) -> Reply:
        if request.path.endswith("elements/query"):
            items = [{"id": each, "name": name} for each, name in self.names.items()]
            return Reply(200, page(*items, total_count=len(items)))
        return super().__call__(request)


NAMES = {"1": "branch-1", "2": "branch-2", "3": "branch-2"}


@pytest.mark.parametrize("wait", [False, True])
def test_an_element_may_be_named_where_only_one_has_the_name(wait: bool) -> None:
    elements = [record(number, "complete", active_image_id="7", upgrade_image_id="7") for number in (1, 2, 3)]
    played = poll(Named(NAMES, *elements), element_id=["3", "branch-1"], wait=wait)
    assert played.result.msg is None
    assert [(task["id"], task["name"], task["state"]) for task in played.payload["tasks"]] == [
        ("3", None, "succeeded"),
        ("1", "branch-1", "succeeded"),
    ]
    assert played.payload["done"]


def test_the_names_are_asked_for_once_and_the_id_from_then_on() -> None:
    elements = [[record(1, "installing")], [record(1, "complete", active_image_id="7", upgrade_image_id="7")]]
    controller = Named(NAMES, *elements[0])
    seen: list[str] = []

    def script(request: Request) -> Reply:
        if request.path.endswith("query"):
            seen.append(request.path.rpartition("api/")[2])
            if len(seen) == 4:
                controller.elements = tuple(elements[1])
        return controller(request)

    played = poll(script, element_id=["branch-1"], wait=True)
    assert played.payload["succeeded"]
    status = "software/current_status/query"
    assert seen == [status, "elements/query", status, status]
    assert controller.queries[-1]["query_params"]["element_id"]["in"] == ["1"]


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("branch-9", "not_found", "element_id takes ids (resolve_names shows ids and names) or a name"),
        ("branch-2", "bad_request", "2 elements have this name (2, 3); element_id needs the id of one"),
    ],
)
def test_a_name_of_none_or_of_several_is_refused_in_one_sentence(name: str, kind: str, said: str) -> None:
    played = poll(Named(NAMES, record(1), record(2)), element_id=["1", name])
    assert (played.error["type"], played.error["task_ids"]) == (kind, [name])
    assert said in str(played.result.msg)
    assert ids_of(played) == ["1"]


def test_an_id_that_is_not_there_costs_no_query_for_names() -> None:
    played = poll(Controller(record(1)), element_id=["77"])
    assert (played.error["type"], len(played.sent)) == ("not_found", 4)


def test_a_wait_for_the_download_ends_with_it() -> None:
    polls = [page(record(1), total_count=1), page(record(1, "download_complete"), total_count=1)]
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: polls}
    played = poll(by_path(replies, {}), element_id=["1"], wait=True, wait_for="downloaded")
    assert (played.payload["state"], played.payload["stats"]["polls"]) == ("succeeded", 2)


def test_an_upgrade_that_ends_with_another_version_ends_the_wait() -> None:
    ended = record(1, "complete", active_image_id="7", upgrade_image_id="7", active_version="6.4.1-b4")
    polls = [page(record(1, active_version="6.3.5-b9"), total_count=1), page(ended, total_count=1)]
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: polls}
    played = poll(by_path(replies, {}), element_id=["1"], wait=True, target_version="6.4.1-b3")
    assert played.error["type"] == "task_failed"
    assert "failed: the upgrade has ended, and the element runs 6.4.1-b4, not 6.4.1-b3" in str(played.result.msg)


def test_further_fields_of_the_request_are_passed_on() -> None:
    controller = Controller(record(1))
    poll(controller, sort_params={"element_id": "desc"}, query={"getDeleted": True, "retrieved_fields": ["id"]})
    assert controller.queries[0]["sort_params"] == {"element_id": "desc"}
    assert controller.queries[0]["getDeleted"] is True
    assert controller.queries[0]["retrieved_fields"] == ["id"]


def test_names_take_one_more_query_and_not_one_per_look() -> None:
    polls = [
        page(record(1), total_count=1),
        page(record(1, None, active_image_id="5", upgrade_image_id="5"), total_count=1),
    ]
    replies = {
        "POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"},
        QUERY: polls,
        "POST /sdwan/v3.2/api/elements/query": page(
            {"id": "1", "name": "branch-1"}, {"id": "2", "name": None}, total_count=2
        ),
    }
    played = poll(by_path(replies, {}), resolve_names=True, wait=True, element_id=["1"])
    assert played.task["name"] == "branch-1"
    assert played.payload["stats"]["polls"] == 2
    assert played.sent.count("POST /sdwan/v3.2/api/elements/query") == 1


def test_a_403_may_be_a_lost_session_so_the_profile_is_called_again() -> None:
    replies = {
        "POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"},
        QUERY: [Reply(403), Reply(200, page(record(1), total_count=1))],
    }
    played = poll(by_path(replies, {}), element_id=["1"])
    assert played.sent == [*LOGIN, QUERY, LOGOUT, *LOGIN, QUERY, LOGOUT]
    assert played.payload["error"] is None
    assert played.payload["stats"]["logins"] == 2


def test_a_role_that_may_not_read_ends_in_one_sentence_after_one_more_login() -> None:
    refused = Reply(403, {"_error": [{"code": "FORBIDDEN", "message": "Role too small"}]})
    replies = {"POST /auth/v1/oauth2/access_token": {"access_token": "bearer-token-1"}, QUERY: refused}
    played = poll(by_path(replies, {}), wait=True, element_id=["1"])
    assert (played.error["type"], played.error["http_status"]) == ("authorization", 403)
    assert "FORBIDDEN: Role too small" in str(played.result.msg)
    assert played.sent.count(LOGIN[0]) == 2
    assert played.sent[-1] == LOGOUT


def test_a_refused_client_is_final() -> None:
    body = {"error": "invalid_client", "error_description": "Client authentication failed"}
    played = poll(by_path({"POST /auth/v1/oauth2/access_token": Reply(401, body)}), wait=True, element_id=["1", "2"])
    assert played.sent == [LOGIN[0]]
    assert played.error["type"] == "authentication"
    assert "invalid_client; Client authentication failed" in str(played.result.msg)
    assert played.clock.naps == []


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": None}, [], "x", {"access_token": {}}])
def test_an_answer_without_a_token_is_a_bad_response(body: Any) -> None:
    played = poll(by_path({"POST /auth/v1/oauth2/access_token": Reply(200, body)}))
    assert played.error["type"] == "bad_response"
    assert len(played.sent) == 1
