# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The shared REST client: the only file that talks HTTP. PRIVATE to the collection.

It knows no vendor, never waits and never repeats a request by itself. Each request ends in an ``Answer``, whatever
its status, or in one typed error; which statuses are errors is decided by ``refusal``.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import client as http_client
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from ._errors import ErrorType, Retryability, TaskwatchError, bad_response, unusable
from ._secrets import Secrets
from ._status import Stats

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
POOL_SIZE = 8
# How the transport of requests is to keep its connections.
POOL_OPTIONS: Mapping[str, Any] = {
    "pool_connections": 2,
    "pool_maxsize": POOL_SIZE,
    "pool_block": True,
    "max_retries": 0,
}
# Even with no time left a request gets this long: the last look is at the deadline, and it should not be in vain.
MIN_TIMEOUT = 5.0
_PIECE = 16 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})


@dataclass(frozen=True)
class Endpoint:
    """Where a system listens and whom to trust; ``timeout`` is seconds for one request, body included."""

    hostname: str
    port: int
    use_ssl: bool = True
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0

    @property
    def origin(self) -> str:
        host = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return f"{'https' if self.use_ssl else 'http'}://{host}:{self.port}"

    @property
    def verify(self) -> bool | str:
        """What requests takes: the user's own bundle first, then the environment's, then the built-in one."""
        if not self.validate_certs:
            return False
        bundle = self.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return bundle or True


@dataclass(frozen=True)
class Response:
    """An HTTP answer, read completely. ``sent`` is the request's method and path, for messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        for part in self.headers.get("Content-Type", "").split(";")[1:]:
            name, _unused, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip(" \"'") or None
        return None

    @property
    def retry_after(self) -> float | None:
        """Seconds until the system wants to be asked again; both forms of the header are read."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def path_of(*segments: str) -> str:
    """An absolute path; each segment is quoted as a whole, so no id can become another URL."""
    if not {"", ".", ".."}.isdisjoint(segments):
        raise TaskwatchError(ErrorType.BAD_REQUEST, f"the path {'/'.join(segments)} would be another URL")
    return "".join("/" + quote(segment, safe="") for segment in segments)


