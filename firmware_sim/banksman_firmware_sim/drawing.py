"""A picture of a run as SVG: the site with each vehicle's track, and what every vehicle did over time."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from banksman_firmware_sim.faults import FaultKind
from banksman_firmware_sim.run_record import Doing, Spot, Story
from banksman_shared.site import Site

WIDTH = 1200.0
MARGIN = 40.0
FONT = 12.0
LABEL_WIDTH = 150.0
LEGIBLE_ROWS = 60
"""With more vehicles than this the strips are thin and have no names."""

_INK, _QUIET, _ROAD = "#1d2733", "#667585", "#dfe4ea"
_DOINGS = {
    Doing.RESTING: "#e9edf1",
    Doing.DRIVING: "#3f8f5f",
    Doing.WORKING: "#2f6db5",
    Doing.PAUSED: "#c98a00",
    Doing.FAULT: "#c0392b",
}
_LETTERS = {
    FaultKind.OBSTACLE: "O",
    FaultKind.EMERGENCY_STOP: "E",
    FaultKind.LOCALISATION_LOST: "?",
    FaultKind.BATTERY_DYING: "B",
    FaultKind.LOAD_LOST: "L",
    FaultKind.ACTION_FAILS: "A",
    FaultKind.MANUAL_MODE: "M",
    FaultKind.CLOCK_WRONG: "C",
    FaultKind.NETWORK_AWAY: "N",
    FaultKind.MESSAGES_LOST: "×",
    FaultKind.MESSAGES_DUPLICATED: "=",
    FaultKind.MESSAGES_LATE: "…",
    FaultKind.MESSAGES_REORDERED: "⇄",
    FaultKind.REBOOT: "R",
}

Point = tuple[float, float]


def draw_run(site: Site, stories: dict[str, Story], seconds: float) -> str:
    """The picture of a run of so many seconds. Each map of the site is a panel, north up."""
    return _RunPicture(site, stories, seconds).render()


class _RunPicture:
    """Coordinates are pixels with y downwards; ``_y`` is where the next part begins."""

    def __init__(self, site: Site, stories: dict[str, Story], seconds: float) -> None:
        self._site, self._stories, self._seconds = site, stories, max(seconds, 1.0)
        self._colours = {name: _hue(index) for index, name in enumerate(stories)}
        self._svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-size": f"{FONT:g}"})
        self._svg.set("font-family", "'Noto Sans', 'DejaVu Sans', sans-serif")
        self._background = _shape(self._svg, "rect", width=WIDTH, fill="#ffffff")
        self._y = MARGIN

    def render(self) -> str:
        title = f"{self._site.name}: {len(self._stories)} vehicles, {_clock(self._seconds)}"
        self._text(title, (MARGIN, self._y), font_size=20, font_weight="bold", fill=_INK)
        self._y += 12
        for map_id in dict.fromkeys(node.map_id for node in self._site.layout.nodes.values()):
            self._panel(map_id)
        self._strips()
        self._legend()
        for element in (self._svg, self._background):
            element.set("height", f"{self._y:.0f}")
        self._svg.set("width", f"{WIDTH:.0f}")
        self._svg.set("viewBox", f"0 0 {WIDTH:.0f} {self._y:.0f}")
        ET.indent(self._svg)
        return ET.tostring(self._svg, encoding="unicode") + "\n"

    # The site and the tracks

    def _panel(self, map_id: str) -> None:
        nodes = {n.id: (n.x, n.y) for n in self._site.layout.nodes.values() if n.map_id == map_id}
        tracks = {
            name: [(s.x, s.y) for s in story.track if s.map_id == map_id] for name, story in self._stories.items()
        }
        place = _Frame([*nodes.values(), *(point for track in tracks.values() for point in track)], self._y + MARGIN)
        group = _shape(self._svg, "g", id=f"map-{map_id}")
        for edge in self._site.layout.edges.values():
            if edge.start in nodes and edge.end in nodes:
                (x1, y1), (x2, y2) = place(nodes[edge.start]), place(nodes[edge.end])
                _shape(group, "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=_ROAD, stroke_width=8, stroke_linecap="round")
        for spot in self._site.places.values():
            if spot.node in nodes:
                x, y = place(nodes[spot.node])
                label = self._site.label(spot.id, self._site.languages[0])
                _shape(group, "circle", cx=x, cy=y, r=3, fill=_QUIET)
                _shape(group, "text", x=x + 6, y=y - 6, fill=_QUIET, font_size=FONT - 2).text = label
        for name, track in tracks.items():
            self._track(group, name, [place(point) for point in track])
        for name, story in self._stories.items():
            self._marks(group, name, story, map_id, place)
        self._y = place.bottom + MARGIN

    def _track(self, group: ET.Element, name: str, points: Sequence[Point]) -> None:
        if not points:
            return
        # A little beside one another, so that vehicles that used the same road can all be seen.
        aside = (list(self._stories).index(name) % 5 - 2) * 1.2
        path = " ".join(f"{x + aside:.1f},{y + aside:.1f}" for x, y in points)
        line = _shape(
            group, "polyline", points=path, fill="none", stroke=self._colours[name], stroke_width=1.6, opacity=0.85
        )
        ET.SubElement(line, "title").text = name
        x, y = points[-1]
        _shape(group, "circle", cx=x + aside, cy=y + aside, r=5, fill=self._colours[name])

    def _marks(self, group: ET.Element, name: str, story: Story, map_id: str, place: _Frame) -> None:
        for stop in story.stops:
            if stop.map_id == map_id:
                x, y = place((stop.x, stop.y))
                mark = _shape(group, "circle", cx=x, cy=y, r=4, fill="#ffffff", stroke=self._colours[name])
                ET.SubElement(mark, "title").text = f"{name} stopped at {_clock(stop.at)}"
        for incident in story.incidents:
            spot: Spot | None = incident.spot
            if spot is not None and spot.map_id == map_id:
                self._fault(group, place((spot.x, spot.y)), incident.kind, f"{name}, {_clock(incident.at)}")

    @staticmethod
    def _fault(group: ET.Element, at: Point, kind: FaultKind, about: str) -> None:
        x, y = at
        mark = _shape(group, "rect", x=x - 6, y=y - 18, width=12, height=12, rx=2, fill=_DOINGS[Doing.FAULT])
        ET.SubElement(mark, "title").text = f"{kind}: {about}"
        style = {"text_anchor": "middle", "fill": "#ffffff", "font_size": FONT - 3}
        _shape(group, "text", x=x, y=y - 9, **style).text = _LETTERS[kind]

    # Over time

    def _strips(self) -> None:
        legible = len(self._stories) <= LEGIBLE_ROWS
        row = 16.0 if legible else 4.0
        left, right = MARGIN + LABEL_WIDTH, WIDTH - MARGIN
        scale = (right - left) / self._seconds
        group = _shape(self._svg, "g", id="over-time")
        top = self._y
        for name, story in self._stories.items():
            if legible:
                _shape(group, "rect", x=MARGIN, y=self._y + 2, width=10, height=row - 6, fill=self._colours[name])
                self._text(name, (MARGIN + 16, self._y + row - 5), fill=_INK)
            ends = [at for at, _ in story.doings[1:]] + [self._seconds]
            for (at, doing), end in zip(story.doings, ends, strict=True):
                box = {"x": left + at * scale, "y": self._y, "width": max(0.5, (end - at) * scale), "height": row - 2}
                bar = _shape(group, "rect", **box, fill=_DOINGS[doing])
                ET.SubElement(bar, "title").text = f"{name} {doing} {_clock(at)} to {_clock(end)}"
            for incident in story.incidents if legible else ():
                self._fault(group, (left + incident.at * scale, self._y + 19), incident.kind, _clock(incident.at))
            self._y += row
        step = _round_step(self._seconds)
        for index in range(int(self._seconds / step) + 1):
            x = left + index * step * scale
            _shape(group, "line", x1=x, y1=top, x2=x, y2=self._y, stroke=_QUIET, stroke_width=0.5, opacity=0.5)
            self._text(_clock(index * step), (x, self._y + 14), fill=_QUIET, text_anchor="middle")
        self._y += 30

    def _legend(self) -> None:
        x = MARGIN
        for doing, colour in _DOINGS.items():
            _shape(self._svg, "rect", x=x, y=self._y, width=12, height=12, fill=colour)
            self._text(doing, (x + 18, self._y + 10), fill=_INK)
            x += 100
        self._text("○ stopped   ● where it ended", (x, self._y + 10), fill=_INK)
        self._y += 22
        kinds = dict.fromkeys(incident.kind for story in self._stories.values() for incident in story.incidents)
        if kinds:
            self._text("   ".join(f"{_LETTERS[kind]} {kind}" for kind in kinds), (MARGIN, self._y + 10), fill=_INK)
            self._y += 22
        self._y += 8

    def _text(self, text: str, at: Point, **style: object) -> None:
        _shape(self._svg, "text", x=at[0], y=at[1], **style).text = text


class _Frame:
    """Where metres of one map lie on the picture."""

    def __init__(self, points: Sequence[Point], top: float) -> None:
        self._west, self._north = min(x for x, _ in points), max(y for _, y in points)
        east, south = max(x for x, _ in points), min(y for _, y in points)
        wide, high = max(east - self._west, 1.0), max(self._north - south, 1.0)
        self._scale = min((WIDTH - 2 * MARGIN - 60) / wide, 700 / high)
        self._top = top
        self.bottom = top + high * self._scale

    def __call__(self, point: Point) -> Point:
        return MARGIN + (point[0] - self._west) * self._scale, self._top + (self._north - point[1]) * self._scale


def _shape(parent: ET.Element, tag: str, **attributes: object) -> ET.Element:
    written = {key.replace("_", "-"): _written(value) for key, value in attributes.items()}
    return ET.SubElement(parent, tag, written)


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _hue(index: int) -> str:
    """A colour unlike those of its neighbours: hues a golden section apart."""
    red, green, blue = colorsys.hls_to_rgb(index * 0.618034 % 1.0, 0.38, 0.65)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _round_step(seconds: float) -> float:
    """Seconds between two marks of the time axis, so that there are about ten."""
    steps: Iterable[float] = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200)
    return next((step for step in steps if seconds / step <= 12), 86400 * math.ceil(seconds / 86400 / 12))


def _clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
