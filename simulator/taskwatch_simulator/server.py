# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP skin: one port per system and one for the control API, opened and closed as the world wants them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ipaddress
import os
import socket
import ssl
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from .control import Control
from .holes import Hole
from .identity import identity
from .scenario import SYSTEM_NAMES
from .systems.base import PortMode
from .wire import NotHttp, abort, http_logger, perform, refuse, translated
from .world import World

__all__ = ["Server", "ServerError", "identity", "loopback"]

CONTROL = "control"
# More rounds of the loop than the beginning or the end of a connection takes
ROUNDS = 10
# Seconds between checks whether a port has to be closed or opened; a scenario's outages come without a request
SYNC_INTERVAL = 0.02
SHUTDOWN_TIMEOUT = 0.2
# Seconds that a client has to answer the server's TLS close; clients that keep connections never do
TLS_CLOSE_TIMEOUT = 1.0
BACKLOG = 256


class ServerError(Exception):
    """The simulator cannot listen; the text is one sentence for a person."""


def loopback(address: str) -> str:
    """Return the address to bind.

    Raises:
        ServerError: unless only this machine can reach it.
    """
    plain = "127.0.0.1" if address == "localhost" else address
    try:
        inside = ipaddress.ip_address(plain).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ServerError(f"{address} is not a loopback address; the simulator serves this machine only")
    return plain


async def rounds_pass() -> None:
    """Let the loop begin what it has accepted, and end what was aborted: each takes a few of its rounds."""
    for _round in range(ROUNDS):
        await asyncio.sleep(0)


