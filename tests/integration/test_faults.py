# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module meets each fault once in a look, and once in a wait, which must outlive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.support.checks import Checks, classes_of
from tests.support.modules import MODULES, Module
from tests.support.rehearsal import Case, Outcome

QUICK = {"wait": True, "wait_sleep": 0.2, "timeout": 0.6, "unreachable_timeout": 20}

NOWHERE = {"hostname": "nowhere.invalid", "auth_url": "https://nowhere.invalid/token"}


@dataclass(frozen=True)
class Trouble:
    """A fault, what a look makes of it for good, and whether a wait outlives it."""

    name: str
    fault: Mapping[str, Any]
    error: str
    says: str = ""
    outlived: bool = True
    path: bool = True


TROUBLES = (
    Trouble("text 503", {"kind": "status", "status": 503, "body": "no healthy upstream"}, "server_error", "503"),
    Trouble("500", {"kind": "status", "status": 500}, "server_error", "500"),
    Trouble("502", {"kind": "status", "status": 502}, "server_error", "502"),
    Trouble("429", {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}}, "rate_limited", "429"),
    Trouble("408", {"kind": "status", "status": 408}, "unreachable", "408"),
    Trouble("409", {"kind": "status", "status": 409}, "conflict", "409", outlived=False),
    Trouble("403", {"kind": "status", "status": 403}, "authorization", "403", outlived=False),
    Trouble("404", {"kind": "status", "status": 404}, "not_found", "404", outlived=False),
    Trouble("reset", {"kind": "reset"}, "unreachable", "reset"),
    Trouble("hang", {"kind": "hang"}, "unreachable", "no answer within 0.6 s"),
    Trouble("cut body", {"kind": "cut_body"}, "unreachable", "broke off"),
    Trouble("garbage", {"kind": "garbage"}, "bad_response", "expected"),
    Trouble("web page", {"kind": "html"}, "bad_response", "Sign in"),
    Trouble("empty body", {"kind": "empty"}, "bad_response", "an empty answer"),
    # Neither JSON nor XML finds out about this one by itself
    Trouble("wrong encoding", {"kind": "wrong_encoding", "encoding": "cp037"}, "bad_response", "expected"),
    Trouble("redirect", {"kind": "redirect"}, "bad_response", "elsewhere.example.com", outlived=False),
    Trouble("TLS cut", {"kind": "tls_cut"}, "unreachable", "TLS", path=False),
    Trouble("closed port", {"kind": "refuse"}, "unreachable", "refused", path=False),
)


def cases(module: Module) -> list[Case]:
    """Return a look and, where it can be outlived, a wait for each fault, as a module by one of them in turn."""
    turn = MODULES.index(module)
    ask = module.ask(module.ids[0])
    several = [case for trouble in TROUBLES for case in _met(trouble, module, ask)]
    return [
        *(
            case if index % len(MODULES) == turn and len(case.roads) > 1 else replace(case, roads=("in_process",))
            for index, case in enumerate(several)
        ),
        *_closed_doors(module, ask),
    ]


def _met(trouble: Trouble, module: Module, ask: Mapping[str, Any]) -> list[Case]:
    # Only what reads the state; logins pass
    fault = {"system": module.system, **trouble.fault, **({"path": module.polls} if trouble.path else {})}
    expected = {"failed": True, "error.type": trouble.error, "tasks": []}
    says = (trouble.says,) if trouble.says else ()
    # A 403 may mean an expired session to this one, so it logs in again, once
    twice = trouble.error == "authorization" and module.system == "prisma_sdwan"
    logins = int(trouble.path) + int(twice)
    poll = Case(
        f"look: {trouble.name}",
        {**ask, "timeout": 0.6},
        faults=(fault,),
        expected=expected,
        says=says,
        logins=logins,
    )
    if not trouble.outlived:
        return [poll]
    closed = trouble.fault["kind"] == "refuse"
    once = {"seconds": 1.5} if closed else {"times": 2}
    ended = {"state": "succeeded", "done": True, "error": None}
    wait = Case(f"wait: {trouble.name}", {**ask, **QUICK}, "ended_well", ({**fault, **once},), expected=ended)
    # A module may need longer to start than the port is closed
    return [poll, replace(wait, roads=("in_process",)) if closed else wait]


def _closed_doors(module: Module, ask: Mapping[str, Any]) -> list[Case]:
    """Return what is refused for good: one attempt, no second one, not even while waiting."""
    wait = {**ask, **QUICK}
    secret = module.secrets[0]
    refused = {"failed": True, "error.type": "authentication", "error.http_status": 401, "stats.logins": 0}
    forbidden = {"failed": True, "error.type": "authorization", "error.http_status": 403}
    untrusted = {"failed": True, "error.type": "tls", "stats.requests": 1}
    nowhere = {"failed": True, "error.type": "unreachable", "stats.requests": 1}
    unheard = {
        "hostname": "nowhere.invalid",
        **({"auth_url": "https://nowhere.invalid/"} if "auth_url" in module.environment else {}),
    }
    gone = {"failed": True, "error.type": "unreachable", "timed_out": False}
    closed = {"system": module.system, "kind": "refuse"}
    return [
        Case("look: wrong password", {**ask, secret: "wrong"}, expected=refused, logins=None),
        Case("wait: wrong password", {**wait, secret: "wrong"}, expected=refused, logins=None),
        Case("look: forbidden", ask, "forbidden", expected=forbidden, says=("may not read",), logins=None),
        Case("wait: forbidden", wait, "forbidden", expected=forbidden, says=("may not read",), logins=None),
        Case("look: unknown CA", {**ask, "ca_path": None}, expected=untrusted, says=("ca_path",), logins=0),
        Case("wait: unknown CA", {**wait, "ca_path": None}, expected=untrusted, says=("ca_path",), logins=0),
        Case("wait: unknown name", {**wait, **unheard}, expected=nowhere, says=("does not resolve",), logins=0),
        Case(
            "wait: away for too long",
            {**wait, "unreachable_timeout": 1},
            faults=(closed,),
            expected=gone,
            says=("unreachable_timeout",),
            logins=0,
        ),
    ]


class Faults(Checks):
    """What holds for every case, and what is special about these."""

    def test_wait_tells_of_the_outage(self, outcome: Outcome, case: Case) -> None:
        """In its statistics and in a warning, so that nobody has to wonder why it took so long."""
        if case.name.startswith("wait: ") and not outcome.result["failed"]:
            assert outcome.result["stats"]["retries"] > 0
            assert any("no good answer" in warning for warning in outcome.result["warnings"])

    def test_refused_login_is_tried_once(self, outcome: Outcome, case: Case) -> None:
        """These systems lock an account after a few wrong passwords."""
        if "wrong password" in case.name:
            assert [each["status"] for each in outcome.requests] == [401]


globals().update(classes_of(Faults))