class RestClient:
    """One pool of connections to one system. Safe for the threads of one look.

    ``until`` bounds the requests: a moment of ``clock`` after which the answer is of no use any more.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        secrets: Secrets,
        stats: Stats | None = None,
        clock: Callable[[], float] = time.monotonic,
        max_body: int = MAX_BODY,
        adapter: Any = None,
    ) -> None:
        self.endpoint = endpoint
        self.secrets = secrets
        self.stats = stats or Stats()
        self.until: float | None = None
        self.clock = clock
        self._max_body = max_body
        self.session = requests.Session()
        # Neither .netrc nor a bundle of the environment may overrule the user's options; proxies are honoured below.
        self.session.trust_env = False
        self.session.headers["User-Agent"] = "ansible-taskwatch.infra"
        adapter = adapter or requests.adapters.HTTPAdapter(**POOL_OPTIONS)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        if not endpoint.validate_certs:
            # The user chose this; one warning per request on standard error would help nobody.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        self.session.close()

    def send(
        self,
        method: str,
        target: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        login: tuple[str, str] | None = None,
    ) -> Response:
        """Ask ``target``, a path of the system or an absolute URL of the user's; ``login`` goes by HTTP Basic."""
        url = urljoin(self.endpoint.origin, target) if target.startswith("/") else target
        auth = (login[0].encode("utf-8"), login[1].encode("utf-8")) if login else None
        request = requests.Request(method, url, params=query, headers=headers, json=json, data=form or body, auth=auth)
        response, elsewhere = self._exchange(request)
        for _unused in range(MAX_REDIRECTS):
            if elsewhere is None:
                break
            self._check_redirect(request, response, elsewhere)
            request.url, request.params = elsewhere, None
            response, elsewhere = self._exchange(request)
        if elsewhere is None:
            return response
        raise unusable(f"it redirects more than {MAX_REDIRECTS} times in a row", response.status)

    def _exchange(self, request: Any) -> tuple[Response, str | None]:
        """One request and its answer, and where that sends us on to."""
        timeout = self._timeout()
        ends = self.clock() + timeout
        self.stats.requests += 1
        try:
            prepared = self.session.prepare_request(request)
            url = str(prepared.url)
            proxies = requests.utils.get_environ_proxies(url)
            # Not session.send: to prepare for a redirect it reads the body to its end, however large.
            adapter = self.session.get_adapter(url)
            with adapter.send(
                prepared, stream=True, timeout=timeout, verify=self.endpoint.verify, proxies=proxies
            ) as received:
                requests.cookies.extract_cookies_to_jar(self.session.cookies, prepared, received.raw)
                body = self._read(received, ends)
                sent = f"{prepared.method} {urlsplit(url).path}"
                response = Response(received.status_code, received.headers, body, sent)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._typed(error, timeout) from None
        location = response.headers.get("Location")
        if response.status not in _REDIRECTS or location is None:
            return response, None
        try:
            return response, urljoin(url, location)
        except ValueError:
            raise bad_response("a redirect to a URL", location, http_status=response.status) from None

    def _timeout(self) -> float:
        if self.until is None:
            return self.endpoint.timeout
        left = max(self.until - self.clock(), MIN_TIMEOUT)
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
        size = 0
        for piece in _pieces(received.raw):
            size += len(piece)
            if size > self._max_body:
                raise unusable(f"its answer is larger than {self._max_body // 1024**2} MiB", received.status_code)
            if self.clock() > ends:
                raise requests.ReadTimeout
            pieces.append(piece)

    def _check_redirect(self, request: Any, response: Response, elsewhere: str) -> None:
        """Follow only on the same origin: credentials never travel to another host, port or scheme."""
        try:
            here, there = _origin(request.url), _origin(elsewhere)
        except ValueError:
            raise bad_response("a redirect to a URL", elsewhere, http_status=response.status) from None
        if here == there and (request.method == "GET" or response.status in _KEEPS_METHOD):
            return
        raise TaskwatchError(
            ErrorType.BAD_RESPONSE,
            f"it redirects {response.sent} to {_written(*there)}, which is not followed because "
            "credentials stay with the host they were given for; check hostname, port and use_ssl",
            retryability=Retryability.IF_SEEN,
            http_status=response.status,
        )

    def _typed(self, error: BaseException, timeout: float) -> BaseException:
        """The typed error of whatever the transport raised."""
        chain = list(_chain(error))
        known = next((link for link in chain if isinstance(link, TaskwatchError)), None)
        if known is not None:
            return known
        certificate = next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None)
        if certificate is not None:
            return TaskwatchError(
                ErrorType.TLS,
                f"its certificate is not trusted ({certificate.verify_message}); "
                "name the CA that signed it with ca_path",
                retryability=Retryability.IF_SEEN,
                affects_all_tasks=True,
            )
        if any(getattr(link, "reason", None) == "NO_CERTIFICATE_OR_CRL_FOUND" for link in chain):
            return TaskwatchError(ErrorType.TLS, f"there is no certificate in {self.endpoint.verify}; check ca_path")
        for kinds, sentence, retryability, retry_once in _TRANSPORT:
            if any(isinstance(link, kinds()) for link in chain):
                said = sentence.format(timeout=f"{timeout:g}")
                return TaskwatchError(
                    ErrorType.UNREACHABLE,
                    said,
                    retryability=retryability,
                    retry_once=retry_once,
                    affects_all_tasks=True,
                )
        if isinstance(error, ValueError):
            # Not with the library's own words: they quote headers, and headers hold tokens.
            return TaskwatchError(ErrorType.BAD_REQUEST, f"the request cannot be sent ({type(error).__name__})")
        reason = next((link.strerror for link in reversed(chain) if isinstance(link, OSError) and link.strerror), None)
        return TaskwatchError(
            ErrorType.UNREACHABLE,
            f"it cannot be reached ({reason or type(error).__name__})",
            retryability=Retryability.ALWAYS,
            affects_all_tasks=True,
        )


