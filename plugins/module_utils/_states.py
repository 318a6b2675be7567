# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The normalizer: one table per endpoint, a vendor's word -> our state. PRIVATE to the collection.

Each table says where its words come from. A word that no table knows is ``unknown`` and is never judged in silence: a
warning quotes it. What a word alone cannot tell (a success word beside a device that failed, a word that no table knows
at half of the way) is decided by the named rules of the system's file, not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ._errors import bad_response
from ._status import State

PENDING = State.PENDING
RUNNING = State.RUNNING
SUCCEEDED = State.SUCCEEDED
FAILED = State.FAILED
CANCELLED = State.CANCELLED
UNKNOWN = State.UNKNOWN

# What a warning says of a word that no table knows, by the state that it was given.
_CONSEQUENCES: Mapping[State | None, str] = {
    UNKNOWN: "it counts as neither finished nor a success",
    PENDING: "it counts as pending",
    RUNNING: "it counts as running",
    FAILED: "it counts as a failure",
    SUCCEEDED: "it counts as a success",
    CANCELLED: "it counts as cancelled",
}
_NOTHING = "it decides nothing"
_GOOD_WITH_WARNINGS = _CONSEQUENCES[SUCCEEDED]


class Reading(NamedTuple):
    """What a table made of a word: its state, the word as the vendor spells it, whether the table knows it.

    ``remark`` is what a warning says of a word that the table knows.
    """

    state: State
    native: str | None
    known: bool
    remark: str | None = None


@dataclass(frozen=True)
class StateTable:
    """Words of one endpoint. ``source`` names the vendor's page, ``subject`` the field in warnings.

    ``fold`` reads ``COMPLETED`` and ``Com_pleted`` as ``Completed``; with ``tells_spelling`` a warning says so.
    ``remarks`` are known words that a warning quotes all the same. ``patterns`` are globs for whole families of words,
    each of which a warning quotes, too; they count where no word fits. ``others`` tells readers of the documentation
    what a rule of the system's file makes of all other words.
    """

    endpoint: str
    source: str
    words: Mapping[str, State]
    subject: str = "the state"
    fold: bool = False
    tells_spelling: bool = False
    remarks: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, State] = field(default_factory=dict)
    others: str | None = None

    def read(self, word: Any) -> Reading:
        """The state of a word; an empty one or None reads as a word that is not there.

        Raises a ``bad_response`` for what is no word: a number, a boolean, an object or a list.
        """
        if word is not None and not isinstance(word, str):
            raise bad_response(f"{self.subject} of {_lowered(self.endpoint)} as a word", word)
        native = (word or "").strip()
        if not native:
            return Reading(UNKNOWN, None, known=False)
        if native in self.words:
            return Reading(self.words[native], native, known=True, remark=self.remarks.get(native))
        spelling = next((each for each in self.words if folded(each) == folded(native)), None) if self.fold else None
        if spelling is None:
            return self._of_family(native)
        told = f"it is read as '{spelling}'" if self.tells_spelling else None
        return Reading(self.words[spelling], native, known=True, remark=self.remarks.get(spelling) or told)

    def _of_family(self, native: str) -> Reading:
        for pattern, state in self.patterns.items():
            if fnmatchcase(folded(native), folded(pattern)):
                return Reading(state, native, known=True, remark=_CONSEQUENCES[state])
        return Reading(UNKNOWN, native, known=False)

    def warning(self, reading: Reading, *, of: str = "", read_as: State | None = UNKNOWN) -> str | None:
        """The sentence that quotes a word that no table knows, or one that needs a remark; None for every other.

        ``of`` says where it stood, such as " of a device". ``read_as`` is what a rule of the system has made of it,
        None for a word that decides nothing.
        """
        if reading.native is None:
            return None
        said = f"{self.endpoint} reports {self.subject}{of} '{reading.native}'"
        if reading.known:
            return f"{said}; {reading.remark}" if reading.remark else None
        return f"{said}, which this collection does not know; {_CONSEQUENCES.get(read_as, _NOTHING)}; please report it"


def folded(word: str) -> str:
    """A word without what vendors spell in more than one way: case, underscores, hyphens and blanks."""
    return re.sub(r"[\s_-]+", "", word).casefold()


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


