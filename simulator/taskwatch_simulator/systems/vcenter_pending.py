# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates that wait for the appliance, and what a client starts with them.

Source: vSphere Automation API 8.0 Update 2, "Appliance Update Pending" and "Appliance Update Staged": paths, bodies,
statuses, types of errors and members of structures. Broadcom knowledge base 67179: after an installation that failed
no new update begins. assumption: ids and texts of messages, and what is wrong with `user_data` without a password.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..clock import Timebase, iso
from ..messages import Reply, Request
from ..starts import Starts
from .vcenter_entry import Operation, UpdateEntry
from .vcenter_format import NOT_FOUND, Error, Flavour, Refused, Writer, message
from .vcenter_options import VcenterOptions
from .vcenter_update import IN_PROGRESS, Update
from .vcenter_user_data import PASSWORD, user_data

SOURCES = frozenset({"LAST_CHECK", "LOCAL", "LOCAL_AND_ONLINE"})
NOT_ALLOWED = "NOT_ALLOWED_IN_CURRENT_STATE"
PREFIX = "com.vmware.appliance.update"
NO_UPDATES = Error(404, "NOT_FOUND", f"{PREFIX}.no_updates_found", "No updates were found.")
NO_UPDATE = Error(404, "NOT_FOUND", f"{PREFIX}.not_found", "The update was not found.")
NO_SNAPSHOT = Error(404, "NOT_FOUND", f"{PREFIX}.no_snapshot", "There is no valid snapshot.")
NO_SOURCE = Error(400, "INVALID_ARGUMENT", f"{PREFIX}.source_type", "The source type is missing or not known.")
INSTALLED = Error(400, "ALREADY_IN_DESIRED_STATE", f"{PREFIX}.installed", "The update is already installed.")
BUSY = Error(400, NOT_ALLOWED, f"{PREFIX}.in_progress", "Another update operation is in progress.")
BROKEN = Error(400, NOT_ALLOWED, f"{PREFIX}.install_failed", "An update has failed and cannot be recovered.")
NOT_STAGED = Error(400, NOT_ALLOWED, f"{PREFIX}.not_staged", "The update is not staged.")
NOTHING_STAGED = Error(400, NOT_ALLOWED, "com.vmware.applmgmt.update.no_stage", "No update is staged.")
NOT_CANCELABLE = Error(400, NOT_ALLOWED, f"{PREFIX}.not_cancelable", "The current task cannot be cancelled.")
WRONG_PASSWORD = Error(400, "INVALID_ARGUMENT", f"{PREFIX}.user_data", "The password of the administrator is wrong.")
# Which entries of a scenario shape what an action starts
SHAPED_BY: dict[Operation, Operation] = {
    "stage": "stage",
    "install": "install",
    "stage_and_install": "install",
    "rollback": "rollback",
}


