# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The words of a description: whole words first, then patterns in order. PRIVATE to the collection."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import shortened
from .._states import Reading
from .._status import State
from .form import below, form_error

_WILD = "*?"
_LONGEST_WORD = 120
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Words:
    """Reads a word into a state."""

    def __init__(
        self,
        words: Mapping[str, State],
        *,
        otherwise: State = State.UNKNOWN,
        fold_case: bool = False,
    ) -> None:
        self._fold_case = fold_case
        self._exact = {self._folded(word): state for word, state in words.items() if not is_pattern(word)}
        self._patterns = [(self._folded(word), state) for word, state in words.items() if is_pattern(word)]
        self._goals: list[str] = []
        self._otherwise = otherwise
        # Numbers and truth values are words only where the description speaks of some.
        self.reads_numbers = any(_is_number(word) or word in ("true", "false") for word in words)

    def with_goals(self, goals: Sequence[str]) -> Words:
        """The same words, with others that also count as a success."""
        found = copy.copy(self)
        found._goals = [self._folded(goal) for goal in goals]
        return found

    def _folded(self, word: str) -> str:
        return word.lower() if self._fold_case else word

    def named(self, word: str) -> State | None:
        """The state that the description gives to a word, None if it does not name it."""
        word = self._folded(word)
        if word in self._exact:
            return self._exact[word]
        return next((state for pattern, state in self._patterns if matches(pattern, word)), None)

    def names_exactly(self, word: str) -> bool:
        return self._folded(word) in self._exact

    def read(self, word: str) -> Reading:
        state = self.named(word)
        bad = state in (State.FAILED, State.CANCELLED)
        if not bad and any(matches(goal, self._folded(word)) for goal in self._goals):
            return Reading(State.SUCCEEDED, word, known=True)
        return Reading(state or self._otherwise, word, known=state is not None)

    def warning(self, reading: Reading, title: str) -> str | None:
        """The sentence for a word that the description does not name, None for every other."""
        if reading.known or reading.native is None:
            return None
        word = shortened(reading.native, _LONGEST_WORD)
        counts = reading.state.value
        return f"{title} reports the state '{word}', which its description does not name; it counts as {counts}"


def word_of(value: Any, *, numbers: bool) -> str | None:
    """A value as a word; None for a value of another kind. An absent value is the empty word."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if not numbers or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


def check_words(words: Mapping[str, str], path: str, *, fold_case: bool) -> dict[str, State]:
    """The words with their states; refuses a pattern that would call everything a success."""
    seen: dict[str, str] = {}
    for word, state in words.items():
        place = below(path, word)
        if not word.strip():
            raise form_error(path, "holds an empty word")
        if state == State.SUCCEEDED.value and not word.strip(_WILD):
            raise form_error(place, "would call every word a success; name the words that are one")
        folded = word.lower() if fold_case else word
        if seen.get(folded, state) != state:
            raise form_error(place, f"is also {seen[folded]}, as fold_case reads both words alike")
        seen[folded] = state
    return {word.strip(): State(state) for word, state in words.items()}


def is_pattern(word: str) -> bool:
    return any(sign in word for sign in _WILD)


def matches(pattern: str, word: str) -> bool:
    """Whether a word fits a pattern of ``*`` and ``?``, in time that no pattern can make explode."""
    at = mark = 0
    star = -1
    for_pattern = 0
    while at < len(word):
        if for_pattern < len(pattern) and pattern[for_pattern] == "*":
            star, mark = for_pattern, at
            for_pattern += 1
        elif for_pattern < len(pattern) and pattern[for_pattern] in ("?", word[at]):
            at += 1
            for_pattern += 1
        elif star >= 0:
            mark += 1
            at, for_pattern = mark, star + 1
        else:
            return False
    return not pattern[for_pattern:].strip("*")


def _is_number(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None
