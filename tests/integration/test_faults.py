# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults in playbooks: a check fails as promised, and a wait survives.

The fault matrix proves every fault of every module (tests/faults); this is what a playbook shows of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.support.checks import Checks, classes_of, only
from tests.support.modules import Module
from tests.support.rehearsal import BOTH, IN_PROCESS, MODULE, Case, Outcome, in_turn_of

QUICK = {"wait": True, "wait_sleep": 0.2, "unreachable_timeout": 60}
# Seconds that a request waits for what never comes; nothing else may take that long on a busy machine
HANG = 3


@dataclass(frozen=True)
class FaultCase:
    """A fault, what a check makes of it for good, and whether a wait survives it."""

    name: str
    fault: Mapping[str, Any]
    error: str
    says: str = ""
    survived: bool = True
    path: bool = True


FAULTS = (
    FaultCase("text 503", {"kind": "status", "status": 503, "body": "no healthy upstream"}, "server_error", "503"),
    FaultCase("500", {"kind": "status", "status": 500}, "server_error", "500"),
    FaultCase("502", {"kind": "status", "status": 502}, "server_error", "502"),
    FaultCase("429", {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}}, "rate_limited", "429"),
    FaultCase("408", {"kind": "status", "status": 408}, "unreachable", "408"),
    FaultCase("409", {"kind": "status", "status": 409}, "conflict", "409", survived=False),
    FaultCase("403", {"kind": "status", "status": 403}, "authorization", "403", survived=False),
    FaultCase("404", {"kind": "status", "status": 404}, "not_found", "404", survived=False),
    FaultCase("reset", {"kind": "reset"}, "unreachable", "reset"),
    FaultCase("hang", {"kind": "hang"}, "unreachable", f"no answer within {HANG} s"),
    FaultCase("cut body", {"kind": "cut_body"}, "unreachable", "broke off"),
    FaultCase("garbage", {"kind": "garbage"}, "bad_response", "expected"),
    FaultCase("web page", {"kind": "html"}, "bad_response", "Sign in"),
    FaultCase("empty body", {"kind": "empty"}, "bad_response", "an empty answer"),
    # Neither JSON nor XML finds out about this one by itself
    FaultCase("wrong encoding", {"kind": "wrong_encoding", "encoding": "cp037"}, "bad_response", "expected"),
    FaultCase("redirect", {"kind": "redirect"}, "bad_response", "elsewhere.example.com", survived=False),
    FaultCase("TLS cut", {"kind": "tls_cut"}, "unreachable", "TLS", path=False),
    FaultCase("closed port", {"kind": "refuse"}, "unreachable", "refused", path=False),
)


def cases(module: Module) -> list[Case]:
    """Return a check and, where it can be survived, a wait for each fault, and what is refused for good."""
    ask = module.ask(module.ids[0])
    met = [case for fault in FAULTS for case in _met(fault, module, ask)]
    several = in_turn_of(module, [*met, *_refused_for_good(module, ask)])
    # One outage of each module in both execution modes, and one refusal; test_execution_modes.py shows that of modules
    shown: dict[str, dict[str, Any]] = {
        "wait: text 503": {"modes": BOTH, "more_modes": ()},
        "wait: wrong password": {"modes": (IN_PROCESS,), "more_modes": (MODULE,)},
    }
    return [replace(case, **shown.get(case.name, {})) for case in several]


def _met(fault_case: FaultCase, module: Module, ask: Mapping[str, Any]) -> list[Case]:
    # Only what reads the state; logins pass
    fault = {"system": module.system, **fault_case.fault, **({"path": module.polls} if fault_case.path else {})}
    limits = {"timeout": HANG} if fault_case.fault["kind"] == "hang" else {}
    expected = {"failed": True, "error.type": fault_case.error, "tasks": []}
    says = (fault_case.says,) if fault_case.says else ()
    # A 403 may mean an expired session to this one, so it logs in again, once
    twice = fault_case.error == "authorization" and module.system == "prisma_sdwan"
    logins = int(fault_case.path) + int(twice)
    poll = Case(
        f"check: {fault_case.name}",
        {**ask, **limits},
        faults=(fault,),
        expected=expected,
        says=says,
        logins=logins,
    )
    if not fault_case.survived:
        return [poll]
    once = {"seconds": 1.5} if fault_case.fault["kind"] == "refuse" else {"times": 2}
    ended = {"state": "succeeded", "done": True, "error": None}
    wait = Case(
        f"wait: {fault_case.name}", {**ask, **QUICK, **limits}, "ended_well", ({**fault, **once},), expected=ended
    )
    return [poll, wait]


def _refused_for_good(module: Module, ask: Mapping[str, Any]) -> list[Case]:
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
        Case("check: wrong password", {**ask, secret: "wrong"}, expected=refused, logins=None),
        Case("wait: wrong password", {**wait, secret: "wrong"}, expected=refused, logins=None),
        Case("check: forbidden", ask, "forbidden", expected=forbidden, says=("may not read",), logins=None),
        Case("wait: forbidden", wait, "forbidden", expected=forbidden, says=("may not read",), logins=None),
        Case("check: unknown CA", {**ask, "ca_path": None}, expected=untrusted, says=("ca_path",), logins=0),
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


def survives(case: Case) -> bool:
    """Tell whether a case is a wait that ends well."""
    return case.name.startswith("wait: ") and not case.expected.get("failed")


class Faults(Checks):
    """What holds for every case, and what is special about these."""

    @only(lambda _module, _mode, case: survives(case))
    def test_wait_tells_of_the_outage(self, outcome: Outcome) -> None:
        """In its statistics and in a warning, which explain why it took so long."""
        assert outcome.result["stats"]["retries"] > 0
        assert any("no good answer" in warning for warning in outcome.result["warnings"])

    @only(lambda _module, _mode, case: "wrong password" in case.name)
    def test_refused_login_is_tried_once(self, outcome: Outcome) -> None:
        """These systems lock an account after a few wrong passwords."""
        assert [each["status"] for each in outcome.requests] == [401]


globals().update(classes_of(Faults))
