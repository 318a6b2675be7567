# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: element_image_status_info
short_description: Check, or wait for, software upgrades of Palo Alto Networks Prisma SD-WAN elements
version_added: 0.1.0
author:
  - taskwatch maintainers (@taskwatch)
description:
  - Reads the current image status of Prisma SD-WAN (formerly CloudGenix) elements, also known as ION
    devices, and waits for the end of their upgrades with O(wait=true).
  - The module starts nothing. The query is a C(POST) that only reads.
  - Palo Alto Networks publishes 36 words for C(upgrade_state) and explains none of them. What follows is
    how this collection reads them.
  - C(pending), C(init), C(download_scheduled), C(upgrade_scheduled), C(waiting_download_time) and
    C(waiting_install_time) mean V(pending).
  - All words of a discovery, download, verification, installation or upgrade under way mean V(running), and
    so do those of a cancellation that is not settled yet. C(download_complete) is among them, because the
    installation is still to come.
  - C(upgrade_complete), C(complete) and C(done) mean V(succeeded), unless C(active_image_id) and
    C(upgrade_image_id) differ. Then the element does not run what it was told to, and the state is
    V(unknown). An ID that is missing is not a different one.
  - An element that runs what O(target_image_id) or O(target_version) name has V(succeeded), whatever word
    has stayed behind. A warning quotes the word.
  - C(download_failed), C(install_failed), C(upgrade_failed) and C(failed) mean V(failed).
  - C(download_abort), C(download_cancelled), C(upgrade_abort) and C(upgrade_cancelled) mean V(cancelled).
    Downloads that ran out of their time have been seen as C(download_cancelled), so check
    RV(tasks[].errors), which holds C(failure_info).
  - No word at all means V(succeeded) if there is an C(upgrade_image_id) that equals C(active_image_id), and
    V(unknown) otherwise. The same goes for C(none) as a text, for C(invalid) and for a word that is not one
    of the 36. A warning quotes it.
options:
  element_id:
    description:
      - IDs of the elements. All elements of the tenant if it is not set.
      - The name of an element is accepted where only one element has it. It takes one more query, of all
        elements.
      - Name the elements in order to wait for them. An element of which the answer tells no upgrade is
        V(unknown) and keeps a wait for all elements going until the time is up.
    type: list
    elements: str
    aliases:
      - element_ids
  wait_for:
    description:
      - What counts as success.
      - V(upgraded) wants the upgrade to have ended.
      - V(downloaded) wants the image to be on the element, as it is with C(download_complete), with every
        word that comes after the download, and at 100 %. O(target_image_id) is the image that has to be
        there.
    type: str
    choices:
      - upgraded
      - downloaded
    default: upgraded
    version_added: 0.2.0
  target_image_id:
    description:
      - ID that C(active_image_id) has to be equal to for a success. A success word with another image means
        V(pending) then.
      - Where the element does not tell its image, O(target_version) decides alone.
    type: str
  target_version:
    description:
      - Version that C(active_version) has to be equal to for a success, such as V(6.3.5-b9). Upper and lower
        case do not matter, and a build counts only where both sides name one. A success word with another
        version means V(pending) then.
      - An upgrade over several releases takes one upgrade for each hop. Without O(target_version) or
        O(target_image_id) the end of any hop is a success.
      - A wait that has seen the upgrade end with another version ends as V(failed), and names both. After a
        release in between, the next hop has ten minutes to begin.
    type: str
  resolve_names:
    description:
      - Whether to put the names of the elements into RV(tasks[].name). It takes one more query, of all
        elements.
    type: bool
    default: false
  page_size:
    description:
      - Number of elements to ask for in one request, from 1 to 1000.
    type: int
    default: 100
  query_params:
    description:
      - Filter on fields of the status, passed on as C(query_params) of the request body.
      - Its keys are names of fields, and its values are dictionaries of an operator and what to compare
        with.
    type: dict
  sort_params:
    description:
      - Order of the answer, passed on as C(sort_params) of the request body. Its keys are names of fields,
        its values V(asc) or V(desc).
    type: dict
  query:
    description:
      - Further fields of the request body that Palo Alto Networks documents, such as C(getDeleted),
        C(retrieved_fields), C(group_by), C(aggregate) and C(last_query_ts).
      - Names that are not documented are refused, and so are C(limit) and C(dest_page), which O(page_size)
        sets.
    type: dict
extends_documentation_fragment:
  - taskwatch.infra._attributes
  - taskwatch.infra._attributes.actiongroup_prisma_sdwan
  - taskwatch.infra._connection
  - taskwatch.infra._prisma_sdwan
  - taskwatch.infra._wait
  - taskwatch.infra._wait.deadlines
notes:
  - An element that is not in the answer makes the Ansible task fail with RV(error.type=not_found).
  - An element restarts during its upgrade and cannot reach the controller for that time. Its status does not
    change then, so set O(stall_timeout) to more than that.
  - An element that is offline may stay V(pending) until it is back.
  - C(scheduled_download) and C(scheduled_upgrade) in RV(tasks[].details) are in UTC, the month first, as in
    C(11-21-2026 22:00:00).
  - Prisma SD-WAN answers 403 to an account whose role does not allow the query.
seealso:
  - name: Get Image Status of Element (v2.1)
    description: Palo Alto Networks' reference of the query that this module sends.
    link: https://pan.dev/sdwan/api/legacy/post-v-2-1-api-tenants-tenant-id-software-current-status-query/
  - name: Access tokens
    description: Palo Alto Networks' guide to service accounts and their access tokens.
    link: https://pan.dev/sase/docs/access-tokens/
