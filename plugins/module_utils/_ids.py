# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ids as people hold them: from a survey, a file, or the Location header that started the work. PRIVATE."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from ._errors import excerpt
from ._options import option_error

_SEPARATORS = re.compile(r"[,\r\n]")
# A URL that is an id as it is may hold commas.
_BETWEEN_URLS = re.compile(r"[\r\n]|,(?=\s|$|/|https?://)", re.IGNORECASE)
_URL = re.compile(r"https?://", re.IGNORECASE)


def normalize_ids(option: str, ids: Iterable[str], *, path_on: str | None = None) -> list[str]:
    """The ids to ask for, each once, in the order given: one per comma or line, without blanks, empty ones dropped.

    ``path_on`` is the name of the system where an id is the last part of a path: that part is taken from a path, or
    from a URL of that system. Raises one sentence for what cannot be an id, and where nothing is left.
    """
    given = list(ids)
    pieces = [piece.strip() for each in given for piece in _separators(each, path_on).split(each)]
    found = [_checked(option, _last_part(option, piece, path_on) if path_on else piece) for piece in pieces if piece]
    if given and not found:
        raise option_error(option, "is empty")
    return list(dict.fromkeys(found))


def _separators(text: str, path_on: str | None) -> re.Pattern[str]:
    whole = path_on is None and re.match(r"\s*(?:/|https?://)", text, re.IGNORECASE)
    return _BETWEEN_URLS if whole else _SEPARATORS


def _last_part(option: str, text: str, hostname: str) -> str:
    if _URL.match(text):
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
        except ValueError:
            raise option_error(option, "holds a URL that cannot be read; give the id alone") from None
        if _plain(host) != _plain(hostname):
            # Not the URL itself, which may hold a password.
            said = f"holds a URL of {excerpt(host)}, which is not the hostname {hostname}; give the id alone"
            raise option_error(option, said)
        path = parts.path
    elif text.startswith("/"):
        path = re.split(r"[?#]", text)[0]
    else:
        return text
    named = [part for part in path.split("/") if part]
    if not named:
        raise option_error(option, "holds a path without an id")
    last = unquote(named[-1]).strip()
    if "/" in last or "," in last:
        raise option_error(option, "holds a path that does not end in an id")
    return last


def _checked(option: str, task_id: str) -> str:
    odd = any(ord(character) < 32 or ord(character) == 127 for character in task_id)
    if odd or task_id in ("", ".", ".."):
        raise option_error(option, f"holds {task_id!r}, which cannot be an id")
    return task_id


def _plain(hostname: str) -> str:
    return hostname.strip("[]").rstrip(".").lower()
