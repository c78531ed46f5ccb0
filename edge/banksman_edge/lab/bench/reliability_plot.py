"""The reliability of probabilities as a drawing (SVG)."""

from __future__ import annotations

from collections.abc import Mapping

from banksman_edge.lab.bench.calibration import Reliability

SIZE, MARGIN, BARS = 360, 48, 70
"""Pixels: the square of a diagram, what is around it, and the height of the counts below it."""
WIDTH, HEIGHT = SIZE + 2 * MARGIN, SIZE + BARS + 2 * MARGIN + 24


def draw(panels: Mapping[str, Reliability]) -> str:
    """Diagrams side by side, by title. Said probability to the right, share that was right upwards; the diagonal is
    perfect. Below: how often."""
    width = WIDTH * len(panels)
    box = f'viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" font-size="12"'
    drawn = (
        f'<g transform="translate({WIDTH * number} 0)">\n{_panel(title, found)}\n</g>'
        for number, (title, found) in enumerate(panels.items())
    )
    ground = f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {box}>', ground, *drawn, "</svg>"]) + "\n"


def _panel(title: str, found: Reliability) -> str:
    points = [(s, w) for s, w, n in zip(found.said, found.was, found.count, strict=True) if n]
    path = " ".join(f"{_x(s):.1f},{_y(w):.1f}" for s, w in points)
    parts = [
        f'<text x="{MARGIN}" y="24" font-size="14">{title}; calibration error {found.error:.3f}</text>',
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>',
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 4"/>',
        f'<polyline points="{path}" fill="none" stroke="#06c" stroke-width="2"/>',
        *(f'<circle cx="{_x(s):.1f}" cy="{_y(w):.1f}" r="4" fill="#06c"/>' for s, w in points),
        *_ticks(),
        *_bars(found),
        f'<text x="{_x(0.5)}" y="{HEIGHT - 10}" text-anchor="middle">probability that was said, and how often</text>',
    ]
    return "\n".join(parts)


def _x(share: float) -> float:
    return MARGIN + share * SIZE


def _y(share: float) -> float:
    return MARGIN + (1 - share) * SIZE


def _ticks() -> list[str]:
    marks = [0.0, 0.25, 0.5, 0.75, 1.0]
    return [
        *(f'<text x="{_x(m)}" y="{_y(0) + 16}" text-anchor="middle">{m:g}</text>' for m in marks),
        *(f'<text x="{MARGIN - 6}" y="{_y(m) + 4}" text-anchor="end">{m:g}</text>' for m in marks),
    ]


def _bars(found: Reliability) -> list[str]:
    foot, most, step = _y(0) + 24 + BARS, max(int(found.count.max()), 1), SIZE / len(found.count)
    bars = []
    for number, count in enumerate(found.count.tolist()):
        tall = (BARS - 14) * count / most
        left = MARGIN + number * step
        bars.append(
            f'<rect x="{left + 2:.1f}" y="{foot - tall:.1f}" width="{step - 4:.1f}" height="{tall:.1f}" fill="#9bd"/>'
        )
        bars.append(f'<text x="{left + step / 2:.1f}" y="{foot - tall - 3:.1f}" text-anchor="middle">{count}</text>')
    return bars
