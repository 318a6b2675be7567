# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where a system listens and whom to trust. PRIVATE to the collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .trust import Trust


@dataclass(frozen=True)
class Endpoint:
    """Where a system listens and whom to trust; ``timeout`` is seconds for one request, body included."""

    hostname: str
    port: int
    use_ssl: bool = True
    trust: Trust = field(default_factory=Trust)
    use_proxy: bool = True
    timeout: float = 30.0

    @property
    def origin(self) -> str:
        host = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return f"{'https' if self.use_ssl else 'http'}://{host}:{self.port}"

    def is_own(self, url: str) -> bool:
        """Whether a URL leads to the system itself."""
        return origin_of(url) == origin_of(self.origin)

    def trust_for(self, url: str) -> Trust:
        """A fingerprint and a client certificate are for the system itself, not for another host of the user's."""
        return self.trust if self.is_own(url) else self.trust.of_authorities


def origin_of(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL, the port also where it is left out."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
