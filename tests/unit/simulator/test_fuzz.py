# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad clients: whatever they send, no answer is an unasked error, and the next client is served.

3,000 single requests, 50 sequences of 40 requests each with sessions and time going by, and 300 requests of broken
bytes over real connections. `TASKWATCH_FUZZ=10` plays ten times as many; `make test` plays a tenth of them, and
`make exhaustive` all.
"""

from __future__ import annotations

import json
import os
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from taskwatch_simulator.clock import ManualClock
from taskwatch_simulator.scenario import load, parse
from taskwatch_simulator.world import World

from .fuzzing import ELEMENT, GOOD, SYSTEMS, Call, calls, check, log_in, spoilt
from .test_vcenter import check_fields, parts_of

TIMES = float(os.environ.get("TASKWATCH_FUZZ", "1"))
PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# Work that ends soon, so that a sequence sees what comes after it
SEQUENCE = parse(
    f"""
    lxca:
      starts:
        - {{kind: export, duration: 20, forget_after: 20}}
        - {{kind: csv_job, duration: 20, end: failed}}
    sdm:
      error_body: xml
      starts: [{{duration: 20}}, {{duration: 20, end: failed, error_handling: rollback}}]
    vcenter:
      profile: "9.1"
      updates: [8.0.3.00400, 8.0.3.00500]
      starts:
        - {{operation: stage, duration: 10}}
        - {{duration: 20, end: failed, rollback: 5}}
        - {{duration: 20}}
    prisma_sdwan:
      tasks: [{{id: "{ELEMENT}", path: idle}}]
      starts: [{{duration: 20}}, {{path: upgrade_failed, duration: 20}}]
    """,
    "sequence",
)

SCENARIOS = {"demo": load("demo"), "sequence": SEQUENCE}


@settings(max_examples=int(3000 * TIMES), deadline=None, suppress_health_check=PATIENT)
@given(calls() | spoilt() | spoilt(), st.sampled_from([True, True, False]), st.sampled_from(sorted(SCENARIOS)))
def test_no_request_breaks_anything(call: Call, known: bool, scenario: str) -> None:
    world = World(SCENARIOS[scenario], ManualClock())
    session = log_in(world, call.system) if known and call.system != "control" else None
    check(call.send(world, session))
    assert len(world.tasks()) > 0


class Sequences(RuleBasedStateMachine):
    """Clients that are logged in ask for this and that while time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.world = World(SEQUENCE, self.clock)
        self.headers = {system: log_in(self.world, system) for system in SYSTEMS}

    @rule(data=st.data(), system=st.sampled_from(SYSTEMS))
    def anything(self, data: st.DataObject, system: str) -> None:
        check(data.draw(calls(system) | spoilt(system) | spoilt(system)).send(self.world, self.headers[system]))

    @rule(system=st.sampled_from(SYSTEMS), choice=st.integers(0, 5))
    def something_good(self, system: str, choice: int) -> None:
        reply = GOOD[system][choice % len(GOOD[system])].send(self.world, self.headers[system])
        check(reply)
        if reply.status == 401:
            self.headers[system] = log_in(self.world, system)

    @rule(seconds=st.sampled_from([0.1, 3, 10, 25]))
    def time_goes_by(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def the_truth_is_told(self) -> None:
        tasks = self.world.tasks()
        ids = Counter((each["system"], each["kind"], each["id"]) for each in tasks)
        assert set(ids.values()) == {1}
        assert all(each["percent"] is None or 0 <= float(str(each["percent"])) <= 100 for each in tasks)
        json.dumps(tasks, allow_nan=False)

    @invariant()
    def pending_updates_are_listed_in_both_forms(self) -> None:
        for media in ("application/xml", "application/json"):
            listed = Call("sdm", "GET", "/rest/v1.3/routeSets/routeUpdates", {"Accept": media}, b"")
            check(listed.send(self.world, self.headers["sdm"]))

    @invariant()
    def the_appliance_keeps_to_the_table_of_its_fields(self) -> None:
        headers = log_in(self.world, "vcenter")
        info = Call("vcenter", "GET", "/api/appliance/update", headers, b"").send(self.world).json()
        Call("vcenter", "DELETE", "/api/session", headers, b"").send(self.world)
        for part in parts_of(info["task"]) if "task" in info else ():
            check_fields(part, "9.1")


Sequences.TestCase.settings = settings(
    max_examples=int(50 * TIMES), stateful_step_count=40, deadline=None, suppress_health_check=PATIENT
)
TestSequences = Sequences.TestCase
