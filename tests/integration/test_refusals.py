# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that cannot be used: one sentence that names the option, in both execution modes, and not one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.support.checks import Checks, classes_of
from tests.support.modules import Module
from tests.support.rehearsal import BOTH, MODULE, Case, Outcome, in_turn_of

# Values that fit the argument spec and make no sense all the same
SENSELESS: tuple[tuple[str, object], ...] = (
    ("hostname", "https://192.0.2.1"),
    ("hostname", "192.0.2.1:443"),
    ("hostname", "lxca.example.com/api"),
    ("hostname", "no such host"),
    ("hostname", "two..dots.example.com"),
    ("hostname", ""),
    ("port", 0),
    ("port", 65536),
    ("timeout", 0),
    ("wait_timeout", -1),
    ("wait_timeout", 1e12),
    ("wait_sleep", 0),
    ("unreachable_timeout", -1),
    ("stall_timeout", -1),
    ("progress_interval", -1),
    ("ca_path", "/nonexistent/ca.pem"),
)
# A blank among ids is dropped; nothing but blanks is no id
BAD_IDS: tuple[object, ...] = ("", " ", ["", " "], "..", ".", "a\tb")
# These ask for all that there are when no id is given
WITHOUT_ID = ("lxca_repo_export_info", "element_image_status_info")


def cases(module: Module) -> list[Case]:
    """Return what a module must refuse.

    `make test` plays a refusal that all modules share with one of them, in turn, and the first one of each module in
    both execution modes; `make exhaustive` plays all with all in both modes.
    """
    shared = in_turn_of(module, [*senseless(module), *misfits(module)])
    first = next(index for index, case in enumerate(shared) if case.modes)
    shared[first] = replace(shared[first], modes=BOTH, more_modes=())
    own = [replace(case, more_modes=(MODULE,)) for case in OF_ONE_MODULE.get(module.name, ())]
    return [*shared, *own]


def senseless(module: Module) -> list[Case]:
    """Return values, also ids, that only the module itself can refuse."""
    ask = module.ask(module.ids[0])
    several = [_senseless(f"{option} {value!r}", {**ask, option: value}, option) for option, value in SENSELESS]
    if module.option is None:
        return several
    # Without any id the status of every element is asked for
    bad = BAD_IDS if module.system == "prisma_sdwan" else (*BAD_IDS, [])
    return [*several, *(_senseless(f"id {value!r}", module.ask(value), module.option) for value in bad)]


def _senseless(name: str, options: Mapping[str, Any], *words: str) -> Case:
    return Case(name, options, expected={"failed": True, "error.type": "bad_request"}, says=words, logins=0)


def misfits(module: Module) -> list[Case]:
    """Return what already the argument spec refuses."""
    ask = module.ask(module.ids[0])
    required = () if module.system == "prisma_sdwan" else ("hostname", "username", "password")
    several = [_senseless(f"no {name}", {**ask, name: None}, name, module.environment[name]) for name in required]
    if module.option and module.name not in WITHOUT_ID:
        several.append(_senseless("no id", module.more, module.option))
    return [
        *several,
        _senseless("unknown option", {**ask, "wiat": True}, "wiat"),
        _senseless("not a truth value", {**ask, "wait": "maybe"}, "wait"),
        _senseless("not a number", {**ask, "port": "https"}, "port"),
        _senseless("not seconds", {**ask, "wait_timeout": "an hour"}, "wait_timeout"),
    ]


OF_ONE_MODULE: Mapping[str, tuple[Case, ...]] = {
    "lxca_repo_export_info": (_senseless("basic user with a colon", {"username": "a:b", "auth": "basic"}, "username"),),
    "lxca_csv_job_info": (_senseless("auth of no kind", {"job_id": "371", "auth": "kerberos"}, "auth"),),
    "lxca_task_info": (_senseless("session without a user", {"task_id": "51", "username": ""}, "username"),),
    "route_update_info": (
        _senseless("api_version of no kind", {"task_id": "ID33", "api_version": "../v1.3"}, "api_version"),
        _senseless("response_format of no kind", {"task_id": "ID33", "response_format": "yaml"}, "response_format"),
    ),
    "appliance_update_info": (
        _senseless("user with a colon", {"username": "a:b"}, "username"),
        _senseless("api of no kind", {"api": "soap"}, "api"),
        _senseless("wait for no end", {"wait_for": "rebooted"}, "wait_for"),
    ),
    "element_image_status_info": (
        _senseless("no credentials", dict.fromkeys(["client_id", "client_secret", "tsg_id"]), "client_id"),
        _senseless("half the credentials", {"client_secret": None}, "client_secret"),
        _senseless("auth_url without TLS", {"auth_url": "http://192.0.2.1/token"}, "auth_url"),
        _senseless("auth_url of no form", {"auth_url": "https://[::1"}, "auth_url"),
        _senseless("page_size 0", {"page_size": 0}, "page_size"),
        _senseless("page_size 1001", {"page_size": 1001}, "page_size"),
        _senseless("query of no such field", {"query": {"drop_tables": True}}, "query", "drop_tables"),
        _senseless("query that pages", {"query": {"limit": 5}}, "query", "limit"),
        _senseless("query of no form", {"query": "getDeleted"}, "query"),
    ),
}


class Refusals(Checks):
    """What holds for every case, and what is special about these."""

    def test_nothing_is_asked(self, outcome: Outcome) -> None:
        """A request that makes no sense must not even log in."""
        assert outcome.requests == []


globals().update(classes_of(Refusals))
