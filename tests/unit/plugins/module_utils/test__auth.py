# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login schemes one by one: what opens a session, what a request carries then, what closes it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.basic import Basic
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.lxca import LxcaSession
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.prisma_sdwan import ClientCredentials, StaticToken
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.scheme import JSON, XML, LoginFailed, LoginScheme
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.sdm import SdmSession
from ansible_collections.taskwatch.infra.plugins.module_utils._auth.vcenter import VcenterSession
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import Retryability, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._secrets import MASK
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.contexts import client_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import by_path
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import (
    Reply,
    Script,
)

USER = ("netops", "s3cret-password")
AUTH_URL = "https://auth.example.com/oauth2/access_token"
TOKEN = "POST /oauth2/access_token"
PROFILE = "GET /sdwan/v2.1/api/profile"


def credentials() -> ClientCredentials:
    return ClientCredentials("client@example.com", "cl1ent-secret", "1234567890", AUTH_URL)


def oauth(**token: Any) -> Script:
    return by_path({TOKEN: {"access_token": "bearer-token-1", **token}, PROFILE: {"tenant_id": "1092"}}, Reply(200, {}))


# scheme, the answers to its login, and what must be hidden afterwards.
LXCA_REPLY = Reply(
    200,
    {"response": {"session": {"csrf": "csrf-token-1"}}},
    {"Set-Cookie": "JSESSIONID=cookie-value-1; Path=/; Secure"},
)
SDM_REPLY = Reply(200, "<session/>", {"Set-Cookie": "JSESSIONID=AA11.tomcat1; Path=/rest; HttpOnly"})
BASIC = "bmV0b3BzOnMzY3JldC1wYXNzd29yZA=="
SCHEMES: dict[str, tuple[LoginScheme, Script, list[str]]] = {
    "lxca": (LxcaSession(*USER), by_path({}, LXCA_REPLY), [USER[1], BASIC, "csrf-token-1", "cookie-value-1"]),
    "sdm": (SdmSession(*USER, "v1.3", XML), by_path({}, SDM_REPLY), [USER[1], BASIC, "AA11.tomcat1"]),
    "vcenter": (
        VcenterSession(*USER, "api"),
        by_path({}, Reply(201, '"session-token-1"')),
        [USER[1], "session-token-1"],
    ),
    "rest": (
        VcenterSession(*USER, "rest"),
        by_path({}, Reply(200, {"value": "session-token-1"})),
        [USER[1], BASIC, "session-token-1"],
    ),
    "oauth": (
        credentials(),
        oauth(),
        ["cl1ent-secret", "bearer-token-1", "Y2xpZW50QGV4YW1wbGUuY29tOmNsMWVudC1zZWNyZXQ="],
    ),
    "basic": (Basic(*USER), by_path({}), [USER[1], BASIC]),
    "static": (StaticToken("0123-static-token", "1092"), by_path({}), ["0123-static-token"]),
}
BY_SCHEME = pytest.mark.parametrize(("scheme", "script", "hidden"), SCHEMES.values(), ids=SCHEMES.keys())


@BY_SCHEME
def test_what_a_login_knows_is_hidden_and_never_in_a_url(
    scheme: LoginScheme, script: Script, hidden: list[str]
) -> None:
    client, adapter, _clock = client_of(script)
    scheme.login(client)
    scheme.logout(client)
    for secret in hidden:
        assert client.context.secrets.scrub(f"it said {secret}.") == f"it said {MASK}."
        assert not any(secret in request.url for request in adapter.requests)


@BY_SCHEME
def test_only_sessions_are_logged_out_of(scheme: LoginScheme, script: Script, hidden: list[str]) -> None:
    assert hidden
    client, adapter, _clock = client_of(script)
    scheme.login(client)
    assert scheme.holds_session is scheme.opens_session
    before = len(adapter.requests)
    scheme.logout(client)
    assert len(adapter.requests) - before == int(scheme.opens_session)


