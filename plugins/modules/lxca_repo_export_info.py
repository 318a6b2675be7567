# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxca_repo_export_info
short_description: Check, or wait for, firmware repository exports of Lenovo XClarity Administrator
version_added: 0.1.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads the status of tasks that export firmware updates and UpdateXpress System Packs from the repository
    of a Lenovo XClarity Administrator (LXCA) into a ZIP file, and waits for their end with O(wait=true).
  - The module starts nothing. An export begins with C(PUT /updateRepositories/firmware?action=export), and
    the C(taskid) in the answer to that request is what goes into O(task_id).
  - An export has succeeded (RV(tasks[].state=succeeded)) when its state is C(complete) or C(success) and
    C(current) names the ZIP file.
  - An LXCA that exports nothing, or has forgotten the task, can answer with the same C(complete) at 100 %,
    but with an empty C(current). It looks like a success and proves nothing, so the state is V(unknown)
    then.
  - C(canceled), C(cancelled) and C(aborted) mean V(cancelled), and C(error), C(failure) and C(failed) mean
    V(failed).
  - Lenovo documents no word for an export that has not ended. Any other word means V(pending) at 0 %,
    V(running) below 100 %, and V(unknown) at 100 % or without a percentage. A warning quotes it.
options:
  task_id:
    description:
      - IDs of the export tasks.
      - V(0) stands for all export tasks that are running. While none is, the state is V(unknown), so name
        the tasks in order to wait for them.
    type: list
    elements: str
    default: ["0"]
    aliases:
      - task_ids
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_lxca
  - taskwatch.infra._connection
  - taskwatch.infra._lxca
  - taskwatch.infra._wait
  - taskwatch.infra._wait.deadlines
notes:
  - Needs LXCA 2.3.0 or later.
  - The export answers with two IDs. Its C(jobid) belongs to C(GET /tasks) and does not work here.
  - Lenovo documents C(progress) as 0 when the task has been created, 50 while it runs and 100 when it is
    complete, so RV(tasks[].progress) may stand at 50 for most of the time.
  - Lenovo documents no answer for a task ID that LXCA never had. One that it answers like an idle LXCA
    gives V(unknown), one that it refuses makes the Ansible task fail.
  - C(total) and C(downloadednum) were both 0 in an export that had succeeded, so they say nothing about
    success.
seealso:
  - name: GET /updateRepositories/firmware/status
    description: Lenovo's reference of the request that this module sends.
    link: https://pubs.lenovo.com/lxca_scripting/rest_api_updaterepositories_firmware_status_get
  - name: PUT /updateRepositories/firmware
    description: Lenovo's reference of the request that starts an export.
    link: https://pubs.lenovo.com/lxca_scripting/rest_api_updaterepositories_firmware_put
"""

EXAMPLES = r"""
- name: Check one export
  taskwatch.infra.lxca_repo_export_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    task_id: "12"
  register: export

- name: Show how far it is
  ansible.builtin.debug:
    msg: "{{ export.tasks[0].state }} at {{ export.progress }} %"

- name: Check the exports that are running now
  taskwatch.infra.lxca_repo_export_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"

- name: Wait for an export, at most half an hour
  taskwatch.infra.lxca_repo_export_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    task_id: "12"
    wait: true
    wait_timeout: 1800
  register: export

- name: Show the name of the ZIP file
  ansible.builtin.debug:
    var: export.tasks[0].details.current

- name: Wait for two exports under one deadline, and say why if one fails
  block:
    - name: Wait for both
      taskwatch.infra.lxca_repo_export_info:
        hostname: "{{ lxca_hostname }}"
        username: "{{ lxca_username }}"
        password: "{{ lxca_password }}"
        task_ids: ["12", "13"]
        wait: true
      register: exports
  rescue:
    - name: Say what each export came to
      ansible.builtin.debug:
        msg: "{{ item.id }} {{ item.state }}: {{ item.message }}"
      loop: "{{ exports.tasks }}"
      loop_control:
        label: "{{ item.id }}"

# A check does not fail because an export did, so the playbook decides. The first half of the
# condition keeps the failures of the check itself, which failed_when would replace otherwise.
- name: Stop here if an export has already ended badly
  taskwatch.infra.lxca_repo_export_info:
    hostname: "{{ lxca_hostname }}"
    username: "{{ lxca_username }}"
    password: "{{ lxca_password }}"
    task_id: ["12", "13"]
  register: exports
  failed_when: exports is failed or exports.state in ['failed', 'cancelled']

# In a job template, the credential sets LXCA_HOST, LXCA_USER and LXCA_PASSWORD,
# and the survey asks for lxca_export_ids, separated by commas.
- name: Wait for the exports that the survey names
  taskwatch.infra.lxca_repo_export_info:
    task_id: "{{ lxca_export_ids | default('12,13') }}"
    wait: true
  register: exports

- name: Hand the names of the ZIP files to the next node of the workflow
  ansible.builtin.set_stats:
    data:
      lxca_export_files: "{{ exports.tasks | map(attribute='details.current') | list }}"
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
  sample: succeeded
done:
  description: Whether every task has finished, well or badly.
  returned: always
  type: bool
  sample: true
succeeded:
  description: Whether every task has succeeded.
  returned: always
  type: bool
  sample: true
progress:
  description: Mean of the percentages of the tasks, from 0 to 100. V(null) if none is known.
  returned: always
  type: float
  sample: 100.0
counts:
  description: Number of tasks by state. States that no task has are left out.
  returned: always
  type: dict
  sample:
    succeeded: 1
timed_out:
  description: Whether the wait ended because O(wait_timeout) had passed.
  returned: always
  type: bool
  sample: false
elapsed:
  description: Seconds that the check or the wait took.
  returned: always
  type: float
  sample: 47.3
tasks:
  description: What is known of each task, in the order of O(task_id). A task that was never seen is left
    out.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: ID of the export task, as in O(task_id).
      returned: always
      type: str
    name:
      description: Name of the ZIP file. V(null) as long as LXCA does not tell it.
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
      description: The C(state) in the answer of LXCA.
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
      description: Percentage from 0 to 100. V(null) if LXCA gives none.
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
      description: The plain fields of the answer under Lenovo's names, such as C(current), C(downloadednum),
        C(downloadedsize), C(total) and C(totalsize) (in bytes).
      returned: always
      type: dict
    steps:
      description: Empty, because LXCA tells no steps of an export. Only if it answers V(0) with several
        exports, each of them is a step.
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
    - id: "12"
      name: repository20240506101112.zip
      state: succeeded
      native_state: complete
      done: true
      succeeded: true
      progress: 100.0
      message: Repository operation completed successfully.
      errors: []
      started_at: null
      finished_at: null
      eta: null
      details:
        current: repository20240506101112.zip
        downloadednum: 8
        downloadedsize: 11534336
        progress: 100
        state: complete
        taskIds: ""
        total: 8
        totalsize: 11534336
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
    polls: 9
    requests: 11
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
    LXCA repository export 13 on lxca.example.com: failed: There is not enough space for the file.
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import RepoExport


def main() -> None:
    run_module(RepoExport)


if __name__ == "__main__":
    main()
