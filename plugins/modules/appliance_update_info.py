# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: appliance_update_info
short_description: Check, or wait for, the update of a VMware vCenter Server Appliance
version_added: 0.1.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads how far a vCenter Server Appliance is with its own update, and waits for the end with
    O(wait=true). An appliance has one update, so there is no ID to name.
  - A wait continues through the outage that an installation causes. Services stop, the appliance restarts
    and the session is lost. O(unreachable_timeout) limits how long that may take.
  - The module starts nothing. Staging and installing begin elsewhere, for example with C(POST
    /api/appliance/update/pending/{version}?action=install).
  - C(STAGE_IN_PROGRESS), C(INSTALL_IN_PROGRESS) and C(ROLLBACK_IN_PROGRESS) mean V(running), and
    C(INSTALL_FAILED) means V(failed). What the quiet words C(UP_TO_DATE) and C(UPDATES_PENDING) mean
    depends on O(wait_for).
  - A quiet word means V(failed) if the task that the appliance worked on last has ended as C(FAILED).
  - Work is started asynchronously, so a wait may begin while the appliance still shows the task before. A
    task that had ended at the first poll of a wait is therefore an old one for the first 60 seconds. Until
    then the update is V(pending), unless the wanted version is there already or O(wait_for=idle) finds
    nothing that went wrong. After that the old task is judged, and the message names its times.
  - An appliance can be C(UP_TO_DATE) again after an installation was rolled back. A wait that has seen
    C(ROLLBACK_IN_PROGRESS) therefore ends as V(failed), whatever comes after. A check without a wait has no
    such memory, so set O(target_version). Since vCenter 9.0 the C(auto_rollback_state) of the task
    tells of a rollback, too.
options:
  api:
    description:
      - Which of the two REST APIs to use. V(api) is there since vCenter 7.0 Update 2, V(rest) since 6.7,
        and VMware has deprecated V(rest).
      - V(auto) takes V(api) where the appliance has it.
    type: str
    choices:
      - auto
      - api
      - rest
    default: auto
  wait_for:
    description:
      - What counts as success.
      - V(idle) is satisfied with any state in which no work is in progress, that is, with C(UP_TO_DATE) and
        with C(UPDATES_PENDING).
      - V(staged) wants C(UPDATES_PENDING). With C(UP_TO_DATE) the update is V(pending), because staging was
        asked for and has not begun.
      - V(installed) wants C(UP_TO_DATE). With C(UPDATES_PENDING) the update is V(pending), because the
        installation was asked for and has not begun.
    type: str
    choices:
      - idle
      - staged
      - installed
    default: idle
  target_version:
    description:
      - Version that the answer has to name for a success, such as V(8.0.3.00400). Versions are compared by
        their numbers, so that V(8.0.3.400) and V(8.0.3.00400-24322831) name the same one. A build counts
        only where both sides name one.
      - With another version the update is V(failed) under O(wait_for=idle), because nothing is in progress
        any more, and V(pending) under V(staged) and V(installed), because what was asked for has not begun.
        A wait that has seen the installation end with another version ends as V(failed), and names both.
      - Without it the end of any update is a success.
    type: str
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_vcenter
  - taskwatch.infra._connection
  - taskwatch.infra._vcenter
  - taskwatch.infra._wait
  - taskwatch.infra._wait.vcenter
notes:
  - The account has to be a member of the SSO group C(SystemConfiguration.Administrators). Any other logs in
    and then gets RV(error.type=authorization), whatever its vCenter role.
  - C(version) in RV(tasks[].details) is not always the version that runs. It is the installed version with
    C(UP_TO_DATE), the staged one with C(UPDATES_PENDING), the one at work while something is in progress,
    and the one that failed otherwise.
  - C(UP_TO_DATE) does not prove that there is no newer patch. C(latest_query_time) in RV(tasks[].details)
    says when the appliance last asked its repository. It is not there if it never did.
  - An update that broke can leave the appliance in a state that never moves again. Set O(stall_timeout) to
    notice that before the time is up, and leave room in it for steps that are long and silent.
  - While the appliance restarts, it answers 401, 403 and 404 for a while. A wait that has seen the update
    before takes these as a part of the outage.
seealso:
  - name: Appliance Update get
    description: VMware's reference of the request that this module sends.
    link: https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/appliance/update/get
"""

EXAMPLES = r"""
- name: Check the update of the appliance
  taskwatch.infra.appliance_update_info:
    hostname: "{{ vcenter_hostname }}"
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
  register: appliance

- name: Show what the appliance says
  ansible.builtin.debug:
    msg: "{{ appliance.tasks[0].native_state }}, version {{ appliance.tasks[0].details.version }}"

