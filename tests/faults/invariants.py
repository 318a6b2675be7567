# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold of every run of the soak: right states, an end in time, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.faults.fake_wire import AFTER, DRIP, SPOILT
from tests.faults.oracle import FINISHED, Oracle, most_gap
from tests.faults.plans import Plan
from tests.faults.recorder import leaks
from tests.faults.soak import LOGIN, LOGOUT, PROFILE, STATUS, Run
from tests.faults.tasks import NEVER
from tests.support.payload import payload_faults

# Seconds that a request gets when no time is left
LAST_CHANCE = 5.0
# An access token is renewed so many seconds before its end, or half of its life
RENEWED_BEFORE = 60.0
# Seconds between two refused logins where one had worked
REFUSED_PAUSE = 60.0
# Seconds of a wait for which an appliance's task that had ended before it is an old one, because work starts
# asynchronously: it is shown as pending, and judged after them
GRACE = 60.0


def complaints(run: Run) -> list[str]:
    """Return everything that was wrong with a run."""
    oracle = Oracle(run)
    found = list(oracle.complaints())
    found += _wrong_states(run)
    found += _late(run, oracle)
    found += _polls(run)
    found += _logins(run)
    found += _not_replaced(run)
    found += _statistics(run, oracle)
    found += _silence(run)
    found += payload_faults(run.result.payload, run.plan.subject.system_class.EXTRAS)
    found += leaks(run.plan.secrets(), run.result, run.recorder)
    if "defect" in (run.result.msg or ""):
        found.append(f"a defect shows: {run.result.msg}")
    return found


def _wrong_states(run: Run) -> Iterator[str]:
    """States that a poll read wrongly, or that were lost on the way to the result."""
    last: dict[str, str] = {}
    old = _shows_old_task(run)
    for index, poll in enumerate(run.polls):
        expected = [each.truth for each in poll.attempts if each.good and each.role == STATUS]
        for name, (state, _progress) in poll.statuses.items():
            true = {truth[name] for truth in expected if name in truth}
            if state in FINISHED and state not in true:
                yield f"poll {index} took {name} for {state}, which was {' or '.join(true)}"
            in_grace = old and state == "pending" and poll.ended < GRACE
            if state not in FINISHED and true and true <= FINISHED and not in_grace:
                yield f"poll {index} took {name} for {state}, which was {' or '.join(true)}"
            last[name] = state
    shown = {task["id"]: task["state"] for task in run.result.payload["tasks"]}
    if shown != last:
        yield f"the result shows {shown}, the polls had shown {last}"
    ended_well = run.result.payload["error"] is None
    if ended_well and {run.truth.get(name) for name in last} != {"succeeded"}:
        yield f"it ended well, and the truth is {run.truth}"


def _shows_old_task(run: Run) -> bool:
    """Whether the first answer of an appliance is about a task that had ended, which may not be the one waited for."""
    if run.plan.subject.system != "vcenter":
        return False
    first = next((each.truth for each in run.attempts if each.good and each.role == STATUS), {})
    return bool(first) and set(first.values()) <= FINISHED


def _late(run: Run, oracle: Oracle) -> Iterator[str]:
    """Ends long after the last task's, and waits that overrun their time."""
    plan = run.plan
    disturbed = max((each.settled for each in run.attempts if not each.good and each.role != LOGOUT), default=0.0)
    gap = oracle.fixed or most_gap(run.ended)
    asked = max((seconds or 0.0) for seconds in plan.retry_after)
    if any(each.role != LOGOUT and each.status in {401, 403} for each in run.attempts):
        asked = max(asked, REFUSED_PAUSE)
    # Of an answer that drips, the last piece that was waited for, and the one that tells that the time is over
    drips = 2 * DRIP
    request = float(plan.options["timeout"]) + drips + plan.latency[1]
    good = [each for each in run.polls[-1].attempts if each.good]
    ordinary = sum(each.settled - each.sent for each in good)
    if plan.all_ended != NEVER:
        judged = GRACE if _shows_old_task(run) else 0.0
        latest = max(plan.all_ended, disturbed, judged) + max(gap, asked) + ordinary + 2 * request
        if run.ended > latest:
            yield f"it ended at {run.ended:.1f} s, when {latest:.1f} s was the latest"
    # What is left of an earlier login is closed first; all tasks are asked side by side.
    bad = sum(not each.good for each in run.polls[-1].attempts)
    lost = min(bad, 2 if any(each.role == LOGOUT for each in run.polls[-1].attempts) else 1)
    overrun = run.polls[-1].ended - oracle.deadline
    if overrun > ordinary + lost * min(request, LAST_CHANCE + drips + plan.latency[1]):
        yield f"the last poll overran the deadline by {overrun:.1f} s"
    if run.ended > max(run.polls[-1].ended, 0.0) + request:
        yield f"it took {run.ended - run.polls[-1].ended:.1f} s to say goodbye"


