# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of this folder share."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from unittest.mock import patch

import pytest

# Its import would send every logger of this process into a file in the current folder, and leaves files open
with patch("logging.config.fileConfig"), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pylxca.pylxca_cmd import lxca_pyshell

from .rig import Rig, rig_running

# Variables by which an environment decides whom a client trusts, and through whom it speaks
TRUST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "X_AUTH_TOKEN")
# Packages whose own warnings are none of ours
VENDORS = ("vmware", "com.vmware", "prisma_sase", "cloudgenix", "pylxca", "pkg_resources")
OWN = ("LXCA_", "SDM_", "VMWARE_", "PRISMASASE_")


def pytest_configure(config: pytest.Config) -> None:
    """Let the vendors' packages warn about themselves; everywhere else a warning is an error."""
    for package in VENDORS:
        config.addinivalue_line("filterwarnings", rf"ignore:::{package}(\..*)?$")
    # pylxca trusts whatever certificate it meets
    config.addinivalue_line("filterwarnings", "ignore::urllib3.exceptions.InsecureRequestWarning")


def pytest_unconfigure() -> None:
    """Close the null device, which pylxca holds open."""
    lxca_pyshell.SHELL_OBJ.ostream.close()


@pytest.fixture(autouse=True, scope="session")
def _no_inherited_settings() -> Iterator[None]:
    """Nothing in the developer's environment may decide how a client travels or whom it trusts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in TRUST or name.lower().endswith("_proxy") or name.startswith(OWN):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """One simulator for all tests of a process; each test begins a scenario of its own."""
    with rig_running() as made:
        yield made
