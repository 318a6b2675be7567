# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults put between a client and a simulated system: what is asked for, which one is due, what it does to a reply."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, Field, model_validator

from .messages import Reply, Request, Transport, TransportKind
from .timeline import Duration, Model, Seconds

SystemName = Literal["lxca", "sdm", "vcenter", "prisma_sdwan"]
Kind = Literal[
    "status",
    "reset",
    "hang",
    "cut_body",
    "garbage",
    "html",
    "empty",
    "expire_sessions",
    "refuse",
    "latency",
    "tls_cut",
    "redirect",
    "big_body",
    "wrong_encoding",
]
# Kinds that act on the port as a whole, before there is a request to look at
PORT_KINDS: frozenset[Kind] = frozenset({"refuse", "tls_cut"})
# Kinds that let the request through and only add to what happens
PASSING_KINDS: frozenset[Kind] = frozenset({"latency", "expire_sessions"})
# Kinds that spoil the true answer, which therefore has to be made first
SPOILING_KINDS: frozenset[Kind] = frozenset({"cut_body", "wrong_encoding"})
GARBAGE = b'\x00\xff{"state": \xc3\x28, <<not json, not xml>> \x1f\x8b'
HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>"


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return text


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"{name} is not an encoding that Python knows") from None
    return name


class FaultSpec(Model):
    """One fault as asked for through the control API."""

    system: SystemName
    kind: Kind
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    body: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    path: Annotated[str, AfterValidator(_pattern)] | None = None
    """Regular expression that must be found in the request's path."""
    method: str | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    """How many matching requests (for `tls_cut`: connections) it hits."""
    seconds: Duration | None = None
    """Wall seconds that it lasts, counted from the moment it begins to bite."""
    after_requests: Annotated[int, Field(ge=0)] = 0
    """How many matching requests pass first."""
    executed: bool = False
    """The request has its effect all the same, and only its answer is lost."""
    delay: Seconds | None = None
    """Wall seconds that `latency` adds to each answer."""
    bytes: Annotated[int, Field(ge=0)] | None = None
    """Size of `big_body`."""
    location: str = "https://elsewhere.example.com/"
    """Where `redirect` points."""
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-16"
    """What `wrong_encoding` really sends while it says UTF-8."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        problem = None
        if self.kind == "status" and self.status is None:
            problem = "status needs a number in the key status"
        elif self.kind == "latency" and self.delay is None:
            problem = "latency needs wall seconds in the key delay"
        elif self.kind == "big_body" and self.bytes is None:
            problem = "big_body needs a size in the key bytes"
        elif self.kind in PORT_KINDS and (self.path is not None or self.method is not None):
            problem = f"{self.kind} concerns the whole port, so it takes neither path nor method"
        elif self.kind == "refuse" and self.times is not None:
            problem = "refuse takes seconds instead of times, because a closed port cannot count"
        elif self.kind in PORT_KINDS and self.executed:
            problem = f"under {self.kind} no request arrives, so none can be executed"
        elif any("\n" in part or "\r" in part for pair in self.headers.items() for part in pair):
            problem = "headers must not hold line breaks"
        if problem:
            raise ValueError(problem)
        return self


@dataclass
class Fault:
    """One fault in force; times are wall seconds of the run."""

    spec: FaultSpec
    number: int
    armed_at: float | None
    seen: int = 0
    used: int = 0

    def over(self, now: float) -> bool:
        """Tell whether it has done all that was asked for."""
        if self.spec.times is not None and self.used >= self.spec.times:
            return True
        return self.spec.seconds is not None and self.armed_at is not None and now >= self.armed_at + self.spec.seconds

    def concerns(self, request: Request) -> bool:
        """Tell whether a request is of the kind that it was made for."""
        if self.spec.method is not None and self.spec.method.upper() != request.method:
            return False
        return self.spec.path is None or re.search(self.spec.path, request.decoded_path) is not None

    def listing(self) -> dict[str, object]:
        """Return what the control API shows of it."""
        return {
            "number": self.number,
            **self.spec.model_dump(exclude_defaults=True),
            "armed": self.armed_at is not None,
            "used": self.used,
        }


@dataclass
class Due:
    """What happens to one request: extra delay, sessions dropped first, at most one fault that shapes the answer."""

    delay: float = 0.0
    drop_sessions: bool = False
    fault: Fault | None = None
    kinds: list[str] = field(default_factory=list)


class Faults:
    """All faults of a run, in the order in which they were added."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._added: list[Fault] = []
        self._count = 0

    def add(self, spec: FaultSpec) -> Fault:
        """Put a fault in force."""
        self._count += 1
        fault = Fault(spec, self._count, None if spec.after_requests else self._now())
        self._added.append(fault)
        return fault

    def active(self) -> list[Fault]:
        """Return the faults that are not over."""
        now = self._now()
        self._added = [each for each in self._added if not each.over(now)]
        return list(self._added)

    def remove(self, fault: Fault) -> None:
        """End a fault."""
        self._added.remove(fault)

    def port_fault(self, system: str) -> Fault | None:
        """Return the fault that keeps a system's port from being served now."""
        for fault in self.active():
            if fault.spec.system == system and fault.spec.kind in PORT_KINDS and fault.armed_at is not None:
                return fault
        return None

    def due(self, system: str, request: Request) -> Due:
        """Return what happens to a request, and count it."""
        result = Due()
        for fault in self.active():
            spec = fault.spec
            if spec.system != system or not fault.concerns(request):
                continue
            if fault.seen < spec.after_requests:
                fault.seen += 1
                if fault.seen == spec.after_requests:
                    fault.armed_at = self._now()
                continue
            fault.used += 1
            result.kinds.append(spec.kind)
            if spec.kind == "latency":
                result.delay += spec.delay or 0.0
            elif spec.kind == "expire_sessions":
                result.drop_sessions = True
            else:
                result.fault = fault
                break
        return result


