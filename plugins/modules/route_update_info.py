# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: route_update_info
short_description: Check, or wait for, route updates of Oracle Communications Session Delivery Manager
version_added: 0.1.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads tasks in which an Oracle Communications Session Delivery Manager (SDM) pushes route sets to
    session border controllers, and waits for their end with O(wait=true). The outcome of each device is
    returned.
  - The module starts nothing. A route update begins with C(POST /routeSets/devices/action), or in the Route
    Manager.
  - A route update has succeeded (RV(tasks[].state=succeeded)) when its C(updateStatus) is C(Completed), no
    device failed and nothing was rolled back. C(Completed) with a failed device or a rollback means
    V(failed), and so does C(Failed). C(Cancelled), C(Canceled) and C(Aborted) mean V(cancelled). Upper and
    lower case do not matter.
  - Oracle publishes no list of the other words. Each of them means that the update is still V(running) as
    long as a device is outstanding, and V(unknown) from then on. A warning quotes it.
  - A rollback was done when C(rollbackCount) is not 0, or a rollback word of the update or of a device says
    so, such as C(Completed). C(Unknown), which stands there in an update that went well, means that none was
    tried. Any other rollback word decides nothing, and a warning quotes it. So does a failure text beside a
    device that is C(Completed).
  - B(A finished route update is not final.) Whether it succeeded or failed, it keeps its devices locked
    against other updates until it is committed or rolled back. RV(tasks[].message) is a reminder of
    that. The module does neither.
options:
  task_id:
    description:
      - IDs of the route updates, such as V(ID33).
      - A path that ends in the ID is accepted, too, and so is a URL on O(hostname).
    type: list
    elements: str
    required: true
    aliases:
      - task_ids
  api_version:
    description:
      - Version of the REST API in the path of the requests. An SDM without that version answers 404.
    type: str
    default: v1.3
  response_format:
    description:
      - Format that the SDM is asked to answer in. V(xml) needs the Python library lxml.
    type: str
    choices:
      - xml
      - json
    default: xml
requirements:
  - lxml >= 5.0.0 with O(response_format=xml)
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_sdm
  - taskwatch.infra._connection
  - taskwatch.infra._sdm
  - taskwatch.infra._wait
  - taskwatch.infra._wait.deadlines
notes:
  - Route updates can be read over REST with SDM 8.2 and later.
  - Needs an account that may read route sets. Any other gets RV(error.type=authorization).
  - A task that was committed, rolled back or cancelled leaves SDM's list of pending updates. Oracle does
    not say whether its status can still be read then. If it cannot, the Ansible task fails with
    RV(error.type=not_found).
  - Success is never concluded from C(updatedCount) and C(totalDeviceCount), because a failed update can
    have both at 0.
  - How the SDM nests lists has changed more than once between the releases 8.2.2 and 9.0.1. The module
    reads every form.
seealso:
  - name: Get Status by Task ID
    description: Oracle's reference of the request that this module sends.
    link: >-
      https://docs.oracle.com/en/industries/communications/session-delivery-manager/9.0/rest901/op-versionid-routesets-routeupdates-taskid-get.html
"""

EXAMPLES = r"""
- name: Check one route update
  taskwatch.infra.route_update_info:
    hostname: "{{ sdm_hostname }}"
    username: "{{ sdm_username }}"
    password: "{{ sdm_password }}"
    task_id: ID33
  register: route_update

- name: Show the devices
  ansible.builtin.debug:
    msg: "{{ item.name }} is {{ item.state }}"
  loop: "{{ route_update.tasks[0].steps }}"
  loop_control:
    label: "{{ item.id }}"

- name: Wait for a route update, and have the answers in JSON
  taskwatch.infra.route_update_info:
    hostname: "{{ sdm_hostname }}"
    username: "{{ sdm_username }}"
    password: "{{ sdm_password }}"
    task_id: ID33
    response_format: json
    wait: true
    wait_timeout: 1200

- name: Wait for two route updates under one deadline, and say why if one fails
  block:
    - name: Wait for both
      taskwatch.infra.route_update_info:
        hostname: "{{ sdm_hostname }}"
        username: "{{ sdm_username }}"
        password: "{{ sdm_password }}"
        task_ids: [ID33, ID40]
        wait: true
      register: route_updates
  rescue:
    - name: Say which devices failed
      ansible.builtin.debug:
        msg: "{{ item.errors }}"
      loop: "{{ route_updates.tasks | rejectattr('succeeded') | list }}"
      loop_control:
        label: "{{ item.id }}"

