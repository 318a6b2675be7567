# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The normalizer: one table per endpoint, a vendor's word -> our state. PRIVATE to the collection.

Each table says where its words come from. A word that no table knows reads as ``otherwise``: for most endpoints
that is ``unknown``, never finished and never a success. What a word alone cannot tell (a success word beside a
device that failed) is decided by the named rules of the system's file, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ._status import State

PENDING = State.PENDING
RUNNING = State.RUNNING
SUCCEEDED = State.SUCCEEDED
FAILED = State.FAILED
CANCELLED = State.CANCELLED
UNKNOWN = State.UNKNOWN


class Reading(NamedTuple):
    """What a table made of a word: its state, the word as the vendor spells it, whether the table knows it."""

    state: State
    native: str | None
    known: bool


@dataclass(frozen=True)
class StateTable:
    """Words of one endpoint. ``source`` names the vendor's page; ``fold_case`` reads ``COMPLETED`` as ``Completed``."""

    endpoint: str
    source: str
    words: Mapping[str, State]
    fold_case: bool = False
    otherwise: State = UNKNOWN

    def read(self, word: Any) -> Reading:
        """The state of a word; an empty one or None reads as a word that is not there."""
        native = "" if word is None else str(word).strip()
        state = self.words.get(native.lower() if self.fold_case else native)
        if state is None:
            return Reading(self.otherwise, native or None, known=self.otherwise is not UNKNOWN)
        return Reading(state, native, known=True)

    def warning(self, reading: Reading) -> str | None:
        """The sentence for a word that no table knows, None for every other."""
        if reading.known or reading.native is None:
            return None
        return (
            f"{self.endpoint} reports the state '{reading.native}', which this collection does not know; "
            "it counts as neither finished nor a success"
        )


LXCA_EXPORT = StateTable(
    endpoint="The LXCA repository export",
    source="Lenovo: GET /updateRepositories/firmware/status; success and failure come from the sibling import pages",
    words={
        "complete": SUCCEEDED,
        "success": SUCCEEDED,
        "canceled": CANCELLED,
        "cancelled": CANCELLED,
        "error": FAILED,
        "failure": FAILED,
        "failed": FAILED,
    },
    fold_case=True,
    # No word is documented for an export under way, so every other word is one of those.
    otherwise=RUNNING,
)

LXCA_JOB = StateTable(
    endpoint="The LXCA job",
    source="Lenovo: the eight states of the LXCA job framework; seen in GET /csvRequest/jobs and its siblings",
    words={
        "Pending": PENDING,
        "Running": RUNNING,
        "Running_With_Errors": RUNNING,
        "Complete": SUCCEEDED,
        "Cancelled": CANCELLED,
        "Cancelled_With_Errors": CANCELLED,
        "Stopped_With_Error": FAILED,
        "Interrupted": FAILED,
    },
)

LXCA_TASK = StateTable(
    endpoint="The LXCA task",
    source="Lenovo: the job states of its Puppet module for LXCA, which explains none (classed by name); "
    "words with underscores as in GET /jobs",
    words={
        **LXCA_JOB.words,
        "Validating": RUNNING,
        "Uploading": RUNNING,
        "RunningWithWarnings": RUNNING,
        "RunningWithErrors": RUNNING,
        "CompleteWithWarnings": SUCCEEDED,
        "CompleteWithErrors": FAILED,  # Lenovo's own role for firmware updates refuses it, too
        "CancelledWithErrors": CANCELLED,
        "Skipped": CANCELLED,  # nothing was done: neither a success nor a failure
        "StoppedWithWarnings": FAILED,  # it ended before its end
        "StoppedWithError": FAILED,  # assumption: Stopped_With_Error in the spelling of this family
        "StoppedWithErrors": FAILED,
        "Unknown": UNKNOWN,
    },
)

SDM_ROUTE_UPDATE = StateTable(
    endpoint="The SDM route update",
    source="Oracle: SDM REST API, Get Status by Task ID; only Completed and Failed are ever shown for an end",
    words={"completed": SUCCEEDED, "failed": FAILED},
    fold_case=True,
    otherwise=RUNNING,
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
    words={
        "PENDING": PENDING,
        "RUNNING": RUNNING,
        "BLOCKED": RUNNING,
        "SUCCEEDED": SUCCEEDED,
        "FAILED": FAILED,
    },
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

TABLES = (LXCA_EXPORT, LXCA_JOB, LXCA_TASK, SDM_ROUTE_UPDATE, VCENTER_UPDATE, VCENTER_TASK, PRISMA_IMAGE)
