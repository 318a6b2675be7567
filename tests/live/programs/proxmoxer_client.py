# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""proxmoxer's view of tasks: a line with an ID gets a line with the task's state."""

import json
import os
import sys
import warnings

from proxmoxer import ProxmoxAPI

warnings.simplefilter("ignore")  # the certificate is the service's own
api = ProxmoxAPI(
    "127.0.0.1", port=int(sys.argv[1]), user="root@pam", password=os.environ["PVE_PASS"], verify_ssl=False, timeout=30
)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    status = api.nodes("pve1").tasks(json.loads(line)["id"]).status.get()
    print(json.dumps({"state": status.get("exitstatus", status["status"])}), flush=True)
