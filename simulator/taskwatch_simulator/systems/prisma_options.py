# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario may say of Palo Alto Networks Prisma SD-WAN."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..timeline import Duration, Text
from .base import SystemOptions
from .prisma_entry import ElementEntry, StartEntry


class PrismaOptions(SystemOptions):
    """The tenant as a scenario describes it."""

    username: str = "operator@example.com"
    client_id: Text = "simulator@1234567890.iam.panserviceaccount.com"
    client_secret: Text = "simulator-secret"
    tsg_id: Text = "1234567890"
    # A legacy token is split at its first hyphen by the vendor's own client
    auth_token: Text = "0123456789abcdef-region=us"
    tenant_id: Text = "1092"
    expires_in: Annotated[int, Field(gt=0)] = 899
    """Wall seconds that a token is good for; the vendor's client never ends its login at 60 or less."""
    expired_status: Literal[401, 403] = 401
    """What an ended session gets where `session_end` says nothing else."""
    refused_status: Literal[400, 401, 403, 500] = 401
    """What a wrong secret or password gets."""
    refused_code: Literal["invalid_client", "invalid_scope", "unauthorized_client", "invalid_grant"] = "invalid_client"
    """The error of a refused token request."""
    profile_refused: bool = False
    """True: a token is good and its profile call gets 403, as for an account without a role in the tenant."""
    default_limit: Annotated[int, Field(ge=1)] = 100
    max_limit: Annotated[int, Field(ge=1)] = 1000
    legacy_lifetime: Duration = 25200
    """Wall seconds of a session opened with email and password; assumption, after scripts that log in every 7 hours."""
    tasks: tuple[ElementEntry, ...] = ()
    images: tuple[Text, ...] = ("6.1.11-b2", "6.3.5-b9", "6.4.1-b3")
    """Versions of which there are images; those of elements are added."""
    starts: tuple[StartEntry, ...] = ()
    """Shapes the upgrades that clients start."""