def reply_of(spec: FaultSpec, answer: Callable[[], Reply]) -> Reply:
    """Return what a fault answers; `answer` carries the request out and makes the true reply, where that is wanted."""
    if spec.kind in SPOILING_KINDS:
        return _spoilt(spec, answer())
    if spec.executed:
        answer()
    headers = [(name, value) for name, value in spec.headers.items() if name.lower() != "content-length"]
    if spec.kind in {"reset", "hang", "tls_cut"}:
        return Reply(transport=Transport(cast(TransportKind, spec.kind)))
    if spec.kind == "refuse":
        return Reply(transport=Transport("refused"))
    status, body, content_type = _canned(spec)
    if spec.kind == "redirect":
        headers.append(("Location", spec.location))
    if content_type:
        headers.insert(0, ("Content-Type", spec.content_type or content_type))
    transport = Transport("big_body", spec.bytes or 0) if spec.kind == "big_body" else None
    return Reply(spec.status or status, headers, body, transport=transport)


def _canned(spec: FaultSpec) -> tuple[int, bytes, str]:
    """Return status, body and content type of a kind that needs no true answer."""
    body = None if spec.body is None else spec.body.encode()
    canned: dict[str, tuple[int, bytes, str]] = {
        "status": (503, b"", "text/plain" if body else ""),
        "garbage": (200, GARBAGE, "application/json"),
        "html": (200, HTML.encode(), "text/html; charset=utf-8"),
        "empty": (200, b"", spec.content_type or ""),
        "redirect": (307, b"", "text/plain" if body else ""),
        "big_body": (200, b"", "application/json"),
    }
    status, default, content_type = canned[spec.kind]
    return status, default if body is None else body, content_type


def _spoilt(spec: FaultSpec, reply: Reply) -> Reply:
    if spec.body is not None:
        reply.body = spec.body.encode()
    if spec.status is not None:
        reply.status = spec.status
    if spec.kind == "cut_body":
        reply.transport = Transport("cut_body")
        return reply
    media = (spec.content_type or reply.header("Content-Type") or "text/plain").partition(";")[0]
    reply.headers = [each for each in reply.headers if each[0].lower() != "content-type"]
    reply.headers.append(("Content-Type", f"{media}; charset=UTF-8"))
    reply.body = reply.body.decode(errors="replace").encode(spec.encoding, errors="replace")
    return reply
