# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The shared REST client: this folder alone talks HTTP. PRIVATE to the collection.

It knows no vendor, never waits and never repeats a request by itself. Each request ends in a ``Response``, whatever
its status, or in one typed error; which statuses are errors is decided by ``error_from_response``.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from .._context import RunContext
from .._errors import ErrorType, Retryability, TaskwatchError, bad_response, unusable
from .adapter import TrustAdapter
from .endpoint import Endpoint, origin_of
from .proxies import name_of, proxy_for
from .proxy_errors import proxy_wants_login
from .response import Response
from .transport_errors import error_from_transport, is_dropped

REQUESTS_IMPORT_ERROR: str | None
try:
    import requests
    import urllib3
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

MAX_BODY = 32 * 1024 * 1024
MAX_REDIRECTS = 3
# Even with no time left a request gets this long, in seconds: the last poll is at the deadline and should not be in
# vain.
MIN_TIMEOUT = 5.0
_PIECE = 16 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})


def path_of(*segments: str) -> str:
    """An absolute path; each segment is quoted as a whole, so no id can become another URL."""
    if not {"", ".", ".."}.isdisjoint(segments):
        raise TaskwatchError(ErrorType.BAD_REQUEST, f"the path {'/'.join(segments)} would be another URL")
    return "".join("/" + quote(segment, safe="") for segment in segments)


