# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxca_task_info
short_description: Check, or wait for, any task of Lenovo XClarity Administrator
version_added: 0.2.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads tasks of the job management of a Lenovo XClarity Administrator (LXCA), whatever started them, and
    waits for their end with O(wait=true). Firmware updates, management of devices, inventory and every
    other job that LXCA lists under C(/tasks) can be followed. Each sub-task is returned as a step.
  - The module starts nothing. Many requests that start work return the ID of a job, which is what goes into
    O(task_id).
  - The C(status) of the task decides. C(Complete) and C(CompleteWithWarnings) mean V(succeeded), unless a
    sub-task has failed. The latter is warned of.
  - C(CompleteWithErrors), C(StoppedWithWarnings), C(StoppedWithErrors), C(Interrupted) and C(Failed) mean
    V(failed). C(Cancelled), C(Canceled) and C(CancelledWithErrors) mean V(cancelled), and so does
    C(Skipped), because nothing was done. Upper and lower case and underscores do not matter.
  - C(Validating), C(Uploading), C(Running), C(RunningWithWarnings) and C(RunningWithErrors) mean
    V(running), and C(Pending) means V(pending).
  - A task whose C(percentage) is 100 has not finished as long as its C(status) does not say so.
options:
  task_id:
    description:
      - IDs of the tasks, which LXCA calls C(jobUID).
      - A path that ends in the ID is accepted, too, such as that of the C(Location) header which the request
        that started the work was answered with, and so is a URL on O(hostname).
    type: list
    elements: str
    required: true
    aliases:
      - task_ids
      - job_id
      - job_ids
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_lxca
  - taskwatch.infra._connection
  - taskwatch.infra._lxca
  - taskwatch.infra._wait
  - taskwatch.infra._wait.deadlines
notes:
  - Needs LXCA 1.4.0 or later.
  - The export of a firmware repository answers with two IDs. Its C(jobid) works here, its C(taskid) is for
    M(taskwatch.infra.lxca_repo_export_info), which also names the ZIP file.
  - For a bulk-import CSV job, M(taskwatch.infra.lxca_csv_job_info) tells more of each device.
  - Lenovo names the states and explains none of them, so they are classed by their names.
  - Lenovo describes the title and the summary of a task without saying how they are spelled.
    RV(tasks[].name) is the C(title), or the C(messageDisplay), of a task that has one, and V(null)
    otherwise. RV(tasks[].message) comes from its C(summary), or from that of the sub-task that is running.
  - An ID that LXCA does not know makes the Ansible task fail with RV(error.type=not_found). Tasks can be
    deleted by users, so an ID that was known can become unknown.
seealso:
  - name: GET /tasks/{job_list}
    description: Lenovo's reference of the request that this module sends.
    link: https://pubs.lenovo.com/lxca_scripting/rest_api_tasks_uid_get
"""

EXAMPLES = r"""
- name: Check one task
  taskwatch.infra.lxca_task_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    task_id: "51"
  register: update

- name: Show how far it and its sub-tasks are
  ansible.builtin.debug:
    msg: "{{ update.state }} at {{ update.progress }} %, sub-tasks {{ update.tasks[0].steps | map(attribute='state') }}"

- name: Wait for a firmware update, at most an hour and a half
  taskwatch.infra.lxca_task_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    task_id: "51"
    wait: true
    wait_timeout: 5400

- name: Wait for two tasks under one deadline, and say why if one fails
  block:
    - name: Wait for both
      taskwatch.infra.lxca_task_info:
        hostname: "{{ lxca_hostname }}"
        username: "{{ lxca_username }}"
        password: "{{ lxca_password }}"
        task_ids: ["51", "52"]
        wait: true
      register: updates
  rescue:
    - name: Say what went wrong in each task
      ansible.builtin.debug:
        msg: "{{ item.errors }}"
      loop: "{{ updates.tasks | rejectattr('succeeded') | list }}"
      loop_control:
        label: "task {{ item.id }}"

# A check does not fail because a task did, so the playbook decides. The first half of the
# condition keeps the failures of the check itself, which failed_when would replace otherwise.
- name: Stop here if a task has already ended badly
  taskwatch.infra.lxca_task_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    task_id: ["51", "52"]
  register: updates
  failed_when: updates is failed or updates.state in ['failed', 'cancelled']

# In a job template, the credential sets LXCA_HOST, LXCA_USER and LXCA_PASSWORD,
# and the survey asks for lxca_task_ids, separated by commas.
- name: Wait for the tasks that the survey names
  taskwatch.infra.lxca_task_info:
    task_id: "{{ lxca_task_ids | default('51,52') }}"
    wait: true
  register: updates

- name: Hand the outcome of each task to the next node of the workflow
  ansible.builtin.set_stats:
    data:
      lxca_task_states: "{{ updates.tasks | items2dict(key_name='id', value_name='state') }}"
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
  sample: 40.0
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
  sample: 0.4
tasks:
  description: What is known of each task, in the order of O(task_id). A task that was never seen is left
    out.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: ID of the task, as in O(task_id).
      returned: always
      type: str
    name:
      description: Title of the task. V(null) if LXCA gives none.
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
      description: State in LXCA's word, such as C(RunningWithErrors). V(null) if it gives none.
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
      description: Percentage from 0 to 100, as LXCA gives it. V(null) if it gives none.
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
      description: The plain fields of the answer under Lenovo's names, such as C(jobUID), C(status),
        C(percentage), C(complete) and C(createdBy).
      returned: always
      type: dict
    steps:
      description: The sub-tasks (C(children)) of the task, in LXCA's order.
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
    - id: "51"
      name: Firmware update of 192.0.2.71
      state: running
      native_state: Running
      done: false
      succeeded: false
      progress: 40.0
      message: Updating the firmware
      errors: []
      started_at: "2024-05-06T10:11:12Z"
      finished_at: null
      eta: null
      details:
        jobUID: "51"
        status: Running
        percentage: 40.0
        complete: false
        createdBy: ADMIN
      steps:
        - id: "53"
          name: Firmware update
          state: running
          native_state: Running
          progress: 10.0
          message: Updating the firmware
          errors: []
          details:
            jobUID: "53"
            status: Running
            percentage: 10.0
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
    LXCA task 52 on lxca.example.com: failed: One device could not be updated.
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task


def main() -> None:
    run_module(Task)


if __name__ == "__main__":
    main()
