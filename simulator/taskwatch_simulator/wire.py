# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between the HTTP library's objects and the core's, and what happens on the wire besides HTTP."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict
from werkzeug.datastructures import Headers

from .messages import Reply, Request
from .systems.base import BODY_LIMIT

# What the library raises because of what a client sends
CLIENTS_ERRORS = (HttpProcessingError, web.RequestPayloadError)


class NotHttp(Exception):
    """What the client sends breaks the rules of HTTP; `status` says how it is told so."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class OwnErrors(logging.Filter):
    """Passes errors of this program on, and drops those that clients cause."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is about this program."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, CLIENTS_ERRORS)


def http_logger() -> logging.Logger:
    """Return where the HTTP library writes what it cannot tell a client."""
    logger = logging.getLogger(__name__)
    if not any(isinstance(each, OwnErrors) for each in logger.filters):
        logger.addFilter(OwnErrors())
    return logger


async def translated(incoming: web.BaseRequest, transport: asyncio.Transport, *, reused: bool) -> Request:
    """Return the plain form of a request, its body read up to just above what any system takes.

    Raises:
        NotHttp: when the body is not encoded as its headers say, or when they expect what no server does.
    """
    expected = incoming.headers.get("Expect")
    if expected is not None:
        if expected.lower() != "100-continue":
            raise NotHttp(417)
        transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        body = await _body(incoming)
    except CLIENTS_ERRORS:
        raise NotHttp(400) from None
    url = incoming.rel_url
    headers = Headers(list(incoming.headers.items()))
    return Request(incoming.method, url.raw_path, url.raw_query_string, headers, body, reused)


async def _body(incoming: web.BaseRequest) -> bytes:
    pieces, size = [], 0
    while size <= BODY_LIMIT:
        piece = await incoming.content.read(65536)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


async def perform(incoming: web.BaseRequest, transport: asyncio.Transport, reply: Reply) -> web.StreamResponse:
    """Send a reply, or do to the connection what it says instead."""
    headers = CIMultiDict(reply.headers)
    headers.setdefault("Server", "simulator")
    if reply.transport is None:
        return web.Response(status=reply.status, headers=headers, body=reply.body)
    wire = _Wire(incoming, transport, web.StreamResponse(status=reply.status, headers=headers))
    await reply.transport.perform(wire, reply.body)
    # Where nothing was sent the connection has ended, and this answer is discarded
    return wire.response if wire.response.prepared else web.Response()


class _Wire:
    """The connection of one request, for what a fault does to it."""

    def __init__(self, incoming: web.BaseRequest, transport: asyncio.Transport, response: web.StreamResponse) -> None:
        self._incoming = incoming
        self._transport = transport
        self.response = response

    def closed(self) -> bool:
        return self._transport.is_closing()

    def reset(self) -> None:
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def close(self) -> None:
        if self.response.prepared:
            # What was written must still arrive
            self.response.force_close()
        else:
            self._transport.close()

    async def hang(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def begin(self, length: int | None = None) -> None:
        if length is not None:
            self.response.content_length = length
        await self.response.prepare(self._incoming)

    async def write(self, data: bytes) -> None:
        await self.response.write(data)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def end(self) -> None:
        await self.response.write_eof()


def refuse(refusal: NotHttp) -> web.Response:
    """Return the answer to what is no HTTP. assumption: no body, as from a proxy in front; the connection ends."""
    response = web.Response(status=refusal.status)
    response.force_close()
    return response


def abort(transport: asyncio.Transport) -> None:
    """End a connection at once, unless the rest of an answer is still being sent."""
    if transport.get_write_buffer_size():
        transport.close()
    else:
        transport.abort()
