# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of the REST API of AWX as its own modules use to make and delete things, with the rules that it checks.

Sources: AWX 24.6.1, awx/api/serializers.py and awx/api/views; awx.awx 24.6.1, plugins/module_utils/controller_api.py.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from .rules import faults_of_survey, faults_of_type, is_whole

# Where the Automation Platform has the same API, behind its gateway
GATEWAY = "/api/controller/"
TOKEN = "token-of-the-test"
HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
PATH = re.compile(r"/api(?:/controller)?/v2/(?P<kind>\w+)/(?:(?P<id>\d+)/(?:(?P<sub>\w+)/)?)?")
# What must name something else, by the kind that it names
REFERENCES = {
    "organization": "organizations",
    "project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
    "credential_type": "credential_types",
    "workflow_job_template": "workflow_job_templates",
    "unified_job_template": "job_templates",
}
# In which fields two of a kind must differ
IDENTITIES = {
    "credential_types": ("name", "kind"),
    "execution_environments": ("name",),
    "groups": ("name", "inventory"),
    "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
}
REQUIRED = {
    "execution_environments": ("image",),
    "job_templates": ("project", "playbook", "inventory"),
    "groups": ("inventory",),
}
WHOLE_NUMBERS = frozenset({"timeout", "forks", "job_slice_count", "verbosity"})
LISTS = frozenset({"credentials", "success_nodes", "failure_nodes", "always_nodes"})
SURVEYED = frozenset({"job_templates", "workflow_job_templates"})
Thing = dict[str, Any]


