# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Administrator: firmware export status, bulk jobs and tasks.

Source: Lenovo XClarity Administrator REST API reference, "GET /updateRepositories/firmware/status",
"GET /csvRequest/jobs/{job_id}", "GET /tasks", "GET /tasks/{job_list}".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter

from ..accounts import Refusal
from ..clock import Timebase, iso
from ..messages import Reply, Request
from ..starts import Starts
from .base import BODY_LIMIT, ExpectedState, Routes, System, UnknownRoute
from .lxca_auth import Auth, session_table
from .lxca_csv_job import CsvJob, CsvJobEntry
from .lxca_export import OK_MESSAGE, Export, ExportEntry, idle_envelope, merged_envelope
from .lxca_format import GOOD_MESSAGE, Writer
from .lxca_options import LxcaEntry, LxcaOptions
from .lxca_start import BadStart, bulk_import, check_export
from .lxca_task import Task, TaskEntry, job_around

ENTRY: TypeAdapter[ExportEntry | CsvJobEntry | TaskEntry] = TypeAdapter(LxcaEntry)
ALL_RUNNING = "0"
Kind = TypeVar("Kind", ExportEntry, CsvJobEntry)


def _of_kind(options: LxcaOptions, kind: type[Kind]) -> list[Kind]:
    return [each for each in options.starts if isinstance(each, kind)]


