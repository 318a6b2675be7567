# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is put to the test: every module, in every way in which it can log in and speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import RepoExport
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate

from tests.support.described import LXCA_TASK, LXCA_TASK_BASIC

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request of a subject: its method and a regular expression found in its path."""

    method: str
    path: str


@dataclass(frozen=True)
class Subject:
    """One module with one way to log in.

    `login` are the requests of a login in order, none if it opens no session; `relogin` the statuses after which it
    logs in again; `token_in_body` says that only the body of a login's answer tells the session. `under_way` and
    `finished` describe the same task to the simulator, before and after its end. `credentials` are the connection
    options by which it logs in, those of `secret` being secrets.
    """

    name: str
    system_class: type[System]
    system: str
    task_id: str
    status: Call
    under_way: Options
    finished: Options
    credentials: tuple[str, ...] = ("username", "password")
    secret: tuple[str, ...] = ("password",)
    login: tuple[Call, ...] = ()
    relogin: frozenset[int] = frozenset()
    token_in_body: bool = False
    final_refusals: bool = False
    """Every request is a login, so that a refusal is final whenever it comes."""
    finds_encoding: bool = False
    """Its documents say themselves how they are encoded."""
    other_flavour: bool = False
    """A login that meets 404 or a web page tries the system's other address at once."""
    logs_in_like_others: bool = False
    """Another subject logs in and asks in the same way, so the matrix shows its polls alone, in fewer durations."""
    options: Options = field(default_factory=dict)
    profile: Options = field(default_factory=dict)
    """Keys of its system beside the task."""

    @property
    def opens_session(self) -> bool:
        """Whether there is a session to close."""
        return bool(self.login)

    def scenario(self) -> dict[str, Any]:
        """Return a scenario with its one task, under way for as long as it is polled."""
        return {self.system: {**self.profile, "tasks": [dict(self.under_way)]}}

    def params(self, access: Options, **options: Any) -> dict[str, Any]:
        """Return the module's options, defaults included, for a system that `access` describes."""
        given = {name: access[name] for name in ("hostname", "port", "use_ssl", "ca_path", *self.credentials)}
        id_option = self.system_class.ID_OPTION
        ids = {id_option: [self.task_id]} if id_option else {}
        return validated(self.system_class, {**given, **ids, **self.options, **options})

    def secrets(self, access: Options) -> list[str]:
        """Return what it was given and must never show."""
        return [str(access[name]) for name in self.secret]


def validated(system_class: type[System], options: Options) -> dict[str, Any]:
    """Return options as a module sees them."""
    checked = ModuleArgumentSpecValidator(system_class.ARGUMENT_SPEC).validate(dict(options))
    assert not checked.error_messages, checked.error_messages
    return dict(checked.validated_parameters)


# Work that has been going on for an hour and has come to 40 %, and the same work when it has ended well.
_MOVING = {"begin": -3600, "duration": 7200, "stuck_at": 40}
_ENDED = {"begin": -3600, "duration": 60}
_EXPORT = {"kind": "export", "id": "12"}
_JOB = {"kind": "csv_job", "id": "371"}
_TASK = {"kind": "task", "id": "51"}
_ROUTES = {"id": "ID33", "devices": 5}
_ELEMENT = {"id": "16540011223340090", "name": "branch-1"}
_LXCA_LOGIN = (Call("POST", "^/sessions$"),)
_SDM_LOGIN = (Call("POST", "/admin/login$"),)
_VCENTER_LOGIN = (Call("POST", "session$"),)
_PRISMA_LOGIN = (Call("POST", "access_token$"), Call("GET", "/profile$"))
_RETURNS_401 = frozenset({401})

