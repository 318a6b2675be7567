# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rest_task_info
short_description: Check, or wait for, a task of any REST API that is described in data
version_added: 0.2.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads tasks of any REST API and waits for their end with O(wait=true). A description says how to log in, what to
    request, where the state stands in the answer and what its words mean.
  - The collection ships descriptions of common APIs, see O(api). Others are written in O(description).
  - Deadlines, outages, sessions that expire, several tasks under one deadline and progress lines are the same as in
    the other modules of the collection.
  - The module starts nothing. The ID of a task is what the request that started it has answered.
  - A description proves itself. Before any request it is checked as a whole and played against its own samples.
options:
  api:
    description:
      - Name of a description that comes with the collection.
      - Exactly one of O(api) and O(description) is needed.
    type: str
    choices:
      - awx_job
      - azure_async_operation
      - foreman_task
      - google_operation
      - http_202
      - ironic_node
      - lxd_operation
      - nutanix_task
      - ontap_job
      - prefect_flow_run
      - proxmox_task
      - pulp_task
      - redfish_job
      - redfish_task
  description:
    description:
      - A description, written in the task or read from a file, as in C(lookup('file', 'api.yml') | from_yaml).
      - Its form is on the page about descriptions in the documentation of the collection.
    type: dict
  task_id:
    description:
      - IDs of the tasks. Required unless O(samples_only=true).
      - Where the description allows it, an ID may be an absolute path, or a URL of the same host and port, as a
        C(Location) header holds it.
    type: list
    elements: str
    aliases:
      - task_ids
  variables:
    description:
      - Values for the placeholders of the description, such as C({node}).
    type: dict
    default: {}
  wait_for:
    description:
      - Words of the system, or patterns with C(*) and C(?), that count as the goal of this wait, beside those that the
        description calls a success.
      - A word that the description calls V(failed) or V(cancelled) cannot be a goal.
    type: list
    elements: str
    default: []
  samples_only:
    description:
      - Whether to check the description and its samples and do nothing else. No system is needed, so no O(hostname)
        either.
    type: bool
    default: false
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_rest
  - taskwatch.infra._connection
  - taskwatch.infra._rest
  - taskwatch.infra._wait
  - taskwatch.infra._wait.deadlines
requirements:
  - jmespath
notes:
  - An answer in which no word stands at the place of the state is V(bad_response), with the path and the beginning of
    the answer.
  - A word that the description does not name counts as what C(otherwise) says, which is never a success, and a warning
    quotes it.
  - A C(Retry-After) header of a good answer says when the task is polled next, between one second and O(wait_sleep), or
    30 seconds.
  - Credentials go to the host of O(hostname) alone. An address in an answer is followed on the same scheme, host and
    port only.
seealso:
  - module: ansible.builtin.uri
"""

EXAMPLES = r"""
- name: Wait for a backup of Proxmox VE
  taskwatch.infra.rest_task_info:
    hostname: "{{ proxmox_hostname }}"
    port: "{{ proxmox_port }}"
    username: "{{ proxmox_username }}"
    password: "{{ proxmox_password }}"
    api: proxmox_task
    variables:
      node: pve1
    task_id: "{{ backup_upid }}"
    wait: true
    wait_timeout: 7200
  register: backup

- name: Show how it ended
  ansible.builtin.debug:
    msg: "{{ backup.tasks[0].native_state }} after {{ backup.elapsed }} s"

- name: Wait for what a server has accepted with 202 and a Location header
  taskwatch.infra.rest_task_info:
    hostname: "{{ thing_hostname }}"
    port: "{{ thing_port }}"
    api: http_202
    task_id: "{{ accepted_location }}"
    wait: true

- name: Wait for a task of an API that has no description yet
  taskwatch.infra.rest_task_info:
    hostname: "{{ thing_hostname }}"
    port: "{{ thing_port }}"
    token: "{{ thing_token }}"
    description:
      name: Thing build
      source: https://things.example.com/docs/builds
      login: {kind: bearer}
      task:
        request: {path: "/api/builds/{id}"}
        state: build.phase
        words: {queued: pending, "building*": running, built: succeeded, broken: failed}
        progress: build.percent
        message: build.log[-1]
      samples:
        - answer: {build: {phase: building-image, percent: 40, log: [Compiling]}}
          expect: {state: running, progress: 40}
        - answer: {build: {phase: built, percent: 100}}
          expect: {state: succeeded}
        - answer: {build: {phase: broken, log: [No space left]}}
          expect: {state: failed}
    task_id: "17"
    wait: true

- name: Check a description file in a pipeline
  taskwatch.infra.rest_task_info:
    description: "{{ lookup('file', 'thing.yml') | from_yaml }}"
    samples_only: true
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
  sample: null
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
      description: What a person would call the task, where the description says so. V(null) otherwise.
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
      description: State in the word of the system, such as C(SUCCESS).
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
      description: Percentage from 0 to 100, as the system gives it. V(null) if it gives none.
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
      description: The plain fields of the answer, or of the part of it that the description names, under
        the names of the system.
      returned: always
      type: dict
    steps:
      description: Parts of the task, where the description says that it has some.
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
    - id: "UPID:pve1:0001:0002:65F0:vzdump:100:root@pam:"
      name: vzdump
      state: running
      native_state: running
      done: false
      succeeded: false
      progress: null
      message: null
      errors: []
      started_at: null
      finished_at: null
      eta: null
      details:
        status: running
        type: vzdump
        node: pve1
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
    Proxmox VE task UPID:pve1:0001:0002:65F0:vzdump:100:root@pam: on pve.example.com: failed: command
    failed.
samples:
  description: Each sample of the description as it reads. Empty unless O(samples_only=true).
  returned: always
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask


def main() -> None:
    run_module(RestTask)


if __name__ == "__main__":
    main()
