# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What every system offers to a run. PRIVATE to the collection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from ._auth.scheme import LoginScheme
from ._connection import Connection
from ._documents import read_json
from ._errors import ErrorType, TaskwatchError, excerpt, one_line, shortened
from ._ids import normalize_ids
from ._options import Spec, option_error, without_line_break
from ._rest.adapter import POOL_SIZE
from ._rest.response import Response
from ._signals import signals_to_main_thread
from ._status import PollResult, TaskStatus

# As much of a vendor's error text as a sentence can carry, in characters.
LONGEST_EXPLANATION = 500


class System(ABC):
    """One endpoint of one vendor: how to ask it and how to read what it says.

    A system never loops, sleeps or prints. ``TITLE`` is what messages call a task, ``ID_OPTION`` the option that
    names the tasks.
    """

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    ID_OPTION: ClassVar[str | None] = None
    # Whether an id is the last part of a path, such as that of a Location header.
    ID_ENDS_PATH: ClassVar[bool] = False
    # What may have become of a task that was seen and is not known any more.
    GONE: ClassVar[str | None] = None
    # Beside the secrets, what may come from a file that ends in a line break.
    CREDENTIALS: ClassVar[frozenset[str]] = frozenset({"username"})
    ARGUMENT_SPEC: ClassVar[Spec]
    # Return values beyond the shape that all modules share, as they are before the first poll.
    EXTRAS: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        self.params = params
        self.connection = connection
        self._answered = False
        self._seen: set[str] = set()

    @classmethod
    def title(cls, _params: Mapping[str, Any]) -> str:
        """What messages call a task of this run."""
        return cls.TITLE

    @classmethod
    def without_connection(cls, _params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return values beyond the shape of all, where these options need no system; None where one is asked."""
        return None

    @classmethod
    def normalize(cls, params: Mapping[str, Any]) -> dict[str, Any]:
        """The options as they were meant: ids as the system has them, credentials without a line break at the end."""
        normal = dict(params)
        for name, option in cls.ARGUMENT_SPEC.items():
            if option.get("no_log") or name in cls.CREDENTIALS:
                normal[name] = without_line_break(params.get(name))
        if cls.ID_OPTION is not None and params[cls.ID_OPTION] is not None:
            path_on = str(params["hostname"]) if cls.ID_ENDS_PATH else None
            normal[cls.ID_OPTION] = normalize_ids(cls.ID_OPTION, params[cls.ID_OPTION], path_on=path_on)
        return normal

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        """Refuse normalized options of this system that no argument spec can check, in one sentence."""
        if cls.ID_OPTION is not None and not params[cls.ID_OPTION]:
            raise option_error(cls.ID_OPTION, "is empty")

    @classmethod
    @abstractmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        """How to log in."""

    @classmethod
    @abstractmethod
    def explain(cls, response: Response) -> str | None:
        """The vendor's own text in an answer that is no success; never raises."""

    def task_ids(self) -> list[str] | None:
        """The ids to watch, in the order of the option; None for every task there is."""
        return list(self.params[str(self.ID_OPTION)] or [])

    @abstractmethod
    def poll(self, ids: Sequence[str] | None) -> PollResult:
        """Ask once for these tasks, for all there are if None."""

    def extras(self) -> dict[str, Any]:
        """Return values beyond the shape that all modules share."""
        return dict(self.EXTRAS)

    def _hinted(self, error: TaskwatchError, task_id: str) -> TaskwatchError:
        """The error, with what may have become of a task that was seen before."""
        if self.GONE is None or error.kind is not ErrorType.NOT_FOUND or task_id not in self._seen:
            return error
        return error.with_(message=f"{error.message}; it was there before and {self.GONE}")

    def ask_each(self, ids: Iterable[str], ask: Callable[[str], TaskStatus]) -> PollResult:
        """One request per task, side by side on one session, through as many connections as the pool has."""
        asked = list(ids)
        affects_all_tasks: list[TaskwatchError] = []
        answered: dict[str, TaskStatus] = {}

        def attempt(task_id: str) -> TaskwatchError | None:
            if affects_all_tasks:
                return affects_all_tasks[0]
            try:
                answered[task_id] = ask(task_id)
                self._seen.add(task_id)
                # Already now: the next answer of this poll may be a refusal.
                self.connection.state_read()
            except TaskwatchError as refused:
                error = self._hinted(refused, task_id)
                # Where others got an answer in this poll, it may be this task alone that takes too long.
                if error.affects_all_tasks and (not answered or error.kind is ErrorType.RATE_LIMITED):
                    affects_all_tasks.append(error)
                return error
            return None

        # The first one alone, until a request was answered: a wrong password may be one try away from a locked account.
        alone = 0 if self._answered and not self.connection.scheme.every_request_logs_in else 1
        outcomes = [attempt(task_id) for task_id in asked[:alone]]
        rest = asked[alone:]
        if len(rest) > 1 and not affects_all_tasks:
            pool = ThreadPoolExecutor(max_workers=min(POOL_SIZE, len(rest)))
            try:
                with signals_to_main_thread():
                    answers = pool.map(attempt, rest)
                outcomes += answers
            finally:
                # An interruption must not wait for requests whose responses are not needed any more.
                pool.shutdown(wait=False, cancel_futures=True)
        else:
            outcomes += [attempt(task_id) for task_id in rest]
        self._answered = self._answered or bool(answered)
        if not answered and affects_all_tasks:
            return PollResult(errors=affects_all_tasks[:1])
        # Where some were answered, the others have an error of their own, whichever of them came first.
        errors = [error.about(task_id) for task_id, error in zip(asked, outcomes) if error is not None]
        return PollResult({i: answered[i] for i in asked if i in answered}, errors)


def explain_json(response: Response, find: Callable[[Any], Iterable[Any]]) -> str | None:
    """The texts that ``find`` picks from a JSON error body, else the beginning of whatever came."""
    try:
        texts = [one_line(str(text)) for text in find(read_json(response.body, "an error in JSON", response.charset))]
    except TaskwatchError:
        texts = []
    said = "; ".join(dict.fromkeys(text for text in texts if text))
    return shortened(said, LONGEST_EXPLANATION) or explain_text(response)


def explain_text(response: Response) -> str | None:
    """The beginning of a body in no form we know: a proxy's page or line of text."""
    return excerpt(response.body) if response.body.strip() else None
