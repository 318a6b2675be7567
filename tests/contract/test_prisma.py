# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Palo Alto Networks' two SDKs and our module, side by side through the upgrades of a fleet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .clients.prisma import CloudgenixPassword, CloudgenixToken, PrismaSase, Sdk, on_clock
from .prisma_fleet import CLIENTS, FIRST, fleet
from .rig import Rig
from .walk import Walk, walk

PATHS = (
    "upgrade",
    "scheduled",
    "abort",
    "upgrade_abort",
    "cancelled",
    "download_failed",
    "install_failed",
    "upgrade_failed",
    "idle",
)
# Enough where the question is about sessions and outages rather than upgrades
FEW = PATHS[:3]
# The words of Prisma SD-WAN API, "Get Image Status of Element (v2.1)", that stand for neither an end nor nonsense
ON_THE_WAY = (
    *("pending", "init", "waiting_download_time", "download_scheduled", "waiting_install_time", "upgrade_scheduled"),
    *("discovery", "download_discovery", "download_init", "download", "downloading", "download_complete", "verify"),
    *("verifying", "install", "installing", "upgrade_init", "upgrade", "upgrading", "in-progress"),
    *("download_cancel_pending", "upgrade_cancel_pending", "abort_download_pending", "abort_upgrade_pending"),
)
OUTAGES: tuple[Mapping[str, Any], ...] = (
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
    {"kind": "reset"},
    {"kind": "refuse"},
    {"kind": "tls_cut"},
    {"kind": "html"},
)


@pytest.fixture(autouse=True)
def _one_clock(rig: Rig) -> Iterator[None]:
    with on_clock(rig.clock.now):
        yield


def play(rig: Rig, client: Sdk, count: int = len(PATHS), **options: Any) -> Walk:
    """Walk a fleet of so many elements, on pages of four."""
    ids = [str(FIRST + number) for number in range(count)]
    return walk(rig, CLIENTS[type(client)], client, ids=ids, page_size=4, **{"step": 3.0, **options})


@pytest.mark.parametrize("client", CLIENTS)
def test_both_see_the_same_at_every_step(rig: Rig, client: type[Sdk]) -> None:
    rig.begin(fleet(PATHS))
    record = play(rig, client(rig.access("prisma_sdwan")))
    record.check()
    assert not any(moment.again for moment in record.moments)
    assert len(record.result.payload["tasks"]) == len(PATHS)
    assert not rig.simulator.sessions()["prisma_sdwan"]


@pytest.mark.parametrize("client", CLIENTS)
def test_both_know_every_word(rig: Rig, client: type[Sdk]) -> None:
    ends = {"complete": "succeeded", "done": "succeeded", "failed": "failed", "upgrade_abort": "cancelled"}
    tasks = [
        {
            "id": str(FIRST + number),
            "path": "custom",
            "states": [*({"state": word, "seconds": 2} for word in ON_THE_WAY), {"state": word, "seconds": 2}],
            "final_truth": truth,
        }
        for number, (word, truth) in enumerate(ends.items())
    ]
    rig.begin({"prisma_sdwan": {"tasks": tasks}})
    record = play(rig, client(rig.access("prisma_sdwan")), len(ends), step=2.0)
    record.check()
    assert set(record.states()) == {*ON_THE_WAY, *ends}


def test_both_wait_for_the_last_hop(rig: Rig) -> None:
    rig.begin(fleet(["multi_hop"]))
    client = PrismaSase(rig.access("prisma_sdwan"), target="6.4.1-b3")
    record = play(rig, client, 1, target_version="6.4.1-b3")
    # Between two hops ours waits for the next one to begin, which to the simulator is part of the whole
    found = [sentence for sentence in record.disagreements() if "we say pending, and it is running" not in sentence]
    assert not found
    assert record.states().count("upgrade_complete") == 1
    assert record.result.payload["tasks"][0]["details"]["active_version"] == "6.4.1-b3"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("client", [PrismaSase, CloudgenixPassword])
def test_a_lost_session_is_found_again(rig: Rig, client: type[Sdk], status: int) -> None:
    rig.begin(fleet(FEW, expired_status=status))
    record = play(
        rig, client(rig.access("prisma_sdwan")), len(FEW), events={5: lambda: rig.drop_sessions("prisma_sdwan")}
    )
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.again] == [5]
    assert record.result.payload["stats"]["logins"] == (2 if client is PrismaSase else 0)
    assert not rig.simulator.sessions()["prisma_sdwan"]


def test_a_static_token_has_no_session_to_lose(rig: Rig) -> None:
    rig.begin(fleet(FEW))
    client = CloudgenixToken(rig.access("prisma_sdwan"))
    record = play(rig, client, len(FEW), events={5: lambda: rig.drop_sessions("prisma_sdwan")})
    record.check()
    assert not any(moment.again for moment in record.moments)


def test_a_token_is_renewed_before_its_end(rig: Rig) -> None:
    """The SDK renews by its clock alone, a minute early, and calls the profile each time."""
    rig.begin({"prisma_sdwan": {"tasks": [{"id": str(FIRST), "duration": 3000}]}})
    record = play(rig, PrismaSase(rig.access("prisma_sdwan")), 1, step=100.0)
    record.check()
    assert not any(moment.again for moment in record.moments)
    asked = [path for _method, path in rig.asked("prisma_sdwan")]
    tokens = asked.count("/auth/v1/oauth2/access_token")
    assert tokens - record.result.payload["stats"]["logins"] == 4
    assert asked.count("/sdwan/v2.1/api/profile") == tokens
    assert {each["status"] for each in rig.simulator.requests()} <= {200, 401}


def test_a_password_session_ends_at_its_time(rig: Rig) -> None:
    rig.begin(fleet(FEW, legacy_lifetime=31))
    record = play(rig, CloudgenixPassword(rig.access("prisma_sdwan")), len(FEW))
    record.check()
    assert [number for number, moment in enumerate(record.moments) if moment.again] == [11]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", OUTAGES, ids=lambda fault: str(fault.get("status", fault["kind"])))
def test_both_are_blind_in_the_same_outages(rig: Rig, client: type[Sdk], fault: Mapping[str, Any]) -> None:
    def strike() -> None:
        rig.simulator.add_fault({"system": "prisma_sdwan", "seconds": 5, **fault})

    rig.begin(fleet(FEW))
    record = play(rig, client(rig.access("prisma_sdwan")), len(FEW), events={3: strike})
    record.check()
    began = record.moments[0].second
    blind = [moment.second - began for moment in record.moments if moment.theirs is None]
    # From the third poll on, for five seconds; where it was asked to, ours polls again earlier than it would have
    assert blind[0] == 9
    assert 12 <= blind[-1] < 14
    assert record.result.payload["done"]
