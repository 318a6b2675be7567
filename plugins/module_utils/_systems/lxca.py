# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Lenovo XClarity Administrator (LXCA): what all of its endpoints share. PRIVATE to the collection.

Source: Lenovo XClarity Administrator REST API, POST /sessions and the error bodies of every page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .._auth.lxca import LxcaBasic, LxcaSession
from .._auth.scheme import LoginScheme
from .._documents import object_of, objects_of, read_json, text_of
from .._errors import ErrorType, TaskwatchError, one_line
from .._options import check_basic, connection_spec, login_spec
from .._rest.response import Response
from .._states import LXCA_ANSWER
from .._status import State
from .._system import System, explain_json

CONNECTION = {
    **connection_spec("LXCA", port=443),
    **login_spec("LXCA"),
    "auth": {"type": "str", "choices": ["session", "basic"], "default": "session"},
}


class Lxca(System):
    """An endpoint of LXCA: its login, and its refusals, which may come with HTTP 200."""

    @classmethod
    def check(cls, params: Mapping[str, Any]) -> None:
        super().check(params)
        if params["auth"] == "basic":
            check_basic(params)

    @classmethod
    def scheme(cls, params: Mapping[str, Any]) -> LoginScheme:
        login = LxcaBasic if params["auth"] == "basic" else LxcaSession
        return login(params["username"], params["password"])

    @classmethod
    def explain(cls, response: Response) -> str | None:
        return explain_json(response, error_texts)

    def read(self, response: Response, expected: str, fields: Collection[str]) -> Any:
        """The body, whatever its content type (Lenovo's is one of its own), unless it is a refusal in disguise.

        A body with one of ``fields`` is the answer that was asked for, however it ended.
        """
        body = read_json(response.body, expected, response.charset)
        envelope = object_of(body)
        result = envelope.get("result")
        refused = isinstance(result, str) and LXCA_ANSWER.read(result).state is State.FAILED
        if refused and not envelope.keys() & set(fields):
            said = "; ".join(error_texts(body)) or result
            raise TaskwatchError(
                ErrorType.BAD_REQUEST,
                f"it answered HTTP {response.status} and refused the request ({one_line(str(said))})",
                http_status=response.status,
            )
        return body


def error_texts(body: Any) -> Iterator[str]:
    """Texts of any of Lenovo's three families of message bodies; ``recovery`` may be text, object or list."""
    for family in objects_of(body):
        messages = family.get("messages")
        if isinstance(messages, list):
            yield from (text.strip() for text in messages if isinstance(text, str) and text.strip())
        for message in objects_of(messages):
            recovery = message.get("recovery")
            texts = [text_of(message.get("text")), text_of(message.get("explanation")), text_of(recovery)]
            texts += [text_of(hint.get("text")) for hint in objects_of(recovery)]
            yield from (text for text in texts if text)
        if text := text_of(family.get("statusDescription")):
            yield text


def displayed(description: Any) -> Iterator[str]:
    """The texts of a ``description``, which tells why a job or step stands where it does."""
    for entry in objects_of(description):
        if text := text_of(entry.get("messageDisplay")):
            yield text
