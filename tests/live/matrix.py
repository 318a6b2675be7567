# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every service: verdicts of ends and outages, sessions, secrets, what the vendor's client says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.taskwatch.infra.plugins.module_utils._run import run
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import params_of

from .ends import Seen
from .services.base import Service

UNFINISHED = {"pending", "running"}
BETWEEN_POLLS = 1.0
# Long enough to be seen under way where a service lets its tasks take as long as they are told
LASTS = 12


class Matrix:
    """Every end and every outage."""

    def test_every_end_is_told_as_it_is(self, seen: Mapping[str, Seen]) -> None:
        told = {name: (_state(each), (each.result["error"] or {}).get("type")) for name, each in seen.items()}
        assert told == {name: (each.case.state, each.case.error) for name, each in seen.items()}
        failed = {name for name, each in seen.items() if each.result["failed"]}
        assert failed == {name for name, each in seen.items() if each.case.error is not None}

    def test_outages_were_met_and_told(self, seen: Mapping[str, Seen]) -> None:
        for name, each in seen.items():
            trouble, stats = each.case.trouble, each.result["stats"]
            if trouble is not None:
                assert each.proxy.struck, f"{name} came too late: {stats}"
                assert (stats["unreachable_seconds"] > 0) is (trouble.kind != "slow"), (name, stats)

    def test_several_tasks_are_told_in_the_order_asked_for(self, seen: Mapping[str, Seen], service: Service) -> None:
        many, ends = seen["many"], service.ends
        assert [task["id"] for task in many.result["tasks"]] == list(many.case.options["task_id"])
        assert [task["state"] for task in many.result["tasks"]] == [ends["good"], ends["bad"], ends["good"]]
        (failed,) = [task for task in many.result["tasks"] if task["state"] == ends["bad"]]
        assert failed["errors"]
        assert failed["errors"][0] in many.result["msg"]

    def test_progress_never_runs_backwards(self, seen: Mapping[str, Seen]) -> None:
        for each in seen.values():
            for task in each.result["tasks"]:
                assert task["progress"] is None or 0 <= task["progress"] <= 100
                assert task["state"] != "succeeded" or task["progress"] in (None, 100)

    def test_nothing_is_left_open_and_no_secret_is_told(self, seen: Mapping[str, Seen], service: Service) -> None:
        one = next(iter(seen.values()))
        assert one.sessions == 0
        wrong = [str(value) for value in (service.wrong_login or {}).values()]
        for secret in (*service.secrets, *wrong):
            assert secret not in one.finished.output
            assert all(secret not in str(each.result) for each in seen.values())
        assert "Traceback" not in one.finished.output


class Compared:
    """The vendor's own client beside each poll."""

    def test_the_vendors_client_agrees_poll_by_poll(self, service: Service) -> None:
        assert service.client is not None
        with service.client() as client, service.through() as proxy:
            ids = [service.begin(course, LASTS) for course in ("good", "bad")]
            words: set[str] = set()
            payload: dict[str, Any] = {"done": False}
            while not payload["done"]:
                before = [client.state_of(task_id) for task_id in ids]
                payload = poll(service, proxy.port, ids)
                after = [client.state_of(task_id) for task_id in ids]
                for task, *told in zip(payload["tasks"], before, after, strict=True):
                    assert task["native_state"] in told
                    words.add(task["native_state"])
                time.sleep(BETWEEN_POLLS)  # noqa: TID251 (a service is watched, which knows no clock of ours)
        assert [task["state"] for task in payload["tasks"]] == [service.ends["good"], service.ends["bad"]]
        assert len(words) > 2


def poll(service: Service, port: int, ids: list[str]) -> dict[str, Any]:
    """Return the payload of one check."""
    options = {"api": service.api, **service.options, "hostname": "127.0.0.1", "port": port, "use_ssl": False}
    if "description" in options:
        del options["api"]
    result = run(RestTask, params_of(RestTask, **options, task_id=ids))
    assert result.msg is None, result.msg
    return result.payload


def _state(seen: Seen) -> str:
    state: str = seen.result["state"]
    return "unfinished" if state in UNFINISHED else state
