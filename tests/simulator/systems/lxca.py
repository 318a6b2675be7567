# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Administrator: firmware export status and bulk jobs.

Source: Lenovo XClarity Administrator REST API reference, "GET /updateRepositories/firmware/status",
"GET /csvRequest/jobs/{job_id}".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import TypeAdapter

from ..clock import Timebase, iso
from ..messages import Reply, Request
from .base import BODY_LIMIT, Routes, System, TaskTruth, UnknownRoute
from .lxca_csv_job import CsvJob, CsvJobEntry
from .lxca_door import Door, session_table
from .lxca_export import Export, ExportEntry, idle_envelope, merged_envelope
from .lxca_format import Writer
from .lxca_options import LxcaEntry, LxcaOptions

ENTRY: TypeAdapter[ExportEntry | CsvJobEntry] = TypeAdapter(LxcaEntry)
ALL_RUNNING = "0"


class Lxca(System[LxcaOptions]):
    """One appliance."""

    name: ClassVar[str] = "lxca"

    def __init__(self, options: LxcaOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(options, time, session_table(options, time), plain=plain)
        self._writer = Writer(options.content_version, options.recovery)
        self.door = Door(options, self.sessions, self._writer, time, plain)
        self._exports: dict[str, Export] = {}
        self._jobs: dict[str, CsvJob] = {}
        for entry in options.tasks:
            self._begin(entry)

    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin an export or a bulk job."""
        return self._begin(ENTRY.validate_python(dict(entry)))

    def truths(self) -> list[TaskTruth]:
        """Return the truth about every task that the appliance still knows."""
        tasks: list[Export | CsvJob] = [*self._exports.values(), *self._jobs.values()]
        return [each.truth() for each in tasks if not each.forgotten()]

    def _begin(self, entry: ExportEntry | CsvJobEntry) -> str:
        taken = self._exports.keys() | self._jobs.keys()
        task_id = entry.id or next(str(number) for number in range(501, 10**9) if str(number) not in taken)
        born = self.time.simulated()
        if isinstance(entry, ExportEntry):
            self._exports[task_id] = Export(task_id, entry, born, self.time)
        else:
            self._jobs[task_id] = CsvJob(task_id, entry, born, self.time)
        return task_id

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        try:
            handler, arguments = self.ROUTES.find(request)
        except UnknownRoute as unknown:
            return self.door.admit(request) or self._not_routed(unknown)
        if len(request.body) > BODY_LIMIT:
            return self._writer.error(413, "SE0413", "The request is too large.", "Send a smaller body.")
        refused = None if handler is Lxca._log_in else self.door.admit(request)
        return refused or handler(self, request, **arguments)

    def _not_routed(self, unknown: UnknownRoute) -> Reply:
        if unknown.allowed:
            reply = self._writer.error(405, "SE0405", "The method is not supported.", "Use a documented method.")
            reply.headers.append(("Allow", ", ".join(unknown.allowed)))
            return reply
        return self._writer.error(404, "SE0404", "The resource does not exist.", "Check the URL.")

    def _log_in(self, request: Request) -> Reply:
        return self.door.log_in(request)

    def _describe(self, _request: Request) -> Reply:
        # assumption: Lenovo's Python client only looks at the status of this call
        return self._writer.reply({"appliance": {"date": iso(self.time.date())}})

    def _export_status(self, request: Request) -> Reply:
        wanted = {name.lower(): value for name, value in request.arguments.items()}
        # assumption: optional, because one page of the reference calls it required and another one leaves it out
        if wanted.get("tasktype", "EXPORTREPOSITORY").upper() != "EXPORTREPOSITORY":
            return self._invalid("The parameter taskType is not valid.", "Use EXPORTREPOSITORY.")
        task_id = wanted.get("taskid", "")
        if not task_id:
            return self._invalid("The parameter taskid is missing.", "Send the id of the export task.")
        if task_id == ALL_RUNNING:
            return self._writer.reply(merged_envelope(list(self._exports.values())))
        export = self._exports.get(task_id)
        if export is None:
            # assumption: the page lists 400 and no 404
            return self._invalid("The parameter taskid is not valid.", "Check the id of the export task.")
        if export.forgotten():
            return self._writer.reply(idle_envelope())
        return self._writer.reply(self._failing("UP") if export.entry.failure_answer else export.envelope())

    def _invalid(self, text: str, advice: str) -> Reply:
        return self._writer.error(400, "UP0400", text, advice)

    def _job(self, _request: Request, job_id: str) -> Reply:
        job = self._jobs.get(job_id)
        if job is None or job.forgotten():
            return self._writer.error(404, "JM0404", f"The job {job_id} cannot be found.", "Check the id of the job.")
        return self._writer.reply(self._failing("JM") if job.entry.failure_answer else job.body())

    def _failing(self, area: str) -> dict[str, object]:
        """Return the body of an answer whose status is 200 all the same."""
        return self._writer.failure(f"{area}0251", "The request could not be completed.", "Try again later.")

    ROUTES: ClassVar = Routes(
        ("POST", "/sessions", _log_in),
        ("GET", "/sessions", lambda self, _request: self.door.list_sessions()),
        ("DELETE", "/sessions", lambda self, request: self.door.log_out(request)),
        ("DELETE", "/sessions/<session_id>", lambda self, _request, session_id: self.door.log_out_other(session_id)),
        ("GET", "/aicc", _describe),
        ("GET", "/updateRepositories/firmware/status", _export_status),
        ("GET", "/csvRequest/jobs/<job_id>", _job),
    )
