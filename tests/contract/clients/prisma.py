# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Palo Alto Networks' SDKs: `prisma_sase` for the unified API, `cloudgenix` for the legacy one.

They know paths, versions, the order of a login, pages and the shape of errors; bodies they hand on as they are.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import types
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest.mock import patch

import cloudgenix
import prisma_sase

from .client import Client, Observation, SessionLost, Unavailable

ENDED_BADLY = ("_failed", "_cancelled", "_abort", "failed")
DOWNLOADING = frozenset({"download", "download_discovery", "download_init", "downloading"})
REFUSED = frozenset({401, 403})


class Sdk(Client):
    """One of the two SDKs with one login. `page_size` is the limit of a query, `target` a version to end with."""

    def __init__(self, access: Mapping[str, Any], *, page_size: int = 4, target: str | None = None) -> None:
        super().__init__()
        self._access = access
        self._page_size = page_size
        self._target = target
        self.sdk: Any = None
        """The SDK's own object, from the login on."""

    def log_in(self) -> None:
        self.sdk = self._made()
        # Its own retries would hide what it meets behind minutes of trying again
        self.sdk.modify_rest_retry(total=0)
        # What it prints about a refusal belongs to its interactive use
        with contextlib.redirect_stdout(io.StringIO()) as said:
            if not self._logged_in():
                raise SessionLost(said.getvalue().strip() or "the login was refused")

    def _poll(self) -> Observation:
        return {item["element_id"]: self._seen(item) for item in self.pages({"sort_params": {"id": "asc"}})}

    def log_out(self) -> None:
        self.sdk.get.logout()

    def pages(self, query: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the records that a query finds, page by page, as the vendor's own tools go through them."""
        page, count = 1, 0
        while True:
            wanted = {**query, "limit": self._page_size, "dest_page": page}
            content = told(self.sdk.post.software_current_status_query(wanted))
            items = content["items"]
            if content["count"] != len(items):
                self.departures.append(f"page {page} holds {len(items)} records and counts {content['count']}")
            yield from items
            count += len(items)
            if count >= content["total_count"] or not items:
                return
            page += 1

    def _seen(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        word = item["upgrade_state"]
        done = self._done(item)
        fields = {name: value for name, value in item.items() if value is not None and name not in {"id", "name"}}
        shown = word in DOWNLOADING or done
        return {
            **fields,
            "native_state": word,
            "done": done,
            "progress": item["download_percent"] if shown else None,
        }

    def _done(self, item: Mapping[str, Any]) -> bool:
        """Tell whether the upgrade is over, good or bad. The vendor's tools go by the image alone."""
        word = str(item["upgrade_state"])
        if self._target is not None and item["active_version"] != self._target:
            return word.endswith(ENDED_BADLY)
        return word.endswith(ENDED_BADLY) or item["active_image_id"] == item["upgrade_image_id"]

    @property
    def _controller(self) -> str:
        return f"https://{self._access['hostname']}:{self._access['port']}"

    def _made(self) -> Any:
        sdk = self._package().API(controller=self._controller, ssl_verify=self._access["ca_path"], update_check=False)
        # Else the second part of the address would become the name of the token's region
        sdk.ignore_region = True
        return sdk

    @staticmethod
    @abstractmethod
    def _package() -> Any:
        """Return the vendor's package."""

    @abstractmethod
    def _logged_in(self) -> bool:
        """Log in and tell whether that went well."""


class PrismaSase(Sdk):
    """Client credentials, the profile call after each new token, and a new token a minute before the old one ends."""

    name = "prisma_sase, client credentials"

    @staticmethod
    def _package() -> Any:
        return prisma_sase

    def _logged_in(self) -> bool:
        self.sdk.oauth_access_token_url = self._access["auth_url"]
        account = {name: self._access[name] for name in ("client_id", "client_secret", "tsg_id")}
        return bool(self.sdk.interactive.login_secret(**account))

    def token_without_profile(self) -> None:
        """Get a token and leave out the profile call that has to follow it."""
        self.sdk = self._made()
        self.sdk.oauth_access_token_url = self._access["auth_url"]
        self.sdk.client_id, self.sdk.client_secret = self._access["client_id"], self._access["client_secret"]
        self.sdk.tsg_id, self.sdk.grant_type = self._access["tsg_id"], "client_credentials"
        self.sdk.scope = f"tsg_id:{self._access['tsg_id']} email profile"
        assert self.sdk._generate_jwt()
        self.sdk.use_jwt = False


class CloudgenixToken(Sdk):
    """A static token in the header X-Auth-Token; there is nothing to log out of."""

    name = "cloudgenix, static token"

    @staticmethod
    def _package() -> Any:
        return cloudgenix

    def _logged_in(self) -> bool:
        return bool(self.sdk.interactive.use_token(self._access["auth_token"]))

    def log_out(self) -> None:
        """Do nothing, as the SDK does for a static token."""


class CloudgenixPassword(CloudgenixToken):
    """Email and password; from then on it relies on the cookie AUTH_TOKEN of the login's answer."""

    name = "cloudgenix, email and password"

    def _logged_in(self) -> bool:
        return bool(self.sdk.interactive.login(self._access["username"], self._access["password"]))

    def log_out(self) -> None:
        self.sdk.get.logout()


def told(answer: Any) -> Mapping[str, Any]:
    """Return the content of an answer.

    Raises:
        SessionLost: when the SDK was told that it is not logged in.
        Unavailable: when it got no answer of any use.
    """
    # The one name that both SDKs have for it
    content: Mapping[str, Any] = answer.cgx_content
    # To the SDKs a web page is a success with nothing in it
    if answer.cgx_status and "_status_code" in content:
        return content
    # Where there was no answer, the SDK hands out the class of answers instead of one
    if getattr(answer, "status_code", None) in REFUSED:
        raise SessionLost(str(content))
    raise Unavailable(str(content))


@contextlib.contextmanager
def on_clock(seconds: Callable[[], float]) -> Iterator[None]:
    """Let `prisma_sase` count the life of its tokens on another clock than the machine's."""
    began = dt.datetime.now(dt.UTC)

    class Moments:
        @staticmethod
        def now() -> dt.datetime:
            return began + dt.timedelta(seconds=seconds())

    stand_in = types.SimpleNamespace(datetime=Moments, timedelta=dt.timedelta)
    with patch.object(prisma_sase, "datetime", stand_in):
        yield
