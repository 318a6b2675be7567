# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where a system listens and whom to trust. PRIVATE to the collection."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """Where a system listens and whom to trust; ``timeout`` is seconds for one request, body included."""

    hostname: str
    port: int
    use_ssl: bool = True
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0

    @property
    def origin(self) -> str:
        host = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return f"{'https' if self.use_ssl else 'http'}://{host}:{self.port}"

    @property
    def verify(self) -> bool | str:
        """What requests takes: the user's own bundle first, then the environment's, then the built-in one."""
        if not self.validate_certs:
            return False
        bundle = self.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return bundle or True
