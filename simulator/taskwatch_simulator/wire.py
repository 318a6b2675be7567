# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between the HTTP library's objects and the core's, and what happens on the wire besides HTTP."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Iterator

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


class OursOnly(logging.Filter):
    """Lets the library tell of errors of this program, and not of what clients do wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is worth a line."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, CLIENTS_ERRORS)


def http_logger() -> logging.Logger:
    """Return where the HTTP library writes what it cannot tell a client."""
    logger = logging.getLogger(__name__)
    if not any(isinstance(each, OursOnly) for each in logger.filters):
        logger.addFilter(OursOnly())
    return logger


async def translated(incoming: web.BaseRequest, transport: asyncio.Transport) -> Request:
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
    return Request(incoming.method, url.raw_path, url.raw_query_string, Headers(list(incoming.headers.items())), body)


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
    kind = None if reply.transport is None else reply.transport.kind
    if kind == "hang":
        await asyncio.get_running_loop().create_future()
    if kind in {"reset", "refused", "tls_cut"}:
        _reset(transport)
        return web.Response()
    if kind is None:
        return web.Response(status=reply.status, headers=headers, body=reply.body)
    response = web.StreamResponse(status=reply.status, headers=headers)
    if kind == "cut_body":
        response.content_length = len(reply.body) + 1
        response.force_close()
        await response.prepare(incoming)
        await response.write(reply.body[: len(reply.body) // 2])
        return response
    await response.prepare(incoming)
    for piece in _big_body(reply):
        if transport.is_closing():
            return response
        await response.write(piece)
        # Writing need not wait, so nobody else would get a turn, not even the news that the client has left
        await asyncio.sleep(0)
    await response.write_eof()
    return response


def refuse(refusal: NotHttp) -> web.Response:
    """Return the answer to what is no HTTP. assumption: no body, as from a proxy in front; the connection ends."""
    response = web.Response(status=refusal.status)
    response.force_close()
    return response


def _big_body(reply: Reply) -> Iterator[bytes]:
    return reply.transport.chunks() if reply.transport is not None else iter(())


def abort(transport: asyncio.Transport) -> None:
    """End a connection without a farewell, unless the rest of an answer is still on its way."""
    if transport.get_write_buffer_size():
        transport.close()
    else:
        transport.abort()


def _reset(transport: asyncio.Transport) -> None:
    """End a connection so that the client sees a reset instead of an orderly end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
