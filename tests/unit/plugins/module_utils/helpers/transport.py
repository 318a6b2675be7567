# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A transport without sockets: what a script answers to each request, as requests would have received it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3
from ansible_collections.taskwatch.infra.plugins.module_utils._rest.response import Response


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; ``body`` may be bytes, text, or data to be sent as JSON. Each line of Set-Cookie is a cookie."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True)
class Request:
    """What was sent, for assertions."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


Script = Callable[[Request], "Reply | Exception"]


class ScriptedAdapter(requests.adapters.HTTPAdapter):
    """Answers every request by ``script``, which returns a Reply, or an exception for the transport to raise."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        body = request.body or ""
        sent = Request(
            method=str(request.method),
            url=str(request.url),
            path=str(request.path_url),
            headers=dict(request.headers),
            body=body.decode() if isinstance(body, bytes) else body,
        )
        with self._lock:
            self.requests.append(sent)
        reply = self._script(sent)
        if isinstance(reply, Exception):
            raise reply
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(reply.content),
            headers=dict(reply.headers),
            status=reply.status,
            preload_content=False,
            # The cookie jar reads Set-Cookie from here.
            original_response=_Original(reply.headers),  # type: ignore[arg-type]
        )
        response: requests.Response = self.build_response(request, raw)
        return response

    @property
    def sent(self) -> list[str]:
        """Method and path of every request so far, in order."""
        return [str(request) for request in self.requests]


class _Original:
    """As much of http.client's response as the cookie jar asks for."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.msg = _Message(headers)

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


class _Message:
    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def get_all(self, name: str, default: list[str] | None = None) -> list[str] | None:
        found = [value for key, value in self._headers.items() if key.lower() == name.lower()]
        return [line for value in found for line in value.split("\n")] or default


def response(status: int = 200, body: Any = b"", content_type: str = "application/json") -> Response:
    """An answer as the client would hand it on."""
    headers = requests.structures.CaseInsensitiveDict({"Content-Type": content_type} if content_type else {})
    return Response(status, headers, Reply(status, body).content, "GET /somewhere")
