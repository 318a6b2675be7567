# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All modules as one table: what a test must know of each to treat all of them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taskwatch_simulator.embedded import Simulator

from .described import LXCA_TASK

COLLECTION = "taskwatch.infra"
USER_LOGIN = {"username": "USER", "password": "PASSWORD"}


@dataclass(frozen=True, eq=False)
class Module:
    """One module and its system.

    `ids` are two tasks that every scenario has, `option` is the option that names them and `title` what messages call
    one of them. `poll` is how the path of a poll ends, with the place of the id if it holds one. `unknown` is an id
    that no scenario has, `unknown_error` the type of error that it gets. `environment` names the environment variable
    of each connection option, `login` the requests that a login consists of and `logout` the one that ends it, as
    method and path. `logs_in_like_others` says that another module logs in and asks in the same way, so that what costs
    most need not be shown of this one, too. `more` are options without which the module does nothing.
    """

    name: str
    system: str
    title: str
    ids: tuple[str, ...]
    option: str | None
    poll: str
    environment: Mapping[str, str]
    login: frozenset[tuple[str, str]]
    logout: tuple[str, str]
    unknown: str = "999"
    unknown_error: str = "not_found"
    secrets: tuple[str, ...] = ("password",)
    group: str = field(default="")
    logs_in_like_others: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fqcn(self) -> str:
        """The name in a playbook."""
        return f"{COLLECTION}.{self.name}"

    def ask(self, ids: object) -> dict[str, Any]:
        """Return the options that name these tasks; the one task of an appliance needs no name."""
        return {**self.more, **({self.option: ids} if self.option else {})}

    def poll_path(self, task_id: str) -> str:
        """Return how the path of a poll at this task ends."""
        return self.poll.format(id=task_id)

    @property
    def polls(self) -> str:
        """What the paths of all polls have in common."""
        return self.poll.partition("{")[0]

    def connection(self, simulator: Simulator) -> dict[str, Any]:
        """Return the connection options for a simulator."""
        facts = simulator.systems[self.system]
        wanted = [name for name in self.environment if name in facts] + ["port", "use_ssl"]
        options = {name: facts[name] for name in wanted}
        return {**options, "ca_path": simulator.ca_path} if simulator.ca_path else options

    def variables(self, simulator: Simulator) -> dict[str, str]:
        """Return the environment variables of a job that reaches a simulator."""
        connection = self.connection(simulator)
        return {name: str(connection[option]) for option, name in self.environment.items() if option in connection}

    def secret_values(self, simulator: Simulator) -> list[str]:
        """Return what must never be shown."""
        return [str(simulator.systems[self.system][name]) for name in self.secrets]


def _variables(prefix: str, **login: str) -> dict[str, str]:
    names = {"hostname": "HOST", "port": "PORT", **login, "validate_certs": "VALIDATE_CERTS", "ca_path": "CA_PATH"}
    return {option: f"{prefix}_{suffix}" for option, suffix in names.items()}


def _lxca(name: str, title: str, option: str, poll: str, *ids: str, **more: Any) -> Module:
    return Module(
        name=name,
        system="lxca",
        title=title,
        ids=ids,
        option=option,
        poll=poll,
        login=frozenset({("POST", "/sessions")}),
        logout=("DELETE", "/sessions"),
        **{"group": "lxca", "environment": _variables("LXCA", **USER_LOGIN), **more},
    )


MODULES = (
    # Lenovo documents no 404 for an export: an id that never was is a bad request
    _lxca(
        "lxca_repo_export_info",
        "LXCA repository export",
        "task_id",
        "/updateRepositories/firmware/status",
        *("12", "13"),
        unknown_error="bad_request",
    ),
    _lxca("lxca_csv_job_info", "LXCA CSV job", "job_id", "/csvRequest/jobs/{id}", "371", "372"),
    _lxca("lxca_task_info", "LXCA task", "task_id", "/tasks/{id}", "51", "52", logs_in_like_others=True),
    Module(
        name="route_update_info",
        system="sdm",
        title="SDM route update",
        ids=("ID33", "ID40"),
        option="task_id",
        poll="/routeSets/routeUpdates/{id}",
        environment=_variables("SDM", **USER_LOGIN),
        login=frozenset({("POST", "/rest/v1.3/admin/login")}),
        logout=("POST", "/rest/v1.3/admin/logout"),
        unknown="ID999",
        group="sdm",
    ),
    Module(
        name="appliance_update_info",
        system="vcenter",
        title="vCenter appliance",
        ids=("update",),
        option=None,
        poll="/appliance/update",
        environment=_variables("VMWARE", **USER_LOGIN),
        login=frozenset({("POST", "/api/session")}),
        logout=("DELETE", "/api/session"),
        group="vcenter",
    ),
    Module(
        name="element_image_status_info",
        system="prisma_sdwan",
        title="Prisma SD-WAN element",
        ids=("16540011223340090", "16540011223340091"),
        option="element_id",
        poll="/software/current_status/query",
        environment={
            "hostname": "PRISMASASE_HOST",
            "client_id": "PRISMASASE_CLIENT_ID",
            "client_secret": "PRISMASASE_CLIENT_SECRET",
            "tsg_id": "PRISMASASE_TSG_ID",
            "auth_url": "PRISMASASE_AUTH_URL",
            "validate_certs": "PRISMASASE_VALIDATE_CERTS",
            "ca_path": "PRISMASASE_CA_PATH",
        },
        login=frozenset({("POST", "/auth/v1/oauth2/access_token"), ("GET", "/sdwan/v2.1/api/profile")}),
        logout=("GET", "/sdwan/v2.0/api/logout"),
        unknown="16540011229999999",
        secrets=("client_secret", "auth_token"),
        group="prisma_sdwan",
    ),
    # A system of the simulator, described
    _lxca(
        "rest_task_info",
        "Described task",
        "task_id",
        "/tasks/{id}",
        *("51", "52"),
        environment=_variables("REST_TASK", **USER_LOGIN),
        group="rest",
        logs_in_like_others=True,
        more={"description": LXCA_TASK},
    ),
)
BY_NAME = {module.name: module for module in MODULES}
# The one module whose system knows a single task
APPLIANCE = BY_NAME["appliance_update_info"]
