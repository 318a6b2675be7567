# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Departures of the simulated Prisma SD-WAN, which Palo Alto Networks' SDKs must notice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.systems import prisma_order, prisma_query
from taskwatch_simulator.systems.prisma_auth import Auth

from . import test_prisma, test_prisma_calls
from .clients.prisma import CloudgenixPassword, CloudgenixToken, PrismaSase, on_clock
from .mutants import Check, Mutant, answering, body, header, instead, wrapped
from .rig import Rig

STATUS = "/current_status/query$"


def clocked(test: Callable[..., None], **options: Any) -> Check:
    """Return one of the tests, with the SDK on the rig's clock."""

    def check(rig: Rig) -> None:
        with on_clock(rig.clock.now):
            test(rig, **options)

    return check


def admit_all(original: Callable[..., Reply | None]) -> Callable[..., Reply | None]:
    def admit(auth: Auth, request: Request, tenant_id: str | None, *, legacy: bool, free: bool) -> Reply | None:
        del free
        return original(auth, request, tenant_id, legacy=legacy, free=True)

    return admit


def from_zero_on(original: Callable[..., int]) -> Callable[..., int]:
    """Count pages from 0 on."""

    def whole(query: Any, name: str, default: int, least: int) -> int:
        number = original(query, name, default, least)
        return number + 1 if name == "dest_page" else number

    return whole


def without_tenant(profile: Any) -> None:
    del profile["tenant_id"]


def oauth_style(answer: Any) -> Any:
    return {"error": answer["_error"][0]["code"]} if "_error" in answer else answer


def a_page_as_the_whole(answer: Any) -> None:
    if "items" in answer:
        answer["total_count"] = len(answer["items"])


def one_too_many(answer: Any) -> None:
    if "items" in answer:
        answer["count"] += 1


def status_503(reply: Reply) -> None:
    if reply.status == 401:
        reply.status = 503


walked = partial(clocked, test_prisma.test_both_see_the_same_at_every_step)
pages = partial(clocked, test_prisma_calls.test_pages_hold_every_element_once)
login = partial(clocked, test_prisma_calls.test_a_login_is_these_requests)
ordered = partial(clocked, test_prisma_calls.test_an_upgrade_is_ordered_by_the_sdk_and_watched_by_us)
found_again = partial(clocked, test_prisma.test_a_lost_session_is_found_again)
refused = partial(clocked, test_prisma_calls.test_the_sdks_read_the_reason_of_a_refusal)
MUTANTS = (
    Mutant(
        "a missing profile call accepted",
        wrapped(Auth, "admit", admit_all),
        clocked(test_prisma_calls.test_a_new_token_needs_its_profile_call),
        "DID NOT RAISE",
    ),
    Mutant(
        "a profile without a tenant",
        answering("prisma_sdwan", "/profile$", body(without_tenant)),
        login(client=PrismaSase),
        "login was refused|profile",
    ),
    Mutant(
        "pages counted from 0 on",
        wrapped(prisma_query, "_whole", from_zero_on),
        pages(client=PrismaSase),
        "16540011223340090",
    ),
    Mutant(
        "a page that counts one record too many",
        answering("prisma_sdwan", STATUS, body(one_too_many)),
        walked(client=CloudgenixToken),
        "page 1 holds 4 records and counts 5",
    ),
    Mutant(
        "a page that takes itself for the whole",
        answering("prisma_sdwan", STATUS, body(a_page_as_the_whole)),
        walked(client=CloudgenixToken),
        "had no answer",
    ),
    Mutant(
        "an error as OAuth has them",
        answering("prisma_sdwan", STATUS, body(oauth_style)),
        refused(client=PrismaSase, query={"nonsense": 1}, code="INVALID_JSON_EXTRA_ATTRIBUTE"),
        "INVALID_JSON_EXTRA_ATTRIBUTE",
    ),
    Mutant(
        "the cookie of a login under another name",
        answering("prisma_sdwan", "/login$", header("Set-Cookie", "AUTH_TOKEN", "TOKEN")),
        login(client=CloudgenixPassword),
        "refused|retrieval",
    ),
    Mutant(
        "a login without a cookie",
        answering("prisma_sdwan", "/login$", header("Set-Cookie", ".+", "")),
        login(client=CloudgenixPassword),
        "refused|retrieval",
    ),
    Mutant(
        "an expired token answered as an outage",
        answering("prisma_sdwan", STATUS, status_503),
        found_again(client=CloudgenixPassword, status=401),
        "AUTH_TOKEN_INVALID.*had no answer",
    ),
    Mutant(
        "any static token accepted",
        instead(Auth, "_static_token", staticmethod(lambda _request: "0123456789abcdef-region=us")),
        clocked(test_prisma_calls.test_wrong_credentials_open_nothing, client=CloudgenixToken, name="auth_token"),
        "DID NOT RAISE",
    ),
    Mutant(
        "an old state put back without a murmur",
        instead(prisma_order, "_check_common", lambda *_unused: None),
        ordered(client=PrismaSase),
        "INVALID_JSON_COMMON_ATTR_MISMATCH",
    ),
)