class Refusal(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


class FakeAwx:
    """Things by kind and id.

    `playbooks` are those that every project has once its update was successful, of which the first `failing` are not;
    `changes` is what was asked beyond reading.
    """

    def __init__(self, playbooks: list[str]) -> None:
        self.playbooks = playbooks
        self.failing = 0
        self.things: dict[str, dict[int, Thing]] = {}
        self.changes: list[tuple[str, str]] = []
        self._next = 100
        self.add("organizations", name="Default")

    def add(self, things: str, /, **fields: Any) -> Thing:
        """Put something there, unchecked, and return it."""
        self._next += 1
        url = f"/api/v2/{things}/{self._next}/"
        related = {"survey_spec": f"{url}survey_spec/"} if things in SURVEYED else {}
        if things == "projects":
            related = {"update": f"{url}update/"}
        thing = {
            "id": self._next,
            "type": things.removesuffix("s"),
            "url": url,
            "related": related,
            "summary_fields": {},
            "description": "",
            "_survey": {},
            "_lists": {name: [] for name in LISTS},
            **fields,
        }
        self.things.setdefault(things, {})[self._next] = thing
        return thing

    def names(self) -> dict[str, list[str]]:
        """Return what is there, by kind."""
        return {
            kind: sorted(str(thing.get("name", thing.get("identifier"))) for thing in things.values())
            for kind, things in self.things.items()
            if things
        }

    def named(self, kind: str, name: str) -> Thing:
        """Return what has this name."""
        (found,) = [each for each in self.things[kind].values() if name in (each.get("name"), each.get("identifier"))]
        return found

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        try:
            status, body = self._answer(request)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        text = "" if body is None else json.dumps(body)
        if request.path.startswith(GATEWAY):
            text = text.replace('"/api/', f'"{GATEWAY}')
        return Response(text, status, HEADERS, content_type="application/json")(environ, start_response)

    def _answer(self, request: Request) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, {"detail": "Authentication credentials were not provided."})
        path = PATH.fullmatch(request.path)
        if path is None:
            raise Refusal(404, {"detail": "Not found."})
        kind, thing_id, sub = path["kind"], path["id"], path["sub"]
        body = json.loads(request.get_data() or b"{}")
        if request.method != "GET":
            self.changes.append((request.method, request.path))
        if thing_id is None:
            return self._of_all(request, kind, body)
        thing = self.things.get(kind, {}).get(int(thing_id))
        if thing is None:
            raise Refusal(404, {"detail": "Not found."})
        if (kind, sub, request.method) == ("projects", "update", "POST"):
            # An update that was asked for by itself is not the first one, and leaves nothing under way
            return 202, _shown(self._update(thing))
        if sub == "survey_spec":
            return self._survey(request.method, thing, body)
        if sub is not None:
            return self._list(request.method, thing, sub, body)
        return self._of_one(request.method, kind, thing, body)

    def _of_all(self, request: Request, kind: str, body: Thing) -> tuple[int, Any]:
        if request.method == "POST":
            self._check(kind, body, None)
            thing = self.add(kind, **self._stored(kind, body))
            if kind == "projects":
                # The first update has not ended when the project is there
                update = self._update(thing)
                thing.update(scm_revision="", summary_fields={"current_update": {"id": update["id"]}})
            return 201, _shown(thing)
        kinds = ["job_templates", "workflow_job_templates"] if kind == "unified_job_templates" else [kind]
        found = [
            thing
            for each in kinds
            for thing in self.things.get(each, {}).values()
            if all(self._field(thing, name) == value for name, value in request.args.items())
        ]
        return 200, {"count": len(found), "next": None, "results": [_shown(thing) for thing in found]}

    def _field(self, thing: Thing, name: str) -> str:
        """Return what a query compares; of `organization__name`, the name of what the field refers to."""
        field, _none, of_that = name.partition("__")
        found = thing.get(field)
        return str(self.things[REFERENCES[field]][found].get(of_that) if of_that and found is not None else found)

    def _update(self, project: Thing) -> Thing:
        """Update a project, and return the update, which has ended at once."""
        well = self.failing <= 0
        self.failing -= 1
        revision = "1" * 40 if well else ""
        status, playbooks = ("successful", self.playbooks) if well else ("failed", [])
        update = self.add(
            "project_updates",
            name=project["name"],
            status=status,
            finished=True,
            failed=not well,
            scm_revision=revision,
        )
        project.update(status=status, _playbooks=playbooks)
        return update

    def _of_one(self, method: str, kind: str, thing: Thing, body: Thing) -> tuple[int, Any]:
        if method == "PATCH":
            self._check(kind, {**thing, **body}, thing)
            thing.update(self._stored(kind, body))
        elif method == "DELETE":
            used = self.things.get("credentials", {}).values()
            if kind == "credential_types" and any(each["credential_type"] == thing["id"] for each in used):
                raise Refusal(403, {"detail": "Credential types that are in use cannot be deleted"})
            del self.things[kind][thing["id"]]
            if kind == "workflow_job_templates":
                nodes = self.things.get("workflow_job_template_nodes", {})
                for node in list(nodes.values()):
                    if node["workflow_job_template"] == thing["id"]:
                        del nodes[node["id"]]
            return 204, None
        return 200, _shown(thing)

    def _survey(self, method: str, thing: Thing, body: Thing) -> tuple[int, Any]:
        if method == "POST":
            faults = list(faults_of_survey(body))
            if faults:
                raise Refusal(400, {"error": "; ".join(faults)})
            thing["_survey"] = copy.deepcopy(body)
            return 200, {}
        return 200, thing["_survey"]

    def _list(self, method: str, thing: Thing, name: str, body: Thing) -> tuple[int, Any]:
        if name not in LISTS:
            raise Refusal(404, {"detail": "Not found."})
        listed: list[int] = thing["_lists"][name]
        if method == "GET":
            return 200, {"count": len(listed), "next": None, "results": [{"id": each} for each in listed]}
        if body.get("disassociate"):
            listed.remove(body["id"])
            return 204, None
        if name == "credentials":
            types = [self.things["credentials"][each]["credential_type"] for each in [*listed, body["id"]]]
            if len(set(types)) < len(types):
                raise Refusal(400, {"error": "Cannot assign multiple credentials of one type."})
        listed.append(body["id"])
        return 204, None

    def _check(self, kind: str, body: Thing, existing: Thing | None) -> None:
        missing = [name for name in REQUIRED.get(kind, ()) if not body.get(name)]
        if missing:
            raise Refusal(400, {name: ["This field is required."] for name in missing})
        for name, other in REFERENCES.items():
            if body.get(name) is not None and body[name] not in self.things.get(other, {}):
                raise Refusal(400, {name: [f'Invalid pk "{body[name]}" - object does not exist.']})
        self._check_identity(kind, body, existing)
        wrong = [name for name in WHOLE_NUMBERS & body.keys() if not is_whole(body[name])]
        if wrong:
            raise Refusal(400, {name: ["A valid integer is required."] for name in wrong})
        if kind == "credential_types":
            self._check_type(body, existing)
        if kind == "job_templates" and body["playbook"] not in self._playbooks_of(body["project"]):
            raise Refusal(400, {"playbook": ["Playbook not found for project."]})
        if kind == "workflow_job_template_nodes":
            self._check_node(body)

    def _check_identity(self, kind: str, body: Thing, existing: Thing | None) -> None:
        identity = IDENTITIES.get(kind, ("name", "organization"))
        for thing in self.things.get(kind, {}).values():
            if thing is not existing and all(thing.get(name) == body.get(name) for name in identity):
                raise Refusal(400, {"__all__": [f"{kind} with this {' and '.join(identity)} already exists."]})

    def _check_node(self, body: Thing) -> None:
        survey = self.things["job_templates"][body["unified_job_template"]]["_survey"]
        unknown = set(body.get("extra_data", {})) - {each["variable"] for each in survey.get("spec", [])}
        if unknown:
            raise Refusal(400, {"extra_data": [f"Variables {unknown} are not allowed on launch."]})

    def _check_type(self, body: Thing, existing: Thing | None) -> None:
        faults = list(faults_of_type(body))
        if faults:
            raise Refusal(400, {"inputs": faults})
        used = [each["credential_type"] for each in self.things.get("credentials", {}).values()]
        if existing is not None and existing["id"] in used and body["inputs"] != existing["inputs"]:
            raise Refusal(
                403, {"detail": "Modifications to inputs are not allowed for credential types that are in use"}
            )

    def _playbooks_of(self, project: int) -> list[str]:
        playbooks: list[str] = self.things["projects"][project]["_playbooks"]
        return playbooks

    def _stored(self, kind: str, body: Thing) -> Thing:
        stored = copy.deepcopy(body)
        if kind == "credential_types":
            for field in stored.get("inputs", {}).get("fields", []):
                field.setdefault("type", "string")
        return stored


def _shown(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if not name.startswith("_")}


@contextmanager
def serving(playbooks: list[str]) -> Iterator[tuple[FakeAwx, dict[str, str]]]:
    """Serve an AWX on this machine until the block ends; with it comes the environment that leads there."""
    awx = FakeAwx(playbooks)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, awx, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="awx", daemon=True)
    thread.start()
    try:
        yield awx, {"CONTROLLER_HOST": f"http://127.0.0.1:{server.port}", "CONTROLLER_OAUTH_TOKEN": TOKEN}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
