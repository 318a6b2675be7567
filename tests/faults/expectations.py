# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must come of a case, written from the promises made to users and not from the sources.

The promises: while waiting, a system that is away is an outage from the first poll on, and only
`unreachable_timeout` ends it. What it says of the session, the account or the task (401, 403, 404, a redirect) counts
at once before the task was seen and as an outage after. A refused login is final and never repeated. A lost session
is replaced once per outage. A check gets one second try, after a reset connection and 502, 503, 504 only.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.cases import Case, Duration, Place, harmless
from tests.faults.kinds import Nature

OK = "ok"
# Answers to a login that are neither a session nor a refusal, and how often a wait tries it then
ODD = frozenset({"empty", "html", "garbage", "big-body", "redirect"})
ODD_TRIES = 3


@dataclass(frozen=True)
class Expected:
    """How a case ends.

    `end` is `ok` or an error type; `logins` are the logins that the system accepts; `attempts` the requests by which
    a login was tried, None for any number; `sessions_left` the most that may stay open.
    """

    end: str
    logins: int
    attempts: int | None = None
    sessions_left: int = 0
    timed_out: bool = False


def expected(case: Case) -> Expected:
    """Return what must come of a case."""
    end = _end(case)
    timed_out = end == "timeout"
    return Expected(end, _logins(case, end), _attempts(case, end), _sessions_left(case), timed_out)


def _end(case: Case) -> str:
    if harmless(case.subject, case.kind, case.place):
        return OK
    if case.place in {Place.LOGIN, Place.PROFILE, Place.RELOGIN}:
        return _end_at_login(case)
    if not case.wait:
        return _end_of_check(case)
    return _end_of_wait(case)


def _end_at_login(case: Case) -> str:
    kind = case.kind
    if kind.status in {401, 403}:
        # Who is logged in and may read no profile has no role in this tenant
        return "authorization" if kind.status == 403 and case.place is Place.PROFILE else "authentication"
    if _tries_older_address(case):
        return OK
    if (end := _end_by_budget(case)) is not None:
        return end
    if not case.wait:
        return OK if kind.retry_once and case.times == 1 else kind.poll
    if kind.nature is Nature.AWAY and case.times is None:
        return "unreachable"
    return OK if kind.nature is Nature.AWAY or (case.seen and case.times is not None) else kind.poll


def _end_by_budget(case: Case) -> str | None:
    """Return how logins end of which only some are tried, None for all others."""
    kind = case.kind
    if kind.status == 404 and case.subject.system == "sdm":
        # Its login page gives a 404 a meaning: no such version of the API.
        return OK if case.seen and case.times is not None else "bad_request"
    if case.wait and kind.status == 404:
        return OK if case.times is not None else kind.poll
    if case.wait and kind.name in ODD:
        # Where a page sends the login to another address, one try takes two of the faults.
        tries = 2 * ODD_TRIES if kind.name == "html" and case.subject.other_flavour else ODD_TRIES
        return OK if (case.times or tries) < tries else kind.poll
    return None


def _tries_older_address(case: Case) -> bool:
    """Whether the fault sends the login to another address, where all is well; a second one means what it says."""
    absent = case.kind.name in {"404", "html"} and case.place is Place.LOGIN
    return absent and case.subject.other_flavour and case.times == 1


def _end_of_check(case: Case) -> str:
    kind = case.kind
    if case.times == 1 and (kind.retry_once or kind.status in case.subject.relogin):
        return OK
    return kind.poll


def _end_of_wait(case: Case) -> str:
    kind, subject = case.kind, case.subject
    if kind.nature is Nature.AWAY:
        if case.duration is Duration.TO_DEADLINE:
            return "timeout"
        return "unreachable" if case.duration is Duration.FOR_GOOD else OK
    if subject.final_refusals and kind.status in {401, 403}:
        return kind.poll
    if not case.seen:
        return OK if case.times == 1 and kind.status in subject.relogin else kind.poll
    if case.times is None:
        return kind.poll
    return OK


def doubtful(case: Case) -> bool:
    """Whether the fault may mean, after a good answer, that the session has ended, so that one login is spent on it."""
    kind, subject = case.kind, case.subject
    if case.place is not Place.LATER or not subject.opens_session or kind.status in subject.relogin:
        return False
    return kind.status in {403, 404, 500} or kind.name in {"html", "redirect"}


def _relogins(case: Case) -> bool:
    """Whether the fault itself makes the client log in again."""
    at_status = case.place in {Place.FIRST, Place.LATER}
    return (at_status and case.kind.status in case.subject.relogin) or doubtful(case)


def _logins(case: Case, end: str) -> int:
    if not case.subject.opens_session:
        return 0
    if case.place is Place.LOGIN:
        return 1 if end == OK else 0
    if case.place is Place.RELOGIN:
        return 2 if end == OK else 1
    if case.wait and case.place is Place.LATER and case.times != 1 and case.kind.status in case.subject.relogin:
        return 3  # a session that is not honoured is replaced twice
    return 2 if _relogins(case) else 1


def _attempts(case: Case, end: str) -> int | None:
    """Return how often a login was tried, where that is a promise: refused ones are never repeated."""
    if case.kind.status in {401, 403} and end == "authentication":
        before = 1 if case.place is Place.RELOGIN else 0
        if case.place in {Place.LOGIN, Place.PROFILE, Place.RELOGIN}:
            return before + 1
    return None


def _sessions_left(case: Case) -> int:
    kind, subject = case.kind, case.subject
    if not subject.opens_session:
        return 0
    if kind.whole_port and case.seen and case.times is None:
        return 1  # a logout needs a system that can be reached
    if kind.spoils and case.place in {Place.LOGIN, Place.RELOGIN} and (subject.token_in_body or kind.hides_headers):
        # The system opened sessions of which the client never learnt: one per attempt.
        return 1000 if case.times is None else case.times
    return 0
