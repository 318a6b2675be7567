# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One sentence for options that do not fit an argument spec. PRIVATE to the collection.

ansible-core's own sentences name neither the environment variable of a missing option nor the option that a misspelt
one was meant to be, and they come without the payload. So its validator is asked, and the findings are worded here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._errors import ErrorType, TaskwatchError, did_you_mean, listed, nearest, shortened
from ._options import Spec, nonblank_env
from ._secrets import Secrets

# How ansible-core's sentences name the option that they are about.
_OPTION = re.compile(r"(?:argument|option) '(\w+)'|value of (\w+)")
# Parameters of ansible-core's own that travel with a module's options.
_INTERNAL = "_ansible_"
_LONGEST_VALUE = 80


def spec_error(name: str, spec: Spec, given: Mapping[str, Any]) -> TaskwatchError | None:
    """What is wrong with the options given to ``name``, None if they fit the spec."""
    options = {key: value for key, value in given.items() if not key.startswith(_INTERNAL)}
    messages = ArgumentSpecValidator(spec).validate(options).error_messages
    return misfit(name, spec, options, messages) if messages else None


def misfit(name: str, spec: Spec, options: Mapping[str, Any], messages: Sequence[str]) -> TaskwatchError:
    """The error of options in which ansible-core's validator found something wrong; ``messages`` are its own."""
    sentence = (
        _unknown(name, spec, options) or _missing(spec, options) or _unusable(spec, options, messages[0]) or messages[0]
    )
    return TaskwatchError(ErrorType.BAD_REQUEST, str(_secrets(spec, options).scrub(sentence)))


def _unknown(name: str, spec: Spec, options: Mapping[str, Any]) -> str | None:
    known = {alias: option for option in spec for alias in (option, *spec[option].get("aliases", ()))}
    unknown = sorted(option for option in options if option not in known)
    if not unknown:
        return None
    near = {option: nearest(option, known) for option in unknown}
    meant = [f"{option} (did you mean {near[option]}?)" for option in unknown if near[option]]
    told = meant or unknown
    more = [option for option in unknown if meant and not near[option]]
    verb = "is not an option" if len(unknown) == 1 else "are not options"
    hint = "" if meant else f"; it takes {', '.join(sorted(spec))}"
    return f"{listed([*told, *more])} {verb} of {name}{hint}"


def _missing(spec: Spec, options: Mapping[str, Any]) -> str | None:
    missing = [
        option
        for option, rules in spec.items()
        if rules.get("required") and _value(spec, options, option) is None and not _environment_of(rules, filled=True)
    ]
    if not missing:
        return None
    told = []
    for option in missing:
        variables = _environment_of(spec[option])
        told.append(f"{option} (environment variable {' or '.join(variables)})" if variables else option)
    return f"{listed(told)} {'is' if len(missing) == 1 else 'are'} missing"


def _unusable(spec: Spec, options: Mapping[str, Any], message: str) -> str | None:
    match = _OPTION.search(message)
    option = match and next(filter(None, match.groups()))
    if not option or option not in spec:
        return None
    rules, value = spec[option], _value(spec, options, option)
    origin = ""
    if value is None:
        variables = _environment_of(rules, filled=True)
        value = os.environ.get(variables[0]) if variables else None
        origin = f" (environment variable {variables[0]})" if variables else ""
    said = "" if rules.get("no_log") or value is None else f", not {shortened(repr(value), _LONGEST_VALUE)}"
    choices = rules.get("choices")
    if not choices:
        kind = rules.get("type", "str")
        wanted = f"a list of {rules['elements']}" if kind == "list" and "elements" in rules else f"of type {kind}"
        return f"{option}{origin} must be {wanted}{said}"
    words = list(map(str, choices))
    return f"{option}{origin} must be one of {', '.join(words)}{said}{did_you_mean(str(value), words)}"


def _value(spec: Spec, options: Mapping[str, Any], option: str) -> Any:
    names = (option, *spec[option].get("aliases", ()))
    return next((options[name] for name in names if options.get(name) is not None), None)


def _environment_of(rules: Mapping[str, Any], *, filled: bool = False) -> list[str]:
    """The environment variables of an option; only those that hold something if ``filled``."""
    reader, names = rules.get("fallback", (None, []))
    if reader is not nonblank_env:
        return []
    return [name for name in names if not filled or os.environ.get(name, "").strip()]


def _secrets(spec: Spec, options: Mapping[str, Any]) -> Secrets:
    secrets = Secrets()
    for option, rules in spec.items():
        if rules.get("no_log"):
            value = _value(spec, options, option)
            secrets.add(None if value is None else str(value))
    return secrets
