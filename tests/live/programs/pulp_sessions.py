# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions as Pulp's database has them: count them, or end all of them.

Usage: pulp_sessions.py PORT count|end
"""

import sys

import psycopg

with psycopg.connect(host="127.0.0.1", port=int(sys.argv[1]), user="pulp", dbname="postgres") as database:
    if sys.argv[2] == "end":
        database.execute("DELETE FROM django_session")
    rows = database.execute("SELECT session_key FROM django_session").fetchall()
print(len(rows))
