# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware's vSphere Automation SDK for Python, in every encoding that it can be brought to speak.

Its bindings refuse a task that has a member which its status forbids, or lacks one which its status demands, times
without a zone, and the wrong wrapper.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from com.vmware.appliance_client import Update
from com.vmware.cis_client import Session
from com.vmware.vapi.std import errors_client as errors
from vmware.vapi.data.serializers.jsonrpc import JsonRpcError
from vmware.vapi.exception import CoreException
from vmware.vapi.lib.connect import get_requests_connector
from vmware.vapi.security.client.security_context_filter import LegacySecurityContextFilter
from vmware.vapi.security.session import create_session_security_context
from vmware.vapi.security.user_password import create_user_password_security_context
from vmware.vapi.stdlib.client.factories import StubConfigurationFactory

from .client import Client, Observation, SessionLost, Unavailable, percent
from .vcenter_encodings import Encoding, difference, unknown_members, written

# Where login and reading live below the appliance's address
PLACES: Mapping[Encoding, tuple[str, str]] = {
    "api": ("/api", "/api"),
    "rest": ("/rest/com/vmware/cis", "/rest"),
    "jsonrpc": ("/api", "/api"),
}
TIMEOUT = 10.0
# States after which a wait for an install has nothing left to wait for
ENDS = frozenset({"UP_TO_DATE", "INSTALL_FAILED"})
# States in which our module repeats what the appliance says of its work
WORKING = frozenset({"STAGE_IN_PROGRESS", "INSTALL_IN_PROGRESS"})


class VcenterSdk(Client):
    """The SDK on one connection, in one encoding; `ends` are the states that end what is waited for."""

    def __init__(self, access: Mapping[str, Any], encoding: Encoding, ends: Collection[str] = ENDS) -> None:
        super().__init__()
        self.name = f"vmware-vcenter, {encoding}"
        self._encoding = encoding
        self._ends = ends
        self._origin = f"https://{access['hostname']}:{access['port']}"
        self._account = create_user_password_security_context(access["username"], access["password"])
        self._http = requests.Session()
        # A certificate authority named in the environment would win over the one given here
        self._http.trust_env = False
        self._http.verify = access["ca_path"]
        self._http.hooks["response"].append(self._keep)
        self._token: str | None = None
        self.body: Any = None
        """The last answer as it came, read as JSON; None if it was none."""

    def log_in(self) -> None:
        self._http.headers.pop("vmware-api-session-id", None)
        self._http.cookies.clear()
        self._token = self._told(self._stub(Session, 0, self._account).create)
        if self._encoding == "api":
            # Over /api the runtime takes no session context
            self._http.headers["vmware-api-session-id"] = self._token

    def _poll(self) -> Observation:
        info = self.read()
        sent = self.body["result"] if self._encoding == "jsonrpc" else self.body
        if sent != (expected := written(info, self._encoding)):
            self.departures.append(difference(sent, expected))
        self.departures += [f"there is no member {name} in the interface definition" for name in unknown_members(info)]
        return {"update": {**seen(info), "done": str(info.state) in self._ends}}

    def read(self) -> Update.Info:
        """Return the bindings' own object."""
        return self._told(self.service(Update).get)

    def service(self, binding: Any) -> Any:
        """Return another of the SDK's services, for this session."""
        return self._stub(binding, 1, self._session())

    def log_out(self) -> None:
        if self._token is not None:
            self._told(self._stub(Session, 0, self._session()).delete)
            self._token = None

    def _keep(self, answer: requests.Response, **_unused: Any) -> None:
        try:
            self.body = answer.json()
        except ValueError:
            self.body = None

    def _session(self) -> Any:
        return create_session_security_context(self._token) if self._encoding != "api" and self._token else None

    def _stub(self, service: Any, place: int, context: Any) -> Any:
        chain = [LegacySecurityContextFilter(security_context=context)] if context else None
        connector = get_requests_connector(
            session=self._http,
            msg_protocol="json" if self._encoding == "jsonrpc" else "rest",
            url=self._origin + PLACES[self._encoding][place],
            timeout=TIMEOUT,
            provider_filter_chain=chain,
        )
        stub = service(StubConfigurationFactory.new_std_configuration(connector))
        if self._encoding == "api":
            # As shipped, the runtime wraps bodies as under /rest; this has its effect only once the stub is there
            provider = connector.get_api_provider()
            provider = provider.get_api_provider() if hasattr(provider, "get_api_provider") else provider
            provider.set_rest_format(False)
        return stub

    @staticmethod
    def _told(call: Any) -> Any:
        try:
            return call()
        except errors.Unauthenticated as error:
            raise SessionLost(repr(error)) from error
        except (errors.Error, CoreException, JsonRpcError, requests.RequestException) as error:
            raise Unavailable(repr(error)) from error


def seen(info: Update.Info) -> Mapping[str, Any]:
    """Return what the object says, under the names of our return values."""
    task = info.task
    said = {"message": task.progress.message.default_message} if info.state in WORKING and task else {}
    return {
        **said,
        "native_state": str(info.state),
        "version": info.version,
        "latest_query_time": _moment(info.latest_query_time),
        "progress": _share(task),
        "started_at": _moment(task and task.start_time),
        "finished_at": _moment(task and task.end_time),
        "auto_rollback_state": str(task.auto_rollback_state) if task and task.auto_rollback_state else None,
        "steps": [
            (name, str(task.subtasks[name].status), _share(task.subtasks[name]))
            for name in dict.fromkeys([*task.subtask_order, *task.subtasks])
            if name in task.subtasks
        ]
        if task
        else [],
    }


def _share(task: Any) -> float | None:
    if task is None or task.progress is None or not task.progress.total:
        return None
    return percent(task.progress.completed, task.progress.total)


def _moment(value: datetime | None) -> datetime | None:
    # The bindings speak of UTC without saying so
    return None if value is None else value.replace(tzinfo=UTC)
