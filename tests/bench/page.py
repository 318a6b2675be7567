# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the page of benchmarks. What stands between a pair of markers is written here, the rest by people."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from . import described, price, subjects
from .results import (
    GrowthRow,
    HostsRow,
    LiveWait,
    LoopRow,
    Machine,
    ManyRow,
    PollRow,
    PriceRow,
    Reach,
    Results,
    RunnerWait,
    ScheduleRow,
    WaitRow,
)
from .rig import BenchError
from .schedule import POLICIES

BEGIN = ".. make bench: {name}\n"
END = ".. end: {name}\n"
# As many lines of a recording as show its course
EXCERPT = 24


def fill(page: str, results: Results) -> str:
    """Return the page with every block written anew.

    Raises:
        BenchError: when the page lacks the markers of a block.
    """
    for name, render in BLOCKS.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
        block = f"{begin}\n{render(results)}\n\n{end}"
        page, count = pattern.subn(_always(block), page)
        if count != 1:
            raise BenchError(f"benchmarks.rst needs the line '{begin.strip()}' once, and '{end.strip()}' below it")
    return page


def _always(text: str) -> Callable[[object], str]:
    """Return a replacement that takes backslashes for what they are."""
    return lambda _match: text


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in reStructuredText; names in labels stand between single backquotes."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n   ")
    writer.writerows([str(cell).replace("`", "``") for cell in line] for line in (head, *rows))
    return f".. csv-table::\n   :header-rows: 1\n\n   {written.getvalue().rstrip()}"


def code(lines: Iterable[str]) -> str:
    """Return lines of a terminal as a block."""
    return "\n".join((".. code-block:: text", "", *(f"    {line}" for line in lines)))


def _times(value: float, unit: float) -> str:
    ratio = value / unit
    return f"{ratio:.1f}" if ratio < 20 else f"{ratio:.0f}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _machine(where: Machine) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    return (
        f"Measured on {where['date']} on {where['cores']} cores with Python {where['python']},\n{versions}.\n"
        f"In the minute before, {where['load']:.1f} processes wanted a core."
    )


def _reach(rows: Sequence[Reach]) -> str:
    return table(
        ("aim", "limit", "measured", "reached", "margin"),
        ((r["what"], r["limit"], r["measured"], "yes" if r["reached"] else "**no**", r["margin"]) for r in rows),
    )


def _polls(found: Sequence[PollRow]) -> str:
    *rows, first = found
    unit = rows[0]
    body = [
        (
            subjects.LABELS[row["subject"]],
            _ms(row["cpu"]),
            _times(row["cpu"], unit["cpu"]),
            _ms(row["wall"]),
            _times(row["wall"], unit["wall"]),
        )
        for row in rows
    ]
    head = ("one poll", "processor", "ratio", "wall", "ratio")
    rounds = f"Medians of {first['rounds']} rounds, in-process of {unit['rounds']}."
    extra = f"{_ms(first['cpu'])} of processor time, {_ms(first['wall'])} in all"
    note = (
        f"{rounds} The first poll of a playbook in-process also imports the libraries:\n{extra}. "
        "The others import theirs in every task."
    )
    return f"{table(head, body)}\n\n{note}"


def _loops(rows: Sequence[LoopRow]) -> str:
    by = {row["subject"]: row for row in rows}
    unit, idle = by[subjects.IN_PROCESS], by[subjects.IDLE]
    body = [
        (
            subjects.LABELS[row["subject"]],
            f"{row['wall']:.1f} s ({_times(row['wall'], unit['wall'])})",
            f"{row['cpu']:.1f} s ({_times(row['cpu'], unit['cpu'])})",
            _ms((row["cpu"] - idle["cpu"]) / row["polls"]),
            row["left"],
        )
        for row in rows
    ]
    head = (f"a loop of {unit['polls']}", "command", "processor", "processor, each, net", "sessions left")
    return table(head, body)


def _described(rows: Sequence[PollRow]) -> str:
    unit = rows[0]
    body = [
        (described.LABELS[row["subject"]], _ms(row["cpu"]), f"{row['cpu'] / unit['cpu']:.2f}", _ms(row["wall"]))
        for row in rows
    ]
    return table(("one check", "processor", "ratio", "wall"), body)


def _hosts(rows: Sequence[HostsRow]) -> str:
    unit = rows[0]
    names = ("wall", "net_wall", "cpu", "net_cpu")
    body = [
        (
            subjects.LABELS[row["subject"]],
            *(
                f"{row[name]:.1f} s ({_times(row[name], unit[name])})"  # type: ignore[literal-required]
                for name in names
            ),
        )
        for row in rows
    ]
    head = (f"{unit['hosts']} hosts, {unit['forks']} forks", "command", "net", "processor", "net")
    return table(head, body)


