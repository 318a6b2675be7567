# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The view of tasks that DMTF's client has: a line with an ID gets a line with the task's state."""

import json
import sys

import redfish

client = redfish.redfish_client(base_url=sys.argv[1])
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    task = client.get(f"/redfish/v1/TaskService/Tasks/{json.loads(line)['id']}")
    print(json.dumps({"state": task.dict["TaskState"]}), flush=True)
