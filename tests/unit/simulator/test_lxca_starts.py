# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Administrator: what clients start, what a scenario makes of it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskwatch_simulator.messages import Reply

from .conftest import Bench, basic

Make = Callable[[str], Bench]
USER = basic("USERID")
EXPORT = "/updateRepositories/firmware?action=export&filetypes=all"
HEADINGS = "Type,Serial number,IP address,User\r\n"
BOUNDARY = "AaB03x"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def start_export(bench: Bench, target: str = EXPORT, body: object = None, **headers: str) -> Reply:
    return bench.call("lxca", "PUT", target, USER | headers, {"fixids": ["fix_1"]} if body is None else body)


def upload(content: bytes, disposition: str = 'name="uploadedfile"; filename="devices.csv"') -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: application/octet-stream"
    return head.encode() + b"\r\n\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def start_job(bench: Bench, rows: str = "server,S1,192.0.2.7,a\r\nserver,S2,,a\r\n", query: str = "") -> Reply:
    return bench.call("lxca", "POST", f"/csvRequest{query}", USER | FORM, upload((HEADINGS + rows).encode()))


def read(bench: Bench, path: str) -> Any:
    reply = bench.call("lxca", "GET", path, USER)
    assert reply.status == 200, reply.body
    return reply.json()


def test_an_export_is_started_and_watched_by_its_two_ids(bench: Make) -> None:
    run = bench("lxca: {starts: [{kind: export, duration: 20}]}").at(5)
    answer = start_export(run).json()
    task_id, job_id = answer["taskid"], answer["jobid"]
    assert (answer["result"], task_id == job_id) == ("informational", False)
    status = f"/updateRepositories/firmware/status?taskid={task_id}"
    assert read(run, status)["state"] == "running"
    assert run.task(str(task_id))["state"] == "running"
    assert read(run.at(25), status)["state"] == "complete"
    assert read(run, f"/tasks/{job_id}")[0]["status"] == "Complete"
    assert {run.task(str(each))["state"] for each in (task_id, job_id)} == {"succeeded"}


def test_each_start_takes_the_next_entry_of_its_kind_and_the_last_one_stays(bench: Make) -> None:
    run = bench(
        "lxca: {starts: [{kind: export, duration: 10}, {kind: csv_job, duration: 30},"
        " {kind: export, duration: 10, end: failed, message: No space}]}"
    )
    ids = [str(start_export(run).json()["taskid"]) for _time in range(3)]
    job_id = start_job(run).json()["statusDescription"]
    run.at(10)
    assert [run.task(each)["state"] for each in (*ids, job_id)] == [
        "succeeded",
        "failed",
        "failed",
        "running",
    ]


def test_work_takes_a_minute_and_a_half_where_a_scenario_says_nothing(bench: Make) -> None:
    run = bench("")
    ids = [str(start_export(run).json()["taskid"]), start_job(run).json()["statusDescription"]]
    assert {run.at(89.9).task(each)["state"] for each in ids} == {"running"}
    assert {run.at(90).task(each)["state"] for each in ids} == {"succeeded"}


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/updateRepositories/firmware", None),
        ("/updateRepositories/firmware?action=acquire&filetypes=all", None),
        ("/updateRepositories/firmware?action=export", None),
        ("/updateRepositories/firmware?action=export&filetypes=some", None),
        (EXPORT, b""),
        (EXPORT, b"{"),
        (EXPORT, b"\xff"),
        (EXPORT, []),
        (EXPORT, {}),
        (EXPORT, {"fixids": "fix_1"}),
        (EXPORT, {"fixids": [1]}),
        (EXPORT.replace("all", "payloads"), {"fixids": []}),
    ],
)
def test_requests_that_ask_for_no_export(bench: Make, target: str, body: object) -> None:
    run = bench("")
    reply = start_export(run, target, body)
    assert (reply.status, reply.json()["result"]) == (400, "failure")
    assert [task for task in run.world.tasks() if task["system"] == "lxca"] == []


def test_the_other_spelling_of_the_file_types(bench: Make) -> None:
    assert start_export(bench(""), EXPORT.replace("filetypes", "filetype"), {"fixids": []}).status == 200


