# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Systems and proxies that repeat whatever they are sent, in errors, web pages and redirects."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._context import Runtime
from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.clock import FakeClock

from taskwatch_simulator.messages import Reply, Request
from taskwatch_simulator.scenario import Scenario
from taskwatch_simulator.world import World
from tests.faults.fake_wire import HOST, FakeWire
from tests.faults.recorder import Recorder, fragments, sessions_opened, tokens_of
from tests.faults.subjects import SUBJECTS, Subject

# Characters that HTTP, JSON, XML, HTML and URLs each write in another way
SECRET = 'p"ä<s&s\\w/r d+%'
TOKENS = ("X-Csrf-Token", "vmware-api-session-id", "x-auth-token")
MASK = "********"
# Messages are cut somewhere; wherever that is, no part of a secret may stand before the cut.
PADDINGS = ("", *("x" * length + " " for length in range(40, 130, 11)), "x" * 480 + " ")
Echo = Callable[[Request, str], Reply]


def _everything(request: Request) -> str:
    """What is worth hiding first: messages show only the beginning of a text."""
    told = [request.headers[name] for name in ("Authorization", "Cookie", *TOKENS) if name in request.headers]
    return "\n".join([*told, request.body.decode("utf-8", "replace"), f"{request.path}?{request.query}"])


def _error(kind: str, status: int, write: Callable[[str], str]) -> Echo:
    def echo(request: Request, padding: str) -> Reply:
        return Reply(status, [("Content-Type", kind)], write(padding + _everything(request)).encode())

    return echo


def _families(text: str) -> str:
    message = {"id": "x", "text": text, "default_message": text, "message": text, "code": "x", "args": []}
    return json.dumps({"messages": [message], "_error": [message], "error": text, "result": "failure"})


def _astray(request: Request, padding: str) -> Reply:
    told = quote(_everything(request), safe="")
    return Reply(
        307, [("Location", f"https://{told}@elsewhere.example.com/{padding}{told}")], _everything(request).encode()
    )


ECHOES: Mapping[str, Echo] = {
    "text": _error("text/plain", 500, lambda text: text),
    "page": _error("text/html", 200, lambda text: f"<html><p>{html.escape(text)}</p></html>"),
    "garbage": _error("application/json", 200, lambda text: '{"' + text),
    "families": _error("application/json", 503, _families),
    "refusal": _error("application/json", 400, _families),
    "xml": _error("application/xml", 503, lambda text: f"<error><message>{html.escape(text)}</message></error>"),
    "astray": _astray,
}


def _play(subject: Subject, echo: Echo, path: str, padding: str, *, wait: bool) -> tuple[list[str], bool]:
    """Return what leaked, and whether anything had to be hidden."""
    clock = FakeClock(0.0)
    scenario = subject.scenario()
    scenario[subject.system]["client_secret" if subject.system == "prisma_sdwan" else "password"] = SECRET
    world = World(Scenario.model_validate(scenario), clock)

    def spoil(request: Request, reply: Reply) -> Reply:
        return echo(request, padding) if re.search(path, request.path) else reply

    access = {**world.access(subject.system), "hostname": HOST, "port": 443, "use_ssl": True, "ca_path": None}
    access["auth_url"] = f"https://{HOST}{access.get('auth_url', '')}"
    wire, recorder = FakeWire(world, subject.system, clock, spoil=spoil), Recorder()
    options = {"wait": wait, "wait_timeout": 20, "unreachable_timeout": 10, "include_raw": True}
    with sessions_opened() as opened:
        result = run(
            subject.system_class,
            subject.params(access, **options),
            observer=recorder,
            runtime=Runtime(clock=clock, sleep=clock.sleep, adapter=wire),
        )
    user = str(access.get(subject.credentials[0]))
    told = json.dumps([result.payload, result.msg, result.warnings, recorder.texts], ensure_ascii=False)
    return fragments([*subject.secrets(access), *tokens_of(opened)], told, user), MASK in told


@pytest.mark.parametrize(
    "wait", [pytest.param(False, id="check"), pytest.param(True, id="wait", marks=pytest.mark.exhaustive)]
)
@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_an_answer_that_repeats_the_request_tells_no_secret(subject: Subject, echo: str, wait: bool) -> None:
    hidden = False
    for call in (*subject.login, subject.status):
        for padding in PADDINGS:
            found, masked = _play(subject, ECHOES[echo], call.path, padding, wait=wait)
            assert not found
            hidden = hidden or masked
    # Otherwise nothing was repeated where it could have been seen, and the test would show nothing. Of where it is
    # sent to, a module tells no more than the host.
    assert hidden or echo == "astray"


def test_the_search_for_secrets_finds_them_in_every_form() -> None:
    for form in (SECRET, quote(SECRET, safe=""), html.escape(SECRET), json.dumps(SECRET), quote_plus(SECRET)):
        for told in (form, form[:9], form[-9:]):
            assert fragments([SECRET], f"it said {told}")
    assert not fragments([SECRET], "it said nothing of the kind")