@dataclass
class Pending:
    """The calls about updates to come; `present` is the one that the appliance is busy with, or was last."""

    options: VcenterOptions
    writer: Writer
    time: Timebase
    present: Callable[[], Update]
    begin: Callable[[UpdateEntry], None]
    _starts: dict[Operation, Starts[UpdateEntry]] = field(init=False)
    _snapshot: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._starts = {
            operation: Starts(
                (each for each in self.options.starts if each.operation == operation), UpdateEntry(operation=operation)
            )
            for operation in set(SHAPED_BY.values())
        }

    def listed(self, request: Request, flavour: Flavour) -> Reply:
        """Answer which updates there are."""
        if request.arguments.get("source_type") not in SOURCES:
            return self.writer.error(flavour, NO_SOURCE)
        newer = self._newer()
        if not newer:
            return self.writer.error(flavour, NO_UPDATES)
        return self.writer.answer(flavour, [{"version": each, **_described(each)} for each in newer])

    def described(self, _request: Request, flavour: Flavour, version: str) -> Reply:
        """Answer what there is to know of one update."""
        self._known(version)
        stopped = [{"service": "vpxd", "description": message("simulated.service", "VMware vCenter Server")}]
        return self.writer.answer(
            flavour,
            {
                **_described(version),
                "contents": [message("simulated.contents", "Fixes since the installed version")],
                "services_will_be_stopped": stopped,
                "eulas": [],
                "staged": self.present().staged_version() == version,
                "knowledge_base": "https://kb.example.com/updates",
            },
        )

    def act(self, request: Request, flavour: Flavour, version: str) -> Reply:
        """Carry out an action with one update."""
        actions: dict[str, Callable[[Request, Flavour, str], Reply]] = {
            "precheck": self._precheck,
            "validate": self._validate,
            "stage": self._stage,
            "install": self._install,
            "stage-and-install": self._stage_and_install,
        }
        action = actions.get(request.arguments.get("action", ""))
        if action is None:
            return self.writer.error(flavour, NOT_FOUND)
        self._known(version)
        self._idle()
        return action(request, flavour, version)

    def _precheck(self, _request: Request, flavour: Flavour, _version: str) -> Reply:
        minutes = math.ceil(self._starts["install"].peek().duration / 60)
        question = {
            "data_item": PASSWORD,
            "text": message("simulated.question", "Single Sign-On administrator password"),
            "description": message("simulated.question.description", "For the first instance of the identity domain"),
            "type": "PASSWORD",
        }
        return self.writer.answer(
            flavour,
            {
                "check_time": iso(self.time.date()),
                "estimated_time_to_install": minutes,
                "estimated_time_to_rollback": minutes,
                "reboot_required": True,
                "issues": _notifications([]),
                "questions": [question],
            },
        )

    def _validate(self, request: Request, flavour: Flavour, _version: str) -> Reply:
        wrong = WRONG_PASSWORD
        right = user_data(request, flavour).get(PASSWORD) == self.options.password
        issues = [] if right else [{"id": wrong.id, "message": message(wrong.id, wrong.text)}]
        return self.writer.answer(flavour, _notifications(issues))

    def _stage(self, _request: Request, flavour: Flavour, version: str) -> Reply:
        self._sound()
        return self._start("stage", version, flavour)

    def _install(self, request: Request, flavour: Flavour, version: str) -> Reply:
        self._permitted(request, flavour)
        if self.present().staged_version() != version:
            raise Refused(NOT_STAGED)
        return self._start("install", version, flavour)

    def _stage_and_install(self, request: Request, flavour: Flavour, version: str) -> Reply:
        self._permitted(request, flavour)
        staged = self.present().staged_version() == version
        return self._start("install" if staged else "stage_and_install", version, flavour)

    def roll_back(self, request: Request, flavour: Flavour) -> Reply:
        """Bring back the version before the last installation."""
        if request.arguments.get("action") != "rollback":
            return self.writer.error(flavour, NOT_FOUND)
        self._idle()
        version = self._kept()
        if version is None:
            raise Refused(NO_SNAPSHOT)
        return self._start("rollback", version, flavour)

    def staged(self, request: Request, flavour: Flavour) -> Reply:
        """Answer what is staged, or discard it."""
        version = self.present().staged_version()
        if request.method == "DELETE":
            self._idle()
            if version is not None:
                self.begin(UpdateEntry(operation="none", from_version=self.present().running_version()))
            return self.writer.done(flavour)
        if version is None:
            raise Refused(NOTHING_STAGED)
        return self.writer.answer(flavour, {"staging_complete": True, "version": version, **_described(version)})

    def cancel(self, request: Request, flavour: Flavour) -> Reply:
        """Refuse to cancel: every task says that it cannot be cancelled."""
        return self.writer.error(flavour, NOT_CANCELABLE if request.arguments.get("action") == "cancel" else NOT_FOUND)

    def _start(self, operation: Operation, version: str, flavour: Flavour) -> Reply:
        shape = self._starts[SHAPED_BY[operation]].take()
        running = self.present().running_version()
        kept = None if operation == "rollback" else self._kept()
        changes = {"operation": operation, "from_version": running, "version": version}
        self.begin(shape.model_copy(update=changes))
        self._snapshot = kept
        return self.writer.done(flavour)

    def _kept(self) -> str | None:
        return self.present().snapshot() or self._snapshot

    def _newer(self) -> list[str]:
        running = self.present().running_version()
        return [each for each in self.options.updates if _order(each) > _order(running)]

    def _known(self, version: str) -> None:
        if version == self.present().running_version():
            raise Refused(INSTALLED)
        if version not in {*self._newer(), self.present().staged_version()}:
            raise Refused(NO_UPDATE)

    def _idle(self) -> None:
        if self.present().state() in IN_PROGRESS:
            raise Refused(BUSY)

    def _sound(self) -> None:
        if self.present().state() == "INSTALL_FAILED":
            raise Refused(BROKEN)

    def _permitted(self, request: Request, flavour: Flavour) -> None:
        self._sound()
        if user_data(request, flavour).get(PASSWORD) != self.options.password:
            raise Refused(WRONG_PASSWORD)


def _order(version: str) -> list[tuple[int, str]]:
    """Return what tells which of two versions is the newer one."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in version.split(".")]


def _described(version: str) -> dict[str, object]:
    """Return the members that every structure about an update has."""
    return {
        "name": f"VC-{version}",
        "description": message("simulated.update", f"Update to {version}"),
        "priority": "HIGH",
        "severity": "CRITICAL",
        "update_type": "SECURITY",
        "release_date": "2026-01-15T00:00:00.000Z",
        "reboot_required": True,
        "size": 7300,
    }


def _notifications(errors: Sequence[object]) -> dict[str, object]:
    return {"info": [], "warnings": [], "errors": list(errors)}