LXCA_EXPORT = StateTable(
    endpoint="The LXCA repository export",
    source="Lenovo: GET /updateRepositories/firmware/status; success and failure come from the sibling import pages, "
    "aborted is an assumption",
    words={
        "complete": SUCCEEDED,
        "success": SUCCEEDED,
        "canceled": CANCELLED,
        "cancelled": CANCELLED,
        "aborted": CANCELLED,
        "error": FAILED,
        "failure": FAILED,
        "failed": FAILED,
    },
    fold=True,
    # No word is documented for an export under way.
    others="pending at 0 %, running below 100 %, unknown at 100 % or without a number; a warning quotes it",
)

LXCA_ANSWER = StateTable(
    endpoint="An LXCA answer",
    source="Lenovo: REST API return values, and the recorded answers of its clients; three pages, three spellings",
    subject="the result",
    words={
        "informational": SUCCEEDED,
        "success": SUCCEEDED,
        "warning": SUCCEEDED,
        "failure": FAILED,
        "failed": FAILED,
        "error": FAILED,
    },
    fold=True,
    remarks={"warning": _GOOD_WITH_WARNINGS},
)

# The eight states of the job framework, in both of Lenovo's spellings, and what its pages and clients add to them.
_LXCA_WORDS: Mapping[str, State] = {
    "Pending": PENDING,
    "Running": RUNNING,
    "Running_With_Errors": RUNNING,
    "RunningWithErrors": RUNNING,
    "RunningWithWarnings": RUNNING,
    "Complete": SUCCEEDED,
    "CompleteWithWarnings": SUCCEEDED,
    "Complete_With_Warnings": SUCCEEDED,
    "CompleteWithErrors": FAILED,  # Lenovo's own role for firmware updates refuses it, too
    "Cancelled": CANCELLED,
    "Canceled": CANCELLED,  # as Lenovo's pages of the repository spell it
    "Cancelled_With_Errors": CANCELLED,
    "CancelledWithErrors": CANCELLED,
    "Stopped_With_Error": FAILED,
    "StoppedWithError": FAILED,  # assumption: Stopped_With_Error in the spelling of the task family
    "StoppedWithErrors": FAILED,
    "Interrupted": FAILED,
    "Failed": FAILED,  # assumption: by name
}
_LXCA_REMARKS: Mapping[str, str] = {
    "CompleteWithWarnings": _GOOD_WITH_WARNINGS,
    "Complete_With_Warnings": _GOOD_WITH_WARNINGS,
}
# assumption: how the framework's words are varied; nothing but the end and the reason differs within a family
_LXCA_FAMILIES: Mapping[str, State] = {
    "Complete*Error*": FAILED,
    "Complete*Fail*": FAILED,
    "Complete*Warning*": SUCCEEDED,
    "Completed": SUCCEEDED,
    "Cancelled*": CANCELLED,
    "Canceled*": CANCELLED,
}

LXCA_JOB = StateTable(
    endpoint="The LXCA job",
    source="Lenovo: the eight states of the LXCA job framework, seen in GET /csvRequest/jobs and its siblings, and the "
    "job states of its Puppet module for LXCA",
    words=_LXCA_WORDS,
    fold=True,
    tells_spelling=True,
    remarks=_LXCA_REMARKS,
    patterns=_LXCA_FAMILIES,
)

LXCA_RESULT = StateTable(
    endpoint="The LXCA job",
    source="Lenovo: results of recorded management jobs; SUCCESS as in GET /serverCertificate/jobs; DONE and COMPLETE "
    "are assumptions",
    subject="the result",
    words={
        "SUCCESS": SUCCEEDED,
        "DONE": SUCCEEDED,
        "COMPLETE": SUCCEEDED,
        "INCOMPLETE": FAILED,
        "OTHER_FAIL": FAILED,
    },
    fold=True,
    others="of a device that has ended: good with a warning if it contains WARNING, else a failure that quotes it",
)

LXCA_TASK = StateTable(
    endpoint="The LXCA task",
    source="Lenovo: the job states of its Puppet module for LXCA, which explains none (classed by name); "
    "words with underscores as in GET /jobs",
    words={
        **_LXCA_WORDS,
        "Validating": RUNNING,
        "Uploading": RUNNING,
        "Skipped": CANCELLED,  # nothing was done: neither a success nor a failure
        "StoppedWithWarnings": FAILED,  # it ended before its end
        "Unknown": UNKNOWN,
    },
    fold=True,
    tells_spelling=True,
    remarks=_LXCA_REMARKS,
    patterns=_LXCA_FAMILIES,
)