class _CutHandshake(asyncio.Protocol):
    """A connection that ends at the client's first bytes; until then it is one of `waiting`."""

    def __init__(self, count: Callable[[], None], waiting: set[asyncio.BaseTransport]) -> None:
        self._count = count
        self._waiting = waiting
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._waiting.add(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._transport is not None:
            self._waiting.discard(self._transport)

    def data_received(self, _data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._count()
            self._transport.close()


@dataclass
class _Port:
    """One listening address; `holder` keeps the number reserved while it is closed."""

    name: str
    host: str
    number: int
    http: web.Server
    holder: socket.socket | None
    tls: ssl.SSLContext | None
    mode: PortMode = "refused"
    listener: asyncio.Server | None = None
    seen: weakref.WeakSet[asyncio.Transport] = field(default_factory=weakref.WeakSet)
    busy: set[asyncio.Transport] = field(default_factory=set)
    waiting: set[asyncio.BaseTransport] = field(default_factory=set)
    hole: Hole | None = None
    """What drops its connections."""
    others: dict[str, Hole] = field(default_factory=dict)
    """Holes at other addresses with the same number."""

    async def close_listener(self) -> None:
        """Accept nothing more. What was accepted a moment ago begins first: a listener that is closed loses it open."""
        if self.listener is None:
            return
        for each in self.listener.sockets:
            asyncio.get_running_loop().remove_reader(each)
        await rounds_pass()
        self.listener.close()
        self.listener = None

    async def release(self) -> None:
        """Give its addresses up."""
        await self.close_listener()
        for each in (self.holder, self.hole, *self.others.values()):
            if each is not None:
                each.close()
        self.holder = self.hole = None
        self.others.clear()

    def end_connections(self) -> None:
        """End those without an answer under way; kept ones would go on as if the port were still served."""
        for handler in self.http.connections:
            if handler.transport is not None and handler.transport not in self.busy:
                abort(handler.transport)


def _reserve(host: str, number: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    holder = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((host, number))
    except OSError as error:
        holder.close()
        raise ServerError(f"port {number} on {host} cannot be used: {error.strerror}") from None
    return holder


class Server:
    """All ports of one simulator."""

    def __init__(self, world: World, bind: str = "127.0.0.1", port_base: int = 0, *, plain: bool = False) -> None:
        self.world = world
        self._control = Control(world)
        self._host = loopback(bind)
        self._base = port_base
        self._plain = plain
        self._ports: dict[str, _Port] = {}
        self._watch: asyncio.Task[None] | None = None
        self._syncing = asyncio.Lock()

    async def start(self) -> None:
        """Listen on every port.

        Raises:
            ServerError: when one of them cannot be had; none is then left open.
        """
        try:
            for index, name in enumerate((*SYSTEM_NAMES, CONTROL)):
                self._ports[name] = self._prepare(name, self._base + index if self._base else 0)
            for port in self._ports.values():
                await self._switch(port, "open")
        except ServerError:
            await self.stop()
            raise
        await self.sync()
        self._watch = asyncio.create_task(self._keep_in_step())

    def _prepare(self, name: str, number: int) -> _Port:
        holder = _reserve(self._host, number)
        answer = functools.partial(self._answer, name)
        http = web.Server(answer, handler_cancellation=True, access_log=None, logger=http_logger())
        tls = None if self._plain or name == CONTROL else identity().context
        return _Port(name, self._host, holder.getsockname()[1], http, holder, tls)

    async def stop(self) -> None:
        """Close every port and every connection."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        for port in self._ports.values():
            await port.release()
            # Also those that wait for a client's TLS close, which the library no longer lists
            for connection in port.seen:
                connection.abort()
            for handler in port.http.connections:
                if handler.transport is not None:
                    handler.transport.abort()
            for transport in port.waiting:
                transport.close()
        # Aborted connections end in the loop's next rounds; one that hangs on purpose is cancelled
        await asyncio.gather(*(port.http.shutdown(SHUTDOWN_TIMEOUT) for port in self._ports.values()))
        self._ports.clear()

    async def _keep_in_step(self) -> None:
        while True:
            await asyncio.sleep(SYNC_INTERVAL)
            await self.sync()

    async def sync(self) -> None:
        """Open and close ports as the world wants them now."""
        async with self._syncing:
            for name in SYSTEM_NAMES:
                mode = self.world.port_mode(name)
                if mode != self._ports[name].mode:
                    # If another program takes the number in the moment between, the next check tries again
                    with contextlib.suppress(ServerError):
                        await self._switch(self._ports[name], mode)
                self._dig(self._ports[name], self.world.holes(name) - {self._host})

    @staticmethod
    def _dig(port: _Port, wanted: set[str]) -> None:
        """Open and close holes at other addresses than the served one."""
        for address in port.others.keys() - wanted:
            port.others.pop(address).close()
        for address in wanted - port.others.keys():
            # A machine may lack the address, and another program may have the number there
            with contextlib.suppress(ServerError):
                port.others[address] = Hole(_reserve(address, port.number))

    async def _switch(self, port: _Port, mode: PortMode) -> None:
        await port.close_listener()
        port.mode = "refused"
        if mode != "open":
            port.end_connections()
        if port.hole is not None:
            port.hole.close()
            port.hole = None
        if port.holder is None:
            port.holder = _reserve(port.host, port.number)
        if mode == "refused":
            return
        if mode == "black_hole":
            port.hole, port.holder, port.mode = Hole(port.holder), None, mode
            return
        loop = asyncio.get_running_loop()
        if mode == "tls_cut":
            count = functools.partial(self.world.handshake_cut, port.name)
            cut = functools.partial(_CutHandshake, count, port.waiting)
            listening = loop.create_server(cut, sock=port.holder, backlog=BACKLOG)
        else:
            close_timeout = None if port.tls is None else TLS_CLOSE_TIMEOUT
            listening = loop.create_server(
                port.http, sock=port.holder, ssl=port.tls, ssl_shutdown_timeout=close_timeout, backlog=BACKLOG
            )
        try:
            port.listener = await listening
        except OSError as error:
            raise ServerError(f"port {port.number} on {port.host} cannot be used: {error.strerror}") from None
        port.holder = None
        port.mode = mode

    def systems(self) -> dict[str, dict[str, object]]:
        """Return where each system listens and how to log in."""
        return {name: self._system(name) for name in SYSTEM_NAMES}

    def _system(self, name: str) -> dict[str, object]:
        port = self._ports[name]
        shown: dict[str, object] = {"hostname": port.host, "port": port.number, "use_ssl": not self._plain}
        access = self.world.access(name)
        if "auth_url" in access:
            access["auth_url"] = self._url(port) + access["auth_url"]
        return shown | access

    def _url(self, port: _Port) -> str:
        host = f"[{port.host}]" if ":" in port.host else port.host
        return f"{'http' if port.tls is None else 'https'}://{host}:{port.number}"

    @property
    def control_url(self) -> str:
        """The address of the control API."""
        return self._url(self._ports[CONTROL])

    async def _answer(self, name: str, incoming: web.BaseRequest) -> web.StreamResponse:
        transport = incoming.transport
        port = self._ports[name]
        if transport is None:
            raise ConnectionResetError
        reused = transport in port.seen
        port.seen.add(transport)
        port.busy.add(transport)
        try:
            request = await translated(incoming, transport, reused=reused)
            if name == CONTROL:
                reply = self._control.handle(request)
                await self.sync()
            else:
                reply = self.world.handle(name, request)
                if reply.transport is not None and reply.transport.closes_port:
                    # This request was quicker than the sync loop; the next connection must not be
                    await self.sync()
            if reply.delay:
                await asyncio.sleep(reply.delay)
            return await perform(incoming, transport, reply)
        except NotHttp as refusal:
            return refuse(refusal)
        finally:
            port.busy.discard(transport)
