# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A random scenario for the soak: tasks, options, outages and glitches, all drawn from one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask

from tests.faults.fake_wire import AFTER, BEFORE, INSTEAD, SPOILT, FaultCase
from tests.faults.subjects import SUBJECTS, Subject
from tests.faults.tasks import MAKERS, NEVER, Work, described_work, random_work

# Faults that say something of the session, the account or the task, or that only a wait which has seen it survives
TELLING = ("401", "403", "404", "unresolved")
AWAY = tuple(label for label in (*BEFORE, *AFTER, *INSTEAD, *SPOILT) if label not in TELLING)
LONGEST_WAIT = 2.5 * 3600


@dataclass(frozen=True)
class Outage:
    """A stretch of seconds in which the same fault cases befall every request."""

    begins: float
    ends: float
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """All that decides a run.

    `glitch` is the likelihood of fault_case for a request outside outages, `glitches` are the kinds; `drops` are the
    seconds at which the system forgets every session; `latency` bounds the seconds that an answer takes.
    """

    seed: int
    subject: Subject
    work: Work
    options: dict[str, Any]
    outages: tuple[Outage, ...] = ()
    glitch: float = 0.0
    drops: tuple[float, ...] = ()
    latency: tuple[float, float] = (0.02, 0.2)
    retry_after: tuple[float | None, ...] = (None,)
    glitches: tuple[str, ...] = field(default=AWAY)
    wrong_password: bool = False

    def secrets(self) -> list[str]:
        """Return what the run is given and must never show."""
        return [str(self.options[name]) for name in self.subject.secret if name in self.options]

    @property
    def all_ended(self) -> float:
        """The second at which every task has ended."""
        return max(self.work.ends.values())

    def fault_case(self, rng: Random, now: float, tells: Callable[[str], bool]) -> FaultCase | None:
        """Return what befalls a request at a second. `tells` says whether a label makes sense for that request."""
        labels = next((outage.labels for outage in self.outages if outage.begins <= now < outage.ends), None)
        if labels is None and rng.random() < self.glitch:
            labels = self.glitches
        fitting = [label for label in labels or () if tells(label)]
        if not fitting:
            return None
        label = rng.choice(fitting)
        retry_after = rng.choice(self.retry_after) if label in {"429", "503-text"} else None
        return FaultCase(label, retry_after, as_date=rng.random() < 0.5)


def make_plan(seed: int) -> Plan:
    """Return the scenario of a seed."""
    rng = Random(seed)  # noqa: S311 (a seed must tell the whole scenario)
    subject = rng.choice([each for each in SUBJECTS if each.system_class.NAME in MAKERS])
    return _plan(rng, seed, subject, random_work(rng, subject))


def make_described_plan(seed: int) -> Plan:
    """Return the scenario of a seed in which the API is described."""
    rng = Random(seed)  # noqa: S311 (a seed must tell the whole scenario)
    subject = rng.choice([each for each in SUBJECTS if each.system_class is RestTask])
    return _plan(rng, seed, subject, described_work(rng))


def _plan(rng: Random, seed: int, subject: Subject, work: Work) -> Plan:
    horizon = max(end for end in [60.0, *work.ends.values()] if end != NEVER)
    options = {**work.options, **_wait(rng, horizon)}
    wrong_password = rng.random() < 0.03
    if wrong_password:
        options |= dict.fromkeys(subject.secret, "not-the-password")
    return Plan(
        seed=seed,
        subject=subject,
        work=work,
        options=options,
        outages=_outages(rng, horizon, float(options["unreachable_timeout"])),
        glitch=rng.choice([0.0, 0.0, 0.01, 0.05, 0.15]),
        drops=tuple(sorted(rng.uniform(0, horizon) for _each in range(rng.choice([0, 0, 0, 1, 2])))),
        latency=rng.choice([(0.02, 0.2), (0.02, 0.2), (0.5, 1.5)]),
        retry_after=rng.choice([(None,), (None, 0, 5, 60), (600,)]),
        glitches=AWAY if rng.random() < 0.7 else (*AWAY, "401", "403", "404"),
        wrong_password=wrong_password,
    )


def _wait(rng: Random, horizon: float) -> dict[str, Any]:
    factor = rng.choice([rng.uniform(0.2, 0.9), rng.uniform(1.2, 3), rng.uniform(1.2, 3), rng.uniform(1.2, 3)])
    timeout = round(min(horizon * factor + rng.choice([0, 0, 60, 600]), LONGEST_WAIT), 1)
    options: dict[str, Any] = {
        "wait": True,
        "wait_timeout": timeout,
        "unreachable_timeout": rng.choices([0, 20, 60, 300, 1800], weights=[1, 4, 4, 10, 5])[0],
        "timeout": rng.choice([2, 5, 10, 30]),
        "progress_interval": rng.choice([0, 60, 300]),
    }
    if rng.random() < 0.3:
        options["wait_sleep"] = max(rng.choice([1, 2, 10, 30]), round(timeout / 200, 1))
    if rng.random() < 0.2:
        options["stall_timeout"] = round(rng.uniform(30, 1200), 1)
    return options


def _outages(rng: Random, horizon: float, unreachable_timeout: float) -> tuple[Outage, ...]:
    outages = []
    for _each in range(rng.choice([0, 1, 1, 2, 3])):
        begins = rng.choice([0.0, rng.uniform(0, horizon * 1.2), rng.uniform(0, horizon * 1.2)])
        longest = max(unreachable_timeout * 2.5, 30.0)
        length = longest ** rng.random() if rng.random() < 0.5 else rng.uniform(1, longest)
        kind = rng.random()
        if kind < 0.4:
            labels: tuple[str, ...] = (rng.choice(AWAY),)
        elif kind < 0.8:
            labels = tuple(rng.sample(AWAY, 4))
        else:
            labels = (rng.choice(TELLING),)
        outages.append(Outage(round(begins, 2), round(begins + length, 2), labels))
    return tuple(outages)