class Lxca(System[LxcaOptions]):
    """One appliance."""

    name: ClassVar[str] = "lxca"

    def __init__(self, options: LxcaOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(options, time, session_table(options, time), plain=plain)
        self._writer = Writer(options.content_version, options.recovery)
        self.auth = Auth(options, self.sessions, self._writer, time, plain, self.account, self.no_session)
        self._exports: dict[str, Export] = {}
        self._jobs: dict[str, CsvJob] = {}
        self._tasks: dict[str, Task] = {}
        self._export_starts = Starts(_of_kind(options, ExportEntry), ExportEntry(kind="export"))
        self._job_starts = Starts(_of_kind(options, CsvJobEntry), CsvJobEntry(kind="csv_job"))
        for entry in options.tasks:
            self._begin(entry)

    def add_task(self, entry: Mapping[str, Any]) -> str:
        """Begin an export, a bulk job or a task."""
        return self._begin(ENTRY.validate_python(dict(entry)))

    def expected_states(self) -> list[ExpectedState]:
        """Return the true state of every task that the appliance still knows."""
        tasks: list[Export | CsvJob | Task] = [*self._exports.values(), *self._jobs.values(), *self._tasks.values()]
        return [each.expected_state() for each in tasks if not each.forgotten()]

    def _begin(self, entry: ExportEntry | CsvJobEntry | TaskEntry) -> str:
        task_id = entry.id or self._free_id()
        born = self.time.simulated()
        if isinstance(entry, ExportEntry):
            self._exports[task_id] = Export(task_id, entry, born, self.time)
        elif isinstance(entry, CsvJobEntry):
            self._jobs[task_id] = CsvJob(task_id, entry, born, self.time)
        else:
            self._tasks[task_id] = Task(task_id, entry, born, self.time)
        return task_id

    def _free_id(self) -> str:
        taken = self._exports.keys() | self._jobs.keys() | self._tasks.keys()
        return next(str(number) for number in range(501, 10**9) if str(number) not in taken)

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        try:
            handler, arguments = self.ROUTES.find(request)
        except UnknownRoute as unknown:
            return self.auth.admit(request) or self._not_routed(unknown)
        if len(request.body) > BODY_LIMIT:
            return self._writer.error(413, "SE0413", "The request is too large.", "Send a smaller body.")
        refused = None if handler is Lxca._log_in else self.auth.admit(request)
        try:
            return refused or handler(self, request, **arguments)
        except BadStart as bad:
            return self._invalid(bad.text, bad.advice)

    def _not_routed(self, unknown: UnknownRoute) -> Reply:
        if unknown.allowed:
            reply = self._writer.error(405, "SE0405", "The method is not supported.", "Use a documented method.")
            reply.headers.append(("Allow", ", ".join(unknown.allowed)))
            return reply
        return self._writer.error(404, "SE0404", "The resource does not exist.", "Check the URL.")

    def _log_in(self, request: Request) -> Reply:
        return self.auth.log_in(request)

    POLLS: ClassVar = (r"/csvRequest/jobs/([^/]+)", r"/tasks/([^/]+)")

    def token_of(self, request: Request) -> str | None:
        """Return the session's cookie."""
        return request.cookies.get("JSESSIONID")

    def polled(self, request: Request) -> list[str]:
        """Return the ids of the path, or that of an export from the query."""
        if request.method == "GET" and request.decoded_path == "/updateRepositories/firmware/status":
            wanted = {name.lower(): value for name, value in request.arguments.items()}.get("taskid", "")
            return list(self._exports) if wanted == ALL_RUNNING else [wanted]
        return super().polled(request) if request.method == "GET" else []

    def is_login(self, request: Request) -> bool:
        """Tell a login by its path."""
        return request.method == "POST" and request.decoded_path == "/sessions"

    def login_refusal(self, request: Request, reason: Refusal, status: int | None = None) -> Reply:
        """Refuse it as Lenovo's pages list it."""
        del request
        return self.auth.refused(reason, status)

    def _describe(self, _request: Request) -> Reply:
        # assumption: Lenovo's Python client reads only the status of this call
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

    def _some_tasks(self, request: Request, job_list: str) -> Reply:
        known = {task.id: task for task in self._known_tasks()}
        wanted = [task_id.strip() for task_id in job_list.split(",")]
        missing = [task_id for task_id in wanted if task_id not in known]
        if missing and self.options.unknown_task == "refused":
            # assumption: as the page of PUT /tasks/{job_list} has it, and one unknown id spoils the whole list
            return self._writer.error(
                404, "JM0404", f"The job {missing[0]} does not exist.", "Check the id of the job."
            )
        return self._listed(request, [known[task_id] for task_id in wanted if task_id in known])

    def _known_tasks(self) -> list[Task]:
        return [task for task in self._tasks.values() if not task.forgotten()]

    def _listed(self, request: Request, tasks: list[Task]) -> Reply:
        if any(task.entry.failure_answer for task in tasks):
            return self._writer.reply(self._failing("JM"))
        compact = request.arguments.get("compact", "").lower() == "true"
        return self._writer.reply([task.body(compact=compact) for task in tasks])

    def _failing(self, area: str) -> dict[str, object]:
        """Return the body of an answer whose status is 200 all the same."""
        return self._writer.failure(f"{area}0251", "The request could not be completed.", "Try again later.")

    def _start_export(self, request: Request) -> Reply:
        check_export(request)
        entry = self._export_starts.take()
        task_id, runtime = self._begin(entry), self._begin(job_around(entry, "Export of firmware updates"))
        # assumption: both ids are numbers, and the message is the one that stands in the status
        ids = {"taskid": int(task_id), "jobid": int(runtime)}
        return self._writer.reply({"result": "informational", **ids, "messages": [OK_MESSAGE]})

    def _start_job(self, request: Request) -> Reply:
        wanted = bulk_import(request)
        busy = {address for job in self._jobs.values() for address in job.busy_addresses()}
        for address in wanted.addresses:
            if address in busy:
                # Lenovo asks to wait for the end of a management job. assumption: how it refuses those who do not
                return self._writer.error(
                    409, "DI0409", f"The device {address} is already being managed.", "Wait for the other job to end."
                )
        if wanted.validate_only:
            # assumption: what a file without faults gets
            return self._writer.reply({"result": "success", "messages": [GOOD_MESSAGE]})
        job_id = self._begin(wanted.shaped(self._job_starts.take()))
        runtime = self._begin(job_around(self._jobs[job_id].movement(), "Bulk management"))
        # assumption: answered as a sibling is, POST /manageRequest, with a recorded Location, whose statusDescription
        # is documented to hold the id of the bulk job, and whose jobID Lenovo's own role requests by GET /tasks
        body = {"jobID": runtime, "statusCode": 201, "statusDescription": job_id, "messages": []}
        return self._writer.reply(body, 201, [("Location", f"/csvRequest/jobs/{job_id}")])

    ROUTES: ClassVar = Routes(
        ("POST", "/sessions", _log_in),
        ("GET", "/sessions", lambda self, _request: self.auth.list_sessions()),
        ("DELETE", "/sessions", lambda self, request: self.auth.log_out(request)),
        ("DELETE", "/sessions/<session_id>", lambda self, _request, session_id: self.auth.log_out_other(session_id)),
        ("GET", "/aicc", _describe),
        ("GET", "/updateRepositories/firmware/status", _export_status),
        ("PUT", "/updateRepositories/firmware", _start_export),
        ("GET", "/csvRequest/jobs/<job_id>", _job),
        ("POST", "/csvRequest", _start_job),
        ("GET", "/tasks", lambda self, request: self._listed(request, self._known_tasks())),
        ("GET", "/tasks/<job_list>", _some_tasks),
    )