@pytest.mark.parametrize("name", ["lxca", "sdm", "vcenter", "rest", "oauth"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_whatever_a_login_is_answered_comes_with_its_answer(name: str, status: int) -> None:
    scheme = {
        "lxca": LxcaSession(*USER),
        "sdm": SdmSession(*USER, "v1.3", JSON),
        "vcenter": VcenterSession(*USER, "api"),
        "rest": VcenterSession(*USER, "rest"),
        "oauth": credentials(),
    }[name]
    client, adapter, _clock = client_of(by_path({}, Reply(status, b"no", {"Set-Cookie": "JSESSIONID=stray; Path=/"})))
    with pytest.raises(LoginFailed) as caught:
        scheme.login(client)
    assert caught.value.response.status == status
    assert len(adapter.requests) == 1
    assert scheme.holds_session is False, "a cookie beside a refusal is no session"


@pytest.mark.parametrize("name", ["lxca", "sdm", "vcenter", "oauth"])
def test_a_logout_that_is_not_confirmed_is_an_error(name: str) -> None:
    scheme, script, _hidden = SCHEMES[name]
    client, _adapter, _clock = client_of(script)
    scheme.login(client)
    refusing, _other, _same = client_of(by_path({}, Reply(500)))
    with pytest.raises(TaskwatchError):
        scheme.logout(refusing)


# -- LXCA -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "cookies", "csrf"),
    [
        ({"response": {"session": {"csrf": "from-body"}}}, "JSESSIONID=c1; Path=/", "from-body"),
        ({"response": {"session": {"csrf": "from-body"}}}, "csrf=from-cookie\nJSESSIONID=c1; Path=/", "from-body"),
        ({"response": {}}, "csrf=from-cookie; Path=/\nJSESSIONID=c1; Path=/", "from-cookie"),
        ({"response": {"session": {"csrf": ""}}}, "JSESSIONID=c1; Path=/", None),
        ({"result": "success"}, "JSESSIONID=c1; Path=/", None),
    ],
)
def test_the_csrf_token_is_in_the_body_or_in_a_cookie(body: Any, cookies: str, csrf: str | None) -> None:
    client, _adapter, _clock = client_of(by_path({}, Reply(200, body, {"Set-Cookie": cookies})))
    # A cookie of an earlier session counts no more than that session does.
    client.session.cookies.set("csrf", "stale", domain="system.example.com", path="/")
    scheme = LxcaSession(*USER)
    scheme.login(client)
    assert scheme.auth_for_request().headers.get("X-Csrf-Token") == csrf
    assert csrf is None or client.context.secrets.scrub(csrf) == MASK


def test_a_second_login_sends_nothing_of_the_first() -> None:
    client, adapter, _clock = client_of(by_path({}, LXCA_REPLY))
    scheme = LxcaSession(*USER)
    scheme.login(client)
    scheme.login(client)
    assert "Cookie" not in adapter.requests[1].headers
    assert "X-Csrf-Token" not in adapter.requests[1].headers


def test_a_session_whose_body_was_lost_is_still_one_to_close() -> None:
    client, _adapter, _clock = client_of(by_path({}, Reply(200, b"{", {"Set-Cookie": "JSESSIONID=c1; Path=/"})))
    scheme = LxcaSession(*USER)
    with pytest.raises(TaskwatchError):
        scheme.login(client)
    assert scheme.holds_session


# -- Prisma SASE ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_in", "renew_after"),
    [(899, 839), (121, 61), (120, 60), (60, 30), (10, 5), ("899", 839), (None, None), ("soon", None), ({}, None)],
)
def test_a_token_is_renewed_a_minute_before_it_ends(expires_in: Any, renew_after: float | None) -> None:
    """Half of a life shorter than two minutes: renewing before every request would never end."""
    client, _adapter, clock = client_of(oauth(expires_in=expires_in))
    scheme = credentials()
    scheme.login(client)
    if renew_after is None:
        clock.jump(10**6)
        assert not scheme.renewal_due(clock())
        return
    clock.jump(renew_after - 0.1)
    assert not scheme.renewal_due(clock())
    clock.jump(0.2)
    assert scheme.renewal_due(clock())


@pytest.mark.parametrize("expires_in", [0, -5])
def test_a_token_without_any_life_is_no_endless_loop(expires_in: int) -> None:
    client, adapter, _clock = client_of(oauth(expires_in=expires_in))
    credentials().login(client)
    assert adapter.sent == [TOKEN, PROFILE]


def test_a_token_whose_profile_call_was_lost_is_not_asked_for_again() -> None:
    """Asking for another one would leave the first one open."""
    profiles = [Reply(503), Reply(200, {"tenant_id": "1092"})]
    client, adapter, _clock = client_of(by_path({TOKEN: {"access_token": "bearer-token-1"}, PROFILE: profiles}))
    scheme = credentials()
    with pytest.raises(LoginFailed):
        scheme.login(client)
    assert scheme.holds_session
    scheme.login(client)
    assert adapter.sent == [TOKEN, PROFILE, PROFILE]


def test_a_token_that_the_profile_call_does_not_accept_is_replaced() -> None:
    profiles = [Reply(401), Reply(200, {"tenant_id": "1092"})]
    tokens = [Reply(200, {"access_token": "bearer-token-1"}), Reply(200, {"access_token": "bearer-token-2"})]
    client, adapter, _clock = client_of(by_path({TOKEN: tokens, PROFILE: profiles}, Reply(401)))
    scheme = credentials()
    with pytest.raises(LoginFailed):
        scheme.login(client)
    scheme.login(client)
    assert adapter.sent.count(TOKEN) == 2
    assert scheme.auth_for_request().headers["Authorization"] == "Bearer bearer-token-2"


@pytest.mark.parametrize("body", ["<html>portal</html>", "[]", '"x"', ""])
def test_a_portals_page_is_no_profile(body: str) -> None:
    """Without a profile call the queries that follow would be answered 403."""
    client, _adapter, _clock = client_of(
        by_path({TOKEN: {"access_token": "bearer-token-1"}, PROFILE: Reply(200, body)})
    )
    with pytest.raises(TaskwatchError) as caught:
        credentials().login(client)
    assert caught.value.retryability is Retryability.ALWAYS


# -- what the others carry --------------------------------------------------------------------------------------------


def test_a_static_token_and_basic_authentication_need_no_login_request() -> None:
    client, adapter, _clock = client_of(by_path({}))
    for scheme in (StaticToken("0123-static-token", "1092"), Basic(*USER)):
        scheme.login(client)
    assert adapter.requests == []
    assert StaticToken("0123-static-token", "1092").auth_for_request().headers == {"x-auth-token": "0123-static-token"}
    assert Basic(*USER).auth_for_request().login == USER


def test_awkward_names_and_passwords_arrive_as_they_are() -> None:
    client, adapter, _clock = client_of(by_path({}, SDM_REPLY))
    SdmSession('n"e<t>', "p&a]]>ss", "v1.3", XML).login(client)
    assert adapter.requests[0].body.endswith(
        '<session><userName>n"e&lt;t&gt;</userName><password>p&amp;a]]&gt;ss</password></session>'
    )
    SdmSession('n"e', "p\\a", "v1.3", JSON).login(client)
    assert adapter.requests[1].body == '{"userName": "n\\"e", "password": "p\\\\a"}'