class RestClient:
    """One pool of connections to one system. Safe for the threads of one poll."""

    def __init__(self, endpoint: Endpoint, context: RunContext, *, max_body: int = MAX_BODY) -> None:
        self.endpoint = endpoint
        self.context = context
        self._clock = context.runtime.clock
        self._max_body = max_body
        self.session = requests.Session()
        # Neither .netrc nor a bundle of the environment may overrule the user's options; proxies are honoured below.
        self.session.trust_env = False
        self.session.headers["User-Agent"] = "ansible-taskwatch.infra"
        adapter = context.runtime.adapter or TrustAdapter()
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        if not endpoint.trust.validate_certs:
            # The user chose this; one warning per request on standard error would help no one.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        self.session.close()

    def send(
        self,
        method: str,
        target: str,
        *,
        deadline: float | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        login: tuple[str, str] | None = None,
    ) -> Response:
        """Request ``target``, a path of the system or an absolute URL of the user's; ``login`` goes by HTTP Basic.

        ``deadline`` is a moment of the run's clock after which the response is of no use any more.
        """
        url = urljoin(self.endpoint.origin, target) if target.startswith("/") else target
        auth = (login[0].encode("utf-8"), login[1].encode("utf-8")) if login else None
        request = requests.Request(method, url, params=query, headers=headers, json=json, data=form or body, auth=auth)
        response, location = self._exchange(request, deadline)
        for _unused in range(MAX_REDIRECTS):
            if location is None:
                break
            self._check_redirect(request, response, location)
            request.url, request.params = location, None
            response, location = self._exchange(request, deadline)
        if location is None:
            return response
        raise unusable(f"it redirects more than {MAX_REDIRECTS} times in a row", response.status)

    def _exchange(self, request: Any, deadline: float | None) -> tuple[Response, str | None]:
        """One request and its response, and where that redirects to."""
        timeout, proxy = self._timeout(deadline), None
        try:
            prepared = self.session.prepare_request(request)
            proxy = proxy_for(str(prepared.url)) if self.endpoint.use_proxy else None
            try:
                response = self._transmit(prepared, timeout, proxy)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                # Systems close idle connections, and the news may cross a request on its way.
                if prepared.method != "GET" or not is_dropped(error) or not self.may_repeat:
                    raise
                self.context.stats.retries += 1
                response = self._transmit(prepared, timeout, proxy)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            url = str(request.url)
            raise error_from_transport(error, self.endpoint, timeout, url=url, proxy=proxy) from None
        if response.status == 407 and proxy is not None:
            raise proxy_wants_login(name_of(proxy))
        location = response.headers.get("Location")
        if response.status not in _REDIRECTS or location is None:
            return response, None
        try:
            return response, urljoin(str(prepared.url), location)
        except ValueError:
            raise bad_response("a redirect to a URL", location, http_status=response.status) from None

    def _transmit(self, prepared: Any, timeout: float, proxy: str | None) -> Response:
        began = self._clock()
        self.context.stats.requests += 1
        url = str(prepared.url)
        trust: Any = self.endpoint.trust_for(url)
        status = "no answer"
        try:
            # Not session.send: to prepare for a redirect it reads the body to its end, however large.
            with self.session.get_adapter(url).send(
                prepared,
                stream=True,
                timeout=timeout,
                verify=trust,
                proxies={urlsplit(url).scheme: proxy} if proxy else {},
            ) as received:
                status = str(received.status_code)
                requests.cookies.extract_cookies_to_jar(self.session.cookies, prepared, received.raw)
                body = self._read(received, began + timeout)
        finally:
            self._trace(str(prepared.method), url, status, self._clock() - began)
        return Response(received.status_code, received.headers, body, f"{prepared.method} {urlsplit(url).path}")

    @property
    def may_repeat(self) -> bool:
        """Whether a request may be sent again: not once everything is to end."""
        return bool(getattr(self.context.runtime.adapter, "repeats", True))

    def _trace(self, method: str, url: str, status: str, seconds: float) -> None:
        """Tell of a request without its query, for that may hold what is not to be shown."""
        trace = self.context.runtime.trace
        if trace is not None:
            parts = urlsplit(url)
            place = parts.path if self.endpoint.is_own(url) else f"{parts.hostname}{parts.path}"
            trace(self.context.secrets.scrub(f"{method} {place}: {status}, {seconds * 1000:.0f} ms"))

    def _timeout(self, deadline: float | None) -> float:
        if deadline is None:
            return self.endpoint.timeout
        left = max(deadline - self._clock(), MIN_TIMEOUT)
        return min(self.endpoint.timeout, left)

    def _read(self, received: Any, ends: float) -> bytes:
        """The body in pieces: neither its size nor its slowness is the sender's to choose."""
        pieces: list[bytes] = []
        try:
            self._collect(received, ends, pieces)
        except (TaskwatchError, requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            # A refusal is one whatever becomes of its text; a password must not be tried again for the sake of it.
            if received.status_code < 400:
                raise
        return b"".join(pieces)

    def _collect(self, received: Any, ends: float, pieces: list[bytes]) -> None:
        size, late = 0, False
        for piece in _pieces(received.raw):
            size += len(piece)
            if size > self._max_body:
                raise unusable(f"its answer is larger than {self._max_body // 1024**2} MiB", received.status_code)
            pieces.append(piece)
            if self._clock() <= ends or getattr(received.raw, "length_remaining", None) == 0:
                continue
            # What has arrived in time is of use, so the end of the body may still be told. More of it may not come.
            if late:
                raise requests.ReadTimeout
            late = True

    def _check_redirect(self, request: Any, response: Response, location: str) -> None:
        """Follow only on the same origin: credentials never travel to another host, port or scheme."""
        try:
            here, there = origin_of(request.url), origin_of(location)
        except ValueError:
            raise bad_response("a redirect to a URL", location, http_status=response.status) from None
        same_origin = here == there
        if same_origin and (request.method == "GET" or response.status in _KEEPS_METHOD):
            return
        reason = (
            f"a {request.method} is not repeated at another address; check the address of the system"
            if same_origin
            else "credentials stay with the host they were given for; check hostname, port and use_ssl"
        )
        raise TaskwatchError(
            ErrorType.BAD_RESPONSE,
            f"it redirects {response.sent} to {_written(*there)}, which is not followed because {reason}",
            retryability=Retryability.IF_SEEN,
            http_status=response.status,
        )


def _written(scheme: str, host: str | None, port: int | None) -> str:
    return f"{scheme}://{host or ''}" + (f":{port}" if port else "")


def _pieces(raw: Any) -> Iterator[bytes]:
    """Whatever has arrived, as it arrives: a sender that drips must not be waited for piece by full piece."""
    read = getattr(raw, "read1", None)
    while True:
        piece = read(_PIECE, decode_content=True) if read else raw.read(_PIECE, decode_content=True)
        if not piece:
            return
        yield piece