def _polls(run: Run) -> Iterator[str]:
    """More polls than the schedule allows."""
    plan, count = run.plan, len(run.polls)
    if plan.retry_after != (None,):
        return
    stretches = sum(1 for before, after in pairwise(run.polls) if after.errors and not before.errors)
    fixed = plan.options.get("wait_sleep")
    if fixed is not None:
        most = run.ended / fixed + 2 + 2 * (stretches + 1) * len(plan.work.ends)
    else:
        # At most one poll each 25 s in the long run; some fifty to get there, anew after each outage and for each task.
        most = run.ended / 25 + 50 * (2 + stretches) * len(plan.work.ends)
    if count > most:
        yield f"{count} polls in {run.ended:.0f} s, when {most:.0f} were the most"


def _logins(run: Run) -> Iterator[str]:
    """Logins without need, logins after a refusal, and sessions that were not closed."""
    plan = run.plan
    tried = [each for each in run.attempts if each.role == LOGIN]
    accepted = [each for each in tried if each.good]
    lost = [each for each in run.attempts if each.role in {LOGIN, PROFILE} and each.label in {*AFTER, *SPOILT}]
    broken = [each for each in run.attempts if each.role in {LOGIN, PROFILE} and not each.good]
    told_off = [each for each in run.attempts if each.role not in {LOGIN, LOGOUT} and each.status in {401, 403}]
    # Each of these may mean the end of a session that has worked
    doubtful = [each for each in run.attempts if each.role == STATUS and not each.good and each.status is not None]
    most = 1 + len(told_off) + len(broken) + len(doubtful) + _renewals(plan, run.ended)
    if len(accepted) > most:
        yield f"{len(accepted)} logins were accepted, when there was reason for {most}"
    yield from _refused(run)
    unclosed = [each for each in run.attempts if each.role == LOGOUT and not each.good]
    if run.sessions_left > len(lost) + len(unclosed):
        yield f"{run.sessions_left} sessions were left open"
    expired = [each for each in told_off if not each.label]
    if plan.subject.system == "prisma_sdwan" and expired and not plan.drops and not lost and not plan.wrong_password:
        yield "a token was used beyond its end"


def _refused(run: Run) -> Iterator[str]:
    """More refused logins than are allowed, or too soon after each other."""
    if run.plan.subject.final_refusals:
        # Each request is a login; those of one poll are sent side by side once the first one was answered
        role = STATUS
        found = (next((each for each in poll.attempts if each.status in {401, 403}), None) for poll in run.polls)
        refused = [each for each in found if each is not None]
    else:
        role = LOGIN
        refused = [each for each in run.attempts if each.role == role and each.status in {401, 403}]
    worked = [each.sent for each in run.attempts if each.role == role and each.good]
    if refused and not any(moment < refused[0].sent for moment in worked) and len(refused) > 1:
        yield f"{len(refused)} logins were refused before one had worked"
    for before, after in pairwise(refused):
        if after.sent - before.settled < REFUSED_PAUSE - 0.01 and not any(
            before.sent < moment < after.sent for moment in worked
        ):
            yield f"a refused login was tried again after {after.sent - before.settled:.1f} s"


def _not_replaced(run: Run) -> Iterator[str]:
    """Lost sessions without a new login, although there was none since the last good answer."""
    relogin, tried = run.plan.subject.relogin, False
    for index, poll in enumerate(run.polls):
        roles = [each.role for each in poll.attempts]
        for number, each in enumerate(poll.attempts):
            tried = tried or each.role == LOGIN
            if each.role == STATUS and each.status in relogin and not tried and LOGIN not in roles[number:]:
                yield f"the session was lost in poll {index}, and there was no new login"
        tried = tried and bool(poll.errors)


def _renewals(plan: Plan, ended: float) -> int:
    lifetime = plan.work.system.get("expires_in")
    return int(ended / (lifetime - min(RENEWED_BEFORE, lifetime / 2))) + 1 if lifetime else 0


def _statistics(run: Run, oracle: Oracle) -> Iterator[str]:
    stats = run.result.payload["stats"]
    if stats["requests"] != len(run.attempts):
        yield f"{len(run.attempts)} requests were sent, and {stats['requests']} are told of"
    if stats["polls"] != len(run.polls):
        yield f"there were {len(run.polls)} polls, and {stats['polls']} are told of"
    away = oracle.unreachable
    if oracle.outage_since is not None:
        away += run.polls[-1].ended - oracle.outage_since
    if abs(stats["unreachable_seconds"] - away) > 0.1:
        yield f"it was away for {away:.1f} s, and {stats['unreachable_seconds']} s are told of"
    events = run.recorder.events
    if events.count("outage began") != oracle.outages:
        yield f"there were {oracle.outages} outages, and {events.count('outage began')} were told of"
    if abs(run.result.payload["elapsed"] - run.ended) > 0.1:
        yield f"it took {run.ended:.1f} s, and {run.result.payload['elapsed']} s are told of"


def _silence(run: Run) -> Iterator[str]:
    """Waits that say nothing for longer than the user wants: some controllers take them for dead."""
    interval = run.plan.options["progress_interval"]
    if not interval:
        return
    longest_look = max(poll.ended - poll.began for poll in run.polls)
    moments = [0.0, *run.recorder.moments, run.polls[-1].ended]
    silence = max(later - earlier for earlier, later in pairwise(moments))
    if silence > interval + longest_look + 0.01:
        yield f"nothing was said for {silence:.0f} s, when {interval} s were asked for"