def _waits(rows: Sequence[WaitRow]) -> str:
    body = [
        (
            f"{subjects.LABELS[row['subject']].split(':')[0].split(',')[0]}",
            row["ends"],
            row["polls"],
            row["requests"],
            row["logins"],
            row["left"],
            "" if row["late"] is None else f"{row['late']:.1f} s",
            f"{row['cpu']:.1f} s",
        )
        for row in rows
    ]
    head = (
        "wait by",
        "ends",
        "polls",
        "requests",
        "logins",
        "sessions left",
        "command ends late by",
        "processor",
    )
    return table(head, body)


def _jobs(rows: Sequence[ManyRow]) -> str:
    body = [(f"{row['count']:,}", _s(row["wall"]), _s(row["cpu"]), f"{row['requests']:,}") for row in rows]
    return table(("CSV jobs in one task", "wall", "processor", "requests"), body)


def _growth(rows: Sequence[GrowthRow]) -> str:
    body = [
        (
            f"{row['count']:,} {row['what']}",
            _s(row["wall"]),
            _s(row["cpu"]),
            f"{row['cpu'] / row['count'] * 1000:.2f} ms",
            f"{row['peak']:.0f} MB",
            f"{row['requests']:,}",
        )
        for row in rows
    ]
    return table(("one poll, without Ansible", "wall", "processor", "each", "peak memory", "requests"), body)


def _schedule(rows: Sequence[ScheduleRow]) -> str:
    body = []
    for (task, shape), group in groupby(rows, key=lambda row: (row["task"], row["progress"])):
        cells = [f"{row['polls_median']:.0f} · {row['late_median']:.1f} ({row['late_worst']:.1f})" for row in group]
        body.append((f"{task}, {shape}", *cells))
    return table(("task, progress", *POLICIES), body)


def _price(rows: Sequence[PriceRow]) -> str:
    body = [
        (
            row["schedule"],
            row["progress"],
            f"{row['polls']:.0f}",
            f"{row['late_median']:.0f} s ({row['late_worst']:.0f} s)",
            *(f"{row['ratios'][key]:.2f}" if (key := f"{k:g}") in row["ratios"] else "" for k in price.PRICES),
        )
        for row in rows
    ]
    head = ("schedule", "progress", "polls", "late (worst)", *(f"cost, k = {k:g}" for k in price.PRICES))
    return table(head, body)


def _live(wait: LiveWait) -> str:
    """The recording without the play's first and last lines, cut in the middle if it is long."""
    lines = [f"{line['at']:5.1f} {line['text']}".rstrip() for line in wait["lines"] if line["text"].strip("* ")]
    if len(lines) > EXCERPT:
        half = EXCERPT // 2
        lines = [*lines[:half], "      ...", *lines[-half:]]
    took = f"The wait took {wait['seconds']:.1f} s and {wait['polls']} polls"
    summary = f"{took}; it noticed the end {wait['late']:.1f} s late."
    return f"{summary}\n\n{code(map(_shortened, lines))}"


def _shortened(line: str) -> str:
    return re.sub(r"\*{4,}$", "***", line)


def _runner(waits: Sequence[RunnerWait]) -> str:
    parts = []
    for wait in waits:
        lines = [
            f"{line['at']:5.1f} {written:5.1f} verbose  {line['text']}"
            for line, written in zip(wait["progress"], wait["written"], strict=True)
        ]
        began = f"{wait['began']:5.1f}       playbook_on_task_start"
        ended = f"{wait['ended']:5.1f}       runner_on_ok"
        parts.append(f"``{wait['command']}``:\n\n{code((began, *lines, ended))}")
    return "\n\n".join(parts)


BLOCKS: dict[str, Callable[[Results], str]] = {
    "machine": lambda results: _machine(results["machine"]),
    "reach": lambda results: _reach(results["reach"]),
    "polls": lambda results: _polls(results["polls"]),
    "loops": lambda results: _loops(results["loops"]) if results["loops"] else "Not measured yet.",
    "hosts": lambda results: _hosts(results["hosts"]),
    "described": lambda results: _described(results["described"]),
    "waits": lambda results: _waits(results["waits"]),
    "jobs": lambda results: _jobs(results["jobs"]),
    "growth": lambda results: _growth(results["growth"]),
    "price": lambda results: _price(results["price"]),
    "schedule": lambda results: _schedule(results["schedule"]),
    "live": lambda results: _live(results["live"]),
    "runner": lambda results: _runner(results["runner"]),
}
