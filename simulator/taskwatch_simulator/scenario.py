# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios: reading the YAML, and saying on which line each mistake lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from .faults import AnyFault
from .mistakes import did_you_mean, mistakes
from .systems.lxca_options import LxcaOptions
from .systems.prisma_options import PrismaOptions
from .systems.sdm_options import SdmOptions
from .systems.vcenter_options import VcenterOptions
from .timeline import Model
from .yaml_lines import NotReadable, line_of, read_with_lines

FOLDER = Path(__file__).parent / "scenarios"
SUFFIX = ".yml"


class Scenario(Model):
    """What is simulated; a system left out is served without tasks."""

    description: str = ""
    lxca: LxcaOptions = Field(default_factory=LxcaOptions)
    sdm: SdmOptions = Field(default_factory=SdmOptions)
    vcenter: VcenterOptions = Field(default_factory=VcenterOptions)
    prisma_sdwan: PrismaOptions = Field(default_factory=PrismaOptions)
    faults: tuple[AnyFault, ...] = ()
    """In force from the start; with `from` and `until`, in a stretch of the run."""


class ScenarioError(Exception):
    """A scenario cannot be used; each line of the text is one sentence for a person."""


def shipped() -> list[str]:
    """Return the names of the scenarios that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}"))


def load(name_or_file: str) -> Scenario:
    """Return the scenario of a shipped name or of a file.

    Raises:
        ScenarioError: when there is none, or when it has mistakes.
    """
    path = FOLDER / f"{name_or_file}{SUFFIX}" if name_or_file in shipped() else Path(name_or_file)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have this name"
        raise ScenarioError(
            f"{name_or_file} is neither shipped ({', '.join(shipped())}) nor a file that can be read: {reason}"
            f"{did_you_mean(name_or_file, shipped())}"
        ) from None
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScenarioError(f"{path}:{line}: expected UTF-8 text, and this is none") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Scenario:
    """Return the scenario written in a YAML text; `name` stands in messages.

    Raises:
        ScenarioError: when it has mistakes; the text tells all of them.
    """
    try:
        data, lines = read_with_lines(text)
    except NotReadable as fault:
        raise ScenarioError(f"{name}:{fault.line}: {fault}") from None
    if data is None:
        raise ScenarioError(f"{name}:1: the file is empty; an idle simulator is the scenario idle, or {{}} in a file")
    return _checked(data, lines, name)


def _checked(data: Any, lines: dict[Any, int], name: str) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        told = [(line_of(where, lines), sentence) for where, sentence in mistakes(error, data, Scenario)]
        raise ScenarioError("\n".join(f"{name}:{line}: {sentence}" for line, sentence in sorted(told))) from None


SYSTEM_NAMES: tuple[str, ...] = tuple(name for name in Scenario.model_fields if name not in {"description", "faults"})
