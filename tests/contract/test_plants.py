# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other tests put to the test: they must notice every departure planted into the simulator."""

from __future__ import annotations

import pytest

from . import lxca_plants, prisma_plants, sdm_plants, vcenter_plants
from .clients.client import Away, SessionLost
from .plants import Plant
from .rig import Rig

# A test's own complaint, that of one that expects an exception, and a client that cannot even log in
NOTICED = (AssertionError, pytest.fail.Exception, Away, SessionLost)
PLANTS = (*lxca_plants.PLANTS, *sdm_plants.PLANTS, *vcenter_plants.PLANTS, *prisma_plants.PLANTS)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_planted_departure_is_noticed_for_what_it_is(rig: Rig, plant: Plant) -> None:
    with plant.planted(), pytest.raises(NOTICED, match=f"(?s){plant.complaint}"):
        plant.check(rig)
