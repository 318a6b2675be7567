# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Palo Alto Networks Prisma SD-WAN: the software image of every element. PRIVATE to the collection.

Source: Prisma SD-WAN API, Get Image Status of Element (v2.1), POST .../software/current_status/query, in its unified
form and in the legacy one with the tenant in the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .._auth.prisma_sdwan import ClientCredentials, StaticToken
from .._auth.scheme import JSON, LoginScheme
from .._documents import number_of, object_of, objects_of, read_json, text_of
from .._errors import ErrorType, Retryability, TaskwatchError, bad_response, listed, one_line, unusable
from .._options import Spec, connection_spec, from_env, ids_spec, option_error, wait_spec
from .._rest.response import Response
from .._status import PollResult, TaskStatus
from .._system import System, explain_json
from .prisma_element import DOWNLOADED, UPGRADED, Histories, element_status

AUTH_URL = "https://auth.apps.paloaltonetworks.com/auth/v1/oauth2/access_token"

# The documented fields of the request body that a playbook may set through ``query``; the others have options.
QUERY_FIELDS = frozenset(
    {
        "sort_case_insensitive",
        "limit",
        "dest_page",
        "next_query",
        "last_query_ts",
        "getDeleted",
        "total_count",
        "retrieved_fields",
        "retrieved_fields_mask",
        "group_by",
        "aggregate",
        "isReadPreferenceSecondary",
        "id",
        "_etag",
    }
)
# What goes into a header, a path or a scope must not be able to become more than one of them.
_FORMS = {
    "auth_token": (r"[!-~]+", "must be printable ASCII without blanks or line breaks"),
    "tenant_id": (r"[A-Za-z0-9_-]+", "must consist of letters, digits, _ and -"),
    "tsg_id": (r"[A-Za-z0-9_-]+", "must consist of letters, digits, _ and -"),
}
# Element ids are digits; what holds anything else is a name.
_ID = re.compile(r"[0-9]+")
# Set by paging itself, and refused in ``query`` because they would have no effect.
_PAGING_FIELDS = frozenset({"limit", "dest_page"})
# A server that ignores the page number, or makes elements up without end, is stopped here at the latest.
MAX_PAGES = 10_000


