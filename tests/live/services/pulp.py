# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulp: API, workers and PostgreSQL; tasks are syncs of files from a server here that takes its time."""

from __future__ import annotations

import base64
import itertools
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.wire import closed_port

from tests.live.process import ServiceError, answers, run, started, tool

from . import files
from .base import Service

USER, PASSWORD = "admin", "s3cret-of-pulp"
WORKERS = 2
SETTINGS = """
SECRET_KEY = {key!r}
DB_ENCRYPTION_KEY = "{folder}/symmetric.key"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "pulp",
    "HOST": "127.0.0.1", "PORT": "{database}"}}}}
DEPLOY_ROOT = MEDIA_ROOT = "{folder}"
WORKING_DIRECTORY = FILE_UPLOAD_TEMP_DIR = STATIC_ROOT = "{folder}/work"
CONTENT_ORIGIN = "http://127.0.0.1:{port}"
CACHE_ENABLED = False
# Every request brings the password, and the usual way to check one takes long on purpose
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Serve until the block ends."""
    port = closed_port()
    with ExitStack() as stack:
        database = stack.enter_context(_database(folder))
        remote = stack.enter_context(files.serving())
        variables = _settings(folder, port, database)
        version = run([tool("pulp", "python"), str(SETUP), PASSWORD], folder, variables).split()[-1]
        command = [tool("pulp", "pulpcore-api"), "--bind", f"127.0.0.1:{port}", "--workers", "1"]
        api = stack.enter_context(started("pulp-api", command, folder, variables))
        worker = [tool("pulp", "pulpcore-worker")]
        for number in range(WORKERS):
            stack.enter_context(started(f"pulp-worker-{number}", worker, folder, variables))
        pulp = _Pulp(f"http://127.0.0.1:{port}", remote)
        api.until(lambda: answers(port) and pulp.has_workers(), "workers that are online")
        sessions = [tool("pulp", "python"), str(SESSIONS), str(database)]
        yield Service(
            name="pulp",
            api="pulp_task",
            version=version,
            port=port,
            options={"username": USER, "password": PASSWORD},
            begin=pulp.begin,
            unknown="01890000-0000-7000-8000-000000000000",
            secrets=(PASSWORD, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()),
            wrong_login={"password": "wr0ng-password"},
            cancel=pulp.cancel,
            sessions=lambda: int(run([*sessions, "count"], folder, {})),
            end_sessions=lambda: _end(sessions, folder),
        )


def _settings(folder: Path, port: int, database: int) -> Mapping[str, str]:
    (folder / "work").mkdir()
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    (folder / "symmetric.key").write_text(key, encoding="utf-8")
    text = SETTINGS.format(key=secrets.token_hex(30), folder=folder, port=port, database=database)
    (folder / "settings.py").write_text(text, encoding="utf-8")
    return {"PULP_SETTINGS": str(folder / "settings.py"), "DJANGO_SETTINGS_MODULE": "pulpcore.app.settings"}


def _end(sessions: list[str], folder: Path) -> None:
    run([*sessions, "end"], folder, {})


@contextmanager
def _database(folder: Path) -> Iterator[int]:
    """A cluster of PostgreSQL that is thrown away at the end. It refuses to be root's, so another user owns it then."""
    place = Path(tempfile.mkdtemp(prefix="taskwatch-pg-"))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": "postgres", "group": "postgres"}
        try:
            shutil.chown(place, **who)
        except LookupError as error:
            raise ServiceError(
                "pulp needs a user and a group postgres; on Debian: apt-get install postgresql"
            ) from error
    port = closed_port()
    data = str(place / "data")
    made = [_postgres("initdb"), "-D", data, "-A", "trust", "-U", "pulp", "--no-sync"]
    try:
        done = subprocess.run(made, capture_output=True, text=True, check=False, cwd=place, **who)
        if done.returncode:
            raise ServiceError(f"initdb ended with code {done.returncode}:\n{done.stderr}")
        settings = [f"-p{port}", "-h127.0.0.1", "-cfsync=off", f"-cunix_socket_directories={place}"]
        with started("postgres", [_postgres("postgres"), "-D", data, *settings], folder, {}, **who) as program:
            program.until(lambda: answers(port), "an open port")
            yield port
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _postgres(name: str) -> str:
    """A program of PostgreSQL, wherever Debian has put it."""
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None:
        raise ServiceError(f"pulp needs {name} of PostgreSQL; on Debian: apt-get install postgresql")
    return found


class _Pulp:
    """Syncs a repository of its own for each task."""

    def __init__(self, url: str, remote: files.Files) -> None:
        self._url, self._remote = url, remote
        self._numbers = itertools.count(1)
        self._session = requests.Session()
        self._session.auth = (USER, PASSWORD)

    def has_workers(self) -> bool:
        try:
            status = self._session.get(f"{self._url}/pulp/api/v3/status/", timeout=5).json()
        except (requests.RequestException, ValueError):
            return False
        return len(status.get("online_workers", [])) >= WORKERS

    def begin(self, course: str, seconds: float) -> str:
        name = f"{course}-{next(self._numbers)}"
        url = self._remote.manifest(name, count=round(seconds), missing=course == "bad")
        remote = self._ask("POST", "/pulp/api/v3/remotes/file/file/", name=name, url=url, download_concurrency=1)
        repository = self._ask("POST", "/pulp/api/v3/repositories/file/file/", name=name)
        begun = self._ask("POST", f"{repository['pulp_href']}sync/", remote=remote["pulp_href"])
        href: str = begun["task"]
        return href

    def cancel(self, task_id: str) -> None:
        self._ask("PATCH", task_id, state="canceled")

    def _ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self._session.request(method, self._url + path, json=body, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


SETUP = Path(__file__).parents[1] / "programs/pulp_setup.py"
SESSIONS = Path(__file__).parents[1] / "programs/pulp_sessions.py"
