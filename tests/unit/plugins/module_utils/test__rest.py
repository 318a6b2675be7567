# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client without a network: statuses, Retry-After, paths, redirects, what a request carries."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._rest import client as rest_client
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.client import RestClient, path_of
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.endpoint import Endpoint
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.response import Response, error_from_response
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers import contexts
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import (
    Reply,
    Request,
    Script,
    ScriptedAdapter,
    response,
)
from hypothesis import example, given
from hypothesis import strategies as st

OUTAGE, IF_SEEN, NEVER = Retryability.ALWAYS, Retryability.IF_SEEN, Retryability.NEVER

# status: kind, retryability, whether a second try within moments is worth it.
STATUSES: dict[int, tuple[str, Retryability, bool]] = {
    400: ("bad_request", NEVER, False),
    401: ("authentication", IF_SEEN, False),
    403: ("authorization", IF_SEEN, False),
    404: ("not_found", IF_SEEN, False),
    405: ("bad_request", NEVER, False),
    406: ("bad_request", NEVER, False),
    408: ("unreachable", OUTAGE, False),
    409: ("conflict", NEVER, False),
    413: ("bad_request", NEVER, False),
    418: ("bad_request", NEVER, False),
    429: ("rate_limited", OUTAGE, False),
    500: ("server_error", OUTAGE, False),
    501: ("server_error", OUTAGE, False),
    502: ("server_error", OUTAGE, True),
    503: ("server_error", OUTAGE, True),
    504: ("server_error", OUTAGE, True),
    507: ("server_error", OUTAGE, False),
    599: ("server_error", OUTAGE, False),
}


def client_of(script: Script, **endpoint: Any) -> tuple[RestClient, ScriptedAdapter]:
    where = Endpoint(**{"hostname": "system.example.com", "port": 443, **endpoint})
    client, adapter, _clock = contexts.client_of(script, where=where)
    return client, adapter


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_each_status_has_its_kind_and_retryability(status: int, expected: tuple[str, Retryability, bool]) -> None:
    error = error_from_response(response(status), "the vendor's own words")
    assert (error.kind.value, error.retryability, error.retry_once) == expected
    assert error.http_status == status
    assert f"HTTP {status}" in error.message
    assert error.message.endswith(": the vendor's own words)")


def test_a_status_without_a_name_or_words_is_still_told() -> None:
    assert error_from_response(response(599), None).message == "it reports an error of its own (HTTP 599)"


@pytest.mark.parametrize("status", [401, 429, 503])
def test_an_error_keeps_the_pause_that_the_system_asks_for(status: int) -> None:
    asked = Response(status, {"Retry-After": "7"}, b"", "GET /somewhere")
    assert error_from_response(asked, None).retry_after == 7
    assert error_from_response(response(status), None).retry_after is None


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_a_success(status: int) -> None:
    assert response(status).ok
    assert not response(status - 101).ok
    assert not response(status + 100).ok