class ElementImageStatus(System):
    """Every element's image by page and by filter; never one request per element."""

    NAME = "element_image_status_info"
    TITLE = "Prisma SD-WAN element"
    ID_OPTION = "element_id"
    CREDENTIALS = frozenset({"client_id", "tsg_id", "tenant_id"})
    ARGUMENT_SPEC: ClassVar[Spec] = {
        **connection_spec("PRISMASASE", port=443, hostname="api.sase.paloaltonetworks.com", port_env=False),
        "client_id": from_env("PRISMASASE_CLIENT_ID", type="str"),
        "client_secret": from_env("PRISMASASE_CLIENT_SECRET", type="str", no_log=True),
        "tsg_id": from_env("PRISMASASE_TSG_ID", type="str"),
        "auth_url": from_env("PRISMASASE_AUTH_URL", type="str", default=AUTH_URL),
        "auth_token": from_env("X_AUTH_TOKEN", type="str", no_log=True),
        "tenant_id": from_env("PRISMASASE_TENANT_ID", type="str"),
        **ids_spec("element_id"),
        "wait_for": {"type": "str", "choices": [UPGRADED, DOWNLOADED], "default": UPGRADED},
        "query_params": {"type": "dict"},
        "sort_params": {"type": "dict"},
        "page_size": {"type": "int", "default": 100},
        "target_image_id": {"type": "str"},
        "target_version": {"type": "str"},
        "resolve_names": {"type": "bool", "default": False},
        "query": {"type": "dict"},
        **wait_spec(),
    }

    EXTRAS: ClassVar[Mapping[str, Any]] = {"envelope": {}}

    def __init__(self, params: Mapping[str, Any], connection: Any) -> None:
        super().__init__(params, connection)
        self._clock = connection.context.runtime.clock
        self._names: dict[str, str] = {}
        self._ids: dict[str, str] = {}  # of elements that were asked for by name
        self._histories = Histories()
        self._envelope: dict[str, Any] = {}

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        credentials = [name for name in ("client_id", "client_secret", "tsg_id") if params[name]]
        if not params["auth_token"] and len(credentials) < 3:
            missing = [name for name in ("client_id", "client_secret", "tsg_id") if not params[name]]
            raise option_error(
                " and ".join(missing), "missing: give client_id, client_secret and tsg_id, or auth_token"
            )
        _check_auth_url(params["auth_url"], use_ssl=params["use_ssl"])
        for name, (pattern, sentence) in _FORMS.items():
            if params[name] and not re.fullmatch(pattern, params[name]):
                raise option_error(name, sentence)
        if not 1 <= params["page_size"] <= 1000:
            raise option_error("page_size", f"must be between 1 and 1000, not {params['page_size']}")
        unknown = sorted(set(params["query"] or {}) - (QUERY_FIELDS - _PAGING_FIELDS))
        if unknown:
            raise option_error(
                "query",
                f"holds {', '.join(unknown)}; it takes {', '.join(sorted(QUERY_FIELDS - _PAGING_FIELDS))}",
            )

    @classmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        if all(params[name] for name in ("client_id", "client_secret", "tsg_id")):
            return ClientCredentials(params["client_id"], params["client_secret"], params["tsg_id"], params["auth_url"])
        return StaticToken(params["auth_token"], params["tenant_id"] or None)

    @classmethod
    def explain(cls, response: Response) -> str | None:
        return explain_json(response, _error_texts)

    def extras(self) -> dict[str, Any]:
        return {"envelope": self._envelope}

    def task_ids(self) -> list[str] | None:
        return super().task_ids() or None

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        wanted = list(ids or [])
        records = self._records([self._ids.get(each, each) for each in wanted])
        names = [each for each in wanted if each not in records and each not in self._ids and not _ID.fullmatch(each)]
        if names or (self.params["resolve_names"] and records.keys() - self._names.keys()):
            self._names.update(self._element_names())
        poll = PollResult()
        problems = self._identify(names)
        if found := [self._ids[name] for name in names if name in self._ids]:
            records.update(self._records(found))
        for asked in wanted or records:
            element_id = self._ids.get(asked, asked)
            try:
                if element_id not in records:
                    raise problems.get(asked) or _absent(asked)
                poll.statuses[asked] = self._status(element_id, records[element_id])
            except TaskwatchError as error:
                poll.errors.append(error.about(asked))
        return poll

    def _status(self, element_id: str, record: Mapping[str, Any]) -> TaskStatus:
        history = self._histories.note(element_id, record, self._clock())
        shown = self.params["resolve_names"] or element_id in self._ids.values()
        status = element_status(
            record,
            target_image_id=self.params["target_image_id"],
            target_version=self.params["target_version"],
            wait_for=self.params["wait_for"],
            name=self._names.get(element_id) if shown else None,
            history=history,
        )
        self._histories.judged(element_id, status.state)
        return status

    def _identify(self, names: Sequence[str]) -> dict[str, TaskwatchError]:
        """Find the ids of elements that were asked for by name. Returns an error for each name of several elements."""
        problems = {}
        for name in names:
            ids = [element_id for element_id, each in self._names.items() if each == name]
            if len(ids) == 1:
                self._ids[name] = ids[0]
            elif ids:
                problems[name] = TaskwatchError(
                    ErrorType.BAD_REQUEST,
                    f"{len(ids)} elements have this name ({listed(sorted(ids))}); element_id needs the id of one",
                )
        return problems

    def _records(self, wanted: list[str]) -> dict[str, dict[str, Any]]:
        """The newest record of each element, in the order of the answer, page by page."""
        query = dict(self.params["query"] or {})
        query["query_params"] = dict(self.params["query_params"] or {})
        if wanted:
            query["query_params"]["element_id"] = {"in": wanted}
        # Without a sort the pages shift under the reader's hands.
        query["sort_params"] = self.params["sort_params"] or {"id": "asc"}
        newest: dict[str, dict[str, Any]] = {}
        for item in self._pages("software/current_status/query", "v2.1", query, keep_envelope=True):
            element_id = one_line(text_of(item.get("element_id")) or text_of(item.get("id")) or "")
            if not element_id:
                continue
            known = newest.get(element_id)
            if known is None or _updated(item) > _updated(known):
                newest[element_id] = item
        return newest

    def _element_names(self) -> dict[str, str]:
        names = {}
        for item in self._pages("elements/query", "v3.2", {"sort_params": {"id": "asc"}}):
            element_id, name = text_of(item.get("id")), text_of(item.get("name"))
            if element_id and name:
                names[element_id] = name
        return names

    def _pages(
        self, resource: str, version: str, query: Mapping[str, Any], *, keep_envelope: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The items of all pages. Ends on an empty page, on a full count, and on a page that brings nothing new."""
        seen: set[str] = set()
        for page in range(1, MAX_PAGES + 1):
            asked = {**query, "limit": self.params["page_size"], "dest_page": page}
            response = self.connection.request("POST", f"/{version}/{resource}", json=asked, headers={"Accept": JSON})
            body = read_json(response.body, "a page of elements in JSON", response.charset)
            if not isinstance(body, dict) or not isinstance(body.get("items", []), (list, type(None))):
                raise bad_response("a page of elements with 'items'", response.body)
            if keep_envelope and not self._envelope:
                self._envelope = {key: value for key, value in body.items() if key != "items"}
            items = objects_of(body.get("items"))
            fresh = [item for item in items if (text_of(item.get("id")) or repr(item)) not in seen]
            seen.update(text_of(item.get("id")) or repr(item) for item in fresh)
            yield from fresh
            total = number_of(body.get("total_count"))
            if not fresh or (total is not None and 0 < total <= len(seen)):
                return
        raise unusable(f"its list of elements has no end after {MAX_PAGES} pages", 200)


def _check_auth_url(url: str, *, use_ssl: bool) -> None:
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
        parts = urlsplit("")
    if not usable or parts.scheme not in (("https",) if use_ssl else ("https", "http")):
        raise option_error(
            "auth_url", "must be a URL with a host that begins with https:// (http:// only without use_ssl)"
        )


def _updated(record: Mapping[str, Any]) -> float:
    return number_of(record.get("_updated_on_utc")) or 0.0


def _absent(element_id: str) -> TaskwatchError:
    return TaskwatchError(
        ErrorType.NOT_FOUND,
        "the answer holds no such element; element_id takes ids (resolve_names shows ids and names) or a name that "
        "only one element has; check it, query_params and what the account may see",
        retryability=Retryability.IF_SEEN,
        task_ids=(element_id,),
    )


def _error_texts(body: Any) -> Iterator[str]:
    """Texts of ``_error``, and of an OAuth 2.0 error."""
    for error in objects_of(object_of(body).get("_error")):
        texts = (text_of(error.get("code")), text_of(error.get("message")))
        yield ": ".join(text for text in texts if text)
    for name in ("error", "error_description"):
        if text := text_of(object_of(body).get(name)):
            yield text