_LXCA_EXPORT = Subject(
    name="export-session",
    system_class=RepoExport,
    system="lxca",
    task_id="12",
    status=Call("GET", "firmware/status$"),
    under_way={**_EXPORT, **_MOVING},
    finished={**_EXPORT, **_ENDED},
    login=_LXCA_LOGIN,
    relogin=_RETURNS_401,
)
_LXCA_JOB = Subject(
    name="csv-session",
    system_class=CsvJob,
    system="lxca",
    task_id="371",
    status=Call("GET", "^/csvRequest/jobs/"),
    under_way={**_JOB, **_MOVING},
    finished={**_JOB, **_ENDED},
    login=_LXCA_LOGIN,
    relogin=_RETURNS_401,
)
_LXCA_TASK = Subject(
    name="task-session",
    system_class=Task,
    system="lxca",
    task_id="51",
    status=Call("GET", "^/tasks/"),
    under_way={**_TASK, **_MOVING},
    finished={**_TASK, **_ENDED},
    login=_LXCA_LOGIN,
    relogin=_RETURNS_401,
    logs_in_like_others=True,
)
_SDM_XML = Subject(
    name="routes-xml",
    system_class=RouteUpdate,
    system="sdm",
    task_id="ID33",
    status=Call("GET", "/routeUpdates/"),
    under_way={**_ROUTES, **_MOVING},
    finished={**_ROUTES, **_ENDED},
    login=_SDM_LOGIN,
    relogin=_RETURNS_401,
    finds_encoding=True,
)
_VCENTER_AUTO = Subject(
    name="appliance-auto",
    system_class=ApplianceUpdate,
    system="vcenter",
    task_id="update",
    status=Call("GET", "/appliance/update$"),
    under_way=_MOVING,
    finished=_ENDED,
    login=_VCENTER_LOGIN,
    relogin=_RETURNS_401,
    token_in_body=True,
    other_flavour=True,
)
_PRISMA_OAUTH = Subject(
    name="elements-oauth",
    system_class=ElementImageStatus,
    system="prisma_sdwan",
    task_id="16540011223340090",
    status=Call("POST", "current_status/query$"),
    under_way={**_ELEMENT, "path": "stuck", **_ENDED},
    finished={**_ELEMENT, "path": "upgrade", **_ENDED},
    credentials=("client_id", "client_secret", "tsg_id", "auth_url"),
    secret=("client_secret",),
    login=_PRISMA_LOGIN,
    relogin=frozenset({401, 403}),
    token_in_body=True,
)


def _variant(of: Subject, name: str, **changes: Any) -> Subject:
    return Subject(**{**of.__dict__, "name": name, **changes})


# Its login is the same on the wire, but another part of the code.
_DESCRIBED = _variant(
    _LXCA_TASK,
    "described-session",
    system_class=RestTask,
    options={"description": LXCA_TASK},
    logs_in_like_others=False,
)
_SESSIONLESS: Options = {"login": (), "relogin": frozenset()}

SUBJECTS: Sequence[Subject] = (
    _LXCA_EXPORT,
    _variant(_LXCA_EXPORT, "export-basic", options={"auth": "basic"}, final_refusals=True, **_SESSIONLESS),
    _LXCA_JOB,
    _variant(_LXCA_JOB, "csv-basic", options={"auth": "basic"}, final_refusals=True, **_SESSIONLESS),
    _SDM_XML,
    _variant(_SDM_XML, "routes-json", options={"response_format": "json"}, finds_encoding=False),
    _VCENTER_AUTO,
    _variant(_VCENTER_AUTO, "appliance-rest", options={"api": "rest"}, other_flavour=False),
    _PRISMA_OAUTH,
    _variant(
        _PRISMA_OAUTH,
        "elements-token",
        credentials=("auth_token", "tenant_id"),
        secret=("auth_token",),
        **_SESSIONLESS,
    ),
    _LXCA_TASK,
    _DESCRIBED,
    _variant(
        _DESCRIBED,
        "described-basic",
        options={"description": LXCA_TASK_BASIC},
        final_refusals=True,
        logs_in_like_others=True,
        **_SESSIONLESS,
    ),
)
