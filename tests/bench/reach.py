# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers that are aimed at, and whether they are reached."""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import described, price, subjects
from .results import GrowthRow, HostsRow, LiveWait, ManyRow, PollRow, PriceRow, Reach, Results, WaitRow
from .waits import GIVEN_UP

# The cost of a schedule built for a price of a poll, over that of the cheapest of others
PRICE_RATIO = 1.1
POLL_RATIO = 15
HOSTS_RATIO = 8
DESCRIBED_RATIO = 1.2
WAIT_POLLS = 12
WAIT_LATE = 1.5
JOBS_SECONDS = 2.0
ELEMENT_REQUESTS = 60
ELEMENT_MB = 120
# What one more task may cost between 1,000 and 5,000, over what it costs between 100 and 1,000
LINEAR = 1.5


def at_most(what: str, limit: float, measured: float, unit: str = "") -> Reach:
    """Judge a number that should be small."""
    return {
        "what": what,
        "limit": f"≤ {limit:g}{unit}",
        "measured": f"{measured:.3g}{unit}" if measured < 100 else f"{measured:.0f}{unit}",
        "reached": measured <= limit,
        "margin": f"{100 * measured / limit:.0f} % of the limit",
    }


def at_least(what: str, limit: float, measured: float) -> Reach:
    """Judge a ratio that should be large."""
    return {
        "what": what,
        "limit": f"≥ {limit:g} times",
        "measured": f"{measured:.3g} times" if measured < 100 else f"{measured:.0f} times",
        "reached": measured >= limit,
        "margin": f"{measured / limit:.1f} times the limit",
    }


def judge(results: Results) -> list[Reach]:
    """Judge everything that is aimed at."""
    return [
        *judge_prices(results["price"]),
        *judge_polls(results["polls"]),
        *judge_hosts(results["hosts"]),
        *judge_described(results["described"]),
        *judge_live(results["live"]),
        *judge_many(results["jobs"], results["growth"]),
        *judge_waits(results["waits"]),
    ]


def judge_prices(rows: Sequence[PriceRow]) -> list[Reach]:
    """The schedule built for each price, of tasks without progress."""
    by = {row["schedule"]: row for row in rows if row["progress"] == price.AGE_ONLY}
    return [
        at_most(
            f"cost of the schedule for k = {k:g}, over the cheapest of others",
            PRICE_RATIO,
            by[price.built_for(k)]["ratios"][f"{k:g}"],
            " times",
        )
        for k in price.PRICES
    ]


def judge_polls(rows: Sequence[PollRow]) -> list[Reach]:
    """One poll in-process, beside `uri` with its login and logout."""
    by = {row["subject"]: row for row in rows}
    mine, theirs = by[subjects.IN_PROCESS], by[subjects.URI]
    return [
        at_least(
            "a poll in-process costs less processor time than `uri`'s",
            POLL_RATIO,
            theirs["cpu"] / mine["cpu"],
        ),
        at_least("a poll in-process takes less time than `uri`'s", POLL_RATIO, theirs["wall"] / mine["wall"]),
    ]


def judge_hosts(rows: Sequence[HostsRow]) -> list[Reach]:
    """A hundred hosts, the whole command with Ansible's own start-up on both sides."""
    by = {row["subject"]: row for row in rows}
    mine, theirs = by[subjects.IN_PROCESS], by[subjects.URI]
    return [at_least("100 hosts are polled faster than by `uri`", HOSTS_RATIO, theirs["wall"] / mine["wall"])]


def judge_described(rows: Sequence[PollRow]) -> list[Reach]:
    """A check by description, beside one by the module that was written for its system."""
    by = {row["subject"]: row for row in rows}
    return [
        at_most(f"processor time of a check by {what}, over a module's", DESCRIBED_RATIO, by[subject]["cpu"] / unit)
        for unit in [by[described.VENDORS]["cpu"]]
        for subject, what in ((described.SHIPPED, "`api`"), (described.OWN, "`description`"))
    ]


def judge_waits(rows: Sequence[WaitRow]) -> list[Reach]:
    """What our own waits leave behind."""
    left = sum(row["left"] for row in rows if row["subject"] == subjects.IN_PROCESS)
    return [
        {
            "what": f"sessions left open by our waits, also when {GIVEN_UP}",
            "limit": "0",
            "measured": str(left),
            "reached": left == 0,
            "margin": "",
        }
    ]


def judge_live(wait: LiveWait) -> list[Reach]:
    """A wait of 40 s with progress."""
    return [
        at_most("polls of a 40 s wait", WAIT_POLLS, wait["polls"]),
        at_most("the end of a 40 s wait is noticed late by", WAIT_LATE, wait["late"], " s"),
    ]


def judge_many(jobs: Sequence[ManyRow], growth: Sequence[GrowthRow]) -> list[Reach]:
    """Many tasks in one poll."""
    (few,) = [row for row in jobs if row["count"] == 300]
    (most,) = [row for row in growth if row["what"] == "elements" and row["count"] == 5000]
    found = [
        at_most("300 jobs at 20 ms latency, net of start-up", JOBS_SECONDS, few["wall"], " s"),
        at_most("requests for 5,000 elements", ELEMENT_REQUESTS, most["requests"]),
        at_most("peak memory for 5,000 elements", ELEMENT_MB, most["peak"], " MB"),
    ]
    for what in ("elements", "jobs"):
        rows = [row for row in growth if row["what"] == what]
        found += [
            at_most(
                f"growth with {what}: processor time, later over earlier",
                LINEAR,
                _bend([(row["count"], row["cpu"]) for row in rows]),
            ),
            at_most(
                f"growth with {what}: memory, later over earlier",
                LINEAR,
                _bend([(row["count"], row["peak"]) for row in rows]),
            ),
        ]
    return found


def _bend(points: Sequence[tuple[int, float]]) -> float:
    """Return how much steeper the last stretch is than the one before: 1 is a straight line."""
    (x1, y1), (x2, y2), (x3, y3) = points
    before = (y2 - y1) / (x2 - x1)
    return (y3 - y2) / (x3 - x2) / before if before > 0 else math.inf


def line(each: Reach) -> str:
    """Return a verdict as a line for a person."""
    verdict = "reached    " if each["reached"] else "NOT REACHED"
    margin = f"; {each['margin']}" if each["margin"] else ""
    return f"{verdict}  {each['what']}: {each['measured']} ({each['limit']}{margin})"