def test_work_is_started_only_with_the_csrf_token(bench: Make) -> None:
    run = bench("")
    login = run.call("lxca", "POST", "/sessions", body={"UserId": "USERID", "password": "simulator-password"})
    cookie = next(value for name, value in login.headers if value.startswith("JSESSIONID")).partition(";")[0]
    for path, body, media in ((EXPORT, b'{"fixids": []}', "application/json"), ("/csvRequest", upload(b""), "")):
        method = "PUT" if path == EXPORT else "POST"
        sent = {"Cookie": cookie, "Content-Type": media or FORM["Content-Type"]}
        assert run.call("lxca", method, path, sent, body).status == 403
    assert run.call("lxca", "PUT", EXPORT).status == 401


def test_a_bulk_job_manages_the_devices_of_its_file(bench: Make) -> None:
    run = bench(
        "lxca: {starts: [{kind: csv_job, duration: 30, devices: [{address: 192.0.2.8, end: failed, fails_at: LOGIN}]}]}"
    )
    reply = start_job(run, "server,S1,192.0.2.7,a\r\n\r\nserver,S2,192.0.2.8,a\r\n,,,\r\nserver,S3,,a\r\n")
    job_id = reply.json()["statusDescription"]
    assert (reply.status, reply.header("Location")) == (201, f"/csvRequest/jobs/{job_id}")
    assert reply.json()["jobID"] != job_id
    results = read(run.at(30), f"/csvRequest/jobs/{job_id}")["results"]
    assert [(each["messageParameters"], each["result"]) for each in results] == [
        ("192.0.2.7", "SUCCESS"),
        ("192.0.2.8", "OTHER_FAIL"),
        ("server", "SUCCESS"),
    ]
    assert run.task(job_id)["state"] == run.task(reply.json()["jobID"])["state"] == "failed"


def test_a_file_may_be_checked_only(bench: Make) -> None:
    run = bench("")
    reply = start_job(run, query="?validationOnly=true")
    assert (reply.status, reply.json()["result"]) == (200, "success")
    assert [task for task in run.world.tasks() if task["system"] == "lxca"] == []
    assert start_job(run, query="?validationOnly=maybe").status == 400


def test_a_device_that_is_being_managed_is_a_conflict_until_its_job_has_ended(bench: Make) -> None:
    run = bench("lxca: {starts: [{kind: csv_job, duration: 30}]}")
    assert start_job(run).status == 201
    refused = start_job(run)
    assert (refused.status, refused.json()["result"]) == (409, "failure")
    assert "192.0.2.7" in refused.json()["messages"][0]["text"]
    assert start_job(run, "server,S9,192.0.2.9,a\r\n").status == 201
    assert start_job(run.at(30)).status == 201


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "text/csv"}, b"a,b\r\n"),
        ({"Content-Type": "multipart/form-data"}, upload(b"a\r\nb\r\n")),
        (FORM, b""),
        (FORM, b"nonsense"),
        (FORM, upload(b"a\r\nb\r\n", 'name="file"; filename="devices.csv"')),
        (FORM, upload(b"a\r\nb\r\n", 'name="uploadedfile"')),
        (FORM, upload(b"")),
        (FORM, upload(HEADINGS.encode())),
        (FORM, upload(b"\xff\xfe\x00")),
        (FORM, upload(b'a\r\n"b\r\n')),
        (FORM, upload(b"a\r\n192.0.2.7\r\n192.0.2.7\r\n")),
        (FORM, upload(b"a\r\n" + b"".join(b"d%d\r\n" % each for each in range(301)))),
    ],
    ids=[
        "media",
        "boundary",
        "empty",
        "text",
        "part",
        "file name",
        "no rows",
        "headings",
        "bytes",
        "quote",
        "twice",
        "301",
    ],
)
def test_uploads_that_are_refused(bench: Make, headers: dict[str, str], body: bytes) -> None:
    run = bench("")
    reply = run.call("lxca", "POST", "/csvRequest", USER | headers, body)
    assert (reply.status, reply.json()["result"]) == (400, "failure")
    assert reply.json()["messages"][0]["recovery"]["text"]
    assert [task for task in run.world.tasks() if task["system"] == "lxca"] == []
