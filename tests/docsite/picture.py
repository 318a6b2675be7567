# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recorded terminal as an SVG: all lines as text, and then once more as they came, only faster, again and again.

A reader without animations sees all lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

COLUMNS = 126
# Columns in front of the lines, for the seconds
GUTTER = 7
# Size of a character and of the frame, in pixels
WIDE, HIGH, EDGE, BAR = 7.8, 20, 16, 34
GREY = "#8b949e"
BUTTONS = ("#ff5f57", "#febc2e", "#28c840")
# Seconds of the recording in one second of the picture, and how long the whole stands still, first of all
FASTER, REST = 8, 12
CONSOLE = Console(color_system="truecolor")
STYLE = """
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
"""
MOVING = """
@media (prefers-reduced-motion: no-preference) {{
g {{ animation: {total:.1f}s step-end {began:.1f}s infinite }}
{frames}
}}
"""


def draw(command: str, lines: Sequence[tuple[float, str]]) -> str:
    """Return the SVG of a command and the lines that came, each with its second."""
    rows = [(0.0, "", Text(f"$ {command}", "bold")), *(row for at, line in lines for row in _rows(at, line))]
    while not rows[-1][-1]:
        rows.pop()
    width = EDGE * 2 + (GUTTER + COLUMNS) * WIDE
    height = BAR + HIGH * len(rows) + EDGE
    theme = SVG_EXPORT_THEME
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img">',
            f"<title>{escape(command)}, recorded; in front are the seconds since its start</title>",
            f"<style>{STYLE}{_frames([at for at, _time, _text in rows])}</style>",
            f'<rect width="{width:g}" height="{height}" rx="8" fill="{theme.background_color.hex}"/>',
            *(
                f'<circle cx="{EDGE + 6 + 20 * index}" cy="18" r="6" fill="{colour}"/>'
                for index, colour in enumerate(BUTTONS)
            ),
            *(line for index, (_at, time, text) in enumerate(rows) for line in _row(index, time, text)),
            "</svg>\n",
        )
    )


def _rows(at: float, line: str) -> Iterator[tuple[float, str, Text]]:
    """Yield moment, shown time and text of each row that a line takes; only the first one shows the time."""
    for index, row in enumerate(Text.from_ansi(line).wrap(CONSOLE, COLUMNS)):
        yield at, "" if index or not row else f"{at:5.1f}", row


def _frames(times: Sequence[float]) -> str:
    """Return the rules that let each row appear when it came."""
    played = times[-1] / FASTER
    total = played + REST
    rules = [
        f"#r{index} {{ animation-name: r{index} }} "
        f"@keyframes r{index} {{ 0% {{ opacity: 0 }} {at / FASTER / total:.2%} {{ opacity: 1 }} }}"
        for index, at in enumerate(times)
        if at
    ]
    return MOVING.format(total=total, began=-played, frames="\n".join(rules))


def _row(index: int, time: str, text: Text) -> Iterator[str]:
    y = BAR + HIGH * index + 14
    yield f'<g id="r{index}">'
    if time:
        yield _piece(0, y, time, GREY)
    column = GUTTER
    for segment in text.render(CONSOLE):
        if segment.text.strip():
            style = segment.style or Style()
            colour = (style.color or Color.default()).get_truecolor(SVG_EXPORT_THEME)
            yield _piece(column, y, segment.text, colour.hex, bold=bool(style.bold))
        column += len(segment.text)
    yield "</g>"


def _piece(column: int, y: int, text: str, colour: str, *, bold: bool = False) -> str:
    """Return characters in one colour, as wide as they are on a terminal whatever the font."""
    place = f'x="{EDGE + column * WIDE:g}" y="{y}" textLength="{len(text) * WIDE:g}" lengthAdjust="spacingAndGlyphs"'
    weight = ' font-weight="bold"' if bold else ""
    return f'<text {place} fill="{colour}"{weight}>{escape(text)}</text>'
