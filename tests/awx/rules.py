# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX demands of a custom credential type and of a survey, said again.

Sources: AWX 24.6.1, awx/main/fields.py (CredentialTypeInputField, CredentialTypeInjectorField), awx/main/constants.py,
awx/api/serializers.py (CredentialTypeSerializer) and awx/api/views (JobTemplateSurveySpec). Beside them stand the
traps that AWX lets pass and that only show when a job runs; they break a rule here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Data = Mapping[str, Any]

NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
EXTRA_VAR = re.compile(r"[a-zA-Z_{}]+[a-zA-Z0-9_{}]*")
FILE = re.compile(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?")
FIELD_KEYS: Mapping[str, type] = {
    "id": str,
    "label": str,
    "type": str,
    "format": str,
    "choices": list,
    "help_text": str,
    "multiline": bool,
    "secret": bool,
    "default": object,
}
OF_STRINGS = frozenset({"choices", "multiline", "format", "secret"})
TYPES: Mapping[str, type] = {"string": str, "boolean": bool}
FORBIDDEN_VARIABLES = frozenset(
    [
        *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"),
        *("AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE"),
        *("CALLBACK_CONNECTION", "CACHE", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION"),
        "SUPERVISOR_CONFIG_PATH",
    ]
)
QUESTION_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(["text", "textarea", "password", "multiplechoice", "multiselect"], str),
    "integer": int,
    "float": float,
}
QUESTION_KEYS: Mapping[str, type] = {"question_name": str, "variable": str, "type": str, "required": bool}
EVERY_QUESTION_KEY = frozenset([*QUESTION_KEYS, "question_description", "min", "max", "default", "choices"])


def faults_of_type(data: Data) -> Iterator[str]:
    """Yield one sentence for each rule that a credential type breaks."""
    if data.get("kind") not in ("cloud", "net"):
        yield f"kind must be cloud or net, not {data.get('kind')}"
    inputs, injectors = data.get("inputs", {}), data.get("injectors", {})
    yield from _unknown(inputs, {"fields", "required"}, "inputs")
    fields = inputs.get("fields", [])
    for field in fields:
        yield from _faults_of_field(field)
    ids = [field.get("id") for field in fields]
    if len(set(ids)) < len(ids):
        yield "two fields have the same id"
    # AWX takes the type, and then no job with such a credential starts
    yield from (f"required names {name}, which is no field" for name in inputs.get("required", []) if name not in ids)
    yield from _faults_of_injectors(injectors, [str(name) for name in ids])


def _faults_of_field(field: Data) -> Iterator[str]:
    name = field.get("id")
    yield from _unknown(field, FIELD_KEYS, f"field {name}")
    if not isinstance(name, str) or not NAME.fullmatch(name) or name == "tower":
        yield f"{name} cannot be the id of a field"
    if not isinstance(field.get("label"), str):
        yield f"field {name} has no label"
    # AWX writes a type that is left out into what it stores, and a second run would find a difference
    kind = str(field.get("type"))
    if kind not in TYPES:
        yield f"field {name} must be a string or a boolean and say so"
        return
    for key, value in field.items():
        if not isinstance(value, FIELD_KEYS.get(key, object)):
            yield f"{key} of field {name} has the wrong type"
        if key in OF_STRINGS and kind != "string":
            yield f"{key} does not go with a {kind}, as in field {name}"
    if "default" in field and not isinstance(field["default"], TYPES[kind]):
        yield f"the default of field {name} is no {kind}"
    if kind == "boolean" and field.get("default") is not False:
        # A credential made without the field injects False whatever the default says
        yield f"field {name} must have false as its default"
    if field.get("format") not in (None, "ssh_private_key", "url"):
        yield f"field {name} has a format that AWX does not know"


def _faults_of_injectors(injectors: Data, ids: list[str]) -> Iterator[str]:
    yield from _unknown(injectors, {"env", "extra_vars", "file"}, "injectors")
    files = injectors.get("file", {})
    yield from (f"{name} cannot be the name of a file" for name in files if not FILE.fullmatch(name))
    if "template" in files and len(files) > 1:
        yield "one file without a name, or several with names, but not both"
    names = {name.partition(".")[2]: "EXAMPLE_FILENAME" for name in files}
    tower = {"filename": names.get("", names)}
    for name, template in injectors.get("env", {}).items():
        if not NAME.fullmatch(name) or name.startswith("ANSIBLE_") or name in FORBIDDEN_VARIABLES:
            yield f"the variable {name} must not be injected"
        if not isinstance(template, str) or not template.isascii():
            yield f"the variable {name} must be ASCII text"
    yield from (
        f"{name} cannot be an extra variable"
        for name in injectors.get("extra_vars", {})
        if not EXTRA_VAR.fullmatch(name)
    )
    for kind in ("env", "extra_vars", "file"):
        for name, template in injectors.get(kind, {}).items():
            # Every field may be given, or every optional one left out, which for a string means blank
            try:
                sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
                sandbox.from_string(str(template)).render({**dict.fromkeys(ids, "EXAMPLE"), "tower": tower})
            except TemplateError as error:
                yield f"{kind} {name}: {error}"


def faults_of_survey(survey: Data) -> Iterator[str]:
    """Yield one sentence for each rule that a survey breaks."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(key), kind):
            yield f"a survey needs {key}"
    if not survey.get("spec"):
        yield "a survey needs questions"
    variables = [question.get("variable") for question in survey.get("spec", [])]
    if len(set(variables)) < len(variables):
        yield "two questions have the same variable"
    for question in survey.get("spec", []):
        yield from (f"{question.get('variable')}: {fault}" for fault in _faults_of_question(question))


def _faults_of_question(question: Data) -> Iterator[str]:
    yield from _unknown(question, EVERY_QUESTION_KEY, "question")
    for key, key_type in QUESTION_KEYS.items():
        if not isinstance(question.get(key), key_type):
            yield f"{key} must be there as a {key_type.__name__}"
    # AWX takes any text as a variable, and Ansible does not
    if not str(question.get("variable")).isidentifier():
        yield "the variable is no name of a variable"
    kind = str(question.get("type"))
    if kind not in QUESTION_TYPES:
        yield f"{kind} is no type of a question"
        return
    default = question.get("default", "")
    if default != "" and (not isinstance(default, QUESTION_TYPES[kind]) or isinstance(default, bool)):
        yield "the default has another type than the question"
    yield from _faults_of_limits(question, default)
    if kind in ("multiselect", "multiplechoice"):
        yield from _faults_of_choices(question, kind, default)


def is_whole(value: object) -> bool:
    """Tell whether this is a whole number, which a boolean is to Python and not to AWX."""
    return isinstance(value, int) and not isinstance(value, bool)


def _faults_of_limits(question: Data, default: Any) -> Iterator[str]:
    least, most = question.get("min"), question.get("max")
    if not all(limit is None or is_whole(limit) for limit in (least, most)):
        yield "min and max must be whole numbers"
    # None of this is checked when a survey is saved
    elif least is not None and most is not None and least > most:
        yield "min is above max"
    elif isinstance(default, (int, float)) and not (least or default) <= default <= (most or default):
        yield "the default is outside min and max"


def _faults_of_choices(question: Data, kind: str, default: Any) -> Iterator[str]:
    choices = question.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        yield "choices must be a list of texts"
    elif default and default not in choices:
        yield "the default is none of the choices"
    # A default of a multiselect fails the check of its own answers and never arrives
    if kind == "multiselect" and default:
        yield "a multiselect must have no default"


def _unknown(data: Data, known: Any, where: str) -> Iterator[str]:
    yield from (f"AWX knows no key {key} in {where}" for key in data if key not in known)
