# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migrate Pulp's database, set the password of its administrator and say which version it is."""

import sys
from importlib.metadata import version

import django
from django.core.management import call_command

django.setup()
call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
call_command("reset-admin-password", password=sys.argv[1], skip_checks=True)
print(version("pulpcore"))
