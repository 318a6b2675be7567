# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments of the event source: blank ones are none, and what makes no sense is said in one sentence that names it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.plugin_utils._event_options import (
    WITHOUT_MEANING,
    Asked,
    WatchFailed,
    read_arguments,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import NEEDED

# Of the environment variables that options fall back to
FOREIGN = ("LXCA_", "SDM_", "VMWARE_", "PRISMASASE_", "X_AUTH_TOKEN")
LOGIN = {"hostname": "192.0.2.1", "username": "netops", "password": "s3cret-password"}
PRISMA = {
    "client_id": "someone@1234567890.iam.panserviceaccount.com",
    "client_secret": "s3cret",
    "tsg_id": "1234567890",
}
OPTIONS: dict[str, dict[str, Any]] = {
    **NEEDED,
    "lxca_csv_job_info": {**LOGIN, "job_id": "371"},
    "element_image_status_info": PRISMA,
    "rest_task_info": {**LOGIN, "api": "pulp_task", "task_id": "1"},
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)


def read(warnings: list[str] | None = None, **args: Any) -> Asked:
    return read_arguments(args, warn=([] if warnings is None else warnings).append)


def job(**options: Any) -> dict[str, Any]:
    return {"module": "lxca_csv_job_info", "options": {**OPTIONS["lxca_csv_job_info"], **options}}


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_module_can_be_watched(name: str) -> None:
    asked = read(module=name, options=OPTIONS[name])
    assert asked.system_class is SYSTEMS[name]
    assert asked.settings.until_finished
    assert asked.settings.interval is None
    assert asked.settings.unreachable_timeout == asked.params["unreachable_timeout"]


# What is wrong, and what the sentence has to hold.
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no module": ({}, ["module is missing"]),
    "a blank module": ({"module": "  "}, ["module is missing"]),
    "no such module": ({"module": "vmware_guest_info"}, ["module must be one of", "lxca_csv_job_info", "vmware_guest"]),
    "no such argument": (
        {**job(), "intervall": 5},
        ["intervall (did you mean interval?) is not an option", "interval"],
    ),
    "feedback": ({**job(), "feedback": True, "eda_feedback_queue": object()}, ["eda_feedback_queue, feed"]),
    "a word for an interval": ({**job(), "interval": "often"}, ["interval", "float"]),
    "no interval at all": ({**job(), "interval": 0}, ["interval must be more than 0 seconds", "not 0"]),
    "a backward interval": ({**job(), "interval": -5}, ["interval must be more than 0 seconds", "not -5"]),
    "an endless interval": ({**job(), "interval": 10**9}, ["interval must be", "at most 31 days"]),
    "no interval one can name": ({**job(), "interval": float("nan")}, ["interval must be"]),
    "neither true nor false": ({**job(), "until_finished": "perhaps"}, ["until_finished", "bool"]),
    "options that are none": ({"module": "lxca_csv_job_info", "options": ["x"]}, ["options", "dict"]),
    "no options": (
        {"module": "lxca_csv_job_info"},
        ["hostname (environment variable LXCA_HOST), username (", "job_id are missing"],
    ),
    "a blank hostname": (
        job(hostname=""),
        ["options of lxca_csv_job_info", "hostname (environment variable LXCA_HOST) is missing"],
    ),
    "no password": (job(password=None), ["password (environment variable LXCA_PASSWORD) is missing"]),
    "a blank password": (job(password="  "), ["password (environment variable LXCA_PASSWORD) is missing"]),
    "no such option": (
        job(colour="red"),
        ["options of lxca_csv_job_info", "colour is not an option of lxca_csv_job_info", "job_id"],
    ),
    "a word for a port": (job(port="high"), ["port"]),
    "a port out of range": (job(port=70000), ["options of lxca_csv_job_info: port must be between 1 and 65535"]),
    "a URL for a hostname": (job(hostname="https://192.0.2.1"), ["hostname must be", "without a scheme"]),
    "no ids": (job(job_id=[]), ["job_id is empty"]),
    "a CA that is not there": (job(ca_path="/nowhere/ca.pem"), ["ca_path names a file that does not exist"]),
    "no fingerprint": (job(cert_fingerprint="ab:cd"), ["cert_fingerprint must be the SHA-256"]),
    "a key without its certificate": (job(client_key=__file__), ["client_key needs its certificate in client_cert"]),
    "half a credential": (
        {"module": "element_image_status_info", "options": {"client_id": PRISMA["client_id"], "tsg_id": "1"}},
        ["options of element_image_status_info", "client_secret missing"],
    ),
}


@pytest.mark.parametrize(("args", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_is_one_sentence_that_names_what_is_wrong(args: dict[str, Any], says: list[str]) -> None:
    with pytest.raises(WatchFailed) as refused:
        read(**args)
    sentence = str(refused.value)
    assert sentence.startswith("taskwatch.infra.task_status: ")
    assert "\n" not in sentence
    for part in says:
        assert part in sentence


def test_a_refusal_tells_no_password() -> None:
    with pytest.raises(WatchFailed) as refused:
        read(**job(password="s3cret-password", port="s3cret-password"))
    assert "s3cret" not in str(refused.value)


def test_blank_values_and_absent_ones_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LXCA_HOST", "lxca.example.com")
    monkeypatch.setenv("LXCA_PASSWORD", "of the environment")
    asked = read(
        module="lxca_csv_job_info",
        options={"hostname": "", "username": "netops", "password": None, "job_id": 371, "port": " ", "ca_path": ""},
        interval="",
        until_finished="",
    )
    assert asked.params["hostname"] == "lxca.example.com"
    assert asked.params["password"] == "of the environment"
    assert (asked.params["port"], asked.params["ca_path"], asked.params["job_id"]) == (443, None, ["371"])
    assert (asked.settings.interval, asked.settings.until_finished) == (None, True)


def test_text_is_understood_where_variables_make_text_of_everything() -> None:
    asked = read(**{**job(validate_certs="no", port="8443"), "interval": "5", "until_finished": "false"})
    assert (asked.params["validate_certs"], asked.params["port"]) == (False, 8443)
    assert (asked.settings.interval, asked.settings.until_finished) == (5.0, False)


@pytest.mark.parametrize("name", WITHOUT_MEANING)
def test_what_means_nothing_to_a_watch_is_ignored_and_said(name: str) -> None:
    warnings: list[str] = []
    asked = read(warnings, **job(**{name: -1}))
    (warning,) = warnings
    assert f"options of lxca_csv_job_info: {name} is ignored, because " in warning
    assert asked.params["wait"] is False


def test_a_plural_is_as_good_as_in_a_task() -> None:
    options = {**LOGIN, "job_ids": ["371", "372"]}
    assert read(module="lxca_csv_job_info", options=options).params["job_id"] == ["371", "372"]


def test_standstills_and_limits_are_those_of_the_module() -> None:
    asked = read(**job(stall_timeout=600, unreachable_timeout=60))
    assert (asked.settings.stall_timeout, asked.settings.unreachable_timeout) == (600, 60)
