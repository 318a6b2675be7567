# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what all modules return alike into the RETURN of every module.

Usage: write_returns.py

`make tree` must have been run before. The words stand in returns.yml, the keys come from the plugins' code. A module
keeps what is its own: the descriptions that returns.yml marks as OWN, its samples, and keys that it alone returns.
A new module needs no more than these; this program fills in the rest. Exits with 1 and a sentence when something is
missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "plugins/modules"
TABLE = Path(__file__).with_name("returns.yml")
BEGIN = 'RETURN = r"""\n'
END = '"""\n'
WIDTH = 100

sys.path.insert(0, str(ROOT / ".build/collections"))
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._payload import payload_of, summary_of  # noqa: E402
from ansible_collections.taskwatch.infra.plugins.module_utils._status import (  # noqa: E402
    State,
    Stats,
    Step,
    TaskStatus,
)
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.waiter import WaitResult  # noqa: E402

Document = dict[str, Any]


def shared() -> Document:
    """Return the table with the choices that the code knows.

    Raises:
        ValueError: when its keys are not those of the code.
    """
    table: Document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    for place, names in _keys_of_the_code().items():
        documented = set(_at(table, place))
        if documented != set(names):
            raise ValueError(f"{TABLE.name}: {place or 'the top'}: {sorted(documented ^ set(names))}")
    states = [state.value for state in State]
    for place in ("", "tasks", "tasks.steps"):
        _at(table, place)["state"]["choices"] = states
    table["error"]["contains"]["type"]["choices"] = [kind.value for kind in ErrorType]
    return table


def _keys_of_the_code() -> dict[str, list[str]]:
    error = TaskwatchError(ErrorType.TIMEOUT, "").as_dict()
    payload = payload_of(WaitResult([]), Stats(), elapsed=0.0, include_raw=False)
    return {
        "": [*payload, "msg"],
        "tasks": [*TaskStatus("").as_dict(), "raw"],
        "tasks.steps": list(Step("").as_dict()),
        "stats": list(Stats().as_dict()),
        "error": list(error),
    }


def _at(table: Document, place: str) -> Document:
    for name in filter(None, place.split(".")):
        table = table[name]["contains"]
    return table


def returns_of(own: Mapping[str, Any]) -> Document:
    """Return the whole RETURN of a module from the part that is its own.

    Raises:
        ValueError: when a part that a module has to say itself is missing.
    """
    whole = shared()
    _describe(whole, own, "")
    for name, value in _samples(own).items():
        whole[name]["sample"] = value
    order = list(whole["tasks"]["contains"])
    whole["tasks"]["sample"] = [
        {name: task[name] for name in order if name in task} for task in whole["tasks"]["sample"]
    ]
    return {**whole, **{name: value for name, value in own.items() if name not in whole}}


def _describe(keys: Document, own: Mapping[str, Any], place: str) -> None:
    """Put the module's own descriptions where the table asks for them."""
    for name, key in keys.items():
        mine = own.get(name) or {}
        if key["description"] == "OWN":
            key["description"] = mine.get("description")
            if not key["description"]:
                raise ValueError(f"RETURN: {place}{name}: a description of the module's own is missing")
        _describe(key.get("contains", {}), mine.get("contains") or {}, f"{place}{name}.")


def _samples(own: Mapping[str, Any]) -> Document:
    """Return a sample of each key; what follows from the sample of the tasks is derived from it."""
    for name in ("elapsed", "tasks", "stats", "msg"):
        if "sample" not in own.get(name, {}):
            raise ValueError(f"RETURN: {name}: a sample of the module's own is missing")
    tasks = [_whole(TaskStatus(""), task) for task in own["tasks"]["sample"]]
    statuses = [TaskStatus(task["id"], state=State(task["state"]), progress=task["progress"]) for task in tasks]
    for task, status in zip(tasks, statuses, strict=True):
        task.update(done=status.done, succeeded=status.succeeded)
    return {
        "changed": False,
        **summary_of(statuses, complete=True),
        "timed_out": False,
        "elapsed": own["elapsed"]["sample"],
        "tasks": tasks,
        "stats": {name: own["stats"]["sample"].get(name, value) for name, value in Stats().as_dict().items()},
        "error": None,
        "msg": own["msg"]["sample"],
    }


def _whole(blank: Step, sample: Mapping[str, Any]) -> Document:
    """Return a sample of a task or a step with every key, in the order of the code."""
    whole = {name: sample.get(name, value) for name, value in blank.as_dict().items()}
    whole["steps"] = [_whole(Step(""), step) for step in whole["steps"]]
    return whole


class _Dumper(yaml.SafeDumper):
    """YAML as the rest of the documentation is laid out: lists indented, double quotes where quotes are needed."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    tag = "tag:yaml.org,2002:str"
    plain = dumper.resolve(yaml.ScalarNode, value, (True, False)) == tag  # type: ignore[no-untyped-call]
    plain = plain and dumper.analyze_scalar(value).allow_block_plain
    style = None if plain else ">" if len(value) > WIDTH // 2 else '"'
    return dumper.represent_scalar(tag, value, style=style)


_Dumper.add_representer(str, _text)


def rendered(returns: Document) -> str:
    """Return the text of a RETURN."""
    return yaml.dump(returns, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)


def module_with(source: str) -> str:
    """Return the source of a module with its RETURN filled in.

    Raises:
        ValueError: when there is none, or when a part of the module's own is missing.
    """
    before, begin, rest = source.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the module needs the lines '{BEGIN.strip()}' and '{END.strip()}'")
    return f"{before}{BEGIN}{rendered(returns_of(yaml.safe_load(old) or {}))}{END}{after}"


def modules(folder: Path = MODULES) -> Iterator[Path]:
    """Return the files of all modules."""
    yield from sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def main(paths: Sequence[Path]) -> int:
    """Write the modules and return the exit code."""
    for path in paths:
        try:
            source = module_with(path.read_text(encoding="utf-8"))
        except ValueError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        path.write_text(source, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(list(modules())))