- name: Wait until the appliance has nothing to do, through its restarts
  taskwatch.infra.appliance_update_info:
    hostname: "{{ vcenter_hostname }}"
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    wait: true

- name: Wait for an installation that was asked for, and say why if it fails
  block:
    - name: Wait until the update is installed
      taskwatch.infra.appliance_update_info:
        hostname: "{{ vcenter_hostname }}"
        username: "{{ vcenter_username }}"
        password: "{{ vcenter_password }}"
        wait: true
        wait_for: installed
        wait_timeout: 5400
        unreachable_timeout: 2700
        stall_timeout: 3600
      register: appliance
  rescue:
    - name: Say how far it came
      ansible.builtin.debug:
        msg: "{{ appliance.error.type }}, last seen {{ appliance.state }} at {{ appliance.progress }} %"

# In a play over an inventory of appliances, in which vcenter_hostname is a variable of each host,
# this waits for all of them side by side.
- name: Wait for each appliance of the play
  taskwatch.infra.appliance_update_info:
    hostname: "{{ vcenter_hostname }}"
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    wait: true
  delegate_to: localhost

# A check does not fail because an update did, so the playbook decides. The first half of the
# condition keeps the failures of the check itself, which failed_when would replace otherwise.
- name: Stop here if the last update has failed
  taskwatch.infra.appliance_update_info:
    hostname: "{{ vcenter_hostname }}"
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
  register: appliance
  failed_when: appliance is failed or appliance.state == 'failed'

# In a job template, the VMware vCenter credential sets VMWARE_HOST, VMWARE_USER and VMWARE_PASSWORD.
- name: Wait for the appliance of the credential
  taskwatch.infra.appliance_update_info:
    wait: true
  register: appliance

- name: Hand the outcome to the next node of the workflow
  ansible.builtin.set_stats:
    data:
      vcenter_update:
        state: "{{ appliance.state }}"
        version: "{{ appliance.tasks[0].details.version }}"
    aggregate: false
"""

RETURN = r"""
changed:
  description: Always V(false), because the module only reads.
  returned: always
  type: bool
  sample: false
state:
  description:
    - State of all tasks together. It is the first of V(failed), V(cancelled), V(unknown), V(running),
      V(pending) and V(succeeded) that any task has, and V(unknown) if no task could be read.
  returned: always
  type: str
  choices:
    - pending
    - running
    - succeeded
    - failed
    - cancelled
    - unknown
  sample: running
done:
  description: Whether every task has finished, well or badly.
  returned: always
  type: bool
  sample: false
succeeded:
  description: Whether every task has succeeded.
  returned: always
  type: bool
  sample: false
progress:
  description: Mean of the percentages of the tasks, from 0 to 100. V(null) if none is known.
  returned: always
  type: float
  sample: 42.0
counts:
  description: Number of tasks by state. States that no task has are left out.
  returned: always
  type: dict
  sample:
    running: 1
timed_out:
  description: Whether the wait ended because O(wait_timeout) had passed.
  returned: always
  type: bool
  sample: false
elapsed:
  description: Seconds that the check or the wait took.
  returned: always
  type: float
  sample: 0.6
