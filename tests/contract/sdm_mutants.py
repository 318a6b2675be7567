# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Departures of the simulated Session Delivery Manager, which the schemas must refuse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

from taskwatch_simulator.messages import Reply
from taskwatch_simulator.systems.sdm_format import NESTING, Release

from . import test_sdm
from .clients.sdm_rules import JSON, XML
from .mutants import Check, Mutant, answering, body, header, text

DETAILS, LIST, LOGIN = "/routeUpdates/ID33$", "/routeUpdates$", "/admin/login$"


def walked(media: str, release: str = "9.0.1") -> Check:
    """Return the test of a release."""
    return partial(test_sdm.test_every_release_nests_as_documented, release=release, media=media)


def nested_as(release: Release, other: Release, media: str) -> Mutant:
    """Return a release that nests its lists as another one does."""
    return Mutant(
        f"the lists of {release} nested as in {other}, {media}",
        lambda: patch.dict(NESTING, {release: NESTING[other]}),
        walked(media, release),
        "deviceStatusList|updateDeviceStatus",
    )


def sent(name: str, path: str, change: Callable[[Reply], None], complaint: str, media: str = XML) -> Mutant:
    """Return an answer that is sent otherwise."""
    return Mutant(name, answering("sdm", path, change), walked(media), complaint)


def first_row(change: Callable[[dict[str, Any]], object]) -> Callable[[Reply], None]:
    """Change the first device of an answer in JSON."""

    def apply(answer: Any) -> None:
        change(answer["deviceStatusList"][0])

    return body(apply)


def count_as_number(answer: Any) -> None:
    answer["totalDeviceCount"] = int(answer["totalDeviceCount"])


def without_list(answer: Any) -> None:
    del answer["deviceStatusList"]


def with_body(reply: Reply) -> None:
    reply.status, reply.body = 200, b"<ok/>"


MUTANTS = (
    nested_as("8.2.2", "9.0.1", XML),
    nested_as("8.2.2", "9.0.1", JSON),
    nested_as("8.2.5", "9.0.1", XML),
    nested_as("8.2.5", "8.2.2", JSON),
    nested_as("9.0.0", "9.0.1", XML),
    nested_as("9.0.1", "9.0.0", XML),
    nested_as("9.0.1", "8.2.2", JSON),
    sent("an element too many", DETAILS, text("<errorHandling>", "<percent>42</percent><errorHandling>"), "percent"),
    sent("an element too few", DETAILS, text("<rollbackCount>[0-9]*</rollbackCount>", ""), "rollbackCount"),
    sent(
        "a field of the row beside it",
        DETAILS,
        text("(<deviceGroupId>.*?</deviceGroupId>)(.*?</deviceStatusList>)", r"\2\1"),
        "deviceGroupId",
    ),
    sent(
        "elements in another order",
        DETAILS,
        text("(<objectId>.*?</objectId>)(<preUpdateVersion>.*?</preUpdateVersion>)", r"\2\1"),
        "preUpdateVersion",
    ),
    sent("an attribute", DETAILS, text("<errorHandling>", '<errorHandling lang="en">'), "attribute 'lang'"),
    sent(
        "a namespace", DETAILS, text("<routeUpdateTaskDetails>", '<routeUpdateTaskDetails xmlns="urn:sdm">'), "urn:sdm"
    ),
    sent(
        "another root",
        DETAILS,
        text("<routeUpdateTaskDetails>(.*)</routeUpdateTaskDetails>", r"<details>\1</details>"),
        "root is details",
    ),
    sent("another declaration", DETAILS, text(' standalone="yes"', ""), "declaration"),
    sent(
        "an empty element for an empty list",
        "/routeUpdates/ID38$",
        text("<errorHandling>", "<deviceStatusList/><errorHandling>"),
        "deviceStatusList",
    ),
    sent("a date with a zone", LIST, text("</initiatedDate>", "Z</initiatedDate>"), "initiatedDate"),
    sent(
        "the details' word for the policy in the list",
        LIST,
        text("failureAction>(.*?)</failureAction", r"errorHandling>\1</errorHandling"),
        "errorHandling",
    ),
    sent("a word in capitals", DETAILS, text("<updateStatus>[A-Za-z]+<", "<updateStatus>IN_PROGRESS<"), "IN_PROGRESS"),
    sent("a number where a text is due", DETAILS, body(count_as_number), "totalDeviceCount.*not of type", JSON),
    sent(
        "a null for what is unset",
        DETAILS,
        first_row(lambda row: row.update(updateDate=None)),
        "None is not of type",
        JSON,
    ),
    sent(
        "a field too many", DETAILS, first_row(lambda row: row.update(percent="42")), "'percent' was unexpected", JSON
    ),
    sent(
        "a field too few",
        DETAILS,
        first_row(lambda row: row.pop("updateFailureMsg")),
        "'updateFailureMsg' is a required",
        JSON,
    ),
    sent(
        "a root in JSON",
        DETAILS,
        body(lambda answer: {"routeUpdateTaskDetails": answer}),
        "is a required property",
        JSON,
    ),
    sent(
        "no list for an empty one",
        "/routeUpdates/ID38$",
        body(without_list),
        "'deviceStatusList' is a required",
        JSON,
    ),
    sent("another media type than asked for", DETAILS, header("Content-Type", ".+", "text/xml"), "text/xml came"),
    sent(
        "the session's cookie under another name",
        LOGIN,
        header("Set-Cookie", "JSESSIONID", "SESSION"),
        "401|cookie is SESSION",
    ),
    sent("a cookie for TLS only", LOGIN, header("Set-Cookie", "$", "; Secure"), "the cookie is"),
    sent("a session id without the name of its server", LOGIN, text("[.]tomcat1<", "<"), "sessionId"),
    sent("a body after a logout", "/admin/logout$", with_body, "there is a body"),
    Mutant(
        "a refusal that does not say how to log in",
        answering("sdm", "/routeSets/", header("WWW-Authenticate", ".+", "")),
        partial(test_sdm.test_a_lost_session_is_found_again, media=XML, status=204),
        "401 without WWW-Authenticate",
    ),
    Mutant(
        "a status that no page lists",
        answering("sdm", "/ID999$", lambda reply: setattr(reply, "status", 410)),
        partial(test_sdm.test_every_refusal_is_one_that_its_page_lists, form="empty", media=XML),
        "410",
    ),
    Mutant(
        "a web page for an error where XML is the form",
        answering("sdm", "/ID999$", header("Content-Type", ".+", "text/html")),
        partial(test_sdm.test_every_refusal_is_one_that_its_page_lists, form="xml", media=XML),
        "text/html and not application/xml",
    ),
)
