# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Administrator: login, firmware export status and bulk jobs.

Source: Lenovo XClarity Administrator REST API reference, "Authorization and authentication", "POST /sessions",
"DELETE /sessions", "GET /updateRepositories/firmware/status", "GET /csvRequest/jobs/{job_id}".
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from ..clock import Timebase, iso
from ..messages import Reply, Request, json_reply
from ..sessions import Session, SessionTable
from ..timeline import Duration
from .base import BODY_LIMIT, SECURITY_HEADERS, Routes, System, SystemOptions, TaskTruth, UnknownRoute
from .lxca_csv_job import CsvJob, CsvJobEntry
from .lxca_export import Export, ExportEntry, idle_envelope, merged_envelope

LxcaEntry = Annotated[ExportEntry | CsvJobEntry, Field(discriminator="kind")]
ENTRY: TypeAdapter[ExportEntry | CsvJobEntry] = TypeAdapter(LxcaEntry)
HEADERS = [
    *SECURITY_HEADERS,
    ("Cache-Control", "no-store, no-cache, must-revalidate"),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("Expires", "0"),
    ("Vary", "Accept-Encoding, User-Agent"),
]
ALL_RUNNING = "0"


class LxcaOptions(SystemOptions):
    """The appliance as a scenario describes it."""

    username: str = "USERID"
    session_idle: Duration = 86400
    """Wall seconds without use after which a session ends."""
    recovery: Literal["object", "list", "string"] = "object"
    """Shape of the field `recovery` in error messages."""
    content_version: str = "v2.0.0"
    """Version inside the content type of answers."""
    refused_status: Literal[401, 403] = 401
    """What a wrong password gets."""
    tasks: tuple[LxcaEntry, ...] = ()


