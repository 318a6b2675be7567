# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The management steps of one device, nested two deep, in the order in which they are documented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

JOB_BUNDLE = "com.lenovo.lxca.discovery.bundle.rest.messages"
STEP_BUNDLE = "com.lenovo.lxca.discovery.bundle.tasks.messages"

StepId = Literal[
    "STARTING",
    "NETWORK_CHOICE",
    "DESCRIPTOR",
    "LOGIN",
    "DUPLICATE_CHECK",
    "INVENTORY",
    "INTEROP_CHECK",
    "CONFIGURATION",
    "CFG_CABINET",
]
ENDING = "MANAGESTOP"


@dataclass(frozen=True)
class Step:
    """One documented step; children that run `together` begin and end as one."""

    id: str
    message: str
    short: str
    long: str
    children: tuple[Step, ...] = ()
    together: bool = False

    @property
    def weight(self) -> int:
        """Its share of the whole, in leaf steps."""
        return len(self.children) or 1


STEPS = (
    Step("STARTING", "1000", "Starting", "Starting device management job"),
    Step("NETWORK_CHOICE", "1001", "Network choice", "Choosing best network path to manage the device"),
    Step("DESCRIPTOR", "1002", "Descriptor", "Creating hardware descriptor"),
    Step("LOGIN", "1003", "Login", "Logging in to device"),
    Step("DUPLICATE_CHECK", "1004", "Duplicate check", "Checking for duplicates of device management"),
    Step(
        "INVENTORY",
        "1005",
        "Inventory",
        "Collecting device inventory",
        (
            Step("INV_CHASSIS", "1006", "Chassis inventory", "Collecting chassis inventory"),
            Step("INV_NODES", "1007", "Node inventory", "Collecting node inventory"),
            Step("INV_IOMS", "1008", "I/O module inventory", "Collection I/O module inventory"),
        ),
        together=True,
    ),
    Step("INTEROP_CHECK", "1009", "Interoperability check", "Verifying device interoperability"),
    Step(
        "CONFIGURATION",
        "1010",
        "Configuration",
        "Configuring device for management",
        (
            Step("CFG_NTP", "1011", "NTP", "Configuring NTP"),
            Step(
                "CFG_DNS_UPD",
                "1067",
                "Updating DNS servers ip addresses on CMM",
                "Updating DNS servers ip addresses on CMM as part of the manage chassis process.",
            ),
            Step("CFG_SECURITY", "1012", "Security", "Configuring security"),
            Step("CFG_CMGMT", "1013", "Centralized management", "Putting device under centralized management"),
        ),
    ),
    Step("CFG_CABINET", "1097", "Configuring Hardware location", "Configuring Hardware location"),
    Step(ENDING, "1114", "Completing", "Completing"),
)
TOTAL_WEIGHT = sum(step.weight for step in STEPS)
STEP_IDS: tuple[StepId, ...] = get_args(StepId)


def step_percent(step_id: StepId) -> float:
    """Return the device's percent at which a step begins."""
    before = 0
    for step in STEPS:
        if step.id == step_id:
            break
        before += step.weight
    return 100.0 * before / TOTAL_WEIGHT


@dataclass(frozen=True)
class StepTree:
    """The steps of a device at a percent; `stopped_as` is the state word of a job that stopped, at step `at`."""

    percent: float
    stopped_as: str | None = None
    at: StepId = "INVENTORY"

    def steps(self) -> list[dict[str, object]]:
        """Return the steps as the answer nests them."""
        position = self.percent / 100.0 * TOTAL_WEIGHT
        failed_index = STEP_IDS.index(self.at)
        result = []
        start = 0
        for index, step in enumerate(STEPS):
            if self.stopped_as is None:
                result.append(_moving(step, position - start))
            elif step.id == ENDING:
                # Recorded so: the last step of a job that has ended is still running
                result.append(_node(step, "Running", 0))
            elif index < failed_index:
                result.append(_moving(step, float(step.weight)))
            else:
                result.append(_stopped(step, self.stopped_as, started=index == failed_index))
            start += step.weight
        return result


def _moving(step: Step, done: float) -> dict[str, object]:
    """Return a step of which `done` of its weight is over; zero or less means that it has not begun."""
    share = min(max(done / step.weight, 0.0), 1.0)
    if share >= 1.0:
        children = [_moving(child, 1.0) for child in step.children]
        return _node(step, "Complete", 100, children)
    running = share > 0 or (done == 0 and step.id == "STARTING")
    if step.together:
        children = [_moving(child, share) for child in step.children]
    else:
        children = [_moving(child, done - index) for index, child in enumerate(step.children)]
    return _node(step, "Running" if running else "Pending", int(share * 100), children)


def _stopped(step: Step, word: str, *, started: bool) -> dict[str, object]:
    children = [_stopped(child, word, started=started and index == 0) for index, child in enumerate(step.children)]
    node = _node(step, word, 0.0, children)
    node["started"] = started
    # 1020 means a failed login to the device, 1027 of everything else in a job that was stopped
    message = "1020_LONG" if step.id == "LOGIN" and started else "1027_LONG"
    status = node["status"]
    if isinstance(status, dict):
        status["description"] = [{"messageBundle": STEP_BUNDLE, "messageID": message}]
    return node


def _node(step: Step, state: str, percent: float, children: list[dict[str, object]] | None = None) -> dict[str, object]:
    status: dict[str, object] = {"percentage": percent, "state": state}
    if children:
        status["substatus"] = children
    return {
        "completed": state == "Complete",
        "id": step.id,
        "longDescription": step.long,
        "messageBundle": STEP_BUNDLE,
        "messageID": f"{step.message}_SHORT",
        "progress": percent,
        "shortDescription": step.short,
        "started": state != "Pending",
        "status": status,
        "userAction": "",
    }