SDM_ROUTE_UPDATE = StateTable(
    endpoint="The SDM route update",
    source="Oracle: SDM REST API, Get Status by Task ID; only Completed and Failed are ever shown for an end, "
    "the words of a cancelled update are assumptions",
    words={
        "Completed": SUCCEEDED,
        "Failed": FAILED,
        "Cancelled": CANCELLED,
        "Canceled": CANCELLED,
        "Aborted": CANCELLED,
    },
    fold=True,
    others="running while devices are outstanding, else unknown; a warning quotes it",
)

SDM_ROLLBACK = StateTable(
    endpoint="The SDM route update",
    source="Oracle: SDM REST API, Get Status by Task ID; only Unknown is ever shown, beside an update that was not "
    "rolled back; the other words are assumptions",
    subject="the rollback state",
    words={
        "Unknown": UNKNOWN,
        "InProgress": RUNNING,
        "Running": RUNNING,
        "RollingBack": RUNNING,
        "Completed": SUCCEEDED,
        "RolledBack": SUCCEEDED,
        "Failed": FAILED,
    },
    fold=True,
    others="no rollback, as long as rollbackCount is 0; a warning quotes it",
)

VCENTER_UPDATE = StateTable(
    endpoint="The vCenter appliance update",
    source="VMware: Appliance Update, enumeration State",
    words={
        # What the two quiet words mean depends on what the wait is for: see the rules of vcenter.py.
        "UP_TO_DATE": SUCCEEDED,
        "UPDATES_PENDING": SUCCEEDED,
        "STAGE_IN_PROGRESS": RUNNING,
        "INSTALL_IN_PROGRESS": RUNNING,
        "ROLLBACK_IN_PROGRESS": RUNNING,
        "INSTALL_FAILED": FAILED,
    },
)

VCENTER_TASK = StateTable(
    endpoint="The vCenter appliance task",
    source="VMware: cis Task, enumeration Status",
    subject="the status",
    words={
        "PENDING": PENDING,
        "RUNNING": RUNNING,
        "BLOCKED": RUNNING,
        "SUCCEEDED": SUCCEEDED,
        "FAILED": FAILED,
    },
)

VCENTER_ROLLBACK = StateTable(
    endpoint="The vCenter appliance task",
    source="VMware: TaskInfo since 9.0, enumeration AutoRollbackState",
    subject="the rollback state",
    words={
        "ROLLBACK_NOT_STARTED": PENDING,
        "ROLLBACK_IN_PROGRESS": RUNNING,
        "ROLLBACK_SUCCEEDED": SUCCEEDED,
        "ROLLBACK_FAILED": FAILED,
    },
    others="no rollback; a warning quotes it",
)

PRISMA_IMAGE = StateTable(
    endpoint="The Prisma SD-WAN element image",
    source="Palo Alto Networks: Get Image Status of Element (v2.1) names 36 words and explains none; classed by name",
    words={
        "pending": PENDING,
        "init": PENDING,
        "waiting_download_time": PENDING,
        "download_scheduled": PENDING,
        "waiting_install_time": PENDING,
        "upgrade_scheduled": PENDING,
        "discovery": RUNNING,
        "download_discovery": RUNNING,
        "download_init": RUNNING,
        "download": RUNNING,
        "downloading": RUNNING,
        "download_complete": RUNNING,  # the image is on the box, the install is still to come
        "verify": RUNNING,
        "verifying": RUNNING,
        "install": RUNNING,
        "installing": RUNNING,
        "upgrade_init": RUNNING,
        "upgrade": RUNNING,
        "upgrading": RUNNING,
        "in-progress": RUNNING,
        "download_cancel_pending": RUNNING,  # a cancel was asked for and is not settled
        "upgrade_cancel_pending": RUNNING,
        "abort_download_pending": RUNNING,
        "abort_upgrade_pending": RUNNING,
        "upgrade_complete": SUCCEEDED,
        "complete": SUCCEEDED,
        "done": SUCCEEDED,
        "download_failed": FAILED,
        "install_failed": FAILED,
        "upgrade_failed": FAILED,
        "failed": FAILED,
        "download_abort": CANCELLED,
        "download_cancelled": CANCELLED,
        "upgrade_abort": CANCELLED,
        "upgrade_cancelled": CANCELLED,
        "invalid": UNKNOWN,
    },
)

TABLES = (
    LXCA_EXPORT,
    LXCA_ANSWER,
    LXCA_JOB,
    LXCA_RESULT,
    LXCA_TASK,
    SDM_ROUTE_UPDATE,
    SDM_ROLLBACK,
    VCENTER_UPDATE,
    VCENTER_TASK,
    VCENTER_ROLLBACK,
    PRISMA_IMAGE,
)