# What the transport may raise, the most telling first: kinds, sentence, patience, whether a second try is worth it.
# The kinds are functions because the libraries that own them may be missing.
_TRANSPORT: tuple[tuple[Callable[[], Any], str, Retryability, bool], ...] = (
    (lambda: requests.exceptions.ProxyError, "the proxy cannot reach it", Retryability.ALWAYS, False),
    (lambda: socket.gaierror, "its name does not resolve", Retryability.IF_SEEN, False),
    (lambda: ConnectionRefusedError, "the connection was refused", Retryability.ALWAYS, False),
    (
        lambda: (ConnectionResetError, BrokenPipeError, ConnectionAbortedError),
        "the connection was reset",
        Retryability.ALWAYS,
        True,
    ),
    (lambda: ssl.SSLError, "the TLS handshake or connection was cut", Retryability.ALWAYS, False),
    (lambda: requests.Timeout, "no answer within {timeout} s", Retryability.ALWAYS, False),
    (
        lambda: (TimeoutError, urllib3.exceptions.TimeoutError),
        "no answer within {timeout} s",
        Retryability.ALWAYS,
        False,
    ),
    (
        lambda: (
            urllib3.exceptions.ProtocolError,
            urllib3.exceptions.DecodeError,
            requests.exceptions.ContentDecodingError,
        ),
        "the answer broke off",
        Retryability.ALWAYS,
        False,
    ),
)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL, the port also where it is left out."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _written(scheme: str, host: str | None, port: int | None) -> str:
    return f"{scheme}://{host or ''}" + (f":{port}" if port else "")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and everything it was raised from or wraps; the libraries nest in all three ways."""
    seen: list[BaseException] = []
    pending: list[Any] = [error]
    while pending:
        link = pending.pop(0)
        if not isinstance(link, BaseException) or link in seen:
            continue
        seen.append(link)
        yield link
        pending += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _pieces(raw: Any) -> Iterator[bytes]:
    """Whatever has arrived, as it arrives: a sender that drips must not be waited for piece by full piece."""
    read = getattr(raw, "read1", None)
    while True:
        piece = read(_PIECE, decode_content=True) if read else raw.read(_PIECE, decode_content=True)
        if not piece:
            return
        yield piece


def reason_of(response: Response, explanation: str | None) -> str:
    """The status of an answer and what the vendor says about it, for a message."""
    status = f"HTTP {response.status} {http_client.responses.get(response.status, '')}".strip()
    return f"{status}: {explanation}" if explanation else status


def error_from_response(response: Response, explanation: str | None) -> TaskwatchError:
    """The typed error of an answer that is not a success; ``explanation`` is the vendor's own text."""
    kind, sentence, retryability = _STATUSES.get(response.status) or (
        (ErrorType.SERVER_ERROR, "it reports an error of its own", Retryability.ALWAYS)
        if response.status >= 500
        else (ErrorType.BAD_REQUEST, "it refuses the request", Retryability.NEVER)
    )
    return TaskwatchError(
        kind,
        f"{sentence} ({reason_of(response, explanation)})",
        retryability=retryability,
        http_status=response.status,
        retry_after=response.retry_after,
        retry_once=response.status in (502, 503, 504),
        affects_all_tasks=response.status in (401, 408, 429, 502, 503, 504),
    )


_STATUSES: dict[int, tuple[ErrorType, str, Retryability]] = {
    401: (ErrorType.AUTHENTICATION, "the login is not accepted", Retryability.IF_SEEN),
    403: (ErrorType.AUTHORIZATION, "the account may not read this", Retryability.IF_SEEN),
    404: (ErrorType.NOT_FOUND, "the system does not know it", Retryability.IF_SEEN),
    408: (ErrorType.UNREACHABLE, "it gave up waiting for the request", Retryability.ALWAYS),
    409: (ErrorType.CONFLICT, "the request conflicts with the state of the system", Retryability.NEVER),
    429: (ErrorType.RATE_LIMITED, "it asks for fewer requests", Retryability.ALWAYS),
}