def with_headers(**headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(503, requests.structures.CaseInsensitiveDict(fields), b"", "GET /")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("9" * 50, 999999999),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert with_headers(Retry_After=value).retry_after == seconds


def test_retry_after_as_a_date() -> None:
    later = datetime.now(timezone.utc) + timedelta(seconds=90)
    seconds = with_headers(retry_after=format_datetime(later, usegmt=True)).retry_after
    assert seconds is not None
    assert 85 <= seconds <= 91
    assert with_headers(Retry_After="Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 0, "a date in the past"
    assert with_headers(Retry_After="Wed, 21 Oct 2015 07:28:00 -0000").retry_after == 0, "a date without a zone"


@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ (GMT|[+-]\d+)"))
)
@example("Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
@example("Mon, 01 Jan 2024 99999999999999999999:00:00 GMT")
@example("Mon, 01 Jan 2024 00:00:00 +999999999999999999")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
def test_no_retry_after_is_more_than_an_odd_number(value: str) -> None:
    seconds = with_headers(Retry_After=value).retry_after
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("value", "content_type", "charset"),
    [
        ("application/json", "application/json", None),
        ("Application/JSON;charset=UTF-8", "application/json", "UTF-8"),
        ('text/html; boundary=x; Charset="iso-8859-1"', "text/html", "iso-8859-1"),
        ("application/com.lenovo.lxca-v2.0.0+json; charset=UTF-8", "application/com.lenovo.lxca-v2.0.0+json", "UTF-8"),
        ("text/plain; charset=", "text/plain", None),
        ("", "", None),
    ],
)
def test_content_type_and_charset(value: str, content_type: str, charset: str | None) -> None:
    told = with_headers(content_type=value)
    assert (told.content_type, told.charset) == (content_type, charset)


# -- paths ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), min_size=1, max_size=4))
def test_every_segment_stays_one_segment(segments: list[str]) -> None:
    if {".", ".."} & set(segments):
        with pytest.raises(TaskwatchError):
            path_of(*segments)
        return
    client, adapter = client_of(lambda _request: Reply())
    client.send("GET", path_of(*segments))
    (request,) = adapter.requests
    parts = urlsplit(request.url)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "system.example.com:443", "", "")
    assert [unquote(segment) for segment in parts.path.split("/")[1:]] == segments


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_no_segment_leads_to_another_path(segment: str) -> None:
    with pytest.raises(TaskwatchError):
        path_of("rest", segment, "login")


def test_a_query_is_quoted_and_in_order() -> None:
    client, adapter = client_of(lambda _request: Reply())
    client.send("GET", "/status", query={"tasktype": "A&B", "taskid": "1 2#3"})
    assert adapter.sent == ["GET /status?tasktype=A%26B&taskid=1+2%233"]


# -- redirects --------------------------------------------------------------------------------------------------------


def redirecting(status: int, location: str) -> Script:
    """Redirects from everywhere but from /here."""

    def script(request: Request) -> Reply:
        return Reply(200, b"arrived") if request.path == "/here" else Reply(status, b"", {"Location": location})

    return script


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["/here", "https://system.example.com/here", "https://SYSTEM.example.com:443/here", "//system.example.com/here"],
)
def test_a_redirect_on_the_same_host_is_followed(status: int, location: str) -> None:
    client, adapter = client_of(redirecting(status, location))
    assert client.send("GET", "/there", headers={"x-auth-token": "t0ken"}).body == b"arrived"
    assert adapter.sent == ["GET /there", "GET /here"]
    assert adapter.requests[1].headers["x-auth-token"] == "t0ken"


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("https://evil.example.net/here", "https://evil.example.net:443"),
        ("//evil.example.net/here", "https://evil.example.net:443"),
        ("http://system.example.com/here", "http://system.example.com:80"),
        ("http://system.example.com:443/here", "http://system.example.com:443"),
        ("https://system.example.com:8443/here", "https://system.example.com:8443"),
        ("https://system.example.com.evil.example.net/here", "https://system.example.com.evil.example.net:443"),
        ("https://system.example.com@evil.example.net/here", "https://evil.example.net:443"),
        ("ftp://system.example.com/here", "ftp://system.example.com"),
        ("file:///etc/passwd", "file://"),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(status: int, location: str, where: str) -> None:
    client, adapter = client_of(redirecting(status, location))
    with pytest.raises(TaskwatchError) as caught:
        client.send("GET", "/there", login=("netops", "s3cret"))
    assert adapter.sent == ["GET /there"]
    assert (caught.value.kind, caught.value.retryability) == (ErrorType.BAD_RESPONSE, IF_SEEN)
    assert where in caught.value.message
    assert "None" not in caught.value.message
    assert "  " not in caught.value.message


