# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What can keep us from knowing a task's state. PRIVATE to the collection.

The kinds are the contract of the collection: they are returned as C(error.type).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any


class ErrorType(str, Enum):
    TASK_FAILED = "task_failed"
    TIMEOUT = "timeout"
    STALLED = "stalled"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    BAD_RESPONSE = "bad_response"
    MISSING_LIBRARY = "missing_library"


class Retryability(Enum):
    """What a wait may make of an error.

    ALWAYS: the system is away; another poll may help, from the first one on.
    IF_SEEN: an outage only if the task was seen before (a restarting appliance answers 401, 403 and 404
    for a while; on the first poll the same answers mean what they say).
    NEVER: asking again cannot help, or does harm: a refused login locks the account.
    """

    ALWAYS = "outage"
    IF_SEEN = "once_seen"
    NEVER = "never"


@dataclass(eq=False)
class TaskwatchError(Exception):
    """One sentence a person can act on, with its kind. Frozen: ``with_`` returns a changed copy.

    ``http_status`` is the status of the response that caused it, if there was one. ``retry_after`` is what the
    system asked for, in seconds. ``retry_once`` marks what a second try within moments may cure: the connection was
    reset or a gateway answered 502, 503 or 504. ``affects_all_tasks`` marks what has nothing to do with the task asked
    for: a request for the next one would end the same way. ``task_ids`` are the tasks it concerns, all if empty.
    """

    kind: ErrorType
    message: str
    retryability: Retryability = Retryability.NEVER
    http_status: int | None = None
    retry_after: float | None = None
    retry_once: bool = False
    affects_all_tasks: bool = False
    task_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __setattr__(self, name: str, value: Any) -> None:
        # Not ``frozen=True``: Python itself sets the traceback and the cause of an exception.
        if name in _ERROR_FIELDS and name in self.__dict__:
            raise AttributeError(f"the {name} of an error is not changed; use with_()")
        super().__setattr__(name, value)

    def with_(self, **changes: Any) -> TaskwatchError:
        """The same error with other fields; the original may be shared between threads."""
        return replace(self, **changes)

    def about(self, *task_ids: str) -> TaskwatchError:
        """The same error about these tasks, unless it already names some."""
        return self if self.task_ids else self.with_(task_ids=task_ids)

    def as_dict(self) -> dict[str, Any]:
        return {
            "type": self.kind.value,
            "message": self.message,
            "http_status": self.http_status,
            "task_ids": list(self.task_ids),
        }


_ERROR_FIELDS = frozenset(part.name for part in fields(TaskwatchError))


def bad_response(expected: str, got: Any, *, http_status: int | None = 200) -> TaskwatchError:
    """An answer that cannot be read: what was expected, and the first characters of what came."""
    return unusable(f"expected {expected}, got {excerpt(got)}", http_status)


def unusable(sentence: str, http_status: int | None) -> TaskwatchError:
    """An answer that is of no use, and why.

    While waiting it counts as an outage: proxies and half-started services answer with pages of their own.
    """
    return TaskwatchError(ErrorType.BAD_RESPONSE, sentence, retryability=Retryability.ALWAYS, http_status=http_status)


# Marks where a text was cut short.
CUT = "…"


def excerpt(value: Any, limit: int = 120) -> str:
    """The first characters of an answer, on one line, in quotes."""
    if isinstance(value, bytes):
        value = value[: limit * 4].decode("utf-8", "replace")
    text = " ".join(str(value)[: limit * 4].split())
    # Garbled bytes must not reach a terminal as they are.
    text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return f"'{shortened(text, limit)}'" if text else "an empty answer"


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning with a mark that there was more."""
    return text[:limit] + CUT if len(text) > limit else text


# A terminal's escape sequences, by their first bytes: those with parameters, those with a text, all others.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?", re.DOTALL)


def one_line(text: str) -> str:
    """A text on one line, without anything that a terminal would obey: no escape sequence, no control character."""
    if text.isprintable():
        return text.strip()
    plain = _ESCAPES.sub("", text)
    shown = "".join(character for character in plain if character.isprintable() or character.isspace())
    return " ".join(shown.split())


def listed(items: Iterable[str], most: int = 5, separator: str = ", ") -> str:
    """The first of many items for a sentence, and how many more there are: never cut in silence."""
    every = list(items)
    more = len(every) - most
    return separator.join(every[:most]) + (f" and {more} more" if more > 0 else "")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one was most likely meant to be, None if none is near."""
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), names, n=1)
    return names[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a misspelt word, empty if no known one is near."""
    near = nearest(word, known)
    return f"; did you mean {near}?" if near else ""
