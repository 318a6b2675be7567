# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Departures of the simulated LXCA, which Lenovo's pylxca must notice."""

from __future__ import annotations

from functools import partial

from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.sessions import SessionTable
from taskwatch_simulator.systems import lxca
from taskwatch_simulator.systems.lxca_auth import Auth

from . import test_lxca
from .clients.lxca import PylxcaTask
from .mutants import Mutant, answering, body, header, instead

BY_CLIENT = {kind.client: kind for kind in test_lxca.KINDS}
walked = partial(test_lxca.test_both_see_the_same_at_every_step, kind=BY_CLIENT[PylxcaTask])


def not_found(reply: Reply) -> None:
    reply.status, reply.body = 404, b""


def from_cookie(auth: Auth, request: Request) -> Reply | None:
    """Let the cookie alone pass."""
    known = auth.sessions.find(request.cookies.get("JSESSIONID")) is not None
    return None if known else auth.writer.error(401, "SE0401", "The session is not valid or has expired.", "Log in.")


MUTANTS = (
    Mutant(
        "the session's cookie under another name",
        answering("lxca", "^/sessions$", header("Set-Cookie", "JSESSIONID", "SESSION"), "POST"),
        walked,
        "401 Client Error",
    ),
    Mutant(
        "no cookie with the CSRF token",
        answering("lxca", "^/sessions$", header("Set-Cookie", "^csrf=.+", ""), "POST"),
        walked,
        "403 Client Error",
    ),
    Mutant(
        "the CSRF token not demanded",
        instead(Auth, "admit", from_cookie),
        test_lxca.test_the_cookie_alone_is_not_enough,
        "DID NOT RAISE",
    ),
    Mutant(
        "no answer to who you are",
        answering("lxca", "^/aicc$", not_found),
        walked,
        "returned nothing",
    ),
    Mutant(
        "a wrong password accepted",
        answering("lxca", "^/sessions$", lambda reply: setattr(reply, "status", 200), "POST"),
        test_lxca.test_a_wrong_password_opens_nothing,
        "DID NOT RAISE",
    ),
    Mutant(
        "tasks as an object instead of a list",
        answering("lxca", "^/tasks/", body(lambda tasks: {"TaskList": tasks})),
        walked,
        "it broke: (TypeError|KeyError)",
    ),
    Mutant(
        "a session that outlives its logout",
        instead(SessionTable, "close", lambda *_unused: True),
        walked,
        r"assert not \[\{'id'",
    ),
    Mutant(
        "an export that any body starts",
        instead(lxca, "check_export", lambda _request: None),
        test_lxca.test_work_begun_with_pylxca_is_watched_by_us,
        "DID NOT RAISE",
    ),
)
