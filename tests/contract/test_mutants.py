# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other tests put to the test: they must notice every departure planted into the simulator."""

from __future__ import annotations

import pytest

from . import lxca_mutants, prisma_mutants, sdm_mutants, vcenter_mutants
from .clients.client import SessionLost, Unavailable
from .mutants import Mutant
from .rig import Rig

# A test's own complaint, that of one that expects an exception, and a client that cannot even log in
NOTICED = (AssertionError, pytest.fail.Exception, Unavailable, SessionLost)
MUTANTS = (*lxca_mutants.MUTANTS, *sdm_mutants.MUTANTS, *vcenter_mutants.MUTANTS, *prisma_mutants.MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_departure_is_noticed_for_what_it_is(rig: Rig, mutant: Mutant) -> None:
    with mutant.planted(), pytest.raises(NOTICED, match=f"(?s){mutant.complaint}"):
        mutant.check(rig)
