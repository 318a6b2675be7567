# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An answer read by a description. PRIVATE to the collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .._documents import number_of, percent_of, scalars_of, share_of, text_of
from .._errors import ErrorType, Retryability, TaskwatchError, unusable
from .._states import Reading
from .._status import State, Step, TaskStatus, walk
from .expressions import Answer, Expression
from .model import StepsForm, TaskForm
from .words import word_of

# Steps of steps of an answer, beyond which an answer is not believed.
_DEEPEST = 16
# Keys under which systems put a text into an object that describes an error.
_TEXT_KEYS = ("message", "msg", "detail", "description", "text", "title", "reason", "error")
_LONGEST_TEXT = 500


def read_task(form: TaskForm, title: str, task_id: str, answer: Answer) -> TaskStatus:
    """The status of one task. Raises bad_response where no word stands at the place of the state."""
    if form.state is None:
        raise AssertionError("a task without a state is refused when the description is read")
    if form.not_found_when is not None and form.not_found_when.find(answer):
        raise TaskwatchError(ErrorType.NOT_FOUND, "the answer holds no such task", retryability=Retryability.IF_SEEN)
    reading = _reading(form, form.state, answer)
    steps = _steps(form.steps, answer, 0)
    started_at, finished_at, expected = (
        _found(expression, answer) for expression in (form.started_at, form.finished_at, form.expected_seconds)
    )
    return TaskStatus(
        id=task_id,
        name=text_of(_found(form.name, answer)),
        state=reading.state,
        native_state=reading.native,
        progress=_progress(form, answer),
        message=_text(_found(form.message, answer)),
        errors=_errors(form, answer, reading),
        details=_details(form, answer),
        steps=steps,
        started_at=text_of(started_at),
        finished_at=text_of(finished_at),
        expected_seconds=_seconds(expected),
        raw=answer.body,
        warnings=list(dict.fromkeys(_warnings(form, title, reading, steps))),
    )


def _reading(form: TaskForm, state: Expression, answer: Answer) -> Reading:
    value = state.find(answer)
    word = word_of(value, numbers=form.words.reads_numbers)
    if word:
        return form.words.read(word)
    if word is None:
        raise _no_state(f"expected a word at '{state.text}', which holds {_short(value)}, in", answer)
    raise _no_state(f"found no state at '{state.text}' in", answer)


def _no_state(sentence: str, answer: Answer) -> TaskwatchError:
    return unusable(f"{sentence} {answer.shown}", answer.status)


def _short(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else json.dumps(value)


def _found(expression: Expression | None, answer: Answer) -> Any:
    return None if expression is None else expression.find(answer)


def _progress(form: StepsForm, answer: Answer) -> float | None:
    value = _found(form.progress, answer)
    if form.total is not None:
        return share_of(value, form.total.find(answer))
    if isinstance(value, str):
        value = value.strip().rstrip("%").rstrip()
    number = number_of(value)
    # Fractions such as 0.29 times 100 are not quite 29.
    return None if number is None else percent_of(round(number * form.scale, 6))


def _seconds(value: Any) -> float | None:
    number = number_of(value)
    return number if number is not None and number > 0 else None


def _text(value: Any) -> str | None:
    """A text, or the first one of a list or an object of texts."""
    return next(_texts(value), None)


def _texts(value: Any, levels: int = 3) -> Iterator[str]:
    if isinstance(value, list):
        for part in value if levels else ():
            yield from _texts(part, levels - 1)
    elif isinstance(value, dict):
        found = next((value[key] for key in _TEXT_KEYS if value.get(key)), None) if levels else None
        text = next(_texts(found, levels - 1), None)
        yield text or json.dumps(value, ensure_ascii=False)[:_LONGEST_TEXT]
    elif text := text_of(value):
        yield text


def _errors(form: StepsForm, answer: Answer, reading: Reading) -> list[str]:
    if reading.state is not State.FAILED:
        return []
    told = list(_texts(_found(form.errors, answer))) or [_text(_found(form.message, answer)) or ""]
    return [text for text in told if text] or [f"the task ended as {reading.native}"]


def _details(form: StepsForm, answer: Answer) -> dict[str, Any]:
    return scalars_of(answer.body if form.details is None else form.details.find(answer))


def _steps(form: StepsForm | None, answer: Answer, level: int) -> list[Step]:
    if form is None or form.items is None or level > _DEEPEST:
        return []
    items = form.items.find(answer)
    if not isinstance(items, list):
        return []
    return [
        _step(form, Answer(answer.status, answer.headers, item), place, level) for place, item in enumerate(items, 1)
    ]


def _step(form: StepsForm, answer: Answer, place: int, level: int) -> Step:
    word = word_of(_found(form.state, answer), numbers=form.words.reads_numbers)
    reading = form.words.read(word) if word else Reading(State.UNKNOWN, None, known=True)
    return Step(
        id=text_of(_found(form.id, answer)) or str(place),
        name=text_of(_found(form.name, answer)),
        state=reading.state,
        native_state=reading.native,
        progress=_progress(form, answer),
        message=_text(_found(form.message, answer)),
        errors=_errors(form, answer, reading),
        details=_details(form, answer),
        steps=_steps(form if form.recursive else form.steps, answer, level + 1),
    )


def _warnings(form: TaskForm, title: str, reading: Reading, steps: list[Step]) -> Iterator[str]:
    warning = form.words.warning(reading, title)
    if warning:
        yield warning
    words = form.steps.words if form.steps is not None else form.words
    for step in walk(steps):
        told = words.warning(words.read(step.native_state), f"A step of {title}") if step.native_state else None
        if told:
            yield told
