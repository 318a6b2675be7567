# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options that control waiting, and how much is returned.

    PRIVATE to the collection: it may change in any release, so do not extend it from anywhere else.
    """

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to poll until every task has finished, well or badly.
      - With V(false) the module checks once. A task that failed on the system then does B(not) fail the
        Ansible task, see RV(state) and RV(succeeded). Only what keeps the module from knowing the state
        does.
      - With V(true) the Ansible task fails if any task has failed or was cancelled, but not before all of
        them have finished.
    type: bool
    default: false
  wait_sleep:
    description:
      - Seconds between two polls.
      - If it is not set, the interval adapts to the age of the task, and to its progress or to
        O(expected_duration) where there is one. It is about 2 seconds at the beginning, at most 30 seconds in
        the first ten minutes, and at most 120 seconds after two hours.
    type: float
    aliases:
      - poll_interval
  expected_duration:
    description:
      - Seconds that such a task usually takes, such as RV(elapsed) of an earlier wait. Until three quarters of it have
        passed, polls are further apart, but never more than 300 seconds.
      - This is only a hint. No verdict and no deadline depends on it.
    type: float
  fail_fast:
    description:
      - Whether the wait ends with the first task that ends badly. The others keep their last known state.
      - With V(false) it ends when all tasks have.
    type: bool
    default: false
  wait_timeout_is_failure:
    description:
      - Whether a wait fails when O(wait_timeout) has passed.
      - With V(false) it ends well, with RV(timed_out=true), RV(error=null) and the last known RV(state), so that a
        job of limited length can be followed by another that goes on waiting. It still fails if no task was ever
        seen.
    type: bool
    default: true
  stall_timeout:
    description:
      - Fail when neither the state nor the progress of any unfinished task has changed for this many
        seconds.
      - V(0) turns this off.
    type: float
    default: 0
  progress_interval:
    description:
      - Seconds between two progress lines while nothing changes. A change is always printed.
      - V(0) prints no progress at all.
      - Progress can be shown while the task runs inside the process of the controller. A module on another
        host, or under C(async), prints nothing until it ends.
    type: float
    default: 60
  include_raw:
    description:
      - Whether to return the answer of the system, as it came, in RV(tasks[].raw).
      - AWX drops a result of more than 700,000 characters whole. A result of very many tasks therefore loses empty
        details first, then those of tasks that succeeded, then the others, until it fits, and a warning says so.
        V(true) keeps everything.
      - The failure of a wait loses the same beyond 20,000 characters, because Ansible prints it whole.
    type: bool
    default: false
notes:
  - A task that is V(unknown) is neither finished nor a success, because what the system says allows no
    verdict. RV(tasks[].native_state) has its word, and a word that the module does not know is quoted in a
    warning. A wait goes on until there is a verdict or the time is up.
  - C(failed_when) replaces the verdict of the module. Begin it with C(result is failed or), where C(result)
    is the registered variable, so that an unreachable system still is a failure.
"""

    DEADLINES = r"""
options:
  wait_timeout:
    description:
      - Seconds for the whole wait, one deadline for all tasks. After it the Ansible task fails with
        RV(timed_out=true), unless O(wait_timeout_is_failure=false).
    type: float
    default: 3600
  unreachable_timeout:
    description:
      - Longest outage in seconds that a wait tolerates. A refused, reset or cut connection, a request that
        times out and the answers 429 and 5xx count as an outage. Any good answer ends it.
      - A name that does not resolve and a certificate that is not trusted fail at once, unless the system
        has answered before in the same wait.
    type: float
    default: 300
notes:
  - Several tasks in one Ansible task share one session and one deadline, which is cheaper than a C(loop).
"""

    VCENTER = r"""
options:
  wait_timeout:
    description:
      - Seconds for the whole wait. After it the Ansible task fails with RV(timed_out=true), unless
        O(wait_timeout_is_failure=false).
    type: float
    default: 7200
  unreachable_timeout:
    description:
      - Longest outage in seconds that a wait tolerates. A refused, reset or cut connection, a request that
        times out and the answers 429 and 5xx count as an outage. Any good answer ends it.
      - A name that does not resolve and a certificate that is not trusted fail at once, unless the system
        has answered before in the same wait.
      - The default allows for the restarts during an installation.
    type: float
    default: 1800
"""