tasks:
  description: What is known of each task, in the order of the answer, which is one task. A task that
    was never seen is left out.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Always V(update), because an appliance has one.
      returned: always
      type: str
    name:
      description: Name or address of the appliance, as in O(hostname).
      returned: always
      type: str
    state:
      description: State in the words of this collection.
      returned: always
      type: str
      choices:
        - pending
        - running
        - succeeded
        - failed
        - cancelled
        - unknown
    native_state:
      description: The C(state) in the answer of the appliance.
      returned: always
      type: str
    done:
      description: Whether the task has finished, that is, succeeded, failed or was cancelled.
      returned: always
      type: bool
    succeeded:
      description: Whether the task has succeeded.
      returned: always
      type: bool
    progress:
      description: Percentage from 0 to 100, from the C(completed) and C(total) of the task. V(null) if
        there is no task, if its total is 0, and while the update is V(pending).
      returned: always
      type: float
    message:
      description: What the system says that it is doing or has done. V(null) if it says nothing.
      returned: always
      type: str
    errors:
      description: Why the task failed, one sentence each, as the system puts it. Empty if it did not
        fail.
      returned: always
      type: list
      elements: str
    started_at:
      description: When the task began, in ISO 8601 as the system gives it. V(null) if it does not.
      returned: always
      type: str
    finished_at:
      description: When the task ended, in ISO 8601 as the system gives it. V(null) if it does not.
      returned: always
      type: str
    eta:
      description: Seconds that are probably left. Only a wait can estimate them. V(null) otherwise.
      returned: always
      type: float
    details:
      description: The plain fields of the answer and of its task under VMware's names, such as C(version),
        C(latest_query_time), C(status) and C(user).
      returned: always
      type: dict
    steps:
      description: The subtasks of the update, in the order in which the appliance runs them.
      returned: always
      type: list
      elements: dict
      contains:
        id:
          description: ID of the step.
          returned: always
          type: str
        name:
          description: What the system calls the step. V(null) if it has no name.
          returned: always
          type: str
        state:
          description: State in the words of this collection, as for the task.
          returned: always
          type: str
          choices:
            - pending
            - running
            - succeeded
            - failed
            - cancelled
            - unknown
        native_state:
          description: State in the words of the system. V(null) if it gives none.
          returned: always
          type: str
        progress:
          description: Percentage from 0 to 100. V(null) if the system gives none.
          returned: always
          type: float
        message:
          description: What the system says about the step. V(null) if it says nothing.
          returned: always
          type: str
        errors:
          description: Why the step failed, as the system puts it. Empty if it did not fail.
          returned: always
          type: list
          elements: str
        details:
          description: The other plain fields of the step, under the names that the system gives them.
          returned: always
          type: dict
        steps:
          description: Steps of this step, with the same keys.
          returned: always
          type: list
          elements: dict
    raw:
      description: The answer of the system about this task, as it came.
      returned: when O(include_raw=true)
      type: raw
  sample:
    - id: update
      name: vcenter.example.com
      state: running
      native_state: INSTALL_IN_PROGRESS
      done: false
      succeeded: false
      progress: 42.0
      message: Installing packages (42 of 100)
      errors: []
      started_at: "2025-03-01T10:00:05.000Z"
      finished_at: null
      eta: null
      details:
        cancelable: false
        latest_query_time: "2025-03-01T09:58:12.004Z"
        start_time: "2025-03-01T10:00:05.000Z"
        state: INSTALL_IN_PROGRESS
        status: RUNNING
        user: VSPHERE.LOCAL\Administrator
        version: 8.0.3.00400
      steps:
        - id: stage
          name: Staging
          state: succeeded
          native_state: SUCCEEDED
          progress: 100.0
          message: Done
          errors: []
          details:
            cancelable: false
          steps: []
        - id: install
          name: Install
          state: running
          native_state: RUNNING
          progress: 42.0
          message: 42 %
          errors: []
          details:
            cancelable: false
          steps: []
stats:
  description: What the check or the wait has cost.
  returned: always
  type: dict
  contains:
    polls:
      description: How often the tasks were polled.
      returned: always
      type: int
    requests:
      description: Requests sent, login and logout included.
      returned: always
      type: int
    logins:
      description: Logins that opened a session.
      returned: always
      type: int
    retries:
      description: Polls and requests repeated after an error.
      returned: always
      type: int
    unreachable_seconds:
      description: Seconds of the wait in which the system could not be reached.
      returned: always
      type: float
    logout_failures:
      description: Sessions that could not be closed. They end by the idle timeout of the system.
      returned: always
      type: int
  sample:
    polls: 1
    requests: 3
    logins: 1
    retries: 0
    unreachable_seconds: 0.0
    logout_failures: 0
error:
  description: Why the Ansible task failed. V(null) if it did not.
  returned: always
  type: dict
  contains:
    type:
      description:
        - V(task_failed), V(timeout) and V(stalled) end a wait.
        - V(unreachable), V(tls), V(authentication) (401, or a login refused) and V(authorization) (403)
          mean that the system could not be asked.
        - V(not_found), V(bad_request), V(conflict), V(rate_limited), V(server_error) and V(bad_response)
          are answers that tell no state. V(bad_request) is also what an option with a value that cannot
          be used gets.
        - V(missing_library) means that a Python library is not installed.
      returned: failure
      type: str
      choices:
        - task_failed
        - timeout
        - stalled
        - unreachable
        - tls
        - authentication
        - authorization
        - not_found
        - bad_request
        - conflict
        - rate_limited
        - server_error
        - bad_response
        - missing_library
    message:
      description: The same sentence as RV(msg).
      returned: failure
      type: str
    http_status:
      description: HTTP status of the answer behind the error. V(null) if there was none.
      returned: failure
      type: int
    task_ids:
      description: IDs of the tasks that the error is about.
      returned: failure
      type: list
      elements: str
  sample: null
msg:
  description: One sentence that says what went wrong with which task on which host, with the words of
    the system.
  returned: failure
  type: str
  sample: >-
    vCenter appliance on vcenter.example.com: failed: the update to 8.0.3.00400 failed and the appliance
    cannot recover by itself
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate


def main() -> None:
    run_module(ApplianceUpdate)


if __name__ == "__main__":
    main()
