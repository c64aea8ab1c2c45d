"""Bars and lines as SVG, readable on light and dark, that need nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _LABEL, _BAR, _GAP = 720, 210, 18, 10
_HEIGHT, _LEFT, _BOTTOM, _TOP = 300, 64, 44, 40
_COLOURS = ("#2f6f4f", "#a15c1b", "#3c5a9a", "#8a3f6d")
_STYLE = (
    "<style>text{font:12px system-ui,sans-serif;fill:#333}.soft{fill:#777;stroke:none}.line{stroke:#ccc}"
    ".ours{fill:#2f6f4f}.theirs{fill:#9aa7b4}.mark{stroke:#222}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.soft{fill:#999}.line{stroke:#444}.mark{stroke:#eee}"
    ".ours{fill:#5fae86}.theirs{fill:#66717d}}</style>"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """`low` and `high` are an interval or a second percentile, drawn as a line; `ours` bars stand out."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y), both above 0, in order of x."""

    label: str
    points: Sequence[tuple[float, float]]


def bars(title: str, unit: str, rows: Sequence[Bar]) -> str:
    """One horizontal bar a row, from 0; `unit` says what is shown and which way is better."""
    most = max((max(row.value, row.high or 0.0) for row in rows), default=0.0) or 1.0
    scale = (_WIDTH - _LABEL - 90) / most
    height = _TOP + 10 + len(rows) * (_BAR + _GAP)
    drawn = [_head(_WIDTH, height, title, unit)]
    for i, row in enumerate(rows):
        y, end = _TOP + 4 + i * (_BAR + _GAP), _LABEL + scale * row.value
        drawn.append(
            f'<text x="{_LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(row.label)}</text>'
            f'<rect class="{"ours" if row.ours else "theirs"}" x="{_LABEL}" y="{y}" '
            f'width="{scale * row.value:.1f}" height="{_BAR}"/>'
        )
        if row.low is not None and row.high is not None:
            a, b, middle = _LABEL + scale * row.low, _LABEL + scale * row.high, y + _BAR / 2
            drawn.append(f'<line class="mark" x1="{a:.1f}" x2="{b:.1f}" y1="{middle}" y2="{middle}"/>')
            end = max(end, b)
        drawn.append(f'<text x="{end + 6:.1f}" y="{y + 13}">{_number(row.value)}</text>')
    return "\n".join([*drawn, "</svg>\n"])


def lines(title: str, unit: str, x_unit: str, series: Sequence[Line]) -> str:
    """Lines over a logarithmic x, y from 0."""
    points = [point for line in series for point in line.points]
    low = math.log10(min((x for x, _ in points), default=1.0))
    span = (math.log10(max((x for x, _ in points), default=10.0)) - low) or 1.0
    most = max((y for _, y in points), default=1.0) or 1.0
    width, height = _WIDTH - _LEFT - 190, _HEIGHT - _TOP - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + width * (math.log10(x) - low) / span, _TOP + height * (1 - y / most)

    drawn = [_head(_WIDTH, _HEIGHT, title, unit)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _, y = place(10**low, share * most)
        drawn.append(
            f'<line class="line" x1="{_LEFT}" x2="{_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(share * most)}</text>'
        )
    for x in sorted({x for x, _ in points}):
        across, down = place(x, 0)
        drawn.append(f'<text x="{across:.1f}" y="{down + 18:.1f}" text-anchor="middle">{x:,.0f}</text>')
    drawn.append(f'<text class="soft" x="{_LEFT}" y="{_HEIGHT - 6}">{escape(x_unit)}</text>')
    for i, line in enumerate(series):
        colour, placed = _COLOURS[i % len(_COLOURS)], [place(x, y) for x, y in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
        x, y = _LEFT + width + 16, _TOP + 12 + 20 * i
        drawn.append(
            f'<line x1="{x}" x2="{x + 18}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" stroke-width="2"/>'
            f'<text x="{x + 24}" y="{y}">{escape(line.label)}</text>'
        )
    return "\n".join([*drawn, "</svg>\n"])


def _head(width: int, height: int, title: str, unit: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}">{_STYLE}\n'
        f'<text x="8" y="16" font-weight="bold">{escape(title)}</text>'
        f'<text class="soft" x="8" y="32">{escape(unit)}</text>'
    )


def _number(value: float) -> str:
    """Three figures, without a needless fraction."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
