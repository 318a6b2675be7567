# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openstacksdk's view of nodes: a line with an ID gets a line with the node's state."""

import json
import sys

import openstack

cloud = openstack.connect(auth_type="none", baremetal_endpoint_override=sys.argv[1])
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    node = cloud.baremetal.get_node(json.loads(line)["id"])
    print(json.dumps({"state": node.provision_state}), flush=True)
