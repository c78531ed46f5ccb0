"""A picture of a plan: who does what when, with its limits, and the ways on the map. SVG."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from banksman_shared.plans import AvoidGoal, Goal, SendGoal, Step, TransportGoal
from banksman_shared.site import INK, QUIET, Closed, Router, Site, SitePicture, canvas, shape, text, text_width, written

_ROW, _TOP, _GAP = 30.0, 84.0, 20.0
_LINE = 20.0
_TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_TICKS = 12
_LIMIT, _SHUT, _GRID = "#b3202a", "#b3202a", "#e4e8ed"
_COLOURS = (
    "#2f6db5", "#c98a00", "#1f6f5c", "#b3474c", "#7a4fa3", "#4d7f1f",
    "#8a5a2b", "#0a8a9c", "#c2529a", "#5b6b7a", "#d2691e", "#3b4fa0",
)  # fmt: skip


def draw_plan(site: Site, goals: Sequence[Goal], steps: Sequence[Step], starts: Mapping[str, str] | None = None) -> str:
    """The plan as an SVG document. ``starts``: the node where each vehicle begins, as far as known; else its home.

    Vehicles are rows, steps bars; dashed lines are time limits, pale bands times at which places are closed. Below
    it the map, with the way of each vehicle in the colour of its row. Names are in the site's first language.
    """
    return written(_PlanPicture(site, goals, steps, starts or {}).draw())


@dataclass(frozen=True, slots=True)
class _Axis:
    """From seconds to pixels."""

    left: float
    width: float
    seconds: float

    def x(self, seconds: float) -> float:
        return self.left + self.width * min(seconds, self.seconds) / self.seconds

    def ticks(self) -> range:
        fit = (tick for tick in _TICKS if self.seconds / tick <= _MOST_TICKS)
        step = next(fit, math.ceil(self.seconds / _MOST_TICKS / 3600) * 3600)
        return range(0, math.floor(self.seconds) + 1, step)


class _PlanPicture:
    def __init__(self, site: Site, goals: Sequence[Goal], steps: Sequence[Step], starts: Mapping[str, str]) -> None:
        self._site, self._goals, self._language = site, goals, site.languages[0]
        self._steps = sorted(steps, key=lambda step: (step.start_s, step.end_s))
        order = list(site.vehicles)
        vehicles = {step.vehicle for step in steps}
        self._rows = sorted(vehicles, key=lambda v: order.index(v) if v in site.vehicles else len(order))
        self._colours = dict(zip(self._rows, itertools.cycle(_COLOURS), strict=False))
        self._starts = starts
        self._map = SitePicture(site)
        labels = [text_width(self._label(vehicle)) for vehicle in self._rows]
        left = 24 + max(labels, default=0.0) + 16
        self._bottom = _TOP + len(self._rows) * _ROW
        self._axis = _Axis(left, self._map.width - left - 40, self._length())
        self._map_top = self._bottom + 30 + len(goals) * _LINE + _GAP

    def draw(self) -> ET.Element:
        svg = canvas(self._map.width, self._map_top + self._map.height)
        text(svg, self._title(), (24, 34), fill=INK, font_size=22, font_weight="bold")
        self._grid(self._group(svg, "grid"))
        self._shut(self._group(svg, "closed"))
        self._bars(self._group(svg, "steps"))
        self._limits(self._group(svg, "limits"))
        self._wishes(self._group(svg, "goals"))
        self._map.draw()
        self._ways(self._group(self._map.svg, "ways"))
        self._kept_free(self._group(self._map.svg, "kept-free"))
        below = shape(svg, "g", id="map", transform=f"translate(0 {self._map_top:.0f})")
        below.extend(list(self._map.svg)[1:])  # all but its background
        return svg

    def _title(self) -> str:
        end = max((step.end_s for step in self._steps), default=0.0)
        return f"{self._site.name}: {len(self._steps)} steps, {len(self._rows)} vehicles, {_clock(end)}"

    def _length(self) -> float:
        """Seconds that the axis shows: all steps, and all limits that are not far beyond them."""
        end = max((step.end_s for step in self._steps), default=0.0)
        limits = [limit for _, limit in self._time_limits() if limit <= 2 * end]
        return max(1.0, end, *limits) * 1.02

    def _time_limits(self) -> Iterator[tuple[int, float]]:
        for number, goal in enumerate(self._goals, 1):
            if isinstance(goal, TransportGoal | SendGoal) and goal.within_s is not None:
                yield number, goal.within_s

    # When

    def _grid(self, group: ET.Element) -> None:
        for tick in self._axis.ticks():
            x = self._axis.x(tick)
            shape(group, "line", x1=x, y1=_TOP - 6, x2=x, y2=self._bottom, stroke=_GRID)
            text(group, _clock(tick), (x, _TOP - 12), fill=QUIET, text_anchor="middle")
        for row, vehicle in enumerate(self._rows):
            text(group, self._label(vehicle), (24, _TOP + row * _ROW + 20), fill=INK)

    def _bars(self, group: ET.Element) -> None:
        for step in self._steps:
            x, end = self._axis.x(step.start_s), self._axis.x(step.end_s)
            y, width = _TOP + self._rows.index(step.vehicle) * _ROW + 4, max(2.0, end - x - 1)
            colour = self._colours[step.vehicle]
            bar = shape(group, "rect", x=x, y=y, width=width, height=_ROW - 8, rx=4, fill=colour)
            says = " → ".join(self._label(place) for place in (step.origin, step.destination) if place)
            full = f"{step.goal + 1} {step.action} {says}, {_clock(step.start_s)}–{_clock(step.end_s)}"
            ET.SubElement(bar, "title").text = full
            for words in (f"{step.goal + 1} {says}", str(step.goal + 1)):
                if text_width(words) + 8 <= width:
                    text(group, words, (x + 6, y + 16), fill="#ffffff", font_size=12)
                    break

    def _limits(self, group: ET.Element) -> None:
        known: dict[float, list[str]] = {}
        for number, limit in self._time_limits():
            known.setdefault(limit, []).append(str(number))
        for limit, numbers in known.items():
            beyond = limit > self._axis.seconds
            x = self._axis.x(limit)
            if not beyond:
                style = {"stroke": _LIMIT, "stroke_width": 2, "stroke_dasharray": "6 4"}
                shape(group, "line", x1=x, y1=_TOP - 6, x2=x, y2=self._bottom + 4, **style)
            words = f"{', '.join(numbers)} ≤ {_clock(limit)}{' →' if beyond else ''}"
            text(group, words, (x, self._bottom + 18), fill=_LIMIT, text_anchor="end" if beyond else "middle")

    def _shut(self, group: ET.Element) -> None:
        for number, goal in enumerate(self._goals, 1):
            if not isinstance(goal, AvoidGoal) or (goal.from_s is None and goal.until_s is None):
                continue
            begin = self._axis.x(goal.from_s or 0.0)
            end = self._axis.x(self._axis.seconds if goal.until_s is None else goal.until_s)
            places = ", ".join(self._label(place) for place in goal.places)
            for row, vehicle in enumerate(self._rows):
                if not goal.vehicles or vehicle in goal.vehicles:
                    y = _TOP + row * _ROW
                    style = {"fill": _SHUT, "fill_opacity": 0.12}
                    band = shape(group, "rect", x=begin, y=y, width=end - begin, height=_ROW, **style)
                    ET.SubElement(band, "title").text = f"closed: {places}"
            middle = ((begin + end) / 2, self._bottom + 18)
            text(group, f"{number}: {places} closed", middle, fill=_SHUT, text_anchor="middle")

    def _wishes(self, group: ET.Element) -> None:
        for number, goal in enumerate(self._goals, 1):
            y = self._bottom + 30 + number * _LINE
            text(group, f"{number}  {goal.kind}: “{goal.words}”", (24, y), fill=INK)

    # Where

    def _ways(self, group: ET.Element) -> None:
        router = Router(self._site.layout)
        for index, vehicle in enumerate(self._rows):
            points = [self._map.at[node] for node in self._nodes(router, vehicle)]
            if len(points) < 2:
                continue
            shift = (index - (len(self._rows) - 1) / 2) * min(2.0, 12.0 / len(self._rows))
            path = " ".join(f"{x + shift:.1f},{y + shift:.1f}" for x, y in points)
            style = {"stroke": self._colours[vehicle], "stroke_width": 2.5, "stroke_opacity": 0.8}
            shape(group, "polyline", points=path, fill="none", stroke_linejoin="round", **style)

    def _kept_free(self, group: ET.Element) -> None:
        """A ring around each place that somebody has to keep out of, some time."""
        goals = (goal for goal in self._goals if isinstance(goal, AvoidGoal))
        for place in dict.fromkeys(place for goal in goals for place in goal.places if place in self._site.places):
            x, y = self._map.at[self._site.places[place].node]
            style = {"fill": "none", "stroke": _SHUT, "stroke_width": 3, "stroke_dasharray": "5 3"}
            shape(group, "circle", cx=x, cy=y, r=15, **style)

    def _nodes(self, router: Router, vehicle: str) -> Iterator[str]:
        """The nodes of a vehicle's way, along the shortest roads around what is closed to it all the time."""
        machine = self._site.vehicles.get(vehicle)
        if machine is None:
            return
        closed = Closed(frozenset(self._closed(vehicle)))
        here = self._starts.get(vehicle) or self._site.places[machine.home].node
        places = [p for s in self._steps if s.vehicle == vehicle for p in (s.origin, s.destination) if p]
        for place in (self._site.places[p] for p in places if p in self._site.places):
            route = router.route(here, place.node, machine.kind, closed)
            yield from (node.id for node in route.nodes) if route else (place.node,)
            here = place.node

    def _closed(self, vehicle: str) -> Iterator[str]:
        for goal in self._goals:
            always = isinstance(goal, AvoidGoal) and goal.from_s is None and goal.until_s is None
            if always and isinstance(goal, AvoidGoal) and (not goal.vehicles or vehicle in goal.vehicles):
                yield from (self._site.places[p].node for p in goal.places if p in self._site.places)

    def _label(self, thing: str) -> str:
        return self._site.label(thing, self._language)

    @staticmethod
    def _group(parent: ET.Element, name: str) -> ET.Element:
        return ET.SubElement(parent, "g", {"id": name})


def _clock(seconds: float) -> str:
    """``1:05`` for 65 s, ``1:00:00`` for an hour."""
    minutes, rest = divmod(math.ceil(seconds - 1e-6), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