"""

EXAMPLES = r"""
- name: Check every element, with its name
  taskwatch.infra.element_image_status_info:
    client_id: "{{ prisma_client_id }}"
    client_secret: "{{ prisma_client_secret }}"
    tsg_id: "{{ prisma_tsg_id }}"
    resolve_names: true
  register: elements

- name: Show what each element runs
  ansible.builtin.debug:
    msg: "{{ item.name }} is {{ item.state }} and runs {{ item.details.active_version }}"
  loop: "{{ elements.tasks }}"
  loop_control:
    label: "{{ item.id }}"

- name: Wait for the upgrade of one element
  taskwatch.infra.element_image_status_info:
    client_id: "{{ prisma_client_id }}"
    client_secret: "{{ prisma_client_secret }}"
    tsg_id: "{{ prisma_tsg_id }}"
    element_id: "16540011223340090"
    wait: true

- name: Wait for two elements under one deadline, and say why if one fails
  block:
    - name: Wait for both
      taskwatch.infra.element_image_status_info:
        client_id: "{{ prisma_client_id }}"
        client_secret: "{{ prisma_client_secret }}"
        tsg_id: "{{ prisma_tsg_id }}"
        element_ids:
          - "16540011223340090"
          - "16540011223340091"
        resolve_names: true
        wait: true
        wait_timeout: 5400
      register: elements
  rescue:
    - name: Say what went wrong on each element
      ansible.builtin.debug:
        msg: "{{ item.name }} {{ item.native_state }}: {{ item.errors }}"
      loop: "{{ elements.tasks | rejectattr('succeeded') | list }}"
      loop_control:
        label: "{{ item.id }}"

- name: Check the elements that are downloading an image now
  taskwatch.infra.element_image_status_info:
    client_id: "{{ prisma_client_id }}"
    client_secret: "{{ prisma_client_secret }}"
    tsg_id: "{{ prisma_tsg_id }}"
    query_params:
      upgrade_state:
        in: [download, downloading]

# A check does not fail because an upgrade did, so the playbook decides. The first half of the
# condition keeps the failures of the check itself, which failed_when would replace otherwise.
- name: Stop here if an upgrade has already ended badly
  taskwatch.infra.element_image_status_info:
    client_id: "{{ prisma_client_id }}"
    client_secret: "{{ prisma_client_secret }}"
    tsg_id: "{{ prisma_tsg_id }}"
    element_id:
      - "16540011223340090"
      - "16540011223340091"
  register: elements
  failed_when: elements is failed or elements.state in ['failed', 'cancelled']

# In a job template, the credential sets PRISMASASE_CLIENT_ID, PRISMASASE_CLIENT_SECRET and
# PRISMASASE_TSG_ID, and the survey asks for prisma_element_ids, separated by commas.
- name: Wait for the elements that the survey names
  taskwatch.infra.element_image_status_info:
    element_id: "{{ prisma_element_ids | default('16540011223340090,16540011223340091') }}"
    wait: true
  register: elements

- name: Hand the elements that are upgraded to the next node of the workflow
  ansible.builtin.set_stats:
    data:
      prisma_upgraded: "{{ elements.tasks | selectattr('succeeded') | map(attribute='id') | list }}"
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
  sample: 1.1
tasks:
  description: What is known of each task, in the order of O(element_id), or of the answer if it is not
    set. A task that was never seen is left out.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: ID of the element.
      returned: always
      type: str
    name:
      description: Name of the element with O(resolve_names=true), V(null) otherwise.
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
      description: The C(upgrade_state) in the answer. V(null) if there is none.
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
      description: Percentage of the download, from 0 to 100. V(null) if the answer gives none, and while
        no upgrade is under way.
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
      description: The plain fields of the answer under the names of Palo Alto Networks, such as C(active_version),
        C(active_image_id), C(upgrade_image_id), C(download_percent) and C(failure_info).
      returned: always
      type: dict
    steps:
      description: Always empty, because Prisma SD-WAN tells no steps of an upgrade.
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
    - id: "16540011223340090"
      name: branch-1
      state: running
      native_state: downloading
      done: false
      succeeded: false
      progress: 42.0
      message: version 6.3.5-b9
      errors: []
      started_at: null
      finished_at: null
      eta: null
      details:
        active_image_id: "17010000000000044"
        active_version: 6.3.5-b9
        download_percent: 42
        element_id: "16540011223340090"
        failure_info: null
        previous_image_id: "16800000000000032"
        rollback_version: 6.1.11-b2
        upgrade_image_id: "17810000000000051"
        upgrade_state: downloading
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
    requests: 5
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
    Prisma SD-WAN element 16540011223340092 on api.sase.paloaltonetworks.com: cancelled: timed out
envelope:
  description:
    - The fields of the answer beside the elements, such as C(total_count), C(count), C(deleted_ids) and
      C(aggregate), under the names of Palo Alto Networks. It is that of the first poll, and empty if
      none succeeded.
  returned: always
  type: dict
  sample:
    count: 1
    deleted_count: 0
    deleted_ids: null
    next_query: null
    total_count: 1
"""

from ansible_collections.taskwatch.infra.plugins.module_utils._module import run_module
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus


def main() -> None:
    run_module(ElementImageStatus)


if __name__ == "__main__":
    main()
