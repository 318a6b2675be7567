# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client asks for when it pushes route sets to devices, and which devices are locked meanwhile.

Source: Oracle Communications Session Delivery Manager REST API, "Update SBC devices with a Route Sets" and "Update SBC
Devices with Route Set" for paths, verbs and statuses, and for what the body has to name; Session Route Manager user
guide, "Update Devices with Route Sets", for locks and failure policies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..messages import Request
from .sdm_format import Leaf, is_xml_text, leaves
from .sdm_options import RouteSetEntry
from .sdm_update import DeviceEntry, RouteUpdate, RouteUpdateEntry

POLICIES = frozenset({"abort", "rollback", "skip"})


class NotThere(Exception):
    """A route set or a device group of a request is not known."""


@dataclass(frozen=True)
class Push:
    """What is to be pushed: pairs of a route set and one of its device groups, under a name."""

    name: str
    notes: str
    policy: str | None
    pairs: tuple[tuple[RouteSetEntry, str], ...]

    def shaped(self, entry: RouteUpdateEntry, installed: dict[tuple[str, str], str]) -> RouteUpdateEntry:
        """Return what becomes of the update: each device with the end that the scenario has for it."""
        listed = entry.devices if isinstance(entry.devices, list) else []
        known = {each.group: each for each in listed}
        devices = [
            known.get(group, DeviceEntry(group=group)).model_copy(
                update={
                    "route_set": routes.id,
                    "from_version": installed.get((routes.id, group), routes.installed),
                    "version": routes.version,
                }
            )
            for routes, group in self.pairs
        ]
        policy = self.policy or entry.error_handling
        changes = {"name": self.name, "notes": self.notes, "error_handling": policy, "devices": devices}
        return entry.model_copy(update=changes)

    def locked_by(self, updates: Iterable[RouteUpdate]) -> bool:
        """Tell whether an update that is neither committed nor rolled back still holds one of the devices."""
        locked = {device.entry.group for update in updates for device in update.devices}
        return any(group in locked for _routes, group in self.pairs)


def push_of(request: Request, route_sets: Iterable[RouteSetEntry], route_set_id: str | None) -> Push:
    """Return what a request pushes: the route sets of its body to all their devices, or one to those of its body.

    assumption: where in the body these stand, the names `name`, `notes` and `failureAction` (those of the list of
    pending tasks), the three policies, and that what else the body holds is ignored.

    Raises:
        UnsupportedMedia: when the body is neither XML nor JSON by its content type.
        ValueError: when it does not say what is needed.
        NotThere: when it names what does not exist.
    """
    found = leaves(request)
    own = {leaf.name: leaf.text for leaf in found if leaf.depth == 1}
    policy = own.get("failureAction")
    if own.get("type", "Update") != "Update" or policy not in {None, *POLICIES}:
        raise ValueError("the type or the failure action is not known")
    # The list shows both, in XML as well
    if not all(is_xml_text(own.get(name, "")) for name in ("name", "notes")):
        raise ValueError("the name or the notes hold characters that XML does not have")
    known = {each.id: each for each in route_sets}
    if route_set_id is None:
        wanted = _texts(found, "routeSetId")
        groups = None
    else:
        wanted = [route_set_id]
        groups = _texts(found, "deviceGroupId")
    if any(each not in known for each in wanted):
        raise NotThere
    pairs = []
    for routes in (known[each] for each in wanted):
        if groups is not None and not set(groups) <= set(routes.devices):
            raise NotThere
        pairs += [(routes, group) for group in groups or routes.devices]
    return Push(own.get("name") or "route-update", own.get("notes", ""), policy, tuple(pairs))


def _texts(found: list[Leaf], name: str) -> list[str]:
    texts = list(dict.fromkeys(leaf.text for leaf in found if leaf.name == name))
    if not texts:
        raise ValueError(f"there is no {name}")
    return texts
