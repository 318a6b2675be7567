# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule as a picture: polls and lateness over the duration of a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found,unused-ignore]
from ansible_collections.taskwatch.infra.plugins.module_utils._wait.schedule import Schedule
from matplotlib.figure import Figure  # type: ignore[import-not-found,unused-ignore]
from matplotlib.ticker import FuncFormatter, NullLocator  # type: ignore[import-not-found,unused-ignore]

from . import price
from .results import PriceRow, ScheduleRow
from .schedule import DURATIONS, NONE, WHOLE

# Policy and shape of progress: label, colour, dash, marker. Colours of Okabe and Ito, which colour-blind people can
# tell apart; the fixed gaps do not depend on progress.
LINES = {
    ("adaptive", WHOLE): ("adaptive, progress in whole percents", "#0072B2", "-", "o"),
    ("adaptive", NONE): ("adaptive, no progress shown", "#0072B2", ":", "s"),
    ("every 2 s", NONE): ("every 2 s", "#E69F00", "-", "^"),
    ("every 10 s", NONE): ("every 10 s", "#009E73", "-", "D"),
    ("every 30 s", NONE): ("every 30 s", "#CC79A7", "-", "v"),
}
PANELS = (
    ("polls_median", "polls until the end is noticed"),
    ("late_median", "seconds until the end is noticed"),
)
# The same picture from the same numbers, to the byte
STEADY = {"svg.hashsalt": "taskwatch", "svg.fonttype": "path", "font.size": 9}


def draw(rows: list[ScheduleRow], path: Path) -> None:
    """Draw the medians into an SVG file."""
    with mpl.rc_context(STEADY):
        figure = Figure(figsize=(9, 4.2), layout="constrained", facecolor="white")
        for axes, (key, title) in zip(figure.subplots(1, 2), PANELS, strict=True):
            _panel(axes, rows, key, title)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _panel(axes: Any, rows: list[ScheduleRow], key: str, title: str) -> None:
    for (policy, shape), (label, colour, dash, marker) in LINES.items():
        chosen = [row for row in rows if (row["policy"], row["progress"]) == (policy, shape)]
        seconds = [row["seconds"] for row in chosen]
        values = [row["polls_median"] if key == "polls_median" else row["late_median"] for row in chosen]
        axes.plot(seconds, values, color=colour, linestyle=dash, marker=marker, markersize=4, label=label)
    axes.set(xscale="log", yscale="log", title=title, xlabel="duration of the task")
    axes.set_xticks(list(DURATIONS.values()), list(DURATIONS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


# What the picture of the trade names beside its points, and where, in points from them
NAMED = {
    "every 10 s": (6, 4),
    "every 30 s": (-44, -10),
    "every 60 s": (-50, -4),
    "a tenth of the age, 2 to 30 s": (-120, -16),
    "1 s, each 1.5 times as long, up to 20 s": (8, 4),
    "1 s, doubled up to 60 s": (-108, -10),
}
CURVE_PRICES = [0.1 * 1.25**step for step in range(21)]


def draw_trade(rows: list[PriceRow], path: Path) -> None:
    """Draw polls against lateness without progress: the least possible, the formula, what is shipped, and others."""
    with mpl.rc_context(STEADY):
        figure = Figure(figsize=(7, 5), layout="constrained", facecolor="white")
        axes = figure.subplots()
        formula = price.curve(lambda k: price.moments_of(Schedule(k, prompt_age=0).quiet_gap), CURVE_PRICES)
        possible = price.curve(lambda k: price.least(k, points=700), CURVE_PRICES[::2])
        axes.plot(*zip(*possible, strict=True), color="#000000", label="least possible, if the spread were known")
        axes.plot(*zip(*formula, strict=True), color="#0072B2", label="gaps of √(2kt), k from 0.1 to 8.7")
        for row in rows:
            if row["schedule"] == price.AS_SHIPPED and row["progress"] == price.AGE_ONLY:
                axes.plot(row["polls"], row["late"], "o", color="#0072B2", label="as shipped: k = 1, prompt at first")
            if row["schedule"] in NAMED:
                _point(axes, row)
        for k in price.PRICES:
            (found,) = (r for r in rows if r["schedule"] == price.built_for(k) and r["progress"] == price.AGE_ONLY)
            axes.plot(found["polls"], found["late"], "s", color="#0072B2")
            axes.annotate(f"k = {k:g}", (found["polls"], found["late"]), (6, 4), textcoords="offset points")
        axes.set(
            xscale="log", yscale="log", xlabel="polls of a wait, mean", ylabel="seconds until the end is noticed, mean"
        )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
            axis.set_minor_formatter(FuncFormatter(lambda _value, _position: ""))
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _point(axes: Any, row: PriceRow) -> None:
    axes.plot(row["polls"], row["late"], "^", color="#E69F00")
    axes.annotate(
        row["schedule"], (row["polls"], row["late"]), NAMED[row["schedule"]], textcoords="offset points", fontsize=8
    )
