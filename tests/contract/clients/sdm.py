# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader of route updates that holds every answer against the schemas and rules of `sdm_rules`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import requests
from lxml import etree

from .client import Client, Observation, SessionLost, Unavailable, percent
from .sdm_rules import LISTS, XML, Exchange, Rules

TIMEOUT = 10.0
FIELDS = ("errorHandling", "rollbackCount", "rollbackStatus", "totalDeviceCount", "updatedCount")


class SdmReader(Client):
    """Reads in XML or in JSON, with the session in the cookie jar."""

    def __init__(self, access: Mapping[str, Any], ids: Sequence[str], media: str, rules: Rules | None = None) -> None:
        super().__init__()
        self.name = f"schema for {media}"
        self._access = access
        self._ids = ids
        self._media = media
        self._rules = rules or Rules()
        self._base = f"https://{access['hostname']}:{access['port']}/rest"
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = access["ca_path"]
        self._http.headers["Accept"] = media
        self._http.hooks["response"].append(self._examine)

    def log_in(self) -> None:
        self._http.cookies.clear()
        self.ask(
            "POST", "/v1.3/admin/login", {"userName": self._access["username"], "password": self._access["password"]}
        )

    def log_out(self) -> None:
        self.ask("POST", "/v1.3/admin/logout")

    def _poll(self) -> Observation:
        self.ask("GET", "/v1.3/routeSets/routeUpdates")
        return {task_id: self._seen(task_id) for task_id in self._ids}

    def ask(self, verb: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> requests.Response:
        """Make a request, with a JSON body if one is given.

        Raises:
            SessionLost: on 401.
            Unavailable: when there is no answer, or one that is no success.
        """
        try:
            answer = self._http.request(verb, self._base + path, json=body, timeout=TIMEOUT, headers=headers)
        except requests.RequestException as error:
            raise Unavailable(str(error)) from error
        if answer.status_code == 401:
            raise SessionLost(f"{verb} {path}: 401")
        if not answer.ok:
            raise Unavailable(f"{verb} {path}: {answer.status_code}")
        return answer

    def _examine(self, answer: requests.Response, **_unused: Any) -> None:
        request = answer.request
        seen = Exchange(
            str(request.method),
            str(request.path_url).partition("?")[0],
            request.headers.get("Accept", ""),
            answer.status_code,
            answer.headers,
            answer.content,
        )
        try:
            self.departures += self._rules.departures(seen)
        except (etree.XMLSyntaxError, ValueError) as error:
            self.departures.append(f"{seen.verb} {seen.path}: the body cannot be read: {error}")

    def _seen(self, task_id: str) -> Mapping[str, Any]:
        body = self.ask("GET", f"/v1.3/routeSets/routeUpdates/{task_id}").content
        details, rows = self._xml(body) if self._media == XML else self._json(body)
        total = int(details["totalDeviceCount"])
        return {
            **{name: details[name] for name in FIELDS},
            "native_state": details["updateStatus"],
            "done": details["updateStatus"] in {"Completed", "Failed"},
            "progress": percent(int(details["updatedCount"]), total) if total else None,
            "steps": [(row["objectId"], row["status"], None) for row in rows],
        }

    def _xml(self, body: bytes) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
        tree = etree.fromstring(body)
        path = "deviceStatusList" if LISTS[self._rules.release][0] == "flat" else "deviceStatusList/*"
        rows = [{leaf.tag: leaf.text for leaf in row} for row in tree.findall(path)]
        return {leaf.tag: leaf.text for leaf in tree}, rows

    def _json(self, body: bytes) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
        details = json.loads(body)
        rows = details["deviceStatusList"]
        if isinstance(rows, dict):
            rows = [rows] if "objectId" in rows else next(iter(rows.values()))
        return details, rows
