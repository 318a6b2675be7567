# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where a value stands in an answer: JMESPath, the HTTP status, a header or a cookie. PRIVATE to the collection."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import ErrorType, TaskwatchError, did_you_mean, excerpt, one_line
from .form import form_error

JMESPATH_IMPORT_ERROR: str | None
try:
    import jmespath
    from jmespath.functions import Functions
except ImportError:
    JMESPATH_IMPORT_ERROR = traceback.format_exc()
else:
    JMESPATH_IMPORT_ERROR = None

MAX_LENGTH = 2000
# What jmespath raises for expressions and data that do not go together. JMESPathError is a ValueError.
_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class Answer:
    """What expressions look into. ``shown`` is the beginning of the body for messages."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        if self.body is None:
            return "an empty answer"
        return excerpt(json.dumps(self.body, ensure_ascii=False))


class Expression:
    """One expression of a description, compiled once. ``path`` is its place in the description."""

    def __init__(self, text: str, path: str, *, kinds: tuple[str, ...] = ("status", "header")) -> None:
        self.text = text.strip()
        self.path = path
        prefix, colon, name = self.text.partition(":")
        self._compiled: Any = None
        if "status" in kinds and self.text == "status":
            self.kind, self._name = "status", ""
        elif colon and prefix in ("header", "cookie"):
            if prefix not in kinds:
                raise form_error(path, f"cannot be a {prefix}; use JMESPath into the body")
            if not name.strip():
                raise form_error(path, f"names no {prefix} after '{prefix}:'")
            self.kind, self._name = prefix, name.strip()
        else:
            self.kind, self._name = "json", ""
            self._compiled = _compiled(self.text, path)

    @property
    def needs_body(self) -> bool:
        return self.kind == "json"

    def find(self, answer: Answer) -> Any:
        """The value, None for nothing. Never raises."""
        if self.kind == "status":
            return str(answer.status)
        if self.kind == "cookie":
            return answer.cookies.get(self._name)
        if self.kind == "header":
            wanted = self._name.lower()
            return next((value for name, value in answer.headers.items() if name.lower() == wanted), None)
        try:
            return self._compiled.search(answer.body)
        except _FAILURES:
            return None


def expression_at(form: Mapping[str, Any], key: str, path: str, **more: Any) -> Expression | None:
    """The expression under this key of a part of a description, None if there is none."""
    return Expression(form[key], f"{path}.{key}", **more) if key in form else None


def _compiled(text: str, path: str) -> Any:
    if JMESPATH_IMPORT_ERROR is not None:
        raise TaskwatchError(ErrorType.MISSING_LIBRARY, "the Python library jmespath is needed to read a description")
    if len(text) > MAX_LENGTH:
        raise form_error(path, f"is longer than {MAX_LENGTH} characters")
    try:
        compiled = jmespath.compile(text)
    except _FAILURES as error:
        reason = one_line(str(error).split("\n", maxsplit=1)[0]) or type(error).__name__
        raise form_error(path, f"is not JMESPath: {excerpt(text, 60)} ({reason})") from None
    for name in _functions(compiled.parsed):
        if name not in Functions.FUNCTION_TABLE:
            raise form_error(path, f"JMESPath has no function {name}(){did_you_mean(name, Functions.FUNCTION_TABLE)}")
    return compiled


def _functions(node: Any) -> Iterator[str]:
    """The names of all functions in a parsed expression."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if part.get("type") == "function_expression":
                yield str(part["value"])
            pending.extend(part.get("children", ()))
        elif isinstance(part, list):
            pending.extend(part)
