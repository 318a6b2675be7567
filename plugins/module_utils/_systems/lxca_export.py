# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""LXCA: exports of the firmware repository. PRIVATE to the collection.

Source: Lenovo XClarity Administrator REST API, GET /updateRepositories/firmware/status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from .._documents import number_of, object_of, objects_of, percent_of, scalars_of, text_of
from .._errors import bad_response
from .._options import Spec, ids_spec, wait_spec
from .._states import LXCA_ANSWER, LXCA_EXPORT, Reading
from .._status import PollResult, State, Step, TaskStatus, mean_progress, overall
from .lxca import CONNECTION, Lxca, error_texts


class RepoExport(Lxca):
    """The export of the firmware repository; id ``0`` stands for all exports under way."""

    NAME = "lxca_repo_export_info"
    TITLE = "LXCA repository export"
    ID_OPTION = "task_id"
    ARGUMENT_SPEC: ClassVar[Spec] = {**CONNECTION, **ids_spec("task_id", default=["0"]), **wait_spec()}

    def poll(self, ids: Sequence[str] | None) -> PollResult:
        return self.ask_each(ids or [], self._ask)

    def _ask(self, task_id: str) -> TaskStatus:
        # The table of the vendor's page says taskType; every example and Lenovo's own client send it like this.
        query = {"tasktype": "EXPORTREPOSITORY", "taskid": task_id}
        response = self.connection.request("GET", "/updateRepositories/firmware/status", query=query)
        body = self.read(response, "the status of a repository export in JSON", {"state"})
        # For id 0 one merged envelope or a list: the vendor's page does not say.
        if isinstance(body, list):
            return _merged(task_id, body)
        return export_status(task_id, body)


def export_status(task_id: str, body: Any) -> TaskStatus:
    """Read one envelope of a repository export."""
    envelope = object_of(body)
    if "state" not in envelope or isinstance(envelope.get("progress"), (dict, list)):
        raise bad_response("the status of a repository export with a 'state' and a number as 'progress'", body)
    reading = LXCA_EXPORT.read(envelope["state"])
    file_name = text_of(envelope.get("current"))
    # The table of the vendor's page says list, its sample shows an object.
    answers, families = objects_of(envelope.get("errorMsg")), [*objects_of(envelope.get("status")), envelope]
    told = (text for family in [*answers, *families] for text in error_texts(family))
    texts = list(dict.fromkeys(filter(None, [text_of(envelope.get("errorMsg")), *told])))
    results = [LXCA_ANSWER.read(answer.get("result")) for answer in answers]
    # In recorded answers the same stands under status or at the top, where a result may also be a number.
    results += [LXCA_ANSWER.read(family["result"]) for family in families if isinstance(family.get("result"), str)]
    progress = percent_of(envelope.get("progress"))
    state, message = _verdict(reading, progress), next(iter(texts), None)
    if not state.done:
        # The text speaks of the repository's last operation, also while the next one is under way.
        message = _exported(envelope)
    if state is State.SUCCEEDED and any(result.state is State.FAILED for result in results):
        state = State.FAILED
    elif state is State.SUCCEEDED and file_name is None:
        # An appliance that does nothing, or has forgotten the task, answers with exactly this envelope.
        state = State.UNKNOWN
        message = "the answer names no file, as that of an idle appliance; the export may not exist (any more)"
    return TaskStatus(
        id=task_id,
        name=file_name,
        state=state,
        native_state=reading.native,
        progress=progress,
        message=message,
        errors=(texts or [f"the export ended as {reading.native}"]) if state is State.FAILED else [],
        details=scalars_of(envelope),
        raw=body,
        warnings=list(_warnings(reading, state, results)),
    )


def _verdict(reading: Reading, progress: float | None) -> State:
    """No word is documented for an export under way, so for every other word the percentage decides."""
    if reading.known:
        return reading.state
    if progress is None or progress == 100:
        return State.UNKNOWN
    return State.RUNNING if progress else State.PENDING


def _warnings(reading: Reading, state: State, results: Sequence[Reading]) -> Iterator[str]:
    if reading.native is None:
        yield f"{LXCA_EXPORT.endpoint} reports no state; it counts as {state.value}"
    told = [LXCA_EXPORT.warning(reading, read_as=state)]
    # Beside an export under way it speaks of the operation before.
    told += [LXCA_ANSWER.warning(result) for result in results if state.done or not result.known]
    yield from filter(None, told)


def _exported(envelope: dict[str, Any]) -> str | None:
    done, total = text_of(envelope.get("downloadednum")), text_of(envelope.get("total"))
    return f"{done} of {total} packages exported" if done and number_of(total) else None


def _merged(task_id: str, body: list[Any]) -> TaskStatus:
    """All exports under way as one task with a step for each; none at all polls like an idle appliance."""
    if len(body) == 1:
        return export_status(task_id, body[0])
    steps: list[Step] = []
    warnings: list[str] = []
    for number, envelope in enumerate(body, start=1):
        export = export_status(text_of(object_of(envelope).get("taskIds")) or str(number), envelope)
        steps.append(export.as_step())
        warnings += export.warnings
    return TaskStatus(
        id=task_id,
        state=overall(step.state for step in steps),
        progress=mean_progress(step.progress for step in steps),
        message=f"{len(steps)} exports" if steps else "no export is under way",
        errors=[text for step in steps for text in step.errors],
        steps=steps,
        raw=body,
        warnings=warnings,
    )