class Lxca(System):
    """One appliance."""

    name: ClassVar[str] = "lxca"

    def __init__(self, options: LxcaOptions, time: Timebase, *, plain: bool) -> None:
        super().__init__(time, plain=plain)
        self.options = options
        self._sessions = SessionTable(time.wall, lambda: secrets.token_hex(16).upper(), idle=options.session_idle)
        self._exports: dict[str, Export] = {}
        self._jobs: dict[str, CsvJob] = {}
        self._routes = Routes(
            ("POST", "/sessions", self._log_in),
            ("GET", "/sessions", self._list_sessions),
            ("DELETE", "/sessions", self._log_out),
            ("DELETE", "/sessions/<session_id>", self._log_out_other),
            ("GET", "/aicc", self._describe),
            ("GET", "/updateRepositories/firmware/status", self._export_status),
            ("GET", "/csvRequest/jobs/<job_id>", self._job),
        )
        for entry in options.tasks:
            self._begin(entry)

    @property
    def settings(self) -> LxcaOptions:
        """The appliance's options."""
        return self.options

    @property
    def sessions(self) -> SessionTable:
        """The open sessions."""
        return self._sessions

    def access(self) -> dict[str, str]:
        """Return user and password."""
        return {"username": self.options.username, "password": self.options.password}

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
            handler, arguments = self._routes.find(request)
        except UnknownRoute as unknown:
            return self._not_routed(request, unknown)
        if len(request.body) > BODY_LIMIT:
            return self._error(413, "SE0413", "The request is too large.", "Send a smaller body.")
        if handler == self._log_in:
            return self._log_in(request)
        return self._admit(request) or handler(request, **arguments)

    def _not_routed(self, request: Request, unknown: UnknownRoute) -> Reply:
        refused = self._admit(request)
        if refused is not None:
            return refused
        if unknown.allowed:
            reply = self._error(405, "SE0405", "The method is not supported.", "Use a documented method.")
            reply.headers.append(("Allow", ", ".join(unknown.allowed)))
            return reply
        return self._error(404, "SE0404", "The resource does not exist.", "Check the URL.")

    def _reply(self, data: object, status: int = 200) -> Reply:
        media = f"application/com.lenovo.lxca-{self.options.content_version}+json; charset=UTF-8"
        return json_reply(data, status, media, list(HEADERS))

    def _error(self, status: int, code: str, text: str, advice: str) -> Reply:
        # assumption: ids and texts of the error bodies; their structure is recorded
        return self._reply(self._failure(code, text, advice), status)

    def _failure(self, code: str, text: str, advice: str) -> dict[str, object]:
        recovery: object = {"text": advice, "URL": ""}
        if self.options.recovery == "list":
            recovery = [recovery]
        elif self.options.recovery == "string":
            recovery = advice
        message = {"id": f"FQXHM{code}J", "text": text, "explanation": text, "recovery": recovery}
        return {"result": "failure", "messages": [message]}

    def _admit(self, request: Request) -> Reply | None:
        """Return why a request may not pass, or nothing."""
        session = self._session_of(request)
        if session is None:
            if request.basic is None:
                return self._error(401, "SE0401", "The session is not valid or has expired.", "Log in.")
            if request.basic != (self.options.username, self.options.password):
                return self._refused()
        # The cookie alone is not enough, Lenovo's own Python client says
        elif request.headers.get("X-Csrf-Token") != session.data["csrf"]:
            return self._error(403, "SE0403", "The CSRF token is missing or wrong.", "Send the header X-Csrf-Token.")
        logging_out = request.method == "DELETE" and request.decoded_path.startswith("/sessions")
        if not self.options.authorized and not logging_out:
            return self._error(403, "SE0203", "You do not have the privileges for this.", "Ask an administrator.")
        return None

    def _session_of(self, request: Request) -> Session | None:
        # Scripts that must not keep a session alive say so by this header
        background = request.headers.get("X-NOT-USER-INPUT") == "checkSession"
        return self._sessions.find(request.cookies.get("JSESSIONID"), touch=not background)

    def _refused(self) -> Reply:
        return self._error(
            self.options.refused_status, "SE0101", "The user name or password is not valid.", "Check both."
        )

    def _log_in(self, request: Request) -> Reply:
        try:
            sent = request.json()
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not isinstance(sent.get("UserId"), str) or "password" not in sent:
            return self._error(400, "SE0400", "UserId and password are required.", "Send both as JSON.")
        if (sent["UserId"], sent["password"]) != (self.options.username, self.options.password):
            return self._refused()
        session = self._sessions.open(sent["UserId"], csrf=secrets.token_hex(16), uuid=secrets.token_hex(16).upper())
        minutes = max(int(self.options.session_idle / 60), 1)
        body = {
            "response": {"pwChangeRequired": False, "session": self._session_object(session, minutes, csrf=True)},
            "result": "success",
            "messages": [{"id": "FQXHMSE0001I", "text": "The operation was successful."}],
        }
        reply = self._reply(body)
        secure = "" if self.plain else ";Secure"
        reply.headers += [
            ("Set-Cookie", f"JSESSIONID={session.token};Path=/{secure};HttpOnly"),
            ("Set-Cookie", f"csrf={session.data['csrf']};Path=/{secure}"),
            ("Set-Cookie", f"inactivityTimeout={minutes};Path=/{secure}"),
            ("Set-Cookie", f"user={session.user};Path=/{secure}"),
            ("Set-Cookie", f"userAuthenticationMethod=local;Path=/{secure}"),
        ]
        return reply

    def _session_object(self, session: Session, minutes: int, *, csrf: bool) -> dict[str, object]:
        opened = self.time.epoch.timestamp() + session.opened
        shown: dict[str, object] = {
            "Address": "127.0.0.1",
            "authenticationServer": "local",
            "created": int(opened * 1000),
            "id": session.data["uuid"],
            "inactivityTimeout": minutes,
            "UserId": session.user,
        }
        return shown | ({"csrf": session.data["csrf"]} if csrf else {})

    def _list_sessions(self, _request: Request) -> Reply:
        minutes = max(int(self.options.session_idle / 60), 1)
        listed = [self._session_object(each, minutes, csrf=False) for each in self._sessions.all()]
        return self._reply({"response": listed, "result": "success", "messages": []})

    def _log_out(self, request: Request) -> Reply:
        session = self._session_of(request)
        if session is not None:
            self._sessions.close(session.token)
        return self._logged_out()

    def _log_out_other(self, _request: Request, session_id: str) -> Reply:
        for session in self._sessions.all():
            if session.data["uuid"] == session_id:
                self._sessions.close(session.token)
                return self._logged_out()
        return self._error(404, "SE0404", "The session does not exist.", "Check the id.")

    def _logged_out(self) -> Reply:
        message = {"id": "FQXHMSE0001I", "text": "The operation was successful."}
        return self._reply({"result": "success", "messages": [message]})

    def _describe(self, _request: Request) -> Reply:
        # assumption: Lenovo's Python client only looks at the status of this call
        return self._reply({"appliance": {"date": iso(self.time.date())}})

    def _export_status(self, request: Request) -> Reply:
        wanted = {name.lower(): value for name, value in request.arguments.items()}
        # assumption: optional, because one page of the reference calls it required and another one leaves it out
        if wanted.get("tasktype", "EXPORTREPOSITORY").upper() != "EXPORTREPOSITORY":
            return self._error(400, "UP0400", "The parameter taskType is not valid.", "Use EXPORTREPOSITORY.")
        task_id = wanted.get("taskid", "")
        if not task_id:
            return self._error(400, "UP0400", "The parameter taskid is missing.", "Send the id of the export task.")
        if task_id == ALL_RUNNING:
            return self._reply(merged_envelope(list(self._exports.values())))
        export = self._exports.get(task_id)
        if export is None:
            # assumption: the page lists 400 and no 404
            return self._error(400, "UP0400", "The parameter taskid is not valid.", "Check the id of the export task.")
        if export.forgotten():
            return self._reply(idle_envelope())
        return self._reply(self._failing("UP") if export.entry.failure_answer else export.envelope())

    def _job(self, _request: Request, job_id: str) -> Reply:
        job = self._jobs.get(job_id)
        if job is None or job.forgotten():
            return self._error(404, "JM0404", f"The job {job_id} cannot be found.", "Check the id of the job.")
        return self._reply(self._failing("JM") if job.entry.failure_answer else job.body())

    def _failing(self, area: str) -> dict[str, object]:
        """Return the body of an answer whose status is 200 all the same."""
        return self._failure(f"{area}0251", "The request could not be completed.", "Try again later.")