# A check does not fail because a route update did, so the playbook decides. The first half of the
# condition keeps the failures of the check itself, which failed_when would replace otherwise.
- name: Stop here if a route update has already ended badly
  taskwatch.infra.route_update_info:
    hostname: "{{ sdm_hostname }}"
    username: "{{ sdm_username }}"
    password: "{{ sdm_password }}"
    task_id: [ID33, ID40]
  register: route_updates
  failed_when: route_updates is failed or route_updates.state in ['failed', 'cancelled']

# In a job template, the credential sets SDM_HOST, SDM_USER and SDM_PASSWORD,
# and the survey asks for sdm_task_ids, separated by commas.
- name: Wait for the route updates that the survey names
  taskwatch.infra.route_update_info:
    task_id: "{{ sdm_task_ids | default('ID33,ID40') }}"
    wait: true
  register: route_updates

- name: Hand the route updates that are ready to be committed to the next node of the workflow
  ansible.builtin.set_stats:
    data:
      sdm_commit_ids: "{{ route_updates.tasks | selectattr('succeeded') | map(attribute='id') | list }}"
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
  sample: failed
done:
  description: Whether every task has finished, well or badly.
  returned: always
  type: bool
  sample: true
succeeded:
  description: Whether every task has succeeded.
  returned: always
  type: bool
  sample: false
progress:
  description: Mean of the percentages of the tasks, from 0 to 100. V(null) if none is known.
  returned: always
  type: float
  sample: 50.0
counts:
  description: Number of tasks by state. States that no task has are left out.
  returned: always
  type: dict
  sample:
    failed: 1
timed_out:
  description: Whether the wait ended because O(wait_timeout) had passed.
  returned: always
  type: bool
  sample: false
elapsed:
  description: Seconds that the check or the wait took.
  returned: always
  type: float
  sample: 0.5
tasks:
  description: What is known of each task, in the order of O(task_id). A task that was never seen is left
    out.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: ID of the route update, as in O(task_id).
      returned: always
      type: str
    name:
      description: Always V(null), because the answer of the SDM names no route update.
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
      description: The C(updateStatus) in the answer of the SDM.
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
      description: Share of the devices that are updated, from 0 to 100. V(null) if the SDM names no number
        of devices.
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
      description: The plain fields of the answer under Oracle's names, such as C(errorHandling), C(rollbackStatus),
        C(rollbackCount), C(totalDeviceCount) and C(updatedCount).
      returned: always
      type: dict
    steps:
      description: One step for each device, in the order of the answer. Its name is the ID of the device
        group.
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
    - id: ID40
      name: null
      state: failed
      native_state: Failed
      done: true
      succeeded: false
      progress: 50.0
      message: 1 of 2 devices updated, 1 failed; the task still holds its device locks until it is committed
        or rolled back
      errors:
        - "ID15: Device is not reachable"
      started_at: null
      finished_at: "2024-03-11T09:15:20"
      eta: null
      details:
        errorHandling: abort
        rollbackCount: "0"
        rollbackStatus: Unknown
        totalDeviceCount: "2"
        updateStatus: Failed
        updatedCount: "1"
      steps:
        - id: ID41
          name: ID12
          state: succeeded
          native_state: Completed
          progress: null
          message: push Completed
          errors: []
          details:
            deviceGroupId: ID12
            preUpdateVersion: "3"
            pushStatus: Completed
            rollBackStatus: Unknown
            routeSetId: "7"
            updateDate: "2024-03-11T09:15:02"
            updateVersion: "4"
          steps: []
        - id: ID42
          name: ID15
          state: failed
          native_state: Failed
          progress: null
          message: push Failed
          errors:
            - Device is not reachable
          details:
            deviceGroupId: ID15
            preUpdateVersion: "3"
            pushStatus: Failed
            rollBackStatus: Unknown
            routeSetId: "7"
            updateDate: "2024-03-11T09:15:20"
            updateVersion: "4"
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
    SDM route update ID40 on sdm.example.com: failed: ID15: Device is not reachable
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate


def main() -> None:
    run_module(RouteUpdate)


if __name__ == "__main__":
    main()
