# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxca_csv_job_info
short_description: Check, or wait for, bulk-import CSV jobs of Lenovo XClarity Administrator
version_added: 0.1.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads jobs in which a Lenovo XClarity Administrator (LXCA) takes the devices of a bulk-import CSV file
    under management, and waits for their end with O(wait=true). Each device and each of its management
    steps is returned.
  - The module starts nothing. A job begins with C(POST /csvRequest), and the job ID that this request
    returns is what goes into O(job_id).
  - A job has finished when its C(progress) reaches 100, or when the state of every device in it is final.
    Its C(status) does not count, because it still says C(INCOMPLETE) in jobs that have ended. Only of a job
    without any device, C(Done) means V(succeeded), with a warning.
  - A device has succeeded when its state is C(Complete) or C(CompleteWithWarnings) and its C(result) is
    empty, C(SUCCESS), C(DONE) or C(COMPLETE), or holds C(WARNING). A warning tells of warnings.
    C(Cancelled) and C(Cancelled_With_Errors) mean V(cancelled). Any other C(result) of a device that has
    ended means V(failed), and so does any other end, such as C(Stopped_With_Error) or C(Interrupted). Upper
    and lower case do not matter.
  - C(Running_With_Errors) is still V(running), although it will hardly end well.
  - One device that failed makes the job V(failed) when it has finished. RV(tasks[].errors) says which
    device it was, which step stopped, and why.
options:
  job_id:
    description:
      - IDs of the jobs.
      - A path that ends in the ID is accepted, too, such as that of the C(Location) header which the request
        that started the work was answered with, and so is a URL on O(hostname).
    type: list
    elements: str
    required: true
    aliases:
      - job_ids
      - task_id
      - task_ids
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_lxca
  - taskwatch.infra._connection
  - taskwatch.infra._lxca
  - taskwatch.infra._wait
  - taskwatch.infra._wait.deadlines
notes:
  - The C(taskid) of a device in the answer is not the ID of the job, and does not work in O(job_id).
  - The percentage is LXCA's own. It does not follow from the number of steps that are complete.
  - LXCA can leave the last step of a job that failed at C(Running), and steps that never began at
    C(Stopped_With_Error). The steps are returned as they are, only the device decides.
  - An ID that LXCA does not know makes the Ansible task fail with RV(error.type=not_found). Jobs can be
    deleted by users, so an ID that was known can become unknown.
seealso:
  - name: GET /csvRequest/jobs/{job_id}
    description: Lenovo's reference of the request that this module sends.
    link: https://pubs.lenovo.com/lxca_scripting/rest_api_csvrequest_jobs_get
  - name: POST /csvRequest
    description: Lenovo's reference of the request that starts a job.
    link: https://pubs.lenovo.com/lxca_scripting/rest_api_csvrequest_post
"""

EXAMPLES = r"""
- name: Check one job
  taskwatch.infra.lxca_csv_job_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    job_id: "371"
  register: job

- name: Show how far it is
  ansible.builtin.debug:
    msg: "{{ job.tasks[0].name }} is {{ job.state }}, {{ job.tasks[0].message }}"

- name: Wait until the devices are under management, poll every 15 seconds
  taskwatch.infra.lxca_csv_job_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    job_id: "371"
    wait: true
    wait_timeout: 2700
    wait_sleep: 15

- name: Wait for two jobs under one deadline, and say why if one fails
  block:
    - name: Wait for both
      taskwatch.infra.lxca_csv_job_info:
        hostname: "{{ lxca_hostname }}"
        username: "{{ lxca_username }}"
        password: "{{ lxca_password }}"
        job_ids: ["371", "372"]
        wait: true
        stall_timeout: 900
      register: jobs
  rescue:
    - name: Say what went wrong in each job
      ansible.builtin.debug:
        msg: "{{ item.errors }}"
      loop: "{{ jobs.tasks | rejectattr('succeeded') | list }}"
      loop_control:
        label: "job {{ item.id }}"

# A check does not fail because a job did, so the playbook decides. The first half of the
# condition keeps the failures of the check itself, which failed_when would replace otherwise.
- name: Stop here if a job has already ended badly
  taskwatch.infra.lxca_csv_job_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    job_id: ["371", "372"]
  register: jobs
  failed_when: jobs is failed or jobs.state in ['failed', 'cancelled']

# In a job template, the credential sets LXCA_HOST, LXCA_USER and LXCA_PASSWORD,
# and the survey asks for lxca_job_ids, separated by commas.
- name: Wait for the jobs that the survey names
  taskwatch.infra.lxca_csv_job_info:
    job_id: "{{ lxca_job_ids | default('371,372') }}"
    wait: true
  register: jobs

- name: Hand the outcome of each job to the next node of the workflow
  ansible.builtin.set_stats:
    data:
      lxca_job_states: "{{ jobs.tasks | items2dict(key_name='id', value_name='state') }}"
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
  sample: 17.6
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
  description: What is known of each task, in the order of O(job_id). A task that was never seen is left
    out.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: ID of the job, as in O(job_id).
      returned: always
      type: str
    name:
      description: The device of a job with one device, V(null) otherwise. LXCA names a device by its
        IP address, by its serial number if it has none, and by its UUID if it has neither.
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
      description: The state that all devices of the job share, in LXCA's word. If they differ, the C(status)
        of the job.
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
      description: The plain fields of the answer under Lenovo's names, with those of the device if there
        is only one, such as C(status), C(taskid), C(time_spent) (in milliseconds) and C(uuid).
      returned: always
      type: dict
    steps:
      description: The steps of a job with one device, in LXCA's order. A job with several devices has
        one step for each device, with the steps of its management below.
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
    - id: "371"
      name: 192.0.2.55
      state: running
      native_state: Running
      done: false
      succeeded: false
      progress: 17.6
      message: Collecting device inventory
      errors: []
      started_at: null
      finished_at: null
      eta: null
      details:
        status: INCOMPLETE
        taskid: 371
        time_spent: 117527
        uuid: 48331A223BF34FBA90732B379B837B9C
      steps:
        - id: INVENTORY
          name: Inventory
          state: running
          native_state: Running
          progress: 0.0
          message: Collecting device inventory
          errors: []
          details: {}
          steps:
            - id: INV_NODES
              name: Node inventory
              state: running
              native_state: Running
              progress: 0.0
              message: Collecting node inventory
              errors: []
              details: {}
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
    LXCA CSV job 372 on lxca.example.com: failed: An internal error occurred.
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob


def main() -> None:
    run_module(CsvJob)


if __name__ == "__main__":
    main()
