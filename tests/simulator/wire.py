# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between the HTTP library's objects and the core's, and what happens on the wire besides HTTP."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator

from aiohttp import web
from multidict import CIMultiDict
from werkzeug.datastructures import Headers

from .messages import Reply, Request
from .systems.base import BODY_LIMIT


async def translated(incoming: web.BaseRequest) -> Request:
    """Return the plain form of a request, its body read up to just above what any system takes."""
    pieces, size = [], 0
    while size <= BODY_LIMIT:
        piece = await incoming.content.read(65536)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    url = incoming.rel_url
    return Request(
        incoming.method, url.raw_path, url.raw_query_string, Headers(list(incoming.headers.items())), b"".join(pieces)
    )


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


def _big_body(reply: Reply) -> Iterator[bytes]:
    return reply.transport.chunks() if reply.transport is not None else iter(())


def hang_up(transport: asyncio.Transport) -> None:
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