@pytest.mark.parametrize(("status", "followed"), [(301, False), (302, False), (303, False), (307, True), (308, True)])
def test_a_post_is_repeated_only_where_its_method_is_kept(status: int, followed: bool) -> None:
    client, adapter = client_of(redirecting(status, "/here"))
    if followed:
        assert client.send("POST", "/there", json={"a": 1}).body == b"arrived"
        assert [(request.method, request.body) for request in adapter.requests] == [("POST", '{"a": 1}')] * 2
    else:
        with pytest.raises(TaskwatchError):
            client.send("POST", "/there", json={"a": 1})
        assert len(adapter.requests) == 1


def test_redirects_in_a_circle_end() -> None:
    client, adapter = client_of(redirecting(302, "/there"))
    with pytest.raises(TaskwatchError) as caught:
        client.send("GET", "/there")
    assert len(adapter.requests) == 1 + rest_client.MAX_REDIRECTS
    assert caught.value.retryability is OUTAGE


@pytest.mark.parametrize(
    "location", ["http://[bad", "https://system.example.com:99999/", "https://system.example.com:x/"]
)
def test_a_garbled_redirect_is_a_bad_response(location: str) -> None:
    client, _adapter = client_of(redirecting(302, location))
    with pytest.raises(TaskwatchError) as caught:
        client.send("GET", "/there")
    assert (caught.value.kind, caught.value.retryability) == (ErrorType.BAD_RESPONSE, OUTAGE)


@pytest.mark.parametrize("status", [300, 304, 305])
def test_other_3xx_are_answers(status: int) -> None:
    client, _adapter = client_of(redirecting(status, "https://evil.example.net/"))
    assert client.send("GET", "/there").status == status


# -- what a request carries -------------------------------------------------------------------------------------------


def test_a_login_is_sent_in_utf_8_and_only_where_given() -> None:
    client, adapter = client_of(lambda _request: Reply())
    client.send("GET", "/", login=("nétops", "pässword"))
    client.send("GET", "/")
    first, second = adapter.requests
    assert first.headers["Authorization"] == "Basic bsOpdG9wczpww6Rzc3dvcmQ="
    assert "Authorization" not in second.headers


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", " leading"])
def test_no_header_is_injected_and_none_is_quoted(value: str) -> None:
    client, adapter = client_of(lambda _request: Reply())
    with pytest.raises(TaskwatchError) as caught:
        client.send("GET", "/", headers={"x-auth-token": value})
    assert adapter.requests == []
    assert caught.value.kind is ErrorType.BAD_REQUEST
    assert value.strip()[:3] not in caught.value.message


def test_every_request_counts_redirects_and_failures_too() -> None:
    client, _adapter = client_of(redirecting(302, "/here"))
    client.send("GET", "/there")
    assert client.context.stats.requests == 2
    failing, _other = client_of(lambda _request: requests.ConnectionError("gone"))
    with pytest.raises(TaskwatchError):
        failing.send("GET", "/")
    assert failing.context.stats.requests == 1


@pytest.mark.parametrize(
    ("until", "timeout"), [(None, 30.0), (1000.0 + 60, 30.0), (1000.0 + 20, 20.0), (1000.0, 5.0), (0.0, 5.0)]
)
def test_a_request_lasts_no_longer_than_its_answer_is_of_use(until: float | None, timeout: float) -> None:
    seen: list[Any] = []

    class Adapter(ScriptedAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
            seen.append(more["timeout"])
            return super().send(request, *args, **more)

    where = Endpoint("system.example.com", 443)
    client = RestClient(where, contexts.context_of(FakeClock(1000.0), Adapter(lambda _request: Reply())))
    client.send("GET", "/", deadline=until)
    assert seen == [timeout]


def test_a_timeout_of_the_user_below_the_least_one_counts() -> None:
    where = Endpoint("system.example.com", 443, timeout=0.5)
    client, _adapter, _clock = contexts.client_of(lambda _request: Reply(), where=where)
    assert client._timeout(0.0) == 0.5
